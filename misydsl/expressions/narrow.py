"""What a condition says about the types of paths where it is true, or false.

In: a condition and a scope. Out: the scope that holds where the condition has that truth. Known are
`x != null`, `x == null`, `x.f == "lit"`, a bool path by itself, and `and or not` of them; a path is a
name and fields (`review?.score` counts, and being equal to something makes its `?.` targets non-null).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from misydsl.expressions.members import NoMember, literal_type, member_of
from misydsl.expressions.nodes import Binary, Literal, Member, Reference, Unary
from misydsl.expressions.scope import Known
from misydsl.relations import (
    admits_null,
    comparable,
    is_assignable,
    members_of,
    optional,
    unite,
    without_null,
)
from misydsl.types import BOOL, NULL, Any, LiteralType, MapType, Nothing, RecordType, Type

if TYPE_CHECKING:
    from misydsl.expressions.nodes import Expression
    from misydsl.expressions.scope import Narrowings, Path, TypeScope

_MOST_MEMBERS: Final = 256  # of a union that is followed alternative by alternative


def narrowed(expression: Expression, scope: TypeScope, truth: bool) -> TypeScope:
    """The scope where `expression` is known to be true, or to be false."""
    known = _known(expression, scope)
    return scope.narrow_all(known.true if truth else known.false)


def branches(condition: Expression, scope: TypeScope) -> tuple[TypeScope, TypeScope]:
    """The scope where the condition is true, and the one where it is false."""
    known = _known(condition, scope)
    return scope.narrow_all(known.true), scope.narrow_all(known.false)


def path_of(expression: Expression) -> Path | None:
    """The path an expression is, `?.` read as `.`; None when it is more than a path."""
    names: list[str] = []
    while isinstance(expression, Member):
        names.append(expression.name)
        expression = expression.target
    if not isinstance(expression, Reference):
        return None
    return (expression.name, *reversed(names))


def _known(expression: Expression, scope: TypeScope) -> Known:
    match expression:
        case Unary(operator="not", operand=operand):
            known = _known(operand, scope)
            return Known(known.false, known.true)
        case Binary(operator="and" | "or" as operator, left=left, right=right):
            found = scope.known.get(id(expression))
            if found is None:
                known = _joined(_known(left, scope), right, scope, is_and=operator == "and")
                found = scope.known[id(expression)] = (expression, known)
            return found[1]
        case Binary(operator="==" | "!=" as operator, left=left, right=right):
            if isinstance(left, Literal):
                left, right = right, left
            if not isinstance(right, Literal):
                return Known({}, {})
            equal = _by_value(left, right, scope, is_equal=True)
            other = _by_value(left, right, scope, is_equal=False)
            return Known(equal, other) if operator == "==" else Known(other, equal)
        case Reference() | Member():
            yes = Literal(expression.span, True)
            return Known(
                _by_value(expression, yes, scope, is_equal=True),
                _by_value(expression, yes, scope, is_equal=False),
            )
        case _:
            return Known({}, {})


def _joined(left: Known, right: Expression, scope: TypeScope, *, is_and: bool) -> Known:
    """The right side is looked at where it decides: once, so that deep conditions stay linear."""
    first = left.true if is_and else left.false
    second = _known(right, scope.narrow_all(first))
    if is_and:
        return Known(first | second.true, _either(left.false, first | second.false))
    return Known(_either(left.true, first | second.true), first | second.false)


def _either(one: Narrowings, other: Narrowings) -> Narrowings:
    """What is known when one of the two holds, and not which."""
    return {path: unite(one[path], other[path]) for path in one if path in other}


def _by_value(
    expression: Expression, literal: Literal, scope: TypeScope, *, is_equal: bool
) -> Narrowings:
    path = path_of(expression)
    if path is None:
        return {}
    if literal.value is None:
        return _by_null(expression, path, scope, is_null=is_equal)
    found = _by_null(expression, path, scope, is_null=False) if is_equal else {}
    wanted = literal_type(literal)
    if not isinstance(wanted, LiteralType):
        return found
    inner = scope.narrow_all(found)
    current = _type_at(path, inner)
    if current is not None and not isinstance(current, Any):
        found[path] = _equal_to(current, wanted) if is_equal else _other_than(current, wanted)
    return found | _by_tag(path, wanted, inner, is_equal=is_equal)


def _by_null(expression: Expression, path: Path, scope: TypeScope, *, is_null: bool) -> Narrowings:
    current = _type_at(path, scope)
    if is_null:
        may_be = current is not None and admits_null(current)
        return {path: NULL} if may_be and not _optional_prefixes(expression, path) else {}
    found: Narrowings = {}
    for length in _optional_prefixes(expression, path):
        prefix = path[:length]
        type_ = _type_at(prefix, scope.narrow_all(found))
        if type_ is not None and admits_null(type_):
            found[prefix] = without_null(type_)
    current = _type_at(path, scope.narrow_all(found))
    if current is not None and admits_null(current):
        found[path] = without_null(current)
    return found


def _by_tag(path: Path, wanted: LiteralType, scope: TypeScope, *, is_equal: bool) -> Narrowings:
    """`x.kind == "a"` also says which record of a union `x` is."""
    if len(path) == 1:
        return {}
    parent = _type_at(path[:-1], scope)
    if parent is None or not 1 < len(members_of(parent)) <= _MOST_MEMBERS:
        return {}
    kept = [m for m in members_of(parent) if _tag_may_be(m, path[-1], wanted, is_equal=is_equal)]
    return {path[:-1]: unite(*kept)} if kept else {}


def _tag_may_be(member: Type, name: str, wanted: LiteralType, *, is_equal: bool) -> bool:
    field = member.field(name) if isinstance(member, RecordType) else None
    if field is None:
        return True
    return comparable(field.type, wanted) if is_equal else field.type != wanted


def _equal_to(type_: Type, wanted: LiteralType) -> Type:
    if not comparable(type_, wanted):
        return type_  # reported where the comparison is checked
    narrowable = any(is_assignable(wanted, member) for member in members_of(type_))
    return wanted if narrowable else type_


def _other_than(type_: Type, wanted: LiteralType) -> Type:
    if wanted.value is True or wanted.value is False:
        opposite = LiteralType(not wanted.value)
        return unite(
            *(
                opposite if member == BOOL else member
                for member in members_of(type_)
                if member != wanted
            )
        )
    if len(members_of(type_)) > _MOST_MEMBERS:
        return type_
    rest = unite(*(member for member in members_of(type_) if member != wanted))
    return type_ if isinstance(rest, Nothing) else rest


def _type_at(path: Path, scope: TypeScope) -> Type | None:
    """The type of a path; null on the way is passed over, as `?.` does, and stays possible."""
    known = scope.type_at(path)
    if known is not None:
        return known
    if len(path) == 1:
        return None
    parent = _type_at(path[:-1], scope)
    if parent is None:
        return None
    if isinstance(parent, MapType) and path[0] == "env":
        return optional(parent.value)
    member = member_of(without_null(parent), path[-1])
    if isinstance(member, NoMember):
        return None
    return optional(member) if admits_null(parent) else member


def _optional_prefixes(expression: Expression, path: Path) -> list[int]:
    """How long the targets of each `?.` are, the shortest first."""
    lengths: list[int] = []
    length = len(path)
    while isinstance(expression, Member):
        length -= 1
        if expression.is_optional:
            lengths.append(length)
        expression = expression.target
    return lengths[::-1]
