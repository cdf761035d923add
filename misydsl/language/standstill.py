"""Where the parser stopped: what stands there, what came before, what could come.

In: a `Driver` that stopped. Out: `Standstill`, the eyes and hands of recovery: it looks around in the
stream, says things once a line, takes terminals that are not there and forgets what was read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from misydsl.diagnostics import Diagnostic
from misydsl.language import wording_parse as wording
from misydsl.language.drive import Driver
from misydsl.language.separators import CLOSERS, OPENERS
from misydsl.language.tokens import NAME_KINDS
from misydsl.source import Span

LIMIT: Final = 50  # diagnostics of one pass that are kept; the rest is counted
HEADS: Final = frozenset({"PIPELINE", "AGENT", "PROMPT", "TYPE", "STEP", "LET", "IMPORT"})


class Standstill:
    """The place of one file where the parser stands."""

    def __init__(self, driver: Driver, told: Iterable[Diagnostic]) -> None:
        self.driver, self.stream = driver, driver.stream
        self.source = driver.stream.source
        self.number = driver.tables.terminal_of
        self.kinds = (*driver.tables.terminals, "STOP")
        self.openers = frozenset(self.number[kind] for kind in (*OPENERS, "TEXT_OPEN"))
        self.closers = frozenset(self.number[kind] for kind in (*CLOSERS, "TEXT_CLOSE"))
        self.text_end = len(self.source.text.rstrip())
        self.stops = 0
        """How often the parser had to be helped on."""
        self.count = 0
        self.problems: list[Diagnostic] = []
        self.told_lines = {self.line_of(problem.span.start) for problem in told}

    def kind(self, ahead: int = 0) -> str:
        """The kind of the terminal `ahead` places from here; `$END` past the end."""
        place = self.driver.index + ahead
        if not 0 <= place < len(self.stream.terminals):
            return "$END"
        return self.kinds[self.stream.terminals[place]]

    def place(self, ahead: int = 0) -> Span:
        """Where the terminal `ahead` places from here stands."""
        place = max(self.driver.index + ahead, 0)
        return Span(self.stream.starts[place], self.stream.ends[place])

    def written(self, ahead: int = 0) -> str:
        """The text of the terminal `ahead` places from here."""
        span = self.place(ahead)
        return self.source.text[span.start : span.end]

    def line_of(self, offset: int) -> int:
        """The line of an offset."""
        return self.source.position(offset).line

    def accepts(self, *kinds: str) -> bool:
        """Whether terminals of these kinds could come next."""
        return self.driver.accepts([self.number[kind] for kind in kinds])

    def situation(self) -> wording.Situation:
        """What the words about this place are made of; the least of it once enough was said."""
        is_told = self.line_of(self.place().start) in self.told_lines
        is_heard = len(self.problems) < LIMIT and not is_told
        has_comma = self.kind() == "SEP" and "," in self.written()
        return wording.Situation(
            self.source,
            self.place(),
            self.kind(),
            "," if has_comma else self.written(),
            self.kind(-1) if self.driver.index else "",
            self.written(-1) if self.driver.index else "",
            self.place(-1) if self.driver.index else Span(0, 0),
            frozenset(kind for kind in self.number if is_heard and self.accepts(kind)),
            self.unfinished() if is_heard else None,
        )

    def words_here(self, words: wording.Missing) -> Diagnostic:
        """What is said here; at the end of the file, that it ends in the middle of something."""
        situation = self.situation()
        at_end = situation.unfinished is not None and self.place().start >= self.text_end
        return wording.end_of_file(situation) if at_end else words(situation)

    def unfinished(self) -> str | None:
        """The declaration or step this place is in: `step draft`."""
        for place in range(self.driver.index - 1, max(self.driver.index - 400, -1), -1):
            if self.kinds[self.stream.terminals[place]] in HEADS:
                ahead = place - self.driver.index
                is_named = ahead + 1 < 0 and self.kind(ahead + 1) in NAME_KINDS
                return self.written(ahead) + (f" {self.written(ahead + 1)}" if is_named else "")
        return None

    @property
    def has_said_enough(self) -> bool:
        """Whether what is wrong from here on is only counted."""
        return self.count >= LIMIT

    def count_here(self) -> None:
        """Count what is wrong here, without any words for it."""
        line = self.line_of(self.place().start)
        self.count += line not in self.told_lines
        self.told_lines.add(line)

    def say(self, problem: Diagnostic) -> None:
        """Keep a diagnostic, unless its line has one already: they have one cause."""
        lines = {self.line_of(problem.span.start), self.line_of(self.place().start)}
        if not lines & self.told_lines:
            self.count += 1
            if self.count <= LIMIT:
                self.problems.append(problem)
        self.told_lines |= lines

    def add(self, *kinds: str) -> None:
        """Take terminals that are not in the text as if they stood before this place."""
        end = self.stream.ends[self.driver.last]
        for kind in kinds:
            self.driver.shift(self.number[kind], end, end)

    def add_here(self, *kinds: str) -> None:
        """Take terminals that are not in the text as if they stood right before the next one."""
        start = self.place().start
        for kind in kinds:
            self.driver.shift(self.number[kind], start, start)

    def take_as(self, kind: str) -> None:
        """Take the next terminal as one of another kind."""
        self.driver.shift(self.number[kind], *self.place())
        self.driver.index += 1

    def rewind_to(self, ahead: int, skipped: int) -> bool:
        """Forget the terminal `ahead` and what follows it; read on `skipped` places after it.

        Not possible (False) where what was added here begins something larger.
        """
        height = self.height_at(ahead)
        if height is None:
            return False
        self.driver.cut(height)
        self.driver.index += ahead + skipped
        return True

    def height_at(self, ahead: int) -> int | None:
        """How high the stacks were before the terminal `ahead` was read; None inside of something."""
        place = self.driver.index + ahead
        heights = range(len(self.driver.states) - 1, 0, -1)
        return next((one for one in heights if self.driver.firsts[one] == place), None)

    def terminal_at(self, height: int) -> str | None:
        """The kind of a terminal on the stack; None where something larger stands."""
        value = self.driver.values[height]
        if isinstance(value, int) and value == self.driver.firsts[height]:
            return self.kinds[self.stream.terminals[value]]
        return None

    def indent_at(self, offset: int) -> int:
        """How far the line of an offset is indented."""
        line = self.source.line_text(self.line_of(offset))
        return len(line) - len(line.lstrip(" \t"))
