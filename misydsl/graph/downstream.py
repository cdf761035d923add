"""What depends on a step, through all levels of a pipeline and the pipelines it calls.

In: a checked `Pipeline` and the path of one of its steps (`per-topic/draft`). Out: the paths of the steps
that are to be done anew when that one is: itself, those that wait for it in its block, and those that wait
for the steps around it. A path stands for everything below it.
"""

from __future__ import annotations

from collections.abc import Iterator

from misydsl.graph.plan import plan_block
from misydsl.pipeline.dependencies import step_blocks
from misydsl.pipeline.model import Block, Library, Pipeline, Step

Inside = tuple[Block, str]
"""A block, and the key of the module its names belong to."""


def downstream(pipeline: Pipeline, library: Library, path: str) -> list[str]:
    """The paths to do anew; raises `KeyError` for a path that is none."""
    found = [path]
    blocks: list[Inside] = [(pipeline.block, pipeline.module)]
    around = ""
    for name in path.split("/"):
        for block, module in blocks:
            index = next((i for i, one in enumerate(block.steps) if one.name == name), None)
            if index is None:
                continue
            found += [f"{around}{block.steps[one].name}" for one in _waiting(block, index)]
            blocks = list(_inside(block.steps[index], module, library))
            break
        else:
            raise KeyError(path)
        around = f"{around}{name}/"
    return found


def step_paths(pipeline: Pipeline, library: Library, *, most: int = 10_000) -> list[str]:
    """The paths of all steps, the outer ones first; of a large program the first ones."""
    found: list[str] = []
    waiting: list[tuple[Inside, str]] = [((pipeline.block, pipeline.module), "")]
    for (block, module), around in waiting:
        if len(found) >= most:
            break
        for step in block.steps:
            path = f"{around}{step.name}"
            found.append(path)
            waiting += [(inside, f"{path}/") for inside in _inside(step, module, library)]
    return list(dict.fromkeys(found))[:most]


def _waiting(block: Block, index: int) -> Iterator[int]:
    """The steps of a block that wait for one of them, however far away."""
    dependents = plan_block(block).dependents
    seen: set[int] = set()
    waiting = list(dependents[index])
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            yield current
            waiting.extend(dependents[current])


def _inside(step: Step, module: str, library: Library) -> Iterator[Inside]:
    """The blocks whose steps stand under a step: its own, or those of the pipeline it calls."""
    for block in step_blocks(step):
        called = None if block.call is None else library.find(module, block.call.target)
        if isinstance(called, Pipeline):
            yield called.block, called.module
        else:
            yield block, module
