"""A file as words: what stands on a line, and what its author put between.

In: the tokens and the stream of a file without errors. Out: `Words`, parallel lists with one entry for
each terminal that is no separator. A text is one word, whatever is inside, so that it is never touched.
What stands before a word (a separator, comments, an empty line) is noted under its number; what ends
the file under the number after the last.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from misydsl.language.separators import Stream
from misydsl.language.tables import tables
from misydsl.language.tokens import Tokens

SCRIPT_MARK: Final = "#!"
_BETWEEN: Final = frozenset({"WHITESPACE", "COMMA", "NEWLINE", "COMMENT", "DOC", "BOM"})


class Comment(NamedTuple):
    """A comment without what follows its last letter, and how it stands to what is before it."""

    text: str
    is_trailing: bool
    """On the line of the word before it."""
    is_apart: bool
    """An empty line is before it."""


@dataclass(slots=True)
class Words:
    """One file; every list has an entry for each word."""

    texts: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    terminals: list[int] = field(default_factory=list)
    """The position of its (first) terminal in the stream."""
    separated: set[int] = field(default_factory=set)
    """A separator stands before it."""
    comments: dict[int, list[Comment]] = field(default_factory=dict)
    apart: set[int] = field(default_factory=set)
    """An empty line is right before it."""
    broken: set[int] = field(default_factory=set)
    """A line break is somewhere between it and the word before."""
    script: str | None = None
    """`#!…`: the comment that the system reads at the very start of a file."""

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def has_edition(self) -> bool:
        """Whether the file starts with `misy 1`."""
        return self.kinds[:2] == ["MISY", "INT"]


def read_words(tokens: Tokens, stream: Stream) -> Words:
    """The words of a file; linear in its tokens."""
    words, gap = Words(), _Gap(tokens.source.text)
    separator, terminals = tables().terminal_of["SEP"], stream.terminals
    text, texts, between = tokens.source.text, words.texts, _BETWEEN
    position, depth, text_start = 0, 0, 0
    for kind, start, end in zip(tokens.kinds, tokens.starts, tokens.starts[1:], strict=False):
        if kind in between:
            if depth == 0 and kind != "WHITESPACE":
                gap.meet(kind, start, end)
            continue
        if depth:  # inside a text
            position += 1 + (terminals[position] == separator)
            depth += (kind == "TEXT_OPEN") - (kind == "TEXT_CLOSE")
            if depth == 0:
                texts.append(text[text_start:end])
            continue
        if gap.has_something:
            gap.settle(words)
        if terminals[position] == separator:
            words.separated.add(len(texts))
            position += 1
        words.terminals.append(position)
        words.kinds.append(kind)
        position += 1
        if kind == "TEXT_OPEN":
            depth, text_start = 1, start
        else:
            texts.append(text[start:end])
    gap.settle(words)
    words.script = gap.script
    return words


class _Gap:
    """What came since the last word."""

    __slots__ = ("breaks", "comments", "has_something", "is_broken", "is_start", "script", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.breaks, self.is_broken = 0, True  # a file starts like a line
        self.has_something, self.is_start = True, True
        self.comments: list[Comment] = []
        self.script: str | None = None

    def meet(self, kind: str, start: int, end: int) -> None:
        """A comma, line breaks or a comment."""
        if kind == "NEWLINE":
            self.breaks += self.text.count("\n", start, end)
            self.is_broken = self.has_something = True
        elif kind in {"COMMENT", "DOC"}:
            self.meet_comment(self.text[start:end].rstrip())

    def meet_comment(self, comment: str) -> None:
        """A comment: on the line of a word, or on its own."""
        if self.is_start and comment.startswith(SCRIPT_MARK):
            self.script = comment
        else:
            is_trailing = not self.is_broken and not self.comments
            self.comments.append(Comment(comment, is_trailing, self.breaks > 1))
            self.breaks, self.has_something = 0, True
        self.is_start = False

    def settle(self, words: Words) -> None:
        """Note it under the word that comes now."""
        number = len(words)
        if self.is_broken:
            words.broken.add(number)
        if self.breaks > 1:
            words.apart.add(number)
        if self.comments:
            words.comments[number] = self.comments
        self.breaks, self.is_broken, self.comments = 0, False, []
        self.has_something = self.is_start = False
