"""The line a diagnostic points at, made safe and measured in terminal columns.

In: a source and a span. Out: `Excerpt`: the text of the span's first line as it can be printed
anywhere, and how many columns stand before and under the caret. A line that is too long is clipped
around the span. Works on a window of the line, so a file of one 10 MB line costs no more than a
short one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from misydsl.diagnostics.cells import Cell, cells, columns
from misydsl.source import Source, Span

MAX_COLUMNS = 100  # the width the formatter writes to, so a formatted line is never clipped
CONTEXT_COLUMNS = 40  # kept before the caret when a line is clipped
_WINDOW = 4 * MAX_COLUMNS  # code points looked at on each side of the span
WIDE_BLANK = "\u3000"  # takes two columns of a terminal, and in a page as much as what is above it
_CLIP = Cell("…", 1)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One printable line with a mark under part of it."""

    line: int
    column: int
    text: str
    margin: str
    """What stands before the mark: blanks, a wide one under each wide character, because fonts of pages do
    not make those as wide as two narrow ones."""
    width: int
    """Terminal columns of the mark, at least one."""
    goes_on: bool
    """Whether the span continues on later lines."""


def excerpt(source: Source, span: Span) -> Excerpt:
    """The first line of a span, clipped to `MAX_COLUMNS` columns around it."""
    place = source.position(span.start)
    line = source.line_text(place.line)
    start = min(place.column - 1, len(line))
    first, last = max(0, start - _WINDOW), min(len(line), start + _WINDOW)
    stop = min(start + max(span.end - span.start, 0), last)
    before = cells(line[first:start])
    marked = cells(line[start:stop], column=columns(before))
    after = cells(line[stop:last], column=columns(before) + columns(marked))
    head = _last_columns(before, _room_before(before, marked + after), is_cut=first > 0)
    body = _first_columns(marked + after, MAX_COLUMNS - columns(head), is_cut=last < len(line))
    text = "".join(cell.text for cell in head + body).rstrip()
    mark = max(min(columns(marked), columns(body)), 1)
    goes_on = _continues(source, span)
    margin = "".join(WIDE_BLANK if cell.is_wide else " " * cell.columns for cell in head)
    return Excerpt(place.line, place.column, text, margin, mark, goes_on)


def _room_before(before: list[Cell], rest: list[Cell]) -> int:
    """Everything when the line fits, else enough context to see where one is."""
    if columns(before) + columns(rest) <= MAX_COLUMNS:
        return MAX_COLUMNS
    return max(CONTEXT_COLUMNS, MAX_COLUMNS - columns(rest))


def _last_columns(line: list[Cell], room: int, *, is_cut: bool) -> list[Cell]:
    if columns(line) <= room and not is_cut:
        return line
    return [_CLIP, *reversed(_fitting(reversed(line), room - 1))]


def _first_columns(line: list[Cell], room: int, *, is_cut: bool) -> list[Cell]:
    if columns(line) <= room and not is_cut:
        return line
    return [*_fitting(line, room - 1), _CLIP]


def _fitting(line: Iterable[Cell], room: int) -> list[Cell]:
    kept: list[Cell] = []
    for cell in line:
        room -= cell.columns
        if room < 0:
            break
        kept.append(cell)
    return kept


def _continues(source: Source, span: Span) -> bool:
    """Whether anything but blanks of the span stands below its first line."""
    line_break = source.text.find("\n", span.start, span.end)
    return line_break >= 0 and not source.text[line_break : span.end].isspace()
