"""After a terminal that was not expected: say why once, and go on so that the rest keeps its meaning.

In: a `Driver` that stopped. Out: its stacks and place changed so that it can go on, and at most one
diagnostic. First the mistakes people make are tried, each mended as it was meant; then whatever small
insertion lets the text go on; last, everything up to the next item is set aside as a `BrokenItem`.
Every recovery takes a terminal or makes the next one acceptable, so a file always comes to its end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.similar import similar
from misydsl.language import wording_parse as wording
from misydsl.language.drive import Driver
from misydsl.language.separators import CLOSERS, OPENERS
from misydsl.language.tokens import KEYWORD_KINDS, NAME_KINDS, NUMBERS, RESERVED
from misydsl.language.wording_text import UNITS
from misydsl.source import Span

# What may be missing, in the order it is tried: the terminals to add and what to say.
MISSING: Final[tuple[tuple[tuple[str, ...], wording.Missing], ...]] = (
    (("COLON",), wording.colon_missing),
    (("ASSIGN",), wording.assign_missing),
    (("IN",), wording.in_missing),
    (("UP", "TO"), wording.up_to_missing),
    (("TO",), wording.up_to_missing),
    (("COLON", "ERROR"), wording.typed_value_missing),
    (("ASSIGN", "ERROR"), wording.assigned_value_missing),
    (("LPAR", "RPAR"), wording.parentheses_missing),
    (("LPAR", "RPAR", "LBRACE", "ERROR", "RBRACE"), wording.block_missing),
    (("LBRACE", "ERROR", "RBRACE"), wording.block_missing),
    (("THEN", "ERROR", "ELSE", "ERROR"), wording.then_missing),
    (("ELSE", "ERROR"), wording.else_missing),
    (("IN", "ERROR"), wording.in_missing),
    (("IN", "ERROR", "LBRACE", "ERROR", "RBRACE"), wording.in_missing),
    (("ERROR", "LBRACE", "ERROR", "RBRACE"), wording.value_and_block_missing),
    (("STRING",), wording.text_missing),
    (("FROM", "STRING"), wording.from_missing),
)
LIMIT: Final = 50  # diagnostics of one pass that are kept; the rest is counted
HEADS: Final = frozenset({"PIPELINE", "AGENT", "PROMPT", "TYPE", "STEP", "LET", "IMPORT"})


class Recovery:
    """The mistakes of one file."""

    def __init__(self, driver: Driver, told: Iterable[Diagnostic]) -> None:
        self.driver, self.stream = driver, driver.stream
        self.source = driver.stream.source
        self.number = driver.tables.terminal_of
        self.kinds = (*driver.tables.terminals, "STOP")
        self.text_end = len(self.source.text.rstrip())
        self.count = 0
        self.problems: list[Diagnostic] = []
        self.told_lines = {self.line_of(problem.span.start) for problem in told}
        self.mistakes: tuple[Callable[[], bool], ...] = (
            self.python_block,
            self.equals_sign,
            self.brace_below,
            self.unit_apart,
            self.block_taken_for_value,
            self.name_missing,
            self.reserved_name,
            self.misspelt_word,
            self.value_missing,
            self.separator_missing,
            self.something_missing,
        )

    def recover(self) -> None:
        """Change the driver so that it can go on."""
        for mistake in self.mistakes:
            if mistake():
                return
        self.set_aside(self.words_here(wording.unexpected))

    # -------------------------------------------------------------- the text around

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
        is_heard = len(self.problems) < LIMIT
        if self.kind() == "SEP" and "," in self.written():
            shown = ","
        else:
            shown = self.written()
        return wording.Situation(
            self.source,
            self.place(),
            self.kind(),
            shown,
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

    def take_as(self, kind: str) -> None:
        """Take the next terminal as one of another kind."""
        self.driver.shift(self.number[kind], *self.place())
        self.driver.index += 1

    # -------------------------------------------------------------- mistakes people make

    def equals_sign(self) -> bool:
        """`timeout = 3s`, and `when a = b`."""
        if self.kind() != "ASSIGN":
            return False
        for meant, words in (("COLON", wording.colon_meant), ("EQ", wording.equality_meant)):
            if self.accepts(meant):
                self.say(words(self.source, self.place(), self.written(-1)))
                self.take_as(meant)
                return True
        return False

    def python_block(self) -> bool:
        """`pipeline p():` or `step s:` with its body indented below."""
        if self.kind() == "COLON" and self.is_line_end(0) and self.accepts("LBRACE"):
            name = (self.unfinished() or self.written(-1)).rpartition(" ")[2]
            problem = wording.python_block(self.source, self.place(), name)
            if self.kind(1) != "LBRACE":
                self.skip_indented(0)
                self.set_aside(problem)
                return True
            self.say(problem)
            self.driver.index += 1
            return True
        return self.python_step()

    def python_step(self) -> bool:
        """`step s:`, whose body was taken for the step's type."""
        for ahead in (-1, -2, -3):
            if self.kind(ahead) == "COLON" and self.kind(ahead - 2) == "STEP":
                break
        else:
            return False
        if not self.is_line_end(ahead):
            return False
        problem = wording.python_block(self.source, self.place(ahead), self.written(ahead - 1))
        if self.kind(ahead + 1) == "LBRACE":
            self.say(problem)
            self.rewind_to(ahead, 1)
        else:
            self.skip_indented(ahead)
            self.set_aside(problem)
        return True

    def rewind_to(self, ahead: int, skipped: int) -> None:
        """Forget the terminal `ahead` and what follows it; read on `skipped` places after it."""
        place = self.driver.index + ahead
        height = next(
            height
            for height in range(len(self.driver.states) - 1, 0, -1)
            if self.driver.firsts[height] <= place
        )
        self.driver.cut(height)
        self.driver.index = place + skipped

    def block_taken_for_value(self) -> bool:
        """`step s when { call … }`: the block stands where a value is missing."""
        for height in range(len(self.driver.states) - 1, max(len(self.driver.states) - 8, 0), -1):
            if self.terminal_at(height) == "LBRACE":
                break
        else:
            return False
        place = self.driver.firsts[height]
        before = self.kinds[self.stream.terminals[place - 1]] if place else ""
        numbers = [self.number["ERROR"], self.number["LBRACE"]]
        if before not in {"WHEN", "IN", "TO"} or not self.driver.accepts(numbers, height):
            return False
        self.rewind_to(place - self.driver.index, 0)
        self.say(wording.value_missing(self.situation()))
        self.add("ERROR")
        return True

    def terminal_at(self, height: int) -> str | None:
        """The kind of a terminal on the stack; None where something larger stands."""
        value = self.driver.values[height]
        if isinstance(value, int) and value == self.driver.firsts[height]:
            return self.kinds[self.stream.terminals[value]]
        return None

    def is_line_end(self, ahead: int) -> bool:
        """Whether the terminal `ahead` is the last of its line, a `{` after it not counted."""
        following = ahead + (2 if self.kind(ahead + 1) == "LBRACE" else 1)
        between = self.source.text[self.place(ahead).end : self.place(following).start]
        return "\n" in between or self.kind(following) in {"$END", "SEP"}

    def skip_indented(self, ahead: int) -> None:
        """Pass over the lines that are indented further than the line of a terminal."""
        text, driver = self.source.text, self.driver
        head = self.indent_at(self.place(ahead).start)
        terminals, starts = self.stream.terminals, self.stream.starts
        separator, end = self.number["SEP"], self.number["$END"]
        while terminals[driver.index] != end:
            following = driver.index + 1
            if terminals[driver.index] == separator and "\n" in text[starts[driver.index] : starts[following]]:
                if self.indent_at(starts[following]) <= head:
                    return
            elif self.kind() in CLOSERS and self.indent_at(starts[driver.index]) <= head:
                return
            driver.index += 1

    def indent_at(self, offset: int) -> int:
        """How far the line of an offset is indented."""
        line = self.source.line_text(self.line_of(offset))
        return len(line) - len(line.lstrip(" \t"))

    def brace_below(self) -> bool:
        """A `{` on a line of its own."""
        if self.kind() == "SEP" and self.kind(1) == "LBRACE" and self.accepts("LBRACE"):
            end = self.stream.ends[self.driver.index - 1]
            self.say(wording.brace_below(self.source, Span(end, end), self.place(1)))
            self.driver.index += 1
            return True
        if self.kind() == "LBRACE" and self.kind(-1) == "SEP" and not self.accepts("ERROR", "LBRACE"):
            self.set_aside(wording.brace_apart(self.source, self.place()))
            return True
        return False

    def unit_apart(self) -> bool:
        """`30 s`: a number and its unit with a space between."""
        unit = UNITS.get(self.written(), self.written())
        if self.kind() != "NAME" or self.kind(-1) not in NUMBERS or unit not in UNITS.values():
            return False
        span = Span(self.place(-1).start, self.place().end)
        self.say(wording.unit_apart(self.source, span, self.written(-1) + unit))
        self.driver.index += 1
        return True

    def reserved_name(self) -> bool:
        """One of the eleven reserved words where a name belongs."""
        if self.written() not in RESERVED or not self.accepts("NAME", self.kind(1)):
            return False
        self.say(wording.reserved(self.source, self.place(), self.written()))
        self.take_as("NAME")
        return True

    def name_missing(self) -> bool:
        """`step { … }`, `pipeline () { … }`: a name is needed, and something else stands there."""
        needs_name = {"STEP", "PIPELINE", "AGENT", "PROMPT", "TYPE", "LET"}
        if self.kind(-1) not in needs_name or self.kind() in NAME_KINDS or not self.accepts("NAME"):
            return False
        if self.written() in RESERVED or self.kind() in {"COLON", "ASSIGN"}:
            return False
        self.set_aside(wording.unexpected(self.situation()))
        return True

    def misspelt_word(self) -> bool:
        """`pipelin p() {` and `stpe s {`: a keyword that is not quite one."""
        for ahead in (0, -1):
            if self.kind(ahead) != "NAME":
                continue
            fitting = self.words_fitting(ahead)
            meant = similar(self.written(ahead), fitting)
            if meant is None:
                continue
            self.say(wording.misspelt(self.source, self.place(ahead), self.written(ahead), meant))
            if ahead < 0:
                self.driver.cut(len(self.driver.states) - 1)
                self.driver.index -= 1
            self.take_as(KEYWORD_KINDS[meant])
            return True
        return False

    def words_fitting(self, ahead: int) -> list[str]:
        """The keywords that could stand at a place, given what follows it."""
        driver = self.driver
        if ahead < 0 and driver.firsts[-1] != driver.index - 1:
            return []
        height = len(driver.states) + ahead
        number, following = self.number, self.number[self.kind(ahead + 1)]
        return [
            word
            for word, kind in KEYWORD_KINDS.items()
            if driver.accepts([number[kind], following], height)
        ]

    def value_missing(self) -> bool:
        """An operator, a `:` or a `=` with nothing after it."""
        kind = self.kind()
        stands = kind in {"SEP", "$END", "THEN", "ELSE", "LBRACE"} or kind in CLOSERS
        if not stands or self.kind(-1) in {"SEP", ""} or not self.accepts("ERROR", kind):
            return False
        self.say(self.words_here(wording.value_missing))
        self.add("ERROR")
        return True

    def separator_missing(self) -> bool:
        """Two items side by side."""
        kind = self.kind()
        if not self.accepts("SEP", kind):
            return False
        following = self.kind(1)
        if following != "$END" and not self.accepts("SEP", kind, following):
            return False
        self.say(wording.separator_missing(self.situation()))
        self.add("SEP")
        return True

    def something_missing(self) -> bool:
        """Whatever small thing lets the text go on from here."""
        is_repeat = self.kind(-1) in {"REPEAT", "UP"}
        for kinds, words in MISSING:
            if "TO" in kinds and not is_repeat:  # elsewhere it would be taken for a name
                continue
            if self.accepts(*kinds, self.kind()):
                self.say(self.words_here(words))
                self.add(*kinds)
                return True
        return False

    # -------------------------------------------------------------- the last resort

    def set_aside(self, problem: Diagnostic) -> None:
        """Pass over what cannot be read, up to where the file can go on."""
        self.say(problem)
        driver, terminals = self.driver, self.stream.terminals
        start = driver.index
        end_of_file = self.number["$END"]
        openers = {self.number[kind] for kind in (*OPENERS, "TEXT_OPEN")}
        closers = {self.number[kind] for kind in (*CLOSERS, "TEXT_CLOSE")}
        stops = {self.number[kind] for kind in (*CLOSERS, "SEP", "$END")}
        depth = 0
        while True:
            terminal = terminals[driver.index]
            if depth == 0 and self.can_go_on(terminal, start, is_stop=terminal in stops):
                return
            if terminal == end_of_file:
                self.give_up()
                return
            if terminal in openers:
                depth += 1
            elif depth and terminal in closers:
                depth -= 1
            driver.index += 1

    def can_go_on(self, terminal: int, start: int, *, is_stop: bool) -> bool:
        """Whether the file can go on with the terminal here, the unreadable set aside."""
        driver, is_brace = self.driver, self.kind() == "LBRACE"
        if not is_stop and not is_brace:
            return False
        if driver.accepts([terminal]):
            return True
        error = self.number["ERROR"]
        for height in self.heights_inside():
            if is_brace and driver.accepts([terminal], height):
                driver.cut(height)
                return True
            if is_stop and driver.accepts([error, terminal], height):
                if self.is_indented_rest(height, start):
                    return False
                last = max(driver.index - 1, 0)
                first = driver.firsts[height] if height < len(driver.firsts) else start
                driver.cut(height)
                begins = self.stream.starts[first]
                driver.shift(error, begins, max(self.stream.ends[last], begins))
                return True
        return False

    def is_indented_rest(self, height: int, start: int) -> bool:
        """Whether the line after this one still belongs to a declaration that cannot be read."""
        driver = self.driver
        numbers = [self.number[kind] for kind in ("ERROR", "SEP", "IMPORT", "LBRACE")]
        if self.kind() != "SEP" or not driver.accepts(numbers, height):
            return False
        first = driver.firsts[height] if height < len(driver.firsts) else start
        following = self.stream.starts[driver.index + 1]
        if self.line_of(following) == self.line_of(self.stream.starts[first]):
            return False
        return self.indent_at(following) > self.indent_at(self.stream.starts[first])

    def heights_inside(self) -> Iterator[int]:
        """Where the stacks may be cut without cutting through brackets, from the top."""
        depth = 0
        for height in range(len(self.driver.states), 0, -1):
            if height < len(self.driver.states):
                kind = self.terminal_at(height)
                if kind in CLOSERS or kind == "TEXT_CLOSE":
                    depth += 1
                elif kind in OPENERS or kind == "TEXT_OPEN":
                    if depth == 0:
                        return
                    depth -= 1
            if depth == 0:
                yield height

    def give_up(self) -> None:
        """Nothing fits before the end of the file: keep the declarations that were read."""
        driver = self.driver
        for height in range(len(driver.states), 0, -1):
            for kinds in (("$END",), ("ERROR", "$END"), ("SEP", "ERROR", "$END")):
                numbers = [self.number[kind] for kind in kinds]
                if driver.accepts(numbers, height):
                    driver.cut(height)
                    for number in numbers[:-1]:
                        end = self.stream.ends[driver.index]
                        driver.shift(number, end, end)
                    return
        raise AssertionError("a file may always be one that could not be read")
