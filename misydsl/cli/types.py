"""`misy check FILE --types [LINE:COLUMN]`: the types of a file, as a table or at a place.

In: one file or several, a place or nothing. Out: one row per name with its type, or the type of the
narrowest expression there. 0 when there is an answer, 2 when nothing with a type stands at the place.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from misydsl.cli import exits
from misydsl.cli.screen import BOLD, DIM, Screen
from misydsl.failures import MisyError

if TYPE_CHECKING:
    from misydsl.language.check import Checked
    from misydsl.language.type_table import NamedType
    from misydsl.source import Source, Span

_PLACE: Final = re.compile(r"(?P<line>[1-9]\d*):(?P<column>[1-9]\d*)", re.ASCII)


def show_types(files: Sequence[str], place: str, screen: Screen, *, strict: bool | None) -> int:
    """Answer for one place of one file, or list the names of all files."""
    if place:
        return _show_place(files, place, screen, strict=strict)
    from misydsl.language.type_table import type_table

    rows = [(checked, type_table(checked)) for checked in _checked(files, strict=strict)]
    if screen.is_json:
        given = [_as_dict(checked, row) for checked, table in rows for row in table]
        screen.give({"files": list(files), "types": given})
        return exits.FINE
    for number, (checked, table) in enumerate(rows):
        if len(rows) > 1:
            screen.say(*([""] if number else []), screen.paint(checked.tree.source.name, BOLD))
        screen.say(*_lines(checked, table, screen))
    return exits.FINE


def _show_place(files: Sequence[str], place: str, screen: Screen, *, strict: bool | None) -> int:
    from misydsl.language.type_table import type_at
    from misydsl.relations import describe

    written = _PLACE.fullmatch(place)
    if written is None:
        raise MisyError(f"a place is written LINE:COLUMN, such as 12:8, not “{place}”")
    if len(files) != 1:
        raise MisyError("a place is asked for in one file")
    checked = next(iter(_checked(files, strict=strict)))
    source = checked.tree.source
    offset = source.offset(int(written["line"]), int(written["column"]))
    found = type_at(checked, offset) if offset is not None else None
    if found is None:
        raise MisyError(f"nothing with a type stands at {place} of {source.name}")
    span, type_ = found
    text = " ".join(source.text[span.start : span.end].split())
    if screen.is_json:
        screen.give({"file": source.name, **_range(source, span), "type": describe(type_)})
    else:
        screen.say(f"{text}: {describe(type_)}")
    return exits.FINE


def _checked(files: Sequence[str], *, strict: bool | None) -> list[Checked]:
    from misydsl.language.check import check_source
    from misydsl.language.reading import read_source
    from misydsl.source import Source

    found = []
    for name in files:
        path = Path(name)
        try:
            source = (
                Source(name, sys.stdin.read()) if name == "-" else read_source(path, name=name)[0]
            )
        except OSError as error:
            raise MisyError(f"{name} cannot be read: {error.strerror or error}") from error
        root = Path.cwd() if name == "-" else path.resolve().parent
        found.append(check_source(source, root=root, strict=bool(strict), with_types=True))
    return found


def _lines(checked: Checked, table: Sequence[NamedType], screen: Screen) -> list[str]:
    from misydsl.relations import describe

    kinds = max((len(row.kind) for row in table), default=0)
    names = max((len(row.path) for row in table), default=0)
    lines = []
    for row in table:
        line = checked.tree.source.position(row.span.start).line
        place = screen.paint(f"{line:>4}", DIM)
        lines.append(f"{place}  {row.kind:<{kinds}}  {row.path:<{names}}  {describe(row.type)}")
    return lines


def _as_dict(checked: Checked, row: NamedType) -> dict[str, object]:
    from misydsl.relations import describe

    source = checked.tree.source
    return {
        "file": source.name,
        "kind": row.kind,
        "name": row.path,
        "type": describe(row.type),
        **_range(source, row.span),
    }


def _range(source: Source, span: Span) -> dict[str, int]:
    start, end = source.position(span.start), source.position(span.end)
    return {
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    }
