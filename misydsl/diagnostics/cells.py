"""How wide a text is in a terminal, and which of its characters are safe to print.

In: any text. Out: `Cell`s, each what to print for one character and how many columns that takes.
Tabs are opened to the next stop of four, wide characters count two columns and combining marks none;
controls, bidi marks and lone surrogates become visible signs, so no text can command a terminal.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

TAB_COLUMNS = 4
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Cell(NamedTuple):
    """What is printed for one character, and its columns."""

    text: str
    columns: int

    @property
    def is_wide(self) -> bool:
        """Whether it is one character that takes two columns."""
        return self.columns == 2 and len(self.text) == 1


def cells(text: str, *, column: int = 0) -> list[Cell]:
    """The cells of a text that begins in a column (from 0; it matters for tabs)."""
    found: list[Cell] = []
    for character in text:
        if character == "\t":
            width = TAB_COLUMNS - column % TAB_COLUMNS
            cell = Cell(" " * width, width)
        else:
            cell = _cell(character)
        found.append(cell)
        column += cell.columns
    return found


def columns(cells_: Iterable[Cell]) -> int:
    """How many columns the cells take together."""
    return sum(cell.columns for cell in cells_)


def width(text: str) -> int:
    """How many columns a text takes when it is printed."""
    return len(text) if _is_plain(text) else columns(cells(text))


def printable(text: str) -> str:
    """The text as it can be printed anywhere, on one line."""
    return text if _is_plain(text) else "".join(cell.text for cell in cells(text))


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _cell(character: str) -> Cell:
    if " " <= character <= "~":
        return Cell(character, 1)
    point = ord(character)
    if point < 0x20:
        return Cell(chr(0x2400 + point), 1)
    if character == "\ufeff":
        return Cell("", 0)
    category = unicodedata.category(character)
    if category in ("Cc", "Cs", "Zl", "Zp") or character in _BIDI:
        return Cell("\ufffd", 1)
    if category in ("Mn", "Me", "Cf"):
        return Cell(character, 0)
    return Cell(character, 2 if unicodedata.east_asian_width(character) in "WF" else 1)
