"""From tokens to what the parser reads: trivia set aside, runs of commas and line breaks made one.

In: pieces (tokens, perhaps with brackets mended). Out: a `Stream` of terminals with their places and
the documentation that stands before them. A line break is no separator after an opener or operator,
nor before a closer, an operator or the words that continue a step; a comma too many is reported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from misydsl.diagnostics import Diagnostic
from misydsl.language import wording_text as wording
from misydsl.language.tables import Tables
from misydsl.language.tokens import NAME_KINDS, TRIVIA, Tokens
from misydsl.source import Source, Span

OPENERS: Final = frozenset({"LBRACE", "LPAR", "LSQB", "INTERPOLATION_OPEN"})
CLOSERS: Final = frozenset({"RBRACE", "RPAR", "RSQB", "INTERPOLATION_CLOSE"})
BINARY: Final = frozenset(
    {"EQ", "NE", "LT", "GT", "LE", "GE", "COALESCE", "PLUS", "STAR", "SLASH", "AND", "OR", "IN"}
    | {"DOT", "QDOT", "BAR", "THEN", "ELSE", "ARROW"}
)
CONTINUES_AFTER: Final = OPENERS | BINARY | {"MINUS", "NOT", "IF", "ASSIGN", "COLON"}
CONTINUES_BEFORE: Final = CLOSERS | BINARY | {"FOR"}
VALUE_STARTS: Final = NAME_KINDS | {
    "INT", "FLOAT", "DURATION", "SIZE", "PERCENT", "RATE", "STRING", "TEXT_OPEN", "TRUE", "FALSE",
    "NULL", "LPAR", "LSQB", "LBRACE", "NOT", "MINUS", "IF",
}  # fmt: skip
# A line that starts with one of these and a name is never the rest of a value on the line above.
BEGINS_ITEM: Final = frozenset(
    {"IMPORT", "TYPE", "LET", "AGENT", "PROMPT", "PIPELINE", "STEP", "CALL", "RETURN", "UNTIL"}
)
# These words may also be names, so a line break before them goes only when this follows them.
CONTINUES_BY_NEXT: Final = {
    "WHEN": VALUE_STARTS,
    "AFTER": NAME_KINDS,
    "REPEAT": NAME_KINDS | {"INT"},
    "NOT": frozenset({"IN"}),
}


class Pieces(NamedTuple):
    """Tokens as three parallel lists; kind `ERROR` stands for something that cannot be read."""

    kinds: list[str]
    starts: list[int]
    ends: list[int]


@dataclass(slots=True)
class Stream:
    """What the parser reads: terminal numbers with their places, `$END` last.

    `documentation` maps the position of a terminal to the `##` comments before it (start, end).
    """

    source: Source
    terminals: list[int]
    starts: list[int]
    ends: list[int]
    documentation: dict[int, list[Span]] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


def pieces_of(tokens: Tokens) -> Pieces:
    """The tokens as pieces, nothing mended."""
    return Pieces(tokens.kinds, tokens.starts[:-1], tokens.starts[1:])


class _Separating:
    """The state between two terminals: which separators came since the last one."""

    __slots__ = ("begins", "by_next", "commas", "previous", "separator", "stream", "undecided")

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.previous = "LBRACE"  # the start of a file is like the start of a block
        self.separator: Span | None = None
        self.commas: list[Span] = []
        self.undecided = -1
        self.by_next: frozenset[str] = frozenset()
        self.begins: Span | None = None

    def separate(self, kind: str) -> bool:
        """Whether a separator stands before a terminal of this kind; wrong commas are reported."""
        commas, previous = self.commas, self.previous
        if commas:
            self.commas = []
            allowed = 0 if previous in OPENERS else 1
            if len(commas) > allowed:
                source = self.stream.source
                self.stream.problems.append(wording.comma_too_many(source, commas[allowed]))
            return kind not in CLOSERS and previous not in OPENERS
        return previous not in CONTINUES_AFTER and kind not in CONTINUES_BEFORE

    def meet(self, kind: str, start: int, end: int, number: int) -> None:
        """A line break or a comma."""
        if self.separator is None:
            self.separator = Span(start, end)
        if kind == "COMMA":
            self.commas.append(Span(start, end))
        if self.undecided >= 0:
            self.decide("SEP", number)

    def pass_separator(self, kind: str, number: int) -> None:
        """Put a separator before a terminal, or not, or see what follows it."""
        stream, separator = self.stream, self.separator
        assert separator is not None
        self.separator, has_comma = None, bool(self.commas)
        if self.separate(kind):
            if kind in CONTINUES_BY_NEXT and not has_comma:
                self.undecided, self.by_next = len(stream.terminals), CONTINUES_BY_NEXT[kind]
            stream.terminals.append(number)
            stream.starts.append(separator.start)
            stream.ends.append(separator.end)
        elif kind in BEGINS_ITEM and self.previous not in OPENERS:
            self.undecided, self.begins = len(stream.terminals), separator

    def decide(self, kind: str, number: int) -> None:
        """Now that it is known what follows a word: is its line the rest of the line above?"""
        stream, at, begins = self.stream, self.undecided, self.begins
        self.undecided, self.begins = -1, None
        if begins is not None:
            if kind == "NAME":
                stream.terminals.insert(at, number)
                stream.starts.insert(at, begins.start)
                stream.ends.insert(at, begins.end)
        elif kind in self.by_next:
            del stream.terminals[at], stream.starts[at], stream.ends[at]


def separate(source: Source, pieces: Pieces, tables: Tables) -> Stream:
    """The stream of a file; linear in its tokens."""
    stream = Stream(source, [], [], [])
    terminals, starts, ends = stream.terminals, stream.starts, stream.ends
    number, trivia, separator = tables.terminal_of, TRIVIA, tables.terminal_of["SEP"]
    state = _Separating(stream)
    documents: list[Span] = []
    for kind, start, end in zip(*pieces, strict=True):
        if kind in trivia:
            if kind == "NEWLINE":
                state.meet(kind, start, end, separator)
            elif kind == "DOC":
                documents.append(Span(start, end))
            continue
        if kind == "COMMA":
            state.meet(kind, start, end, separator)
            continue
        if state.undecided >= 0:
            state.decide(kind, separator)
        if state.separator is not None:
            state.pass_separator(kind, separator)
        if documents:
            stream.documentation[len(terminals)] = documents
            documents = []
        state.previous = kind
        terminals.append(number[kind])
        starts.append(start)
        ends.append(end)
    _finish(state, tables)
    return stream


def _finish(state: _Separating, tables: Tables) -> None:
    """Close the stream; separators at the end of the file say nothing."""
    stream = state.stream
    state.separate("RBRACE")
    end = stream.ends[-1] if stream.ends else 0
    stream.terminals.append(tables.terminal_of["$END"])
    stream.starts.append(end)
    stream.ends.append(end)
