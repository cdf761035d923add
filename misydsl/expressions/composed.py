"""Types of lists, records and comprehensions as they are written.

In: a node and the scope. Out: its type by itself; `checking` judges the same nodes where a type is
wanted and uses the scopes of a comprehension made here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from misydsl.expressions.members import item_of
from misydsl.expressions.narrow import narrowed
from misydsl.expressions.nodes import RecordField
from misydsl.expressions.operators import require_bool
from misydsl.expressions.printer import to_text
from misydsl.relations import admits_null, generalise, holds_secret, settled, unite, without_null
from misydsl.types import (
    ANY,
    NULL,
    Any,
    Field,
    ListType,
    MapType,
    RecordType,
    Type,
    UnionType,
)

if TYPE_CHECKING:
    from misydsl.expressions.nodes import (
        Clause,
        Comprehension,
        Expression,
        ListOf,
        RecordOf,
        Spread,
    )
    from misydsl.expressions.problems import Typing
    from misydsl.expressions.scope import TypeScope

_MOST_TYPES: Final = 32  # a list of more different texts is a list of texts, short and fast


def list_type(expression: ListOf, scope: TypeScope, typing: Typing) -> Type:
    """`list[…]` of what the items are."""
    types: dict[Type, None] = {}
    for item in expression.items:
        types[typing.type_of(item, scope, typing)] = None
    return ListType(unite(*(types if len(types) <= _MOST_TYPES else map(generalise, types))))


def record_type(expression: RecordOf, scope: TypeScope, typing: Typing) -> Type:
    """The record with the fields written; what is spread in before or after them counts too."""
    fields: dict[str, Type] = {}
    written: set[str] = set()
    is_open = False
    for part in expression.fields:
        if isinstance(part, RecordField):
            note_twice(part, written, typing)
            fields[part.name] = typing.type_of(part.value, scope, typing)
            continue
        base = spread_type(part, typing.type_of(part.value, scope, typing), typing)
        is_open = is_open or base.is_open
        if base.is_open:  # it may bring any field, those written before it too
            fields = dict.fromkeys(fields, ANY)
        fields |= {field.name: field.type for field in base.fields}
    return RecordType(tuple(Field(*pair) for pair in fields.items()), is_open)


def note_twice(field: RecordField, written: set[str], typing: Typing) -> None:
    """Report a field that the same record literal has already."""
    if field.name in written:
        typing.report("E0213", field.name_span, name=field.name)
    written.add(field.name)


def spread_type(spread: Spread, found: Type, typing: Typing) -> RecordType:
    """The fields `...base` brings; open when they are not all known."""
    if admits_null(found):
        typing.report(
            "E0505",
            spread.span,
            use="spread",
            target=to_text(spread.value),
            is_always=found == NULL,
        )
        found = ANY if found == NULL else without_null(found)
    match found:
        case RecordType():
            return found
        case Any() | MapType():
            if holds_secret(found):
                text = to_text(spread.value)
                typing.report("E0701", spread.span, use="operator", name="...", text=text)
            return RecordType((), is_open=True)
        case UnionType(members=members) if all(isinstance(m, RecordType) for m in members):
            return RecordType((), is_open=True)
        case _:
            record = RecordType((), is_open=True)
            what = f"`...{to_text(spread.value)}`"
            typing.report("E0501", spread.span, what=what, expected=record, found=found, path="")
            return record


def comprehension_type(expression: Comprehension, scope: TypeScope, typing: Typing) -> Type:
    """`list[…]` of what the element is inside all clauses."""
    for clause in expression.clauses:
        found = typing.type_of(clause.iterable, scope, typing)
        scope = clause_scope(clause, found, scope, typing)
    return ListType(typing.type_of(expression.element, scope, typing))


def clause_scope(clause: Clause, found: Type, scope: TypeScope, typing: Typing) -> TypeScope:
    """The scope inside `for name in … if …`, given the type of what is looped over."""
    if scope.lookup(clause.name) is not None:
        typing.report("E0204", clause.name_span, name=clause.name)
    item = settled(items_type(clause.iterable, found, typing, what="for"))
    inner = scope.child({clause.name: item})
    if clause.condition is None:
        return inner
    require_bool(clause.condition, inner, typing, "for … if")
    return narrowed(clause.condition, inner, truth=True)


def items_type(expression: Expression, found: Type, typing: Typing, *, what: str) -> Type:
    """What the items of a list are; what is no list, or may be null, is reported."""
    if admits_null(found) and found != NULL:
        inner = without_null(found)
        if item_of(inner) is not None:
            typing.report(
                "E0505",
                expression.span,
                use="list",
                target=to_text(expression),
                what=what,
                is_always=False,
            )
            found = inner
    item = item_of(found)
    if item is None:
        typing.report("E0508", expression.span, what=what, found=found)
        return ANY
    return item
