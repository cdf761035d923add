"""What steps are called by those who wrote them.

In: a program as it was recorded. Out: of each step's path, the id others know it by and its title. Programs
are read once, whatever number of runs they have; what cannot be read any more keeps its paths as names.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from misydsl.failures import MisyError
from misydsl.history.events import RunAccepted
from misydsl.pipeline.model import Block, Library, Pipeline, Step
from misydsl.workspace.recorded import program_of

MOST_PROGRAMS: Final = 256
_DEEPEST: Final = 8  # pipelines that call one another; deeper steps keep their paths as names


@dataclass(frozen=True, slots=True)
class StepName:
    """The path with the ids of its author, and the title (or the name)."""

    id: str
    title: str


class StepNames:
    """Names of the steps of recorded programs; may be asked from any thread."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Mapping[str, StepName]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, accepted: RunAccepted) -> Mapping[str, StepName]:
        """Names by path."""
        with self._lock:
            found = self._known.get(accepted.fingerprint)
            if found is not None:
                self._known.move_to_end(accepted.fingerprint)
                return found
        found = _read(accepted)
        with self._lock:
            self._known[accepted.fingerprint] = found
            if len(self._known) > MOST_PROGRAMS:
                self._known.popitem(last=False)
        return found


def name_of(names: Mapping[str, StepName], path: str) -> StepName:
    """The name of a step; of what stands in no text (an undo, a fallback), the end of its path."""
    return names.get(path) or StepName(path, path.rpartition("/")[2])


def _read(accepted: RunAccepted) -> Mapping[str, StepName]:
    try:
        pipeline, library = program_of(accepted)
    except MisyError:
        return {}
    return dict(_named(pipeline.block, pipeline.module, library, path="", id_="", depth=0))


def _named(
    block: Block, module: str, library: Library, *, path: str, id_: str, depth: int
) -> Iterator[tuple[str, StepName]]:
    for step in block.steps:
        own, public = f"{path}{step.name}", f"{id_}{step.public_name}"
        yield own, StepName(public, step.title or step.public_name)
        if depth < _DEEPEST:
            for inner, where in _inside(step, module, library):
                yield from _named(
                    inner, where, library, path=f"{own}/", id_=f"{public}/", depth=depth + 1
                )


def _inside(step: Step, module: str, library: Library) -> Iterator[tuple[Block, str]]:
    """The blocks whose steps stand under this one, each with the module it is written in."""
    for block in (step.block, *(branch.block for branch in step.otherwise)):
        yield block, module
        called = library.find(module, block.call.target) if block.call is not None else None
        if isinstance(called, Pipeline):
            yield called.block, called.module
