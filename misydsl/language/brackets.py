"""Brackets that do not match: which one is wrong, told by indentation, and the pieces mended.

In: pieces. Out: pieces whose brackets match and nest at most 64 deep, and one diagnostic for each
bracket that was wrong, so that one missing brace never hides the rest of a file. A file whose brackets
match is not looked at twice. Indentation only speaks when brackets do not match, and a declaration at
the start of a line ends whatever is still open.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from misydsl.diagnostics import Diagnostic
from misydsl.language import wording_text as wording
from misydsl.language.separators import CLOSERS, OPENERS, Pieces
from misydsl.language.tokens import CLOSER_OF, TRIVIA
from misydsl.source import Source, Span

DEPTH_LIMIT: Final = 64  # language: brackets in brackets; later passes recurse over them safely
OPENER_OF: Final = {CLOSER_OF[kind]: kind for kind in OPENERS}
DECLARATIONS: Final = frozenset({"PIPELINE", "AGENT", "PROMPT", "TYPE", "IMPORT"})
NO_PAIR: Final = (sys.maxsize, sys.maxsize)
HEADERS: Final = frozenset({"STEP", "PIPELINE", "AGENT", "FALLBACK", "UNDO", "ON", "ELSE"})


def are_sound(pieces: Pieces) -> bool:
    """Whether the brackets match and are not nested too deeply."""
    waiting: list[str] = []
    openers, closers = CLOSER_OF, CLOSERS
    for kind in pieces.kinds:
        if kind in OPENERS:
            waiting.append(openers[kind])
            if len(waiting) > DEPTH_LIMIT:
                return False
        elif kind in closers and (not waiting or waiting.pop() != kind):
            return False
    return not waiting


@dataclass(frozen=True, slots=True)
class Line:
    """The first piece of a line: how far it is indented and which piece of sense came before it."""

    piece: int
    indent: int
    before: int


@dataclass(slots=True)
class Opener:
    """A bracket waiting for its closer; `inner` are the pairs closed right inside it, in order."""

    piece: int
    kind: str
    line: int
    inner: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Mending:
    """One file's brackets; `edits` are what to leave out and what to put in."""

    source: Source
    pieces: Pieces
    lines: list[Line]
    problems: list[Diagnostic] = field(default_factory=list)
    waiting: list[Opener] = field(default_factory=list)
    removed: set[int] = field(default_factory=set)
    added: dict[int, list[str]] = field(default_factory=dict)
    """Kinds to add after a piece."""
    hidden: dict[int, int] = field(default_factory=dict)
    """Ranges of pieces too deep to be read: from one up to, not including, another."""
    balance: dict[str, int] = field(default_factory=dict)
    """By opener: how many more openers than closers the declaration at hand has."""
    line: int = 0
    start: int = 0
    """Where the declaration at hand begins."""
    last: int = 0
    unfinished: list[Diagnostic] = field(default_factory=list)
    """About brackets that are still open where the file ends."""

    def run(self) -> None:
        """Go through the file declaration by declaration."""
        bounds, self.last = self.declaration_starts(), self.before(len(self.pieces.kinds))
        for start, end in zip(bounds, [*bounds[1:], len(self.pieces.kinds)], strict=True):
            self.mend_declaration(start, end)

    def declaration_starts(self) -> list[int]:
        """The first piece of each declaration, where the word before a name tells it for certain."""
        kinds, found = self.pieces.kinds, [0]
        for line in self.lines:
            if kinds[line.piece] in DECLARATIONS and line.piece > 0:
                following = next(
                    (kind for kind in kinds[line.piece + 1 : line.piece + 3] if kind not in TRIVIA),
                    None,
                )
                if following in {"NAME", "LBRACE"}:
                    found.append(line.piece)
        return found

    def mend_declaration(self, start: int, end: int) -> None:
        """Match the brackets of one declaration."""
        kinds, self.start = self.pieces.kinds, start
        self.balance = {
            opener: kinds[start:end].count(opener) - kinds[start:end].count(closer)
            for closer, opener in OPENER_OF.items()
        }
        piece = start
        while piece < end:
            while self.line + 1 < len(self.lines) and self.lines[self.line + 1].piece <= piece:
                self.line += 1
            kind = kinds[piece]
            if kind in OPENERS:
                self.waiting.append(Opener(piece, kind, self.line))
                if len(self.waiting) > DEPTH_LIMIT:
                    piece = self.hide(piece, end)
                    continue
            elif kind in CLOSERS:
                self.close(piece, kind)
            piece += 1
        self.leave_open(0, self.before(end))

    def before(self, piece: int) -> int:
        """The last piece of sense before a place."""
        piece -= 1
        while piece > 0 and (self.pieces.kinds[piece] in TRIVIA):
            piece -= 1
        return piece

    def close(self, piece: int, kind: str) -> None:
        """Match one closer: take its opener, or leave it out."""
        opener = OPENER_OF[kind]
        matching = self.find_opener(piece, opener)
        if matching is not None:
            self.leave_open(matching + 1, self.before(piece))
            self.pair(self.waiting.pop().piece, piece)
            return
        self.balance[opener] += 1
        if self.closes_wrongly():
            wrong = self.waiting.pop()
            self.balance[wrong.kind] -= 1
            self.removed.add(piece)
            self.added.setdefault(piece, []).append(CLOSER_OF[wrong.kind])
            shown = BRACKET_TEXT[wrong.kind], BRACKET_TEXT[CLOSER_OF[wrong.kind]]
            self.problems.append(wording.bracket_wrong(self.source, self.span(piece), *shown))
            self.pair(wrong.piece, piece)
            return
        self.removed.add(piece)
        header = _header_without_brace(self, piece) if kind == "RBRACE" else None
        if header is not None:
            self.removed.discard(piece)
            self.pair(header, piece)
            self.added.setdefault(header, []).append("LBRACE")
            end = self.pieces.ends[header]
            self.problems.append(wording.brace_missing(self.source, Span(end, end)))
            return
        self.problems.append(wording.bracket_stray(self.source, self.span(piece)))

    def pair(self, opener: int, closer: int) -> None:
        """Remember a pair that was closed inside the innermost opener."""
        if self.waiting:
            inner = self.waiting[-1].inner
            while inner and inner[-1][0] > opener:  # a `{` that was added around earlier pairs
                del inner[-1]
            inner.append((opener, closer))

    def find_opener(self, piece: int, kind: str) -> int | None:
        """Which waiting opener a closer belongs to: the one as far indented, else the nearest."""
        inner = len(self.waiting)
        while inner and self.waiting[inner - 1].kind != "INTERPOLATION_OPEN":
            inner -= 1
        if kind == "INTERPOLATION_OPEN":
            return inner - 1 if inner else None
        fitting = [
            index for index in range(inner, len(self.waiting)) if self.waiting[index].kind == kind
        ]
        if not fitting:
            return None
        nearest = self.waiting[fitting[-1]]
        line = self.lines[self.line]
        is_surplus = self.balance[kind] < 0
        if line.piece != piece:
            is_far = fitting[-1] != len(self.waiting) - 1 and nearest.line != self.line
            return None if is_far and is_surplus else fitting[-1]
        for index in reversed(fitting):
            if self.lines[self.waiting[index].line].indent == line.indent:
                return index
        is_deeper = line.indent > self.lines[nearest.line].indent
        return None if is_deeper and is_surplus else fitting[-1]

    def closes_wrongly(self) -> bool:
        """Whether a closer stands, on the same line, where one of another shape is missing."""
        if not self.waiting or self.waiting[-1].kind == "INTERPOLATION_OPEN":
            return False
        opener = self.waiting[-1]
        return opener.line == self.line and self.balance[opener.kind] > 0

    def leave_open(self, height: int, last: int) -> None:
        """Close what still waits above `height`, each where its indentation ends, `last` at most."""
        told = -1
        left, self.waiting[height:] = self.waiting[height:], []
        for opener in left:
            if opener.line != told:
                problem = wording.bracket_unclosed(self.source, self.span(opener.piece))
                (self.problems if last < self.last else self.unfinished).append(problem)
            told = opener.line
        while left:
            opener = left.pop()
            point = self.end_by_indent(opener, last)
            self.added.setdefault(point, []).append(CLOSER_OF[opener.kind])
            self.balance[opener.kind] -= 1
            around = left or self.waiting
            if around:
                around[-1].inner.append((opener.piece, point))

    def end_by_indent(self, opener: Opener, last: int) -> int:
        """The last piece before the first line that is indented no further than the opener's."""
        indent = self.lines[opener.line].indent
        pairs = iter(opener.inner)
        start, end = next(pairs, NO_PAIR)
        for index in range(opener.line + 1, len(self.lines)):
            line = self.lines[index]
            if line.piece > last:
                break
            while end <= line.before:
                start, end = next(pairs, NO_PAIR)
            if line.indent <= indent and opener.piece <= line.before < start:
                return line.before
        return max(last, opener.piece)

    def hide(self, piece: int, end: int) -> int:
        """Pass over what is inside a bracket that is too deep; answers where to go on."""
        span = self.span(piece)
        self.problems.append(wording.too_deep_brackets(self.source, span, DEPTH_LIMIT))
        kinds, depth, marks, at = self.pieces.kinds, 1, [0], piece + 1
        while at < end:
            kind = kinds[at]
            if kind in OPENERS:
                depth += 1
                if kind == "INTERPOLATION_OPEN":
                    marks.append(depth - 1)
            elif kind == "INTERPOLATION_CLOSE":
                depth = marks.pop()
            elif kind in CLOSERS:
                depth -= 1
            if depth <= 0:
                break
            at += 1
        self.hidden[piece + 1] = at
        opener = self.waiting.pop()
        self.pair(opener.piece, at)
        if at < end and kinds[at] == CLOSER_OF[opener.kind]:
            return at + 1
        self.added.setdefault(at - 1, []).append(CLOSER_OF[opener.kind])
        return at

    def span(self, piece: int) -> Span:
        """Where a piece stands."""
        return Span(self.pieces.starts[piece], self.pieces.ends[piece])


