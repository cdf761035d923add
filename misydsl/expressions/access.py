"""Types of `target.name`, `target?.name` and `target[index]`.

In: a chain of accesses. Out: the type of its end; a `?.` makes the whole chain optional, because null
short-circuits the rest of it. What may be null is not accessed with `.`; what is a list has items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from misydsl.expressions.members import (
    NoMember,
    field_names,
    item_of,
    member_of,
    value_of,
)
from misydsl.expressions.narrow import path_of
from misydsl.expressions.nodes import Index, ListOf, Member, Reference
from misydsl.expressions.printer import to_text
from misydsl.relations import admits_null, is_assignable, optional, unite, without_null
from misydsl.types import (
    ANY,
    INT,
    NULL,
    STRING,
    Any,
    ListType,
    LiteralType,
    MapType,
    RecordType,
    Type,
)

if TYPE_CHECKING:
    from misydsl.expressions.problems import Typing
    from misydsl.expressions.scope import TypeScope


def chain_type(expression: Member | Index, scope: TypeScope, typing: Typing) -> Type:
    """The type of a whole chain."""
    found, may_stop = _link(expression, scope, typing)
    return optional(found) if may_stop else found


def _link(expression: Member | Index, scope: TypeScope, typing: Typing) -> tuple[Type, bool]:
    """The type of one link when the chain got here, and whether a `?.` before may have ended it."""
    target = expression.target
    if isinstance(target, Member | Index):
        found, may_stop = _link(target, scope, typing)
    else:
        found, may_stop = typing.type_of(target, scope, typing), False
    if admits_null(found):
        if isinstance(expression, Member) and expression.is_optional:
            may_stop = True
        else:
            _report_null(expression, found, typing)
        found = ANY if found == NULL else without_null(found)
    if isinstance(expression, Index):
        return _indexed(expression, found, scope, typing), may_stop
    path = path_of(expression)
    known = scope.type_at(path) if path is not None else None
    if known is not None:
        return known, may_stop
    return _member(expression, found, typing), may_stop


def _report_null(expression: Member | Index, found: Type, typing: Typing) -> None:
    is_member = isinstance(expression, Member)
    typing.report(
        "E0505",
        expression.span,
        use="member" if is_member else "index",
        name=expression.name if isinstance(expression, Member) else None,
        target=to_text(expression.target),
        is_always=found == NULL,
    )


def _member(expression: Member, found: Type, typing: Typing) -> Type:
    name, target = expression.name, expression.target
    if isinstance(found, MapType) and isinstance(target, Reference):
        if target.name == "env":
            return optional(found.value)
        if target.name == "secret":
            return found.value
    member = member_of(found, name)
    if not isinstance(member, NoMember):
        return member
    _report_no_member(expression, found, member, typing)
    return ANY


def _report_no_member(expression: Member, found: Type, missing: NoMember, typing: Typing) -> None:
    name, target, span = expression.name, to_text(expression.target), expression.name_span
    if missing.reason == "conflict":
        typing.report("E0519", span, name=name, target=target, types=missing.types)
    elif missing.reason == "not-a-record":
        item = item_of(found)
        typing.report(
            "E0515",
            span,
            name=name,
            target=target,
            found=found,
            kind=_kind(found),
            item_has=item is not None and name in field_names(item),
        )
    else:
        typing.report(
            "E0514",
            span,
            name=name,
            target=target,
            type=found,
            candidates=missing.candidates,
            is_partial=missing.reason == "partial",
        )


def _kind(found: Type) -> str:
    if isinstance(found, ListType):
        return "list"
    return "map" if isinstance(found, MapType) else "other"


def _indexed(expression: Index, found: Type, scope: TypeScope, typing: Typing) -> Type:
    index = typing.type_of(expression.index, scope, typing)
    if isinstance(found, Any):
        _require_index(expression, index, unite(INT, STRING), typing)
        return ANY
    item = item_of(found)
    if item is not None:
        if _require_index(expression, index, INT, typing):
            _check_bounds(expression, index, typing)
        return item
    value = value_of(found)
    if value is not None:
        if not _require_index(expression, index, STRING, typing):
            return ANY
        return _named_part(index, found, value)
    typing.report(
        "E0515",
        expression.span,
        name=None,
        target=to_text(expression.target),
        found=found,
        kind="other",
        item_has=False,
    )
    return ANY


def _require_index(expression: Index, index: Type, wanted: Type, typing: Typing) -> bool:
    if is_assignable(index, wanted):
        return True
    what = f"the index of `{to_text(expression.target)}`"
    typing.report("E0501", expression.index.span, what=what, expected=wanted, found=index, path="")
    return False


def _check_bounds(expression: Index, index: Type, typing: Typing) -> None:
    if not isinstance(index, LiteralType) or not isinstance(index.value, int):
        return
    items = expression.target
    length = len(items.items) if isinstance(items, ListOf) else None
    if index.value < 0 or (length is not None and index.value >= length):
        typing.report("E0517", expression.index.span, index=index.value, length=length)


def _named_part(index: Type, found: Type, value: Type) -> Type:
    """`record["x"]` is as good as `record.x` when the text is known."""
    if isinstance(index, LiteralType) and isinstance(found, RecordType):
        field = found.field(str(index.value))
        return field.type if field is not None else value
    return value
