"""Taking a piece out of a text so that nothing of it is left behind.

In: the text and the span of an item. Out: the span to delete: the whole lines when the item stands on lines
of its own, else the item with the comma that goes with it. Comments beside it stay.
"""

from __future__ import annotations

import re
from typing import Final

from misydsl.source import Span

_COMMA_AFTER: Final = re.compile(r"[ \t]*,[ \t]*")
_COMMA_BEFORE: Final = re.compile(r",[ \t]*\Z")
_MOST_LOOKED_AT: Final = 200  # characters beside an item; indentation and a comma are fewer


def item_cut(text: str, item: Span) -> Span:
    """What goes when an item of a list or block goes."""
    start = _back_over_blanks(text, item.start)
    end = item.end
    begins_line = start == 0 or text[start - 1] == "\n"
    comma = _COMMA_AFTER.match(text, end)
    after = comma.end() if comma is not None else _over_blanks(text, end)
    ends_line = after >= len(text) or text[after] in "\r\n"
    if begins_line and ends_line:
        return Span(start, _over_line_end(text, after))
    if comma is not None:
        return Span(item.start, after)
    before = _COMMA_BEFORE.search(text, max(item.start - _MOST_LOOKED_AT, 0), item.start)
    if before is not None:
        return Span(before.start(), end)
    return Span(item.start, end if begins_line else _over_blanks(text, end))


def words_cut(text: str, words: Span) -> Span:
    """What goes when words of a header go: they and the blanks before them."""
    return Span(_back_over_blanks(text, words.start), words.end)


def _back_over_blanks(text: str, offset: int) -> int:
    while offset > 0 and text[offset - 1] in " \t":
        offset -= 1
    return offset


def _over_blanks(text: str, offset: int) -> int:
    while offset < len(text) and text[offset] in " \t":
        offset += 1
    return offset


def _over_line_end(text: str, offset: int) -> int:
    if text.startswith("\r\n", offset):
        return offset + 2
    return min(offset + 1, len(text))
