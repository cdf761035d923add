"""Types of operators and of text with `${…}`.

In: an operator node and the scope. Out: its type. Conditions take bools only, comparisons need sides
that can be equal or ordered, arithmetic is what `arithmetic` says, and text takes what prints as itself.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

from misydsl.expressions.arithmetic import family_of, kind_of_result
from misydsl.expressions.members import item_of
from misydsl.expressions.narrow import narrowed
from misydsl.expressions.printer import to_text
from misydsl.relations import (
    admits_null,
    comparable,
    holds_secret,
    is_assignable,
    members_of,
    unite,
    widen,
    without_null,
)
from misydsl.source import Span
from misydsl.types import (
    ANY,
    BOOL,
    NULL,
    STRING,
    URL,
    Any,
    ListType,
    LiteralType,
    MapType,
    Nothing,
    Primitive,
    RecordType,
    Type,
)

if TYPE_CHECKING:
    from misydsl.expressions.nodes import Binary, Expression, Text, Unary
    from misydsl.expressions.problems import Typing
    from misydsl.expressions.scope import TypeScope

_CONTAINERS: Final = (ListType, MapType, RecordType)


def require_bool(expression: Expression, scope: TypeScope, typing: Typing, what: str) -> None:
    """Report a condition that is not yes or no."""
    _judge_bool(expression, typing.type_of(expression, scope, typing), typing, what)


def unary_type(expression: Unary, scope: TypeScope, typing: Typing) -> Type:
    """`not x` is a bool, `-x` is what x is."""
    found = typing.type_of(expression.operand, scope, typing)
    if expression.operator == "not":
        _judge_bool(expression.operand, found, typing, "not")
        return BOOL
    if isinstance(found, LiteralType) and type(found.value) is int:
        return LiteralType(-found.value)
    found = _present(expression.operand, found, typing, use="arithmetic", operator="-")
    if isinstance(found, Any):
        return ANY
    if _combined("-", found, found) is None:
        typing.report("E0513", expression.span, operator="-", left=found, right=None)
        return ANY
    return widen(found)


def binary_type(expression: Binary, scope: TypeScope, typing: Typing) -> Type:
    """The type of `left operator right`."""
    operator = expression.operator
    left = typing.type_of(expression.left, scope, typing)
    if operator in ("and", "or"):
        inner = narrowed(expression.left, scope, truth=operator == "and")
        right = typing.type_of(expression.right, inner, typing)
        is_default = operator == "or" and not _is_answer(left) and not _is_answer(right)
        _judge_bool(expression.left, left, typing, operator, is_default=is_default)
        if not is_default:  # then both sides have one cause, which is told at the first
            _judge_bool(expression.right, right, typing, operator)
        return BOOL
    right = typing.type_of(expression.right, scope, typing)
    if operator == "??":
        warn_never_null(expression, left, typing)
        return unite(without_null(left), right)
    if holds_secret(left) or holds_secret(right):
        typing.report(
            "E0701", expression.span, use="operator", name=operator, text=to_text(expression)
        )
        return ANY
    if operator in ("==", "!="):
        return _equality(expression, left, right, typing)
    if operator in ("in", "not in"):
        return _containment(expression, left, right, typing)
    if operator in ("<", "<=", ">", ">="):
        return _order(expression, left, right, typing)
    return _arithmetic(expression, left, right, typing)


def warn_never_null(expression: Binary, left: Type, typing: Typing) -> None:
    """Warn of a `??` whose left side is always there."""
    if not admits_null(left) and not isinstance(left, Any | Nothing):
        text = to_text(expression.left)
        span, kept = expression.span, expression.left.span
        rest = Span(kept.end, span.end) if kept.start == span.start else None  # else in brackets
        typing.report("W0902", span, text=text, type=left, rest=rest)


def text_type(expression: Text, scope: TypeScope, typing: Typing) -> Type:
    """Text; one that starts like an address is a url, which is a text too."""
    for part in expression.parts:
        if not isinstance(part, str):
            _judge_printable(part, typing.type_of(part, scope, typing), typing)
    first = expression.parts[0]
    return URL if isinstance(first, str) and "://" in first else STRING


def unprintable_part(found: Type) -> Type | None:
    """The alternative of a type that has no text of its own; None when all of them print."""
    return next((m for m in members_of(found) if isinstance(m, _CONTAINERS)), None)


def has_order(left: Type, right: Type) -> bool:
    """Whether every value of one can be compared by `<` with every value of the other."""
    if isinstance(left, Any | Nothing) or isinstance(right, Any | Nothing):
        return True
    families = {
        family_of(member.name) if isinstance(member, Primitive) else None
        for side in (left, right)
        for member in members_of(widen(side))
    }
    return len(families) == 1 and None not in families


def _is_answer(found: Type) -> bool:
    """Whether a value is a yes or no, or none at all."""
    return found != NULL and is_assignable(without_null(found), BOOL)


def _judge_bool(
    expression: Expression, found: Type, typing: Typing, what: str, *, is_default: bool = False
) -> None:
    if is_assignable(found, BOOL):
        return
    text = to_text(expression)
    if found != NULL and is_assignable(without_null(found), BOOL):
        typing.report("E0505", expression.span, use="bool", target=text, what=what, is_always=False)
    else:
        typing.report(
            "E0509", expression.span, what=what, found=found, text=text, is_default=is_default
        )


def _judge_printable(part: Expression, found: Type, typing: Typing) -> None:
    if holds_secret(found):
        typing.report("E0701", part.span, use="text", name=None, text=to_text(part))
        return
    container = unprintable_part(found)
    if container is not None:
        typing.report("E0511", part.span, found=container, text=to_text(part), use="text")
    elif admits_null(found):
        typing.report("E0510", part.span, text=to_text(part), found=found)


def _present(operand: Expression, found: Type, typing: Typing, *, use: str, operator: str) -> Type:
    """The type of an operand without null; a null that may come is reported."""
    if not admits_null(found):
        return found
    typing.report(
        "E0505",
        operand.span,
        use=use,
        target=to_text(operand),
        operator=operator,
        is_always=found == NULL,
    )
    return ANY if found == NULL else without_null(found)


def _equality(expression: Binary, left: Type, right: Type, typing: Typing) -> Type:
    if not comparable(left, right):
        _report_never_equal(expression, left, right, typing)
    return BOOL


def _report_never_equal(expression: Binary, left: Type, right: Type, typing: Typing) -> None:
    sides = (left, right) if isinstance(right, LiteralType) else (right, left)
    candidates = tuple(
        member.value
        for member in members_of(sides[0])
        if isinstance(member, LiteralType) and isinstance(member.value, str)
    )
    typing.report(
        "E0502",
        expression.span,
        always=expression.operator in ("!=", "not in"),
        operator=expression.operator,
        left=left,
        right=right,
        candidates=candidates,
    )


def _containment(expression: Binary, left: Type, right: Type, typing: Typing) -> Type:
    """`in` looks for an item of a list, a key of a map, a part of a text."""
    operator = expression.operator
    if admits_null(right):
        right = _present(expression.right, right, typing, use="compare", operator=operator)
    item = item_of(right)
    if item is None and all(isinstance(m, MapType | RecordType) for m in members_of(right)):
        item = STRING
    if item is None and is_assignable(right, STRING):
        item = STRING
    if item is None:
        typing.report("E0508", expression.right.span, what="in", found=right)
    elif not comparable(left, item):
        _report_never_equal(expression, left, item, typing)
    return BOOL


def _order(expression: Binary, left: Type, right: Type, typing: Typing) -> Type:
    operator = expression.operator
    left = _present(expression.left, left, typing, use="compare", operator=operator)
    right = _present(expression.right, right, typing, use="compare", operator=operator)
    if not has_order(left, right):
        typing.report("E0512", expression.span, operator=operator, left=left, right=right)
    return BOOL


def _arithmetic(expression: Binary, left: Type, right: Type, typing: Typing) -> Type:
    operator = expression.operator
    left = _present(expression.left, left, typing, use="arithmetic", operator=operator)
    right = _present(expression.right, right, typing, use="arithmetic", operator=operator)
    result = _combined(operator, left, right)
    if result is None:
        typing.report("E0513", expression.span, operator=operator, left=left, right=right)
        return ANY
    return result


def _combined(operator: str, left: Type, right: Type) -> Type | None:
    """The type over all pairs of alternatives; None when one pair has no meaning."""
    if isinstance(left, Any | Nothing) or isinstance(right, Any | Nothing):
        return ANY
    results: list[Type] = []
    for one, other in product(members_of(widen(left)), members_of(widen(right))):
        if operator == "+" and isinstance(one, ListType) and isinstance(other, ListType):
            results.append(ListType(unite(one.item, other.item)))
            continue
        if not isinstance(one, Primitive) or not isinstance(other, Primitive):
            return None
        kind = kind_of_result(operator, one.name, other.name)
        if kind is None:
            return None
        results.append(Primitive(kind))
    return unite(*results)
