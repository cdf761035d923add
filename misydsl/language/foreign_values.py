"""Calls and values as other languages write them.

In: a `Standstill`. Out: whether `call a { … }`, `call a(…).text`, `fallback "x"`, `human.approve(…)`
without `call`, `0..3`, `if c { a } else { b }` or the like stood there; then it was told.
"""

from __future__ import annotations

from typing import Final

from misydsl.language import wording_foreign
from misydsl.language import wording_shapes as wording
from misydsl.language.foreign_calls import item_start
from misydsl.language.separators import CLOSERS, OPENERS
from misydsl.language.setting_aside import set_aside
from misydsl.language.standstill import Standstill
from misydsl.language.tokens import NAME_KINDS
from misydsl.source import Span

_KINDS_OF_TARGETS: Final = frozenset({"AGENT", "PIPELINE", "PROMPT", "STEP"})
_ENDS: Final = frozenset({"SEP", "RBRACE", "$END"})
_HEADER: Final = 50  # terminals of a condition
_FARTHEST: Final = 400  # terminals that are looked through after the place


def inputs_in_braces(at: Standstill) -> bool:
    """`call a { q: 1 }`."""
    if at.kind() != "LBRACE" or not at.accepts("LPAR", "RPAR") or at.accepts("LBRACE"):
        return False
    start = item_start(at, 0)
    if at.kind(start) != "CALL":
        return False
    end = _closer_of(at, 0)
    closer = at.place(end) if end is not None else None
    problem = wording.inputs_in_braces(at.source, at.place(), closer)
    at.rewind_to(start, 0)
    set_aside(at, problem)
    return True


def after_call(at: Standstill) -> bool:
    """`call a(…).text`, `call a(…) | f`, `call a(…) as x`."""
    signs = {"DOT", "QDOT", "BAR", "LSQB", "AS"}
    is_sign = at.kind() in signs or at.written() == "with"
    if not is_sign or at.kind(-1) != "RPAR" or at.kind(item_start(at, 0)) != "CALL":
        return False
    set_aside(at, wording.after_call(at.source, at.place()))
    return True


def kind_before_name(at: Standstill) -> bool:
    """`call agent writer(…)`."""
    if at.kind(-2) != "CALL" or at.kind(-1) not in _KINDS_OF_TARGETS or at.kind() != "NAME":
        return False
    word = Span(at.place(-1).start, at.place().start)
    at.say(wording.kind_before_name(at.source, word, at.written()))
    return at.rewind_to(-1, 1)


def human_without_call(at: Standstill) -> bool:
    """`step s { human.approve(…) }`."""
    if at.kind() != "DOT" or at.written(-1) != "human" or at.kind(1) not in NAME_KINDS:
        return False
    numbers = [at.number[kind] for kind in ("CALL", "NAME", "DOT")]
    if not at.driver.accepts(numbers, len(at.driver.states) - 1):
        return False
    name = f"human.{at.written(1)}"
    if not at.rewind_to(-1, 0):
        return False
    at.say(wording_foreign.call_missing(at.source, at.place(), name))
    at.add_here("CALL")
    return True


def fallback_value(at: Standstill) -> bool:
    """`fallback "x"`."""
    values = {"STRING", "INT", "FLOAT", "NULL", "TRUE", "FALSE", "TEXT_OPEN", "LSQB"}
    if at.kind(-1) != "FALLBACK" or at.kind() not in values:
        return False
    is_whole = at.kind() not in {"TEXT_OPEN", "LSQB"} and at.kind(1) in _ENDS
    value = at.place() if is_whole else None
    set_aside(at, wording.fallback_value(at.source, at.place(), value))
    return True


def stars_for_spread(at: Standstill) -> bool:
    """`call a(**inputs)`."""
    if at.kind() != "STAR" or not at.accepts("SPREAD", "NAME"):
        return False
    count = 2 if at.kind(1) == "STAR" else 1
    at.say(wording.spread(at.source, at.place().to(at.place(count - 1))))
    at.add_here("SPREAD")
    at.driver.index += count
    return True


def range_dots(at: Standstill) -> bool:
    """`0..3`."""
    if at.kind() != "DOT" or at.kind(-1) != "DOT" or at.kind(-2) != "INT" or at.kind(1) != "INT":
        return False
    span = Span(at.place(-2).start, at.place(1).end)
    at.say(wording.range_dots(at.source, span, at.written(-2), at.written(1)))
    if not at.rewind_to(-2, 0):
        return False
    at.add_here("ERROR")
    at.driver.index += 4
    return True


def choice_in_braces(at: Standstill) -> bool:
    """`if c { a } else { b }` where a value belongs."""
    if at.kind() != "LBRACE" or not at.accepts("THEN"):
        return False
    start = next((one for one in range(-1, -_HEADER, -1) if at.kind(one) == "IF"), None)
    then = _closer_of(at, 0)
    if start is None or then is None:
        return False
    has_else = at.kind(then + 1) == "ELSE" and at.kind(then + 2) == "LBRACE"
    end = (_closer_of(at, then + 2) if has_else else None) or then
    parts = None
    if end != then:
        parts = (
            _text(at, start + 1, -1),
            _text(at, 1, then - 1),
            _text(at, then + 3, end - 1),
        )
    problem = wording.choice_in_braces(at.source, at.place(start).to(at.place(end)), parts)
    if not at.rewind_to(start, 0):
        return False
    at.say(problem)
    at.add_here("ERROR")
    at.driver.index += end - start + 1
    return True


def edition_written(at: Standstill) -> bool:
    """`misy "1"`, `misy v1`."""
    if at.kind(-1) != "MISY" or at.written().strip('"').lstrip("v") not in {"1", "1.0"}:
        return False
    if not at.accepts("INT"):
        return False
    at.take_as("INT")  # that it is no edition is told where editions are read
    return True


def _text(at: Standstill, first: int, last: int) -> str:
    return at.source.text[at.place(first).start : at.place(last).end]


def _closer_of(at: Standstill, opener: int) -> int | None:
    """Where the bracket is closed that opens at a place."""
    depth = 0
    for ahead in range(opener, opener + _FARTHEST):
        kind = at.kind(ahead)
        if kind == "$END":
            return None
        depth += (kind in OPENERS) - (kind in CLOSERS)
        if depth == 0:
            return ahead
    return None
