"""Tokens: the whole text of a source, cut into pieces that lose nothing.

In: made by the lexer. Out: `Tokens`, parallel lists of kinds and starting offsets, with white space and
comments included. It promises that the pieces joined are the text, whatever the text is; formatter,
highlighter and editors stand on that. A kind is a word of the vocabulary below.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from misydsl.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

RESERVED: Final = frozenset(
    {"and", "or", "not", "in", "if", "then", "else", "for", "true", "false", "null"}
)
SOFT_KEYWORDS: Final = frozenset(
    {
        "misy", "import", "from", "as", "type", "let", "agent", "prompt", "pipeline", "step", "call",
        "return", "until", "fallback", "undo", "on", "when", "after", "repeat", "up", "to",
    }
)  # fmt: skip
KEYWORD_KINDS: Final = {word: word.upper() for word in RESERVED | SOFT_KEYWORDS}
NAME_KINDS: Final = frozenset({"NAME", *(word.upper() for word in SOFT_KEYWORDS)})

PUNCTUATION: Final = {
    "{": "LBRACE", "}": "RBRACE", "(": "LPAR", ")": "RPAR", "[": "LSQB", "]": "RSQB",
    "...": "SPREAD", "->": "ARROW", "=": "ASSIGN", ":": "COLON", ".": "DOT", "?.": "QDOT",
    "?": "QMARK", "|": "BAR", "==": "EQ", "!=": "NE", "<": "LT", ">": "GT", "<=": "LE", ">=": "GE",
    "??": "COALESCE", "+": "PLUS", "-": "MINUS", "*": "STAR", "/": "SLASH", ",": "COMMA",
}  # fmt: skip

# Text without `${…}` is one STRING; with it: TEXT_OPEN, then TEXT_PART or INTERPOLATION_OPEN … _CLOSE
# in turn, then TEXT_CLOSE. DOC is a `##` comment. UNKNOWN is a character the language has no use for.
TRIVIA: Final = frozenset({"WHITESPACE", "COMMENT", "DOC", "NEWLINE", "UNKNOWN", "BOM"})
NUMBERS: Final = frozenset({"INT", "FLOAT", "DURATION", "SIZE", "PERCENT", "RATE"})
TEXTS: Final = frozenset({"STRING", "TEXT_OPEN", "TEXT_PART", "TEXT_CLOSE"})
CLOSER_OF: Final = {
    "LBRACE": "RBRACE",
    "LPAR": "RPAR",
    "LSQB": "RSQB",
    "INTERPOLATION_OPEN": "INTERPOLATION_CLOSE",
    "TEXT_OPEN": "TEXT_CLOSE",
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """Every piece of one source, in order; `starts` has one more entry, the length of the text."""

    source: Source
    kinds: list[str]
    starts: list[int]

    def __len__(self) -> int:
        return len(self.kinds)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Kind and text of each token."""
        for index, kind in enumerate(self.kinds):
            yield kind, self.text_of(index)

    def text_of(self, index: int) -> str:
        """The text of a token, exactly as written."""
        return self.source.text[self.starts[index] : self.starts[index + 1]]

    def span(self, index: int) -> Span:
        """Where a token stands."""
        return Span(self.starts[index], self.starts[index + 1])

    def at(self, offset: int) -> int | None:
        """Which token covers an offset; None at the very end of the text."""
        if not 0 <= offset < self.starts[-1]:
            return None
        return bisect_right(self.starts, offset, hi=len(self.kinds)) - 1
