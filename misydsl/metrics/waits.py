"""Who waits for whom in a program, by the paths that its runs record.

In: a pipeline and its library. Out: `Waits`: for each step's path the paths of the siblings it needs,
and which paths are questions to people. Pipelines that are called, fallbacks, undo and handlers are
followed, under the names they have in a history (`step/:fallback`, `:on-failure`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from misydsl.graph.build import APPROVAL
from misydsl.pipeline.dependencies import dependencies
from misydsl.pipeline.model import Block, Library, Pipeline, Step


@dataclass(frozen=True, slots=True)
class Waits:
    """Paths and what they wait for; empty where the program is not known."""

    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    questions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Place:
    """A block, the path it stands at (empty for the run's own), and the module of its names."""

    path: str
    block: Block
    module: str

    def inside(self, name: str) -> str:
        return f"{self.path}/{name}" if self.path else name


def waits_of(pipeline: Pipeline, library: Library) -> Waits:
    """What the steps of a program wait for; linear in its size with the pipelines it calls."""
    needs: dict[str, frozenset[str]] = {}
    questions: set[str] = set()
    waiting = list(_parts(pipeline, ""))
    while waiting:
        place = waiting.pop()
        for path, siblings in _siblings(place):
            # the branches of an `else` may share a path
            needs[path] = needs.get(path, frozenset()) | siblings
        for step in place.block.steps:
            waiting.extend(_inside(step, place.inside(step.name), place.module))
        call = place.block.call
        if call is not None and call.target == APPROVAL:
            questions.add(place.path)
        called = library.find(place.module, call.target) if call is not None else None
        if isinstance(called, Pipeline):
            waiting.extend(_parts(called, place.path))
    return Waits(needs, frozenset(questions))


def _siblings(place: _Place) -> Iterator[tuple[str, frozenset[str]]]:
    paths = [place.inside(step.name) for step in place.block.steps]
    for path, needed in zip(paths, dependencies(place.block), strict=True):
        yield path, frozenset(paths[index] for index in needed.all) - {path}


def _parts(pipeline: Pipeline, path: str) -> Iterator[_Place]:
    yield _Place(path, pipeline.block, pipeline.module)
    yield from _numbered(path, "on-failure", pipeline.on_failure, pipeline.module)
    yield from _numbered(path, "on-finish", pipeline.on_finish, pipeline.module)


def _inside(step: Step, path: str, module: str) -> Iterator[_Place]:
    yield _Place(path, step.block, module)
    for branch in step.otherwise:
        yield _Place(path, branch.block, module)
    yield from _numbered(path, "fallback", step.fallbacks, module)
    if step.undo is not None:
        yield from _numbered(path, "undo", (step.undo,), module)


def _numbered(path: str, word: str, blocks: Iterable[Block], module: str) -> Iterator[_Place]:
    """The parts of one kind; a second one is called `:fallback-2`."""
    around = f"{path}/" if path else ""
    for number, block in enumerate(blocks, 1):
        name = f":{word}" if number == 1 else f":{word}-{number}"
        yield _Place(f"{around}{name}", block, module)
