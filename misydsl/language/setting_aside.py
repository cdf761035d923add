"""The last resort: what cannot be read is set aside, and the file goes on after it.

In: a `Standstill` and what to say. Out: the parser stands at the next separator, closer or `{` that
fits; what was passed over is one `BrokenItem`. Brackets are never cut in two, so the blocks around stay
whole, and lines indented under a declaration that cannot be read go with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from misydsl.diagnostics import Diagnostic
from misydsl.language.separators import CLOSERS, OPENERS
from misydsl.language.standstill import Standstill


def set_aside(at: Standstill, problem: Diagnostic) -> None:
    """Say what cannot be read and pass over it."""
    at.say(problem)
    pass_over(at)


def pass_over(at: Standstill) -> None:
    """Go to where the file can go on."""
    driver, terminals = at.driver, at.stream.terminals
    start = driver.index
    end_of_file, separator = at.number["$END"], at.number["SEP"]
    openers, closers, text_close = at.openers, at.closers, at.number["TEXT_CLOSE"]
    depth = 0
    while True:
        terminal = terminals[driver.index]
        is_closer = terminal in closers and terminal != text_close
        is_stop = is_closer or terminal in {separator, end_of_file}
        if depth == 0 and can_go_on(at, terminal, start, is_stop=is_stop):
            return
        if terminal == end_of_file:
            give_up(at)
            return
        if terminal in openers:
            depth += 1
        elif depth and terminal in closers:
            depth -= 1
        driver.index += 1


def can_go_on(at: Standstill, terminal: int, start: int, *, is_stop: bool) -> bool:
    """Whether the file can go on with the terminal here, the unreadable set aside."""
    driver, is_brace = at.driver, terminal == at.number["LBRACE"]
    if not is_stop and not is_brace:
        return False
    if driver.accepts([terminal]):
        return True
    error = at.number["ERROR"]
    for height in heights_inside(at):
        if is_brace and driver.accepts([terminal], height):
            driver.cut(height)
            return True
        if is_stop and driver.accepts([error, terminal], height):
            if is_indented_rest(at, height, start):
                return False
            last = max(driver.index - 1, 0)
            first = driver.firsts[height] if height < len(driver.firsts) else start
            driver.cut(height)
            begins = at.stream.starts[first]
            driver.shift(error, begins, max(at.stream.ends[last], begins))
            return True
    return False


def is_indented_rest(at: Standstill, height: int, start: int) -> bool:
    """Whether the line after this one still belongs to a declaration that cannot be read."""
    driver = at.driver
    numbers = [at.number[kind] for kind in ("ERROR", "SEP", "IMPORT", "LBRACE")]
    if at.kind() != "SEP" or not driver.accepts(numbers, height):
        return False
    first = driver.firsts[height] if height < len(driver.firsts) else start
    following = at.stream.starts[driver.index + 1]
    if at.line_of(following) == at.line_of(at.stream.starts[first]):
        return False
    return at.indent_at(following) > at.indent_at(at.stream.starts[first])


def heights_inside(at: Standstill) -> Iterator[int]:
    """Where the stacks may be cut without cutting through brackets, from the top."""
    depth = 0
    yield len(at.driver.states)
    for height in range(len(at.driver.states) - 1, 0, -1):
        kind = at.terminal_at(height)
        if kind in CLOSERS or kind == "TEXT_CLOSE":
            depth += 1
        elif kind in OPENERS or kind == "TEXT_OPEN":
            depth -= 1
        if depth < 0:
            return
        if depth == 0:
            yield height


def give_up(at: Standstill) -> None:
    """Nothing fits before the end of the file: keep the declarations that were read."""
    driver = at.driver
    endings = [
        [at.number[kind] for kind in kinds]
        for kinds in (("$END",), ("ERROR", "$END"), ("SEP", "ERROR", "$END"))
    ]
    height, ending = next(
        (height, ending)
        for height in range(len(driver.states), 0, -1)
        for ending in endings
        if driver.accepts(ending, height)  # at the latest where nothing was read yet
    )
    driver.cut(height)
    end = at.stream.ends[driver.index]
    for number in ending[:-1]:
        driver.shift(number, end, end)
