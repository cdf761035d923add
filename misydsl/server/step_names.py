"""What the steps of a run are called, by people and by whoever sent the workflow.

In: the texts that were recorded when a run was accepted. Out: for the path of a step its id (with the ids
of a JSON workflow where those are no names) and its title. A text is read when it is first needed, and
once for all runs that share it; one that this version cannot read leaves the paths as they are.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple

from misydsl.failures import MisyError
from misydsl.graph.blocks import BlockPlace, block_places
from misydsl.history.events import RunAccepted
from misydsl.pipeline.model import Library, Pipeline
from misydsl.workspace.recorded import program_of

_PROGRAMS: Final = 256  # texts that are kept, the last ones used

_log = logging.getLogger("misydsl.server")


class StepName(NamedTuple):
    """A step: the id others know it by, and what people call it."""

    id: str
    name: str


class StepNames:
    """The steps of one program, pipelines that it calls included."""

    def __init__(self, pipeline: Pipeline, library: Library) -> None:
        self._library = library
        self._pipelines: dict[tuple[str, str], _Paths] = {}
        self._main = self._paths(pipeline)

    def name(self, path: str) -> StepName:
        """What the step at a path is called; the path itself where nothing is known."""
        return self._within(self._main, path) or StepName(path, path)

    def _within(self, paths: _Paths, path: str) -> StepName | None:
        found = paths.steps.get(path)
        if found is not None:
            return found
        outer = path
        while "/" in outer:
            outer = outer.rpartition("/")[0]
            called = paths.called.get(outer)
            if called is not None:
                inner = self._within(self._paths(called.pipeline), path[len(outer) + 1 :])
                return None if inner is None else StepName(f"{called.id}/{inner.id}", inner.name)
        return None

    def _paths(self, pipeline: Pipeline) -> _Paths:
        key = (pipeline.module, pipeline.name)
        found = self._pipelines.get(key)
        if found is None:
            found = self._pipelines[key] = _paths_of(pipeline, self._library)
        return found


class _Called(NamedTuple):
    id: str
    pipeline: Pipeline


class _Paths(NamedTuple):
    """Of one pipeline: its steps by path, and the pipelines that blocks of it call."""

    steps: dict[str, StepName]
    called: dict[str, _Called]


class NamesOfRuns:
    """The names of every run's steps; any thread may ask."""

    def __init__(self, accepted_of: Callable[[str], RunAccepted]) -> None:
        self._accepted_of = accepted_of
        self._lock = threading.Lock()
        self._known: OrderedDict[str, StepNames | None] = OrderedDict()

    def step(self, path: str, *, run: str, fingerprint: str) -> StepName:
        """What a step of a run is called."""
        with self._lock:
            if fingerprint not in self._known:
                self._known[fingerprint] = self._read(run)
                if len(self._known) > _PROGRAMS:
                    self._known.popitem(last=False)
            self._known.move_to_end(fingerprint)
            names = self._known[fingerprint]
        return StepName(path, path) if names is None else names.name(path)

    def _read(self, run: str) -> StepNames | None:
        try:
            return StepNames(*program_of(self._accepted_of(run)))
        except MisyError as problem:
            _log.warning("the steps of run %s keep their paths as names: %s", run, problem)
            return None


def _paths_of(pipeline: Pipeline, library: Library) -> _Paths:
    steps: dict[str, StepName] = {}
    called: dict[str, _Called] = {}
    for place in block_places(pipeline):
        around, around_id = _of_place(place, steps)
        for step in place.block.steps:
            path = f"{around}/{step.name}" if around else step.name
            own = f"{around_id}/{step.public_name}" if around_id else step.public_name
            steps[path] = StepName(own, step.title or step.public_name)
        target = _pipeline_called(place, pipeline, library)
        if target is not None:
            called[around] = _Called(around_id, target)
    return _Paths(steps, called)


def _of_place(place: BlockPlace, steps: dict[str, StepName]) -> tuple[str, str]:
    """The path around a block's steps, and the same in ids."""
    owner = place.owner or ""
    owner_id = steps[owner].id if owner else ""
    path = "/".join(word for word in (owner, place.part) if word)
    return path, "/".join(word for word in (owner_id, place.part) if word)


def _pipeline_called(place: BlockPlace, pipeline: Pipeline, library: Library) -> Pipeline | None:
    call = place.block.call
    module = library.modules.get(pipeline.module)
    if call is None or module is None:
        return None
    target = module.names.get(call.target)
    return target if isinstance(target, Pipeline) else None
