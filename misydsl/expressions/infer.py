"""The type of an expression, and what is wrong with it.

In: an expression, the names in sight, a list for problems. Out: its type. `check` also knows which type
is wanted, so that a literal record or text is judged field by field and word by word. Nothing is
raised: what is wrong becomes a `Problem` and the type `any`, so that one cause gives one problem.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from misydsl.expressions.access import chain_type
from misydsl.expressions.calls import apply_type
from misydsl.expressions.checking import check_against
from misydsl.expressions.composed import comprehension_type, list_type, record_type
from misydsl.expressions.members import literal_type
from misydsl.expressions.narrow import branches, narrowed
from misydsl.expressions.nodes import (
    Apply,
    Binary,
    Broken,
    Comprehension,
    Conditional,
    Index,
    ListOf,
    Literal,
    Member,
    RecordOf,
    Reference,
    Text,
    Unary,
)
from misydsl.expressions.operators import binary_type, require_bool, text_type, unary_type
from misydsl.expressions.problems import Problem, Typing
from misydsl.expressions.references import reference_type
from misydsl.relations import unite
from misydsl.types import ANY

if TYPE_CHECKING:
    from misydsl.expressions.nodes import Expression
    from misydsl.expressions.scope import TypeScope
    from misydsl.source import Span
    from misydsl.types import Type

    Seen = list[tuple[Span, Type]]

__all__ = ["Problem", "check", "check_condition", "infer", "narrowed"]


def infer(
    expression: Expression,
    scope: TypeScope,
    problems: list[Problem],
    *,
    seen: Seen | None = None,
    is_strict: bool = False,
) -> Type:
    """The type of an expression by itself; `seen` gets the type of each of its parts.

    Where it `is_strict`, a part that is `any` and goes into a typed place is a problem too.
    """
    typing = _typing(problems, seen, is_strict=is_strict)
    return typing.type_of(expression, scope, typing)


def check(
    expression: Expression,
    wanted: Type,
    scope: TypeScope,
    problems: list[Problem],
    *,
    what: str,
    seen: Seen | None = None,
    is_strict: bool = False,
) -> Type:
    """The type of an expression that should be a `wanted`; `what` names the place for people."""
    typing = _typing(problems, seen, is_strict=is_strict)
    return check_against(expression, wanted, scope, typing, what)


def check_condition(
    expression: Expression,
    scope: TypeScope,
    problems: list[Problem],
    *,
    what: str,
    seen: Seen | None = None,
    is_strict: bool = False,
) -> None:
    """Report what is no bool where yes or no is asked; `what` is `when` or `until`."""
    require_bool(expression, scope, _typing(problems, seen, is_strict=is_strict), what)


def _typing(problems: list[Problem], seen: Seen | None, *, is_strict: bool) -> Typing:
    if seen is None:
        return Typing(problems, _type_of, check_against, is_strict=is_strict)

    def type_of(expression: Expression, scope: TypeScope, typing: Typing) -> Type:
        found = _type_of(expression, scope, typing)
        seen.append((expression.span, found))
        return found

    return Typing(problems, type_of, check_against, is_strict=is_strict)


def _type_of(expression: Expression, scope: TypeScope, typing: Typing) -> Type:
    match expression:
        case Literal():
            return literal_type(expression)
        case Reference():
            return reference_type(expression, scope, typing)
        case Member() | Index():
            return chain_type(expression, scope, typing)
        case Text():
            return text_type(expression, scope, typing)
        case RecordOf():
            return record_type(expression, scope, typing)
        case Apply():
            return apply_type(expression, scope, typing)
        case Binary():
            return binary_type(expression, scope, typing)
        case ListOf():
            return list_type(expression, scope, typing)
        case Comprehension():
            return comprehension_type(expression, scope, typing)
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            require_bool(condition, scope, typing, "if")
            yes, no = branches(condition, scope)
            first = typing.type_of(then, yes, typing)
            return unite(first, typing.type_of(otherwise, no, typing))
        case Unary():
            return unary_type(expression, scope, typing)
        case Broken():
            return ANY
        case never:
            assert_never(never)
