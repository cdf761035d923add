"""The text a person wrote, and places in it.

In: a name people recognise and the text itself, untouched. Out: `Source`, which turns offsets into
lines and columns. Offsets count code points of the text as read (a byte-order mark and CRLF are part
of it), so the tokens joined always give back the file. A `Span` is half open: `[start, end)`.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class Span(NamedTuple):
    """A half-open range of code points in one source."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`."""
        return Span(self.start, other.end)


class Position(NamedTuple):
    """A place as people count it: line and column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Source:
    """One text: a file, a notebook cell or a string given to the API."""

    name: str
    text: str
    path: Path | None = None
    _line_starts: list[int] = field(default_factory=list, repr=False, compare=False)

    def position(self, offset: int) -> Position:
        """The line and column (from 1, in code points) of an offset; past the end means the end."""
        starts = self._starts()
        bounded = min(max(offset, 0), len(self.text))
        line = bisect_right(starts, bounded)
        return Position(line, bounded - starts[line - 1] + 1)

    def offset(self, line: int, column: int) -> int | None:
        """The offset of a line and column (from 1); None when the text has no such place."""
        starts = self._starts()
        if not 1 <= line <= len(starts) or not 1 <= column <= len(self.line_text(line)) + 1:
            return None
        return starts[line - 1] + column - 1

    def line_text(self, line: int) -> str:
        """The text of a line (from 1) without its line break; empty past the end."""
        starts = self._starts()
        if not 1 <= line <= len(starts):
            return ""
        end = starts[line] if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].rstrip("\r\n")

    @property
    def line_count(self) -> int:
        """How many lines the text has; an empty text has one."""
        return len(self._starts())

    def _starts(self) -> list[int]:
        if not self._line_starts:
            self._line_starts.extend(_line_starts(self.text))
        return self._line_starts


def _line_starts(text: str) -> list[int]:
    starts = [0]
    found = text.find("\n")
    while found >= 0:
        starts.append(found + 1)
        found = text.find("\n", found + 1)
    return starts
