"""Calls written as values, as where anything may wait for anything.

In: a `Standstill`. Out: whether `result: call a(…)`, `let x = call a(…)`, `x = await a(…)` or `x = a(…)`
stood there; then it was told, with the step that is meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from misydsl.language import wording_foreign as wording
from misydsl.language.separators import CLOSERS, OPENERS
from misydsl.language.setting_aside import set_aside
from misydsl.language.standstill import Standstill
from misydsl.language.tokens import NAME_KINDS
from misydsl.pipeline.settings import SETTINGS
from misydsl.source import Span

_WORDS: Final = frozenset({"call", "await"})
_SETTINGS: Final = frozenset(name for table in SETTINGS.values() for name in table)
_FARTHEST: Final = 400  # terminals that are looked through around the place


def call_as_value(at: Standstill) -> bool:
    """`result: call a(…)`, `let x = call a(…)`, `return call a(…)`: the parser stands after `call`."""
    if at.kind() not in NAME_KINDS or at.written(-1) not in _WORDS:
        return False
    if at.kind(-2) not in {"COLON", "ASSIGN", "RETURN"}:
        return False
    start, block = item_start(at, -1), _block_around(at, -1)
    is_let = at.kind(start) == "LET"
    if block == "STEP" and not is_let and at.kind(-2) != "ASSIGN":
        cut = Span(at.place(start).start, at.place(-1).start)
        if at.written(-1) == "call" and at.rewind_to(start, -1 - start):
            at.say(wording.call_with_name(at.source, cut))
            return True
    name = start + is_let
    if block is None or at.kind(-2) == "RETURN" or at.kind(name) not in NAME_KINDS:
        set_aside(at, wording.call_inside(at.source, at.place(-1).to(at.place())))
        return True
    _tell_step(at, start, name=name, callee=0)
    return True


def call_assigned(at: Standstill) -> bool:
    """`x = call a(…)`, `x = await a(…)`, `x = a(…)`: the parser stands at the `=`."""
    if at.kind() != "ASSIGN" or not at.accepts("COLON") or at.kind(-1) not in NAME_KINDS:
        return False
    has_word = at.written(1) in _WORDS and at.kind(2) in NAME_KINDS
    callee = 2 if has_word else 1
    if not has_word and (at.kind(1) != "NAME" or at.kind(2) != "LPAR"):
        return False
    if _block_around(at, 0) is None or (not has_word and at.written(-1) in _SETTINGS):
        return False
    _tell_step(at, -1, name=-1, callee=callee)
    return True


def end_of_call(at: Standstill, callee: int) -> int | None:
    """Where the `)` of a call stands that is all of its item."""
    opener = next((one for one in range(callee, callee + 4) if at.kind(one) == "LPAR"), None)
    if opener is None:
        return None
    depth = 0
    for ahead in range(opener, opener + _FARTHEST):
        kind = at.kind(ahead)
        depth += (kind in OPENERS) - (kind in CLOSERS)
        if kind == "$END":
            return None
        if depth == 0:
            return ahead if at.kind(ahead + 1) in {"SEP", "RBRACE"} else None
    return None


def item_start(at: Standstill, ahead: int) -> int:
    """Where the item begins that a place is in."""
    first = ahead
    for place in _back(at, ahead):
        if at.kind(place) == "SEP" or at.kind(place) in OPENERS:
            break
        first = place
    return first


def _tell_step(at: Standstill, start: int, *, name: int, callee: int) -> None:
    """Say which step is meant, and pass over what was written."""
    first = at.place(start)
    end = end_of_call(at, callee)
    whole = Span(first.start, at.place(callee).end if end is None else at.place(end).end)
    call = None
    if end is not None:
        call = at.source.text[at.place(callee).start : at.place(end).end]
    code = "E0113" if name == start and at.kind(name + 1) == "ASSIGN" else "E0100"
    problem = wording.call_as_value(at.source, whole, at.written(name), call, code=code)
    at.rewind_to(start, 0)
    set_aside(at, problem)


def _block_around(at: Standstill, ahead: int) -> str | None:
    """What the block begins with that a place stands right in: `STEP` or `PIPELINE`."""
    inside = _back(at, ahead)
    for place in inside:
        if at.kind(place) in OPENERS:
            if at.kind(place) != "LBRACE":
                return None
            return _head(at, place)
    return None


def _head(at: Standstill, brace: int) -> str | None:
    kind = at.kind(item_start(at, brace))
    return kind if kind in {"STEP", "PIPELINE"} else None


def _back(at: Standstill, ahead: int) -> Iterator[int]:
    """The places before one, from the last, what stands in closed brackets left out."""
    depth = 0
    least = max(-at.driver.index, ahead - _FARTHEST)
    for place in range(ahead - 1, least - 1, -1):
        kind = at.kind(place)
        if kind in CLOSERS:
            depth += 1
        elif depth and kind in OPENERS:
            depth -= 1
        elif not depth:
            yield place