BRACKET_TEXT: Final = {
    "LBRACE": "{", "RBRACE": "}", "LPAR": "(", "RPAR": ")", "LSQB": "[", "RSQB": "]",
    "INTERPOLATION_OPEN": "${", "INTERPOLATION_CLOSE": "}",
}  # fmt: skip


class Mended(NamedTuple):
    """Pieces with matching brackets, what was wrong, and what is only open because the file ends."""

    pieces: Pieces
    problems: list[Diagnostic]
    unfinished: list[Diagnostic]


def mend(source: Source, pieces: Pieces) -> Mended:
    """The pieces with matching brackets, and what was wrong."""
    mending = Mending(source, pieces, _lines(source, pieces))
    mending.run()
    edited = _edited(mending)
    if not are_sound(edited):  # a tangle whose indentation says nothing: plain nesting decides
        edited = _matched(edited)
    return Mended(edited, mending.problems, mending.unfinished)


def _matched(pieces: Pieces) -> Pieces:
    """The pieces with what waits closed at the first closer further out, and strays left out."""
    matched = Pieces([], [], [])
    waiting: list[str] = []

    def put(kind: str, start: int, end: int) -> None:
        matched.kinds.append(kind)
        matched.starts.append(start)
        matched.ends.append(end)

    for kind, start, end in zip(*pieces, strict=True):
        if kind in CLOSERS:
            if kind not in waiting:
                continue
            while waiting[-1] != kind:
                put(waiting.pop(), start, start)
            waiting.pop()
        elif kind in OPENERS:
            waiting.append(CLOSER_OF[kind])
        put(kind, start, end)
    last = matched.ends[-1] if matched.ends else 0
    while waiting:
        put(waiting.pop(), last, last)
    return matched


