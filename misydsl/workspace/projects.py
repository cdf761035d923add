"""A project: a folder of `.misy` files, as it is at this moment.

In: the folder. Out: the agents and pipelines that its files declare, by name, and what is wrong with those that cannot
be used. Whoever asks gets what is on the disk now: only what changed is read again, so asking costs one look at
the dates of files and folders. Hidden folders and those of other tools are passed over, links that lead out of the
folder are not followed, and no more than `MOST_FILES` are read. May be asked from any thread.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.diagnostics import Diagnostic
from misydsl.failures import MisyError
from misydsl.pipeline import model
from misydsl.source import Source, Span
from misydsl.workspace.checking import Checked, check_file
from misydsl.workspace.pipelines import Pipeline
from misydsl.workspace.project_files import Mark, ProjectFiles, mark_of


@dataclass(frozen=True, slots=True)
class ProjectAgent:
    """An agent that a file of the project declares."""

    declaration: model.Agent
    library: model.Library
    file: str
    """The way to its file from the project's folder, with `/`."""


@dataclass(frozen=True, slots=True)
class ProjectPipeline:
    """A pipeline that a file of the project declares; it is compiled when it is first run."""

    pipeline: Pipeline
    file: str
    """The way to its file from the project's folder, with `/`."""

    @property
    def name(self) -> str:
        """The name in the text."""
        return self.pipeline.name

    @property
    def title(self) -> str | None:
        """The title in the text."""
        return self.pipeline.title

    @property
    def description(self) -> str | None:
        """The `##` comment above it."""
        return self.pipeline.description

    @property
    def parameters(self) -> tuple[model.Parameter, ...]:
        """Its inputs, in order."""
        return self.pipeline.parameters


@dataclass(frozen=True, slots=True)
class _File:
    """One file as it was read; `marks` are those of all that its meaning depends on."""

    path: Path
    name: str
    marks: Mapping[Path, Mark | None]
    checked: Checked | None
    problems: tuple[Diagnostic, ...]

    @property
    def library(self) -> model.Library | None:
        """What can be used of it: nothing when it has errors."""
        return None if self.checked is None or self.problems else self.checked.library

    def is_current(self, now: float) -> bool:
        """Whether nothing that it depends on was written since."""
        return all(
            mark is not None and mark == mark_of(path, now) for path, mark in self.marks.items()
        )


@dataclass(frozen=True, slots=True)
class _Look:
    """What the project was when somebody looked."""

    agents: Mapping[str, ProjectAgent] = field(default_factory=dict)
    pipelines: Mapping[str, ProjectPipeline] = field(default_factory=dict)
    problems: tuple[Diagnostic, ...] = ()


class Project:
    """The `.misy` files of a folder and of the folders in it."""

    def __init__(self, folder: Path, *, clock: Clock = SYSTEM_CLOCK) -> None:
        """Raises: `MisyError` when there is no such folder."""
        if not folder.is_dir():
            what = "it is no folder" if folder.exists() else "there is no such folder"
            raise MisyError(f"{os.fsencode(folder).decode(errors='replace')}: {what}")
        self.folder = folder.resolve()
        self._clock = clock
        self._tree = ProjectFiles(self.folder)
        self._files: dict[Path, _File] = {}
        self._last = _Look()
        self._lock = threading.Lock()

    @property
    def agents(self) -> Mapping[str, ProjectAgent]:
        """Every agent by its name as written; where several files declare one, the first file by path."""
        return self._look().agents

    @property
    def pipelines(self) -> Mapping[str, ProjectPipeline]:
        """Every pipeline by its name; where several files declare one, the first file by path."""
        return self._look().pipelines

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """The errors of files that cannot be used."""
        return self._look().problems

    @property
    def is_partial(self) -> bool:
        """Whether the folder holds more than is looked at."""
        self._look()
        return self._tree.is_partial

    def _look(self) -> _Look:
        with self._lock:
            if self._read_again():
                self._last = _looked_at(self._files.values())
            return self._last

    def _read_again(self) -> bool:
        """Read what was written since the last look; whether there was anything."""
        now = self._clock.wall()
        has_moved, paths = self._tree.look(now)
        kept = {path: self._files[path] for path in paths if path in self._files}
        current = {path: file for path, file in kept.items() if file.is_current(now)}
        if not has_moved and len(current) == len(self._files) == len(paths):
            return False
        # what a file lacked may have come with any other
        whole = {path: file for path, file in current.items() if not file.problems}
        self._files = {path: whole.get(path) or self._read(path, now) for path in paths}
        return True

    def _read(self, path: Path, now: float) -> _File:
        name = path.relative_to(self.folder).as_posix()
        mark = {path: mark_of(path, now)}
        try:
            name.encode()
            checked = check_file(path, root=self.folder)
        except UnicodeEncodeError:
            shown = os.fsencode(name).decode(errors="replace")
            return _File(path, shown, mark, None, (_unusable(shown, "its name is not UTF-8"),))
        except MisyError as problem:
            return _File(path, name, mark, None, (_unusable(name, str(problem)),))
        marks = mark | {one: mark_of(one, now) for one in _sources(checked) if one != path}
        return _File(path, name, marks, checked, checked.errors)


def _looked_at(files: Iterable[_File]) -> _Look:
    agents: dict[str, ProjectAgent] = {}
    pipelines: dict[str, ProjectPipeline] = {}
    problems: list[Diagnostic] = []
    for file in files:
        problems += [one for one in file.problems if one not in problems]
        library = file.library
        if library is None or file.checked is None:
            continue
        for one in library.main.names.values():
            if isinstance(one, model.Agent) and one.module == library.entry:
                agents.setdefault(one.name, ProjectAgent(one, library, file.name))
        for each in library.main.pipelines():
            handle = Pipeline(each, file.checked, file.path)
            pipelines.setdefault(each.name, ProjectPipeline(handle, file.name))
    return _Look(MappingProxyType(agents), MappingProxyType(pipelines), tuple(problems))


def _sources(checked: Checked) -> Iterator[Path]:
    """The files that a file imports, directly or not."""
    modules = () if checked.library is None else checked.library.modules.values()
    for module in modules:
        if module.source.path is not None:
            yield module.source.path


def _unusable(name: str, why: str) -> Diagnostic:
    return Diagnostic("E0301", f"This file cannot be used: {why}", Source(name, ""), Span(0, 0))
