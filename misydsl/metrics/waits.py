"""Who waits for whom in a program, by the paths that its runs record.

In: a pipeline and its library. Out: `Waits`: for each step's path the paths of the siblings it needs,
and which paths are questions to people. Pipelines that are called, fallbacks, undo and handlers are
followed, under the names they have in a history (`step/:fallback`, `:on-failure`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from misydsl.graph.blocks import BlockPlace, block_places
from misydsl.graph.build import APPROVAL
from misydsl.pipeline.dependencies import dependencies
from misydsl.pipeline.model import Library, Pipeline


@dataclass(frozen=True, slots=True)
class Waits:
    """Paths and what they wait for; empty where the program is not known."""

    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    questions: frozenset[str] = frozenset()


def waits_of(pipeline: Pipeline, library: Library) -> Waits:
    """What the steps of a program wait for; linear in its size with the pipelines it calls."""
    needs: dict[str, frozenset[str]] = {}
    questions: set[str] = set()
    waiting = [("", pipeline)]
    while waiting:
        around, one = waiting.pop()
        for place in block_places(one):
            for path, siblings in _siblings(place, around):
                # the branches of an `else` may share a path
                needs[path] = needs.get(path, frozenset()) | siblings
            call, own = place.block.call, _joined(around, place.owner, place.part)
            if call is None:
                continue
            if call.target == APPROVAL:
                questions.add(own)
            called = library.find(one.module, call.target)
            if isinstance(called, Pipeline):
                waiting.append((own, called))
    return Waits(needs, frozenset(questions))


def _siblings(place: BlockPlace, around: str) -> Iterator[tuple[str, frozenset[str]]]:
    paths = [_joined(around, place.path(step)) for step in place.block.steps]
    for path, needed in zip(paths, dependencies(place.block), strict=True):
        yield path, frozenset(paths[index] for index in needed.all) - {path}


def _joined(*words: str | None) -> str:
    return "/".join(word for word in words if word)
