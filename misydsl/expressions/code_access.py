"""Closures for `target.name`, `target?.name` and `target[index]`.

In: a chain of accesses. Out: code over plain dicts and lists, never over attributes of Python objects.
After a `?.` that met null the rest of the chain is passed over; a missing field is an error that says
what is there, except behind `?.`, which asks whether it is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from misydsl.expressions.code_names import own_slot
from misydsl.expressions.compilation import Code, Compilation
from misydsl.expressions.equality import a_value
from misydsl.expressions.limits import EvaluationError
from misydsl.expressions.nodes import Index, Member, Reference
from misydsl.expressions.printer import to_text

if TYPE_CHECKING:
    from misydsl.expressions.frames import Frame, Slot
    from misydsl.source import Span
    from misydsl.values import Value

_MOST_NAMES: Final = 8  # of the fields that are there, in a message

_STOPPED: Final[Any] = object()
"""What the links of a chain hand on after a `?.` met null."""


def chain_code(expression: Member | Index, compilation: Compilation) -> Code:
    """The code of a whole chain."""
    code, may_stop = _link(expression, compilation)
    if not may_stop:
        return code

    def run(frame: Frame) -> Value:
        value = code(frame)
        return None if value is _STOPPED else value

    return run


def _link(expression: Member | Index, compilation: Compilation) -> tuple[Code, bool]:
    """The code of one link, and whether it may hand on `_STOPPED`."""
    compilation.nodes += 1
    target = expression.target
    if isinstance(target, Member | Index):
        source, may_stop = _link(target, compilation)
    else:
        source, may_stop = compilation.code_of(target, compilation), False
    if isinstance(expression, Member) and expression.is_optional:
        return _optional_member(source, expression.name, expression), True
    if isinstance(expression, Index):
        index = compilation.code_of(expression.index, compilation)
        code = _index(source, index, expression)
    else:
        code = _member(source, expression, compilation)
    return code, may_stop


def _member(source: Code, expression: Member, compilation: Compilation) -> Code:
    name, target = expression.name, expression.target
    if isinstance(target, Reference):
        if target.name == "env":
            return _variable(source, name)
        slot = own_slot(target, compilation)
        if slot is not None:
            return _own_member(slot, expression, _any_member(source, expression))
    return _any_member(source, expression)


def _own_member(slot: int, expression: Member, otherwise: Code) -> Code:
    """The common case, a field of a name of this block, without a call for the name."""
    name = expression.name

    def read(frame: Frame) -> Value:
        target: Slot = frame.values[slot]
        if type(target) is dict:
            try:
                return target[name]  # type: ignore[no-any-return]
            except KeyError:
                raise _no_field(target, expression) from None
        return otherwise(frame)

    return read


def _any_member(source: Code, expression: Member) -> Code:
    name = expression.name

    def read(frame: Frame) -> Value:
        target = source(frame)
        if isinstance(target, dict):  # `secret` may be a dict that answers for every name
            try:
                return target[name]
            except KeyError:
                raise _no_field(target, expression) from None
        if target is _STOPPED:
            return _STOPPED
        raise _no_member(target, expression)

    return read


def _variable(source: Code, name: str) -> Code:
    """An environment variable; null when it is not set."""

    def read(frame: Frame) -> Value:
        target = source(frame)
        return target.get(name) if isinstance(target, dict) else None

    return read


def _optional_member(source: Code, name: str, expression: Member) -> Code:
    def read(frame: Frame) -> Value:
        target = source(frame)
        if target is None or target is _STOPPED:
            return _STOPPED  # type: ignore[no-any-return]
        if isinstance(target, dict):
            return target.get(name)
        raise _no_member(target, expression)

    return read


def _index(source: Code, index: Code, expression: Index) -> Code:
    def read(frame: Frame) -> Value:
        target = source(frame)
        if target is _STOPPED:
            return _STOPPED
        position = index(frame)
        if type(target) is list and type(position) is int:
            if 0 <= position < len(target):
                return target[position]
            raise _past_end(position, len(target), expression.index.span)
        if isinstance(target, dict) and type(position) is str:
            return target.get(position)
        raise _not_indexed(target, position, expression)

    return read


def _no_field(target: dict[str, Value], expression: Member) -> EvaluationError:
    name = expression.name
    if isinstance(expression.target, Reference) and expression.target.name == "secret":
        words = f"the secret `{name}` is not set"
        return EvaluationError("E0514", words, expression.name_span)
    names = ", ".join(list(target)[:_MOST_NAMES]) + (", …" if len(target) > _MOST_NAMES else "")
    there = f"it has: {names}" if names else "it is empty"
    words = f"`{to_text(expression.target)}` has no field `{name}`; {there}"
    return EvaluationError("E0514", words, expression.name_span)


def _no_member(target: Value, expression: Member) -> EvaluationError:
    text = to_text(expression.target)
    if target is None:
        words = f"`{text}` is null, so it has no `.{expression.name}`"
        return EvaluationError("E0505", words, expression.span)
    words = f"`{text}` is {a_value(target)}, so it has no `.{expression.name}`"
    return EvaluationError("E0515", words, expression.name_span)


def _past_end(position: int, length: int, span: Span) -> EvaluationError:
    if position < 0:
        return EvaluationError("E0517", f"index {position}: a list counts from 0", span)
    words = f"index {position} is past the end of this list of {length}"
    return EvaluationError("E0517", words, span)


def _not_indexed(target: Value, position: Value, expression: Index) -> EvaluationError:
    text = to_text(expression.target)
    if target is None:
        return EvaluationError("E0505", f"`{text}` is null, so it has no items", expression.span)
    words = f"`{text}` is {a_value(target)}, so `[…]` with {a_value(position)} finds nothing"
    return EvaluationError("E0515", words, expression.span)
