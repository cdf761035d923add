"""Which files belong together.

In: the file a program is loaded from and a shelf. Out: every file it reaches, parsed, each with its links
to the others and a report; files that import each other are told so, and the links of such a circle are
cut. Each file is read once, however often it is imported.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from misydsl.diagnostics.similar import Guess, similar
from misydsl.expressions.nodes import Literal
from misydsl.language import messages
from misydsl.language.ordering import circle_path, is_circle, needed_first
from misydsl.language.parser import Parsed, parse
from misydsl.language.report import Report
from misydsl.language.shelves import Refusal, Shelf, shown_name, target_key
from misydsl.language.syntax import ImportSyntax
from misydsl.source import Source, Span

_ENDING: Final = ".misy"


@dataclass(slots=True)
class Link:
    """One `import`; `target` is the key of a file that was read, None when that was not possible."""

    syntax: ImportSyntax
    target: str | None


@dataclass(slots=True)
class LoadedFile:
    """One parsed file of the program."""

    key: str
    parsed: Parsed
    report: Report
    links: list[Link] = field(default_factory=list)
    is_text: bool = True
    """Whether its bytes are a text; what is declared in anything else nobody knows."""
    aliases: list[str] = field(default_factory=list)
    """Other keys it was imported by, through links on the disk."""


def load_files(entry: Source, key: str, shelf: Shelf, *, has_folder: bool) -> list[LoadedFile]:
    """Every file the entry reaches, files that are imported before those that import them."""
    files = {key: _loaded(key, parse(entry))}
    identities = {shelf.identity(key): key}
    waiting = [key]
    for current in waiting:  # grows while it is walked
        importer = files[current]
        for syntax in importer.parsed.tree.declarations:
            if not isinstance(syntax, ImportSyntax):
                continue
            known = len(files)
            target = _follow(syntax, importer, files, shelf, identities, has_folder=has_folder)
            if target is not None and len(files) > known:
                waiting.append(target)
            importer.links.append(Link(syntax, target))
    return _needed_first(list(files.values()))


def _loaded(key: str, parsed: Parsed) -> LoadedFile:
    report = Report(parsed.tree.source, parsed.diagnostics, left_out=parsed.left_out)
    return LoadedFile(key, parsed, report)


def _follow(
    syntax: ImportSyntax,
    importer: LoadedFile,
    files: dict[str, LoadedFile],
    shelf: Shelf,
    identities: dict[object, str],
    *,
    has_folder: bool,
) -> str | None:
    """The key of the imported file, read now if it was not yet; None when it cannot be."""
    span = syntax.path.span
    if importer.report.is_broken(span):
        return None
    if not isinstance(syntax.path, Literal) or not isinstance(syntax.path.value, str):
        importer.report.add(span, messages.import_path_not_plain())
        return None
    written = syntax.path.value
    key = target_key(importer.key, written, has_folder=has_folder)
    if isinstance(key, Refusal):
        importer.report.add(span, messages.import_refused(written, key))
        return None
    same = key if key in files else identities.get(shelf.identity(key))
    if same is not None:
        if same != key:  # a link to a file that was read already
            files[same].aliases.append(key)
        return same if files[same].is_text else None
    if _read(key, written, importer, files, shelf, span) is None:
        return None
    identities[shelf.identity(key)] = key
    return key if files[key].is_text else None


def _read(  # noqa: PLR0917 - the whole state of the loading
    key: str,
    written: str,
    importer: LoadedFile,
    files: dict[str, LoadedFile],
    shelf: Shelf,
    span: Span,
) -> LoadedFile | None:
    """The file, read and kept; None after saying why it cannot be."""
    loaded = shelf.load(key, shown_name(importer.parsed.tree.source.name, written))
    if isinstance(loaded, Refusal):
        importer.report.add(span, messages.import_refused(written, loaded))
        return None
    if loaded is None:
        name, beside = posixpath.basename(key), shelf.neighbours(key)
        meant = _nearest(name, beside)
        importer.report.add(span, messages.no_file(written, meant))
        return None
    source, diagnostics = loaded
    if any(one.is_error for one in diagnostics):  # bytes that are no text: told at their place
        empty = parse(Source(source.name, "", source.path))
        files[key] = LoadedFile(key, empty, Report(source, diagnostics), is_text=False)
    else:
        files[key] = _loaded(key, parse(source))
    return files[key]


def _nearest(name: str, beside: Iterable[str]) -> str | None:
    """The file that was probably meant; the ending, which is the same for all, does not count."""
    stems = {one.removesuffix(_ENDING): one for one in beside}
    guess = similar(name.removesuffix(_ENDING), stems)
    return Guess(stems[guess], is_clear=guess.is_clear) if guess is not None else None


def _needed_first(files: list[LoadedFile]) -> list[LoadedFile]:
    number = {file.key: index for index, file in enumerate(files)}
    needs = [[number[link.target] for link in file.links if link.target] for file in files]
    ordered: list[LoadedFile] = []
    for group in needed_first(needs):
        if is_circle(group, needs):
            _tell([files[index] for index in circle_path(group, needs)])
            _cut([files[index] for index in group])
        ordered.extend(files[index] for index in group)
    return ordered


def _tell(circle: list[LoadedFile]) -> None:
    """Says at the first file's import how the circle goes round."""
    first, second = circle[0], circle[1]
    link = next(one for one in first.links if one.target == second.key)
    names = [posixpath.basename(file.key) for file in circle]
    first.report.add(link.syntax.path.span, messages.import_circle(names))


def _cut(group: list[LoadedFile]) -> None:
    keys = {file.key for file in group}
    for file in group:
        for link in file.links:
            if link.target in keys:
                link.target = None
