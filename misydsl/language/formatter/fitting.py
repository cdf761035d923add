"""Where an item is broken when it does not fit: groups made vertical, or lines broken at loose places.

In: a shape, the words of one item and its indentation. Out: the words that start a new line, with the
indentation of that line; groups that have to stand vertically are added to the shape. It promises that
the answer only depends on which groups stand vertically: asking again, with the groups it added,
changes nothing. That is why formatting twice is formatting once.

The order: blocks of statements; inputs of a call and parameters; the last group on the line; the
loosest operators (the modifiers of a step before all others), then what is still too long, inside.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final

from misydsl.language.formatter.lines import COLUMNS, INDENT, Line, lines_of
from misydsl.language.formatter.roles import CLAUSE, CONDITIONAL
from misydsl.language.formatter.shape import OPENERS, Shape

# A header's lines are set apart from the lines of its block.
HEADER_INDENT: Final = 4
# A small group inside an expression says more on one line than spread over three.
SMALL_GROUP: Final = 20
# An item of people needs two or three; a hostile one gets all its groups made vertical at once.
ROUNDS: Final = 50


class Item:
    """The words of one item, on their way to lines."""

    def __init__(self, shape: Shape, first: int, last: int, *, indent: int) -> None:
        self.shape, self.first, self.last, self.indent = shape, first, last, indent
        self.spine = list(_spine(shape, first, last))
        """The words that are inside no group of the item, brackets included."""
        self.blocks = [word for word in self.spine if word in shape.blocks]

    def breaks(self) -> dict[int, int]:
        """The words that start a new line and the indentation of that line."""
        for _ in range(ROUNDS):
            too_long = self._too_long({})
            if not too_long:
                return {}
            if self._stand_up(too_long):
                continue
            breaks, more = self._break_lines()
            if not more:
                return breaks
            self.shape.vertical.update(more)
        self.shape.vertical.update(self._flat())
        return self._break_lines()[0]

    def continuation(self, word: int) -> int:
        """The indentation of a line of the item that starts with this word."""
        if word in self.shape.branches:
            return self.indent
        is_header = bool(self.blocks) and word <= self.blocks[-1]
        return self.indent + (HEADER_INDENT if is_header else INDENT)

    # ------------------------------------------------------------------ groups

    def _stand_up(self, too_long: list[Line]) -> bool:
        """Make a group vertical where that is what helps most; whether there was one."""
        flat, vertical = self._flat(), self.shape.vertical
        blocks = [opener for opener in flat if opener in self.shape.blocks]
        if blocks:
            vertical.update(blocks)
            return True
        inside = [opener for opener in flat if self._is_on(opener, too_long)]
        if not inside:
            return False
        arguments = next((each for each in inside if each in self.shape.arguments), None)
        if arguments is not None:
            helps_alone = self._fits_with(inside[-1]) and not self._fits_with(arguments)
            vertical.add(inside[-1] if helps_alone else arguments)
            return True
        if self._is_worth(inside[-1]) and self._fits_with(inside[-1]):
            vertical.add(inside[-1])
            return True
        return False

    def _flat(self) -> list[int]:
        """The openers of groups that could be made vertical."""
        shape, kinds = self.shape, self.shape.words.kinds
        return [
            word
            for word in self.spine
            if kinds[word] in OPENERS and word not in shape.vertical and not shape.is_empty(word)
        ]

    def _is_on(self, opener: int, lines: list[Line]) -> bool:
        """Whether some of these lines has a part of a group."""
        before = bisect_right(lines, self.shape.partners[opener], key=lambda line: line.first)
        return before > 0 and lines[before - 1].last >= opener

    def _fits_with(self, opener: int) -> bool:
        """Whether all lines fit when one more group is vertical."""
        self.shape.vertical.add(opener)
        too_long = self._too_long({})
        self.shape.vertical.discard(opener)
        return not too_long

    def _is_worth(self, opener: int) -> bool:
        """Whether a group is a better place to break than the operators around it."""
        start, end = self._region(opener)
        places = self._loosest(start, end)
        if places and self.shape.looseness[places[0]] in {CLAUSE, CONDITIONAL}:
            return False
        return self.shape.width(opener + 1, self.shape.partners[opener] - 1) >= SMALL_GROUP

    # ------------------------------------------------------------------ lines

    def _break_lines(self) -> tuple[dict[int, int], set[int]]:
        """Breaks at the loosest places, inward until all fits; groups to make vertical for the rest."""
        breaks: dict[int, int] = {}
        starts, depths = [self.first], {self.first: 0}
        while True:
            stuck, found = set[int](), dict[int, int]()
            for line in self._too_long(breaks):
                piece = bisect_right(starts, line.first)
                end = starts[piece] - 1 if piece < len(starts) else self.last
                places = self._places(line, starts[piece - 1], end)
                found.update(dict.fromkeys(places, depths[starts[piece - 1]]))
                group = None if places else self._last_flat(line)
                stuck |= set() if group is None else {group}
            if not found:
                return breaks, stuck
            for word, depth in found.items():
                breaks[word] = self.continuation(word) + INDENT * depth
                depths[word] = depth + 1
            starts = [self.first, *sorted(breaks)]

    def _places(self, line: Line, start: int, end: int) -> list[int]:
        """Where a piece that holds a line is best broken; never beyond a block."""
        region = self._region(line.first)
        return self._loosest(max(start, region[0]), min(end, region[1]))

    def _region(self, word: int) -> tuple[int, int]:
        """From the end of a block to the next block's brace, or the ends of the item."""
        following = bisect_left(self.blocks, word)
        start = self.shape.partners[self.blocks[following - 1]] if following else self.first
        return start, self.blocks[following] if following < len(self.blocks) else self.last

    def _loosest(self, start: int, end: int) -> list[int]:
        """The loosest places after `start` where a line could begin."""
        looseness, comments = self.shape.looseness, self.shape.words.comments
        between = self.spine[bisect_right(self.spine, start) : bisect_right(self.spine, end)]
        places = [word for word in between if word in looseness and word not in comments]
        loosest = min((looseness[word] for word in places), default=None)
        return [word for word in places if looseness[word] == loosest]

    def _last_flat(self, line: Line) -> int | None:
        """The last group on a line that could be made vertical."""
        shape, kinds, partners = self.shape, self.shape.words.kinds, self.shape.partners
        for place in range(bisect_right(self.spine, line.last) - 1, -1, -1):
            word = self.spine[place]
            if max(word, partners[word]) < line.first:
                return None
            is_flat = word not in shape.vertical and not shape.is_empty(word)
            if kinds[word] in OPENERS and is_flat:
                return word
        return None

    def _too_long(self, breaks: dict[int, int]) -> list[Line]:
        lines = lines_of(self.shape, self.first, self.last, self.indent, self.continuation, breaks)
        return [line for line in lines if line.width > COLUMNS]


def _spine(shape: Shape, first: int, last: int) -> Iterator[int]:
    word, partners, kinds = first, shape.partners, shape.words.kinds
    while word <= last:
        yield word
        if kinds[word] in OPENERS:
            word = partners[word]
            yield word
        word += 1
