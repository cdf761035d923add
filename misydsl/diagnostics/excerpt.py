"""The line a diagnostic points at, made safe and measured in terminal columns.

In: a source and a span. Out: `Excerpt`: the text of the span's first line as it can be printed
anywhere, and how many columns stand before and under the caret. Tabs are opened to the next stop of
four, wide characters count two columns and combining marks none, controls and bidi marks become
visible signs, and a line that is too long is clipped around the span. Works on a window of the line,
so a file of one 10 MB line costs no more than a short one.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from misydsl.source import Source, Span

TAB_COLUMNS = 4
MAX_COLUMNS = 100  # the width the formatter writes to, so a formatted line is never clipped
CONTEXT_COLUMNS = 40  # kept before the caret when a line is clipped
_WINDOW = 4 * MAX_COLUMNS  # code points looked at on each side of the span
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_CLIP = "…"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One printable line with a mark under part of it; columns are terminal cells."""

    line: int
    column: int
    text: str
    indent: int
    """Columns before the mark."""
    width: int
    """Columns of the mark, at least one."""
    goes_on: bool
    """Whether the span continues on later lines."""


def excerpt(source: Source, span: Span) -> Excerpt:
    """The first line of a span, clipped to `MAX_COLUMNS` columns around it."""
    place = source.position(span.start)
    line = source.line_text(place.line)
    start = min(place.column - 1, len(line))
    stop = min(start + max(span.end - span.start, 0), len(line))
    from_, to = max(0, start - _WINDOW), min(len(line), start + _WINDOW)
    before = _cells(line[from_:start])
    marked = _cells(line[start : min(stop, to)], column=_columns(before))
    after = _cells(line[min(stop, to) : to], column=_columns(before) + _columns(marked))
    head = _last_columns(before, _room_before(before, marked + after), is_cut=from_ > 0)
    room = MAX_COLUMNS - _columns(head)
    body = _first_columns(marked + after, room, is_cut=to < len(line))
    shown_mark = min(_columns(marked), _columns(body))
    text = "".join(text for text, _ in head + body).rstrip()
    goes_on = _continues(source, span, place.line)
    return Excerpt(place.line, place.column, text, _columns(head), max(shown_mark, 1), goes_on)


def printable(text: str) -> str:
    """The text with controls, bidi marks and lone surrogates replaced, on one line."""
    return "".join(shown for shown, _ in _cells(text))


_Cell = tuple[str, int]


def _cells(text: str, *, column: int = 0) -> list[_Cell]:
    cells: list[_Cell] = []
    for character in text:
        if character == "\t":
            width = TAB_COLUMNS - column % TAB_COLUMNS
            cell = (" " * width, width)
        else:
            cell = _cell(character)
        cells.append(cell)
        column += cell[1]
    return cells


def _cell(character: str) -> _Cell:
    if " " <= character <= "~":
        return character, 1
    point = ord(character)
    if point < 0x20:
        return chr(0x2400 + point), 1
    if character == "\ufeff":
        return "", 0
    category = unicodedata.category(character)
    if category in ("Cc", "Cs", "Zl", "Zp") or character in _BIDI:
        return "\ufffd", 1
    if category in ("Mn", "Me", "Cf"):
        return character, 0
    return character, 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _columns(cells: list[_Cell]) -> int:
    return sum(width for _, width in cells)


def _room_before(before: list[_Cell], rest: list[_Cell]) -> int:
    """Everything when the line fits, else enough context to see where one is."""
    needed = _columns(before) + _columns(rest)
    if needed <= MAX_COLUMNS:
        return MAX_COLUMNS
    return max(CONTEXT_COLUMNS, MAX_COLUMNS - _columns(rest))


def _last_columns(cells: list[_Cell], room: int, *, is_cut: bool) -> list[_Cell]:
    if _columns(cells) <= room and not is_cut:
        return cells
    kept: list[_Cell] = []
    used = 1
    for cell in reversed(cells):
        if used + cell[1] > room:
            break
        kept.append(cell)
        used += cell[1]
    return [(_CLIP, 1), *reversed(kept)]


def _first_columns(cells: list[_Cell], room: int, *, is_cut: bool) -> list[_Cell]:
    if _columns(cells) <= room and not is_cut:
        return cells
    kept: list[_Cell] = []
    used = 1
    for cell in cells:
        if used + cell[1] > room:
            break
        kept.append(cell)
        used += cell[1]
    return [*kept, (_CLIP, 1)]


def _continues(source: Source, span: Span, line: int) -> bool:
    """Whether anything but blanks of the span stands below its first line."""
    break_at = source.text.find("\n", span.start, span.end)
    last = source.position(max(span.end - 1, span.start)).line
    return last > line and break_at >= 0 and not source.text[break_at : span.end].isspace()
