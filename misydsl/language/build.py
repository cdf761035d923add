"""What builders read from: the stream's places, the text, the documentation before a piece.

In: a stream. Out: `Reading`, which every builder gets, and the bricks they share: spans, names and
lists. A builder takes the reading, the positions of its first and last terminal and its parts (a
position in the stream for a terminal, a node or a list for anything else) and returns a node.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from misydsl.diagnostics import Diagnostic
from misydsl.expressions.nodes import Broken
from misydsl.language import wording_text as wording
from misydsl.language.separators import Stream
from misydsl.language.syntax import Identifier
from misydsl.language.tables import Tables
from misydsl.source import Source, Span

Builder = Callable[..., object]

EXPRESSION_LIMIT: Final = 200  # language: levels of an expression; later passes recurse over them


@dataclass(slots=True)
class Reading:
    """One file while its tree is built."""

    source: Source
    text: str
    starts: list[int]
    ends: list[int]
    kinds: tuple[str, ...]
    terminals: list[int]
    documentation: dict[int, list[Span]]
    problems: list[Diagnostic] = field(default_factory=list)
    deep_starts: set[int] = field(default_factory=set)
    deep_ends: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, stream: Stream, tables: Tables) -> Reading:
        """The reading of a stream; places the parser adds to the stream are seen here too."""
        return cls(
            stream.source,
            stream.source.text,
            stream.starts,
            stream.ends,
            tables.terminals,
            stream.terminals,
            stream.documentation,
        )

    def span(self, first: int, last: int) -> Span:
        """From the start of one terminal to the end of another."""
        return Span(self.starts[first], self.ends[last])

    def word(self, at: int) -> str:
        """A name as it is compared: NFC-normalised."""
        written = self.text[self.starts[at] : self.ends[at]]
        return written if written.isascii() else unicodedata.normalize("NFC", written)

    def name(self, at: int) -> Identifier:
        """The identifier at a position."""
        return Identifier(Span(self.starts[at], self.ends[at]), self.word(at))

    def kind(self, at: int) -> str:
        """What kind of terminal stands at a position."""
        return self.kinds[self.terminals[at]]

    def forget(self, place: Span) -> None:
        """Take back what was said from a place on, which is going to be read in another way."""
        while self.problems and self.problems[-1].span.start >= place.start:
            self.problems.pop()

    def description(self, first: int) -> str | None:
        """The `##` lines right before a piece, without their marks; markdown."""
        documents = self.documentation.get(first)
        if documents is None:
            return None
        lines = [self.text[span.start + 2 : span.end] for span in documents]
        return "\n".join(line.removeprefix(" ").rstrip() for line in lines).strip("\n")

    def too_deep(self, first: int, last: int) -> Broken:
        """What stands for an expression past the limit; one chain is reported once."""
        span = self.span(first, last)
        if span.start not in self.deep_starts and span.end not in self.deep_ends:
            problem = wording.too_deep_expression(self.source, span, EXPRESSION_LIMIT)
            self.problems.append(problem)
        self.deep_starts.add(span.start)
        self.deep_ends.add(span.end)
        return Broken(span)


# ------------------------------------------------------------------ lists: always the same list


def first(reading: Reading, start: int, last: int, item: object) -> list[object]:
    """A list of one."""
    del reading, start, last
    return [item]


def pair(  # noqa: PLR0917 - a builder takes all its parts
    reading: Reading, start: int, last: int, left: object, separator: int, right: object
) -> list[object]:
    """A list of two."""
    del reading, start, last, separator
    return [left, right]


def more(  # noqa: PLR0917
    reading: Reading, start: int, last: int, items: list[object], separator: int, item: object
) -> list[object]:
    """The list with one more item after a separator."""
    del reading, start, last, separator
    items.append(item)
    return items


def another(
    reading: Reading, start: int, last: int, items: list[object], item: object
) -> list[object]:
    """The list with one more item right after it."""
    del reading, start, last
    items.append(item)
    return items


LISTS: Final[dict[str, Builder]] = {"first": first, "pair": pair, "more": more, "another": another}
