"""Closures for names and lets.

In: a reference. Out: code that reads its slot, as many frames up as its block is. A let is evaluated on
first use; long chains of lets are settled from the bottom, because evaluation must not depend on how
deep Python's stack is. An error of a let is remembered too, and raised wherever the let is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from misydsl.acceptance import Mismatch
from misydsl.expressions.blame import blame
from misydsl.expressions.compilation import Code, Compilation, entire
from misydsl.expressions.frames import UNSET, Frame, Let, Slot
from misydsl.expressions.free import free_names
from misydsl.expressions.limits import EvaluationError, EvaluatorMisused, metered
from misydsl.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from misydsl.expressions.nodes import Expression, Reference

    CodeOf = Callable[[Expression, Compilation], Code]

_DEEPEST_CHAIN: Final = (
    8  # lets that are evaluated inside each other; a level is a few Python frames
)


class _SlotUnset(EvaluatorMisused):
    """A name was read before its value was written."""


class _Failed:
    """What the slot of a let holds when it has no value."""

    __slots__ = ("error",)

    def __init__(self, error: EvaluationError) -> None:
        self.error = error


class _Running:
    """What the slot of a let holds while it is being evaluated."""


def reference_code(expression: Reference, compilation: Compilation) -> Code:
    """The code that reads a name."""
    name = expression.name
    place = compilation.names.find(name)
    if place is None:
        raise EvaluatorMisused(f"`{name}` is not declared")
    level, slot = place
    let = compilation.names.up(level).lets.get(slot)
    if let is not None:
        return _let_code(let, level, compilation.code_of)
    if level == 0:
        return _own(slot, name)
    return _parents(slot, name) if level == 1 else _ancestors(level, slot, name)


def own_slot(expression: Reference, compilation: Compilation) -> int | None:
    """The slot of a name of this very block, unless it is a let."""
    place = compilation.names.find(expression.name)
    if place is None or place[0] != 0 or place[1] in compilation.names.lets:
        return None
    return place[1]


def _own(slot: int, name: str) -> Code:
    def read(frame: Frame) -> Value:
        value: Slot = frame.values[slot]
        if value is UNSET:
            raise _unset(name)
        return value  # type: ignore[no-any-return]

    return read


def _parents(slot: int, name: str) -> Code:
    def read(frame: Frame) -> Value:
        value: Slot = frame.parent.values[slot]  # type: ignore[union-attr]
        if value is UNSET:
            raise _unset(name)
        return value  # type: ignore[no-any-return]

    return read


def _ancestors(level: int, slot: int, name: str) -> Code:
    def read(frame: Frame) -> Value:
        value: Slot = frame.up(level).values[slot]
        if value is UNSET:
            raise _unset(name)
        return value  # type: ignore[no-any-return]

    return read


def _unset(name: str) -> _SlotUnset:
    return _SlotUnset(f"`{name}` was read before it had a value")


def _let_code(let: Let, level: int, code_of: CodeOf) -> Code:
    slot = let.slot

    def read(frame: Frame) -> Value:
        owner = frame.up(level) if level else frame
        value: Slot = owner.values[slot]
        if value is UNSET:
            return _first_use(let, owner, code_of)
        if type(value) is _Failed:
            raise value.error
        if value is _Running:
            raise EvaluatorMisused("a let needs its own value")
        return value  # type: ignore[no-any-return]

    return read


def _first_use(let: Let, owner: Frame, code_of: CodeOf) -> Value:
    if (let.depth or _measured(let)) > _DEEPEST_CHAIN:
        _settle_below(let, owner, code_of)
    return _evaluated(let, owner, code_of)


def _evaluated(let: Let, owner: Frame, code_of: CodeOf) -> Value:
    if let.code is None:
        let.code = entire(let.expression, let.names, code_of)
    owner.values[let.slot] = _Running
    outcome: Slot = UNSET
    try:
        with metered(fresh=True):
            value = outcome = _typed(let, let.code(let.names.new_frame(owner)))
    except EvaluationError as error:
        outcome = _Failed(error.at(let.expression.span))
        raise outcome.error from None
    finally:
        owner.values[let.slot] = outcome
    return value


def _typed(let: Let, value: Value) -> Value:
    """The value as the let's declared type holds it."""
    if let.accept is None:
        return value
    try:
        return let.accept(value)
    except Mismatch as mismatch:
        words = f"`{let.name}`: {blame(let.expression, mismatch)}"
        raise EvaluationError("E0501", words, let.expression.span) from None


def _below(let: Let) -> list[tuple[int, Let]]:
    """The lets an expression names, each with how many blocks up it is."""
    found: list[tuple[int, Let]] = []
    for name in sorted(free_names(let.expression)):
        place = let.home.find(name)
        if place is not None:
            other = let.home.up(place[0]).lets.get(place[1])
            found += [(place[0], other)] if other is not None else []
    return found


def _measured(let: Let) -> int:
    """How long the longest chain of lets below this one is; without recursion."""
    open_lets: dict[Let, list[Let]] = {let: [other for _, other in _below(let)]}
    while open_lets:
        current = next(reversed(open_lets))
        pending = [other for other in open_lets[current] if not other.depth]
        if pending:
            if pending[0] in open_lets:
                raise EvaluatorMisused("lets need each other in a circle")
            open_lets[pending[0]] = [other for _, other in _below(pending[0])]
            continue
        depths = [other.depth for other in open_lets.pop(current)]
        current.depth = 1 + max(depths, default=0)
    return let.depth


def _settle_below(let: Let, owner: Frame, code_of: CodeOf) -> None:
    """Evaluate the unset lets below, the deepest first; whoever reads one meets its error then."""
    work = [(owner.up(level), other) for level, other in _below(let)]
    unset: dict[tuple[int, Let], Frame] = {}
    while work:
        frame, other = work.pop()
        if frame.values[other.slot] is UNSET and (id(frame), other) not in unset:
            unset[id(frame), other] = frame
            work += [(frame.up(level), further) for level, further in _below(other)]
    for (_, other), frame in sorted(unset.items(), key=lambda entry: entry[0][1].depth):
        if frame.values[other.slot] is UNSET:
            try:
                _evaluated(other, frame, code_of)
            except (EvaluationError, _SlotUnset):
                continue  # remembered in its slot, or still to be written: its reader decides
