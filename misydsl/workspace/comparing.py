"""Comparing two runs: what went differently, and whether the text was another one.

In: two runs, by id or in hand. Out: a DataFrame with a row per step. Whether a step's text changed is
judged by what it means (layout and comments do not count), with all the agents, prompts, pipelines and
constants it uses, as they were when each run was accepted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

from msgspec import Struct

from misydsl.failures import MisyError
from misydsl.graph.blocks import block_places
from misydsl.pipeline.model import Library, Pipeline, Step
from misydsl.source import Source, Span
from misydsl.workspace.journals import JournalPlace
from misydsl.workspace.runs import Run, find_run

if TYPE_CHECKING:
    from misydsl.metrics.columns import DataFrame
    from misydsl.metrics.comparison import ComparedRun

_WORDS_ONLY = frozenset({"title", "description", "span", "module"})  # what no call depends on


def compare(a: Run | str, b: Run | str, *, journal: JournalPlace = None) -> DataFrame:
    """Two runs side by side, a row per step.

    Columns as in `misydsl.metrics.comparison_frame.comparison_frame`. Ids are looked up in
    `journal`, where they may be the beginning of one. Raises: `RunUnknown`.
    """
    from misydsl.metrics.comparison_frame import comparison_frame

    runs = [one if isinstance(one, Run) else find_run(one, journal) for one in (a, b)]
    return comparison_frame(*map(side_of, runs))


def side_of(run: Run) -> ComparedRun:
    """One run as a side of a comparison."""
    from misydsl.metrics.comparison import ComparedRun

    return ComparedRun(run.history(), step_digests(run))


def step_digests(run: Run) -> Mapping[str, str]:
    """A digest of each step's meaning, by path; nothing where the text cannot be read any more."""
    try:
        pipeline, library = run.program()
    except MisyError:  # the text of another version
        return {}
    return _Digests(library).of(pipeline, "")


class _Digests:
    """Digests of steps, with everything they use."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def of(self, pipeline: Pipeline, around: str) -> dict[str, str]:
        """By the path a run records, called pipelines included."""
        found: dict[str, str] = {}
        for place in block_places(pipeline):
            for step in place.block.steps:
                path = f"{around}{place.path(step)}"
                found[path] = _digest((_shape(step), self._used(step, pipeline.module)))
                call = step.block.call
                called = self._library.find(pipeline.module, call.target) if call else None
                if isinstance(called, Pipeline):
                    found |= self.of(called, f"{path}/")
        return found

    def _used(self, step: Step, module: str) -> object:
        """Every declaration a step leads to, whatever way it is named."""
        seen: dict[tuple[str, str], object] = {}
        waiting = [(module, name) for name in _words(step)]
        while waiting:
            home, name = waiting.pop()
            declared = self._library.find(home, name)
            if declared is None or (home, name) in seen:
                continue
            seen[home, name] = _shape(declared)
            inner = getattr(declared, "module", "") or home
            waiting += [(inner, one) for one in _words(declared)]
        return sorted(seen.items(), key=lambda one: one[0])


def _words(value: object) -> set[str]:
    """Every word in a declaration that may be the name of another one."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found.add(one)
        elif isinstance(one, tuple | list):
            waiting += one
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif not isinstance(one, Span | Source):
            waiting += [getattr(one, name) for name in _field_names(one) or ()]
    return found


def _shape(value: object) -> object:
    """A declaration as nested tuples, without places in the text and words for people."""
    if isinstance(value, Span | Source):
        return None
    names = _field_names(value)
    if names is not None:
        kept = (name for name in names if name not in _WORDS_ONLY)
        return type(value).__name__, tuple((name, _shape(getattr(value, name))) for name in kept)
    if isinstance(value, tuple | list):
        return tuple(_shape(one) for one in value)
    if isinstance(value, Mapping):
        return tuple((name, _shape(one)) for name, one in value.items())
    return value if value is None or isinstance(value, str) else (type(value).__name__, repr(value))


def _field_names(value: object) -> tuple[str, ...] | None:
    """The fields of a noun; None for everything else."""
    if isinstance(value, Struct):
        return value.__struct_fields__
    if is_dataclass(value) and not isinstance(value, type):
        return tuple(field.name for field in fields(value))
    return None


def _digest(shape: object) -> str:
    return hashlib.sha256(repr(shape).encode()).hexdigest()