def _lines(source: Source, pieces: Pieces) -> list[Line]:
    """The first piece of sense of each line that has one; never empty."""
    lines: list[Line] = []
    is_fresh, indent, before = True, 0, 0
    for piece, kind in enumerate(pieces.kinds):
        if kind == "NEWLINE":
            is_fresh = True
            written = source.text[pieces.starts[piece] : pieces.ends[piece]]
            indent = len(written) - written.rfind("\n") - 1
        elif kind == "WHITESPACE" and not lines:
            indent = pieces.ends[piece] - pieces.starts[piece]
        elif kind not in TRIVIA:
            if is_fresh:
                lines.append(Line(piece, indent, before))
            is_fresh, before = False, piece
    return lines or [Line(0, 0, 0)]


def _header_without_brace(mending: Mending, piece: int) -> int | None:
    """The last piece of a header line above, as far indented as this closer, with no `{`."""
    line = mending.lines[mending.line]
    if line.piece != piece:
        return None
    for index in range(mending.line - 1, max(mending.line - 200, -1), -1):
        above = mending.lines[index]
        if above.indent < line.indent or above.piece < mending.start:
            return None
        if above.indent == line.indent:
            end = mending.lines[index + 1].before
            return end if _is_bare_header(mending, above.piece, end, piece) else None
    return None


def _is_bare_header(mending: Mending, start: int, end: int, closer: int) -> bool:
    """Whether a line from `start` to `end` could have the `{` that `closer` closes."""
    kinds = mending.pieces.kinds
    if kinds[start] not in HEADERS or kinds[end] in OPENERS:
        return False
    if mending.waiting and mending.waiting[-1].piece > end:
        return False
    return are_sound(Pieces(kinds[end + 1 : closer], [], []))


def _edited(mending: Mending) -> Pieces:
    """The pieces after all edits; what is added has no width."""
    kinds, starts, ends = mending.pieces
    edited = Pieces([], [], [])

    def put(kind: str, start: int, end: int) -> None:
        edited.kinds.append(kind)
        edited.starts.append(start)
        edited.ends.append(end)

    piece = 0
    while piece < len(kinds):
        until = mending.hidden.get(piece)
        if until is not None and until > piece:
            put("ERROR", starts[piece], ends[until - 1])
            piece = until - 1
        elif piece not in mending.removed:
            put(kinds[piece], starts[piece], ends[piece])
        for kind in mending.added.get(piece, ()):
            put(kind, ends[piece], ends[piece])
        piece += 1
    return edited
