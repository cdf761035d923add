"""Checking: a text, a file or a recorded program becomes a library and its diagnostics.

In: paths and texts. Out: `Checked`, with every diagnostic the passes have (text, names, types, graph) in
source order. Nothing is executed and nothing is read but the file and what it imports.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.similar import similar
from misydsl.failures import MisyError
from misydsl.language.abridging import abridged
from misydsl.language.check import Checked as LanguageChecked
from misydsl.language.check import check_modules, check_source
from misydsl.language.lints.project import project_of
from misydsl.language.reading import read_source
from misydsl.pipeline.model import Library
from misydsl.source import Source
from misydsl.workspace.forms import SUFFIX, KnownAgents, form_library, is_form, recorded_form

FORM: Final = "workflow.json"
"""The key of a workflow that is in no file."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a text: its library where one could be made, and all that is wrong."""

    source: Source
    library: Library | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that keep the text from being run."""
        return tuple(one for one in self.diagnostics if one.is_error)


def check_file(
    path: Path | str, *, strict: bool | None = False, root: Path | None = None
) -> Checked:
    """Check a `.misy` file and what it imports, or a workflow in a `.json` file.

    Raises: `MisyError` when it cannot be read.

    Warnings that the project of the file allows are left out; `strict=None` is what the project says.
    Files are called by their way from `root`, and imports stay in it: the file's own folder, if none is given.
    """
    path = Path(path)
    _refuse_odd_files(path)
    name = None if root is None else path.resolve().relative_to(root.resolve()).as_posix()
    try:
        source, problems = read_source(path, name=name)
    except FileNotFoundError as problem:
        raise MisyError(_missing(path)) from problem
    except OSError as problem:
        raise MisyError(
            f"{_shown(path)} cannot be read: {problem.strerror or problem}"
        ) from problem
    if any(one.is_error for one in problems):
        return Checked(source, None, problems)
    if path.suffix == SUFFIX:
        return Checked(source, *form_library(source, KnownAgents(), key=path.name, name=path.stem))
    folder = path.resolve().parent
    project = project_of(folder)
    is_strict = project.is_strict if strict is None else strict
    found = check_source(source, root=root or folder, strict=is_strict, allowed=project.allowed)
    return _whole(source, found, (*problems, *project.diagnostics))


def _refuse_odd_files(path: Path) -> None:
    """Raises MisyError for what can be opened and is no file: a folder, or a device without an end."""
    if "\0" in str(path):
        raise MisyError(f"{_shown(path)!r} cannot be read: no file has a NUL in its name")
    try:
        is_device = path.is_char_device() or path.is_block_device()
        is_folder = path.is_dir()
    except OSError as problem:
        raise MisyError(f"{_shown(path)} cannot be read: {problem.strerror}") from problem
    if is_device:
        raise MisyError(f"{_shown(path)} cannot be read: it is a device, not a file")
    if is_folder:
        files = sorted(one for one in path.glob("[!.]*.misy") if one.is_file())
        near = ", ".join(_shown(one) for one in files[:3])
        hint = f"; name a file in it: {near}" if near else ", and no .misy file is in it"
        raise MisyError(f"{_shown(path)} cannot be read: it is a folder{hint}")


def _missing(path: Path) -> str:
    """What to say of a file that is not there: which one was meant, perhaps."""
    try:
        names = [one.name for one in path.parent.glob("[!.]*.misy")]
    except OSError:
        names = []
    meant = similar(path.name, names) or similar(f"{path.name}.misy", names)
    hint = f". Did you mean {_shown(path.with_name(str(meant)))}?" if meant else ""
    return f"{_shown(path)} cannot be read: there is no such file{hint}"


def _shown(path: Path) -> str:
    return os.fsencode(path).decode("utf-8", errors="replace")


def check_text(text: str, *, name: str = "<text>", strict: bool | None = False) -> Checked:
    """Check a text that is in no file; imports and the project are those of the current folder.

    A text that is JSON is a workflow.
    """
    source = Source(name, text)
    if is_form(text):
        return Checked(source, *form_library(source, KnownAgents(), key=FORM, name="workflow"))
    folder = Path.cwd()
    project = project_of(folder)
    is_strict = project.is_strict if strict is None else strict
    found = check_source(source, root=folder, strict=is_strict, allowed=project.allowed)
    return _whole(source, found, project.diagnostics)


def check_unsaved(source: Source, *, folder: Path, read: Callable[[Path], Source]) -> Checked:
    """Check a text of a folder whose files `read` gives, as a notebook or an editor holds them."""
    project = project_of(folder)
    found = check_source(
        source, root=folder, strict=project.is_strict, read=read, allowed=project.allowed
    )
    return _whole(source, found, project.diagnostics)


def check_recorded(texts: Mapping[str, str], entry: str) -> Checked:
    """Check a program as it was recorded with a run; no file is read."""
    if entry.endswith(SUFFIX):
        return Checked(Source(entry, texts[entry]), *recorded_form(texts, entry))
    return _whole(Source(entry, texts[entry]), check_modules(texts, entry), ())


def _whole(source: Source, found: LanguageChecked, before: Iterable[Diagnostic]) -> Checked:
    diagnostics = [*before, *found.diagnostics]
    if found.library is not None:
        diagnostics += _graph_diagnostics(found.library)
    diagnostics.sort(key=lambda one: (one.source.name != source.name, one.source.name, one.span))
    return Checked(source, found.library, tuple(diagnostics))


def _graph_diagnostics(library: Library) -> tuple[Diagnostic, ...]:
    """The first circles among steps and pipelines; each once however many pipelines show it."""
    # networkx only when there is a graph
    from misydsl.graph.cycles import library_cycle_diagnostics

    found: dict[tuple[str, str, int], Diagnostic] = {}
    for one in library_cycle_diagnostics(library):
        found.setdefault((one.code, one.source.name, one.span.start), one)
    return abridged(tuple(found.values()))
