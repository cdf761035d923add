"""The lines of one item, measured: where each begins and ends, and how many columns it takes.

In: a shape, an item's words, its indentation and the words that start a new line. Out: one `Line` for
each line of the item; the lines inside vertical groups are those of other items. A text over several
lines ends a line and begins another where its last line ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from misydsl.language.formatter.shape import OPENERS, Shape

COLUMNS: Final = 100  # language: the width of a page
INDENT: Final = 2  # language: one level


class Line(NamedTuple):
    """The words of one line, from first to last, and how many columns it takes."""

    first: int
    last: int
    width: int


def lines_of(  # noqa: PLR0917 - one item is all of these
    shape: Shape,
    first: int,
    last: int,
    indent: int,
    continuation: Callable[[int], int],
    breaks: Mapping[int, int],
) -> Iterator[Line]:
    """The lines of an item, given the breaks in it; a comment breaks its line in any case."""
    texts, comments, leads = shape.words.texts, shape.words.comments, shape.leads
    word, start, here, width, lead = first, first, indent, indent, ""
    while word <= last:
        if word > first and (word in comments or word in breaks):
            yield Line(start, word - 1, width)
            here = breaks.get(word, continuation(word))
            start, width, lead = word, here, ""
        text = texts[word]
        if "\n" in text:
            yield Line(start, word, width + len(lead) + text.index("\n"))
            start, width = word, len(text) - text.rindex("\n") - 1
        else:
            width += len(lead) + len(text)
        if word in shape.vertical:
            yield Line(start, word, width)
            here = indent if word in shape.blocks else here
            start = word = shape.partners[word]
            width = here + 1
        word += 1
        lead = leads[word] if word <= last else ""
    yield Line(start, last, width)


def items_of(shape: Shape, first: int, last: int) -> Iterator[tuple[int, int]]:
    """The items between two words, each as its first and last word."""
    start, word = first, first
    kinds, partners, starts = shape.words.kinds, shape.partners, shape.starts
    while word <= last:
        if word in starts and word > start:
            yield start, word - 1
            start = word
        word = partners[word] + 1 if kinds[word] in OPENERS else word + 1
    if start <= last:
        yield start, last
