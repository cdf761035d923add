"""The checker: from a source to the library of modules it means, and everything that is wrong.

In: a `Source`, and where the files it imports are. Out: `Checked`. Every file is read, resolved and typed,
and a library comes out even of half-right text, with `any` where something could not be understood, so
that editors and pictures work while somebody types. Diagnostics come file by file, the given one first,
each in the order of its text. Nothing is raised for what a person wrote, and the network is never asked.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from misydsl.diagnostics.diagnostic import Diagnostic
from misydsl.headroom import with_headroom
from misydsl.language.abridging import abridged
from misydsl.language.collector import collector_paused
from misydsl.language.context import ModuleContext
from misydsl.language.declarations import check_module
from misydsl.language.imports import LoadedFile, load_files
from misydsl.language.links import Neighbour
from misydsl.language.lints.allowances import NOTHING_ALLOWED, Allowances, allowances_of
from misydsl.language.lints.linted import LintedFile
from misydsl.language.lints.registry import lint
from misydsl.language.reading import read_source
from misydsl.language.report import Report
from misydsl.language.shelves import DiskShelf, Loaded, Shelf, TextShelf
from misydsl.language.syntax import SyntaxTree
from misydsl.language.tokens import Tokens
from misydsl.pipeline.model import Library, Module
from misydsl.source import Source, Span
from misydsl.types import Type


@dataclass(frozen=True, slots=True)
class Checked:
    """What a source means, and what is wrong with it; `tree` and `tokens` are its own."""

    library: Library | None
    tree: SyntaxTree
    tokens: Tokens
    diagnostics: tuple[Diagnostic, ...]
    types: tuple[tuple[Span, Type], ...] = ()
    """The type of each expression of the source and of its parts, when it was asked for."""


def check_source(
    source: Source,
    *,
    root: Path | None = None,
    strict: bool = False,
    read: Callable[[Path], Source] | None = None,
    with_types: bool = False,
    allowed: Collection[str] = (),
) -> Checked:
    """Checks a source and all it imports from below `root` (else from the folder of its file).

    `read` gives the text of an imported file, as when an editor holds it unsaved; it may raise OSError.
    Warnings that are `allowed` are left out, as are those that comments of their file allow.
    """
    folder = root if root is not None else source.path.parent if source.path else None
    shelf: Shelf = TextShelf({}) if folder is None else DiskShelf(folder, _reader(read))
    key = _entry_key(source, folder)
    wishes = _Wishes(
        has_folder=folder is not None,
        is_strict=strict,
        with_types=with_types,
        allowed=frozenset(allowed),
    )
    with collector_paused():
        return with_headroom(lambda: _check(source, key, shelf, wishes))


def check_modules(
    texts: Mapping[str, str],
    entry: str,
    *,
    strict: bool = False,
    with_types: bool = False,
    allowed: Collection[str] = (),
) -> Checked:
    """Checks a program whose files are in memory, by key; nothing is read from a disk."""
    source = Source(entry, texts[entry])
    wishes = _Wishes(
        has_folder=True, is_strict=strict, with_types=with_types, allowed=frozenset(allowed)
    )
    with collector_paused():
        return with_headroom(lambda: _check(source, entry, TextShelf(texts), wishes))


@dataclass(frozen=True, slots=True)
class _Wishes:
    """How to check: whether files can be beside this one, and what is asked for."""

    has_folder: bool
    is_strict: bool
    with_types: bool
    allowed: frozenset[str] = frozenset()


def _reader(read: Callable[[Path], Source] | None) -> Callable[[Path, str], Loaded]:
    if read is None:
        return lambda path, name: read_source(path, name=name)
    return lambda path, _name: (read(path), ())


def _entry_key(source: Source, folder: Path | None) -> str:
    """The file's way from the root, with `/`; its name when it has none."""
    if source.path is None or folder is None:
        return source.name
    try:
        return source.path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return posixpath.basename(source.path.as_posix())


def _check(entry: Source, key: str, shelf: Shelf, wishes: _Wishes) -> Checked:
    files = load_files(entry, key, shelf, has_folder=wishes.has_folder)
    neighbours: dict[str, Neighbour] = {}
    texts: dict[str, Report] = {}
    contexts: dict[str, ModuleContext] = {}
    for file in files:
        context = ModuleContext(
            key=file.key,
            source=file.parsed.tree.source,
            report=file.report,
            is_strict=wishes.is_strict,
            has_folder=wishes.has_folder,
            typed=[] if wishes.with_types and file.key == key else None,
        )
        module = check_module(file, neighbours, shelf, context)
        neighbours[file.key] = Neighbour(module, frozenset(context.poisoned))
        texts.update(context.text_files)
        contexts[file.key] = context
    modules = {one: neighbour.module for one, neighbour in neighbours.items()}
    _lint(files, contexts, modules, key)
    own = next(file for file in files if file.key == key)
    modules.update((one, Module(one, report.source)) for one, report in texts.items())
    modules.update((one, Module(one, file.report.source)) for file in files for one in file.aliases)
    found = [
        one
        for file in (own, *(other for other in files if other is not own))
        for one in _not_allowed(file.report, allowances_of(file.parsed.tokens), wishes.allowed)
    ]
    for report in texts.values():
        found += _not_allowed(report, NOTHING_ALLOWED, wishes.allowed)
    return Checked(
        library=Library(key, modules),
        tree=own.parsed.tree,
        tokens=own.parsed.tokens,
        diagnostics=tuple(found),
        types=tuple(contexts[key].typed or ()),
    )


def _lint(
    files: Sequence[LoadedFile],
    contexts: Mapping[str, ModuleContext],
    modules: Mapping[str, Module],
    entry: str,
) -> None:
    """Asks the lints about every file; what they say stands in its report."""
    imported = {link.target for file in files for link in file.links}
    for file in files:
        context = contexts[file.key]
        linted = LintedFile(
            file,
            modules[file.key],
            modules,
            context.uses,
            unreadable=frozenset(context.poisoned),
            mentioned=frozenset(context.mentioned),
            texts={one: report.source for one, report in context.text_files.items()},
            is_entry=file.key == entry and entry not in imported,
        )
        lint(linted, file.report, context.text_files)


def _not_allowed(
    report: Report, allowances: Allowances, allowed: frozenset[str]
) -> tuple[Diagnostic, ...]:
    """The first diagnostics of a file, those that it, or the project, allows left out."""
    for remark in allowances.remarks:
        report.add(remark.span, remark.finding)
    told = [
        one
        for one in report.in_source_order()
        if one.is_error or not (one.code in allowed or allowances.allow(one))
    ]
    return abridged(told, report.left_out)
