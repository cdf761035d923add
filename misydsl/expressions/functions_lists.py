"""Functions over lists.

In: lists. Out: lists, items or null. What may be missing (`first` of an empty list) is optional; orders
are stable, and null goes last whatever the direction.
"""

from __future__ import annotations

from typing import Final, cast

from misydsl.expressions.equality import equal, identity_key, order_key
from misydsl.expressions.limits import EvaluationError, charge, checked_list
from misydsl.expressions.members import NoMember, item_of, member_of
from misydsl.expressions.nodes import Literal
from misydsl.expressions.operators import has_order
from misydsl.expressions.signature import LIST, Call, Function, Parameter
from misydsl.relations import comparable, optional, unite, widen, without_null
from misydsl.types import (
    ANY,
    BOOL,
    INT,
    NULL,
    STRING,
    Field,
    ListType,
    MapType,
    Nothing,
    RecordType,
    Type,
)
from misydsl.values import Value

_ITEMS: Final = Parameter("list", LIST)
_COUNT: Final = Parameter("count", INT)
_BY: Final = Parameter("by", STRING, is_optional=True, is_named=True)
_DESC: Final = Parameter("desc", BOOL, is_optional=True, is_named=True)


def _length(value: Value) -> int:
    return len(cast("str", value))


def _contains(container: Value, value: Value) -> bool:
    if isinstance(container, str):
        return _text_holds(container, value)
    items = cast("list[Value]", container)
    charge(len(items))
    return any(equal(item, value) for item in items)


def _text_holds(text: str, part: Value) -> bool:
    if not isinstance(part, str):
        raise EvaluationError("E0501", "`contains` looks for a text in a text")
    return part in text


def _first(items: list[Value]) -> Value:
    return items[0] if items else None


def _last(items: list[Value]) -> Value:
    return items[-1] if items else None


def _take(items: list[Value], count: int) -> Value:
    checked_list(min(max(count, 0), len(items)))
    return items[: max(count, 0)]


def _drop(items: list[Value], count: int) -> Value:
    checked_list(max(len(items) - max(count, 0), 0))
    return items[max(count, 0) :]


def _unique(items: list[Value]) -> Value:
    charge(len(items))
    first: dict[object, Value] = {}
    for item in items:
        first.setdefault(identity_key(item), item)
    return list(first.values())


def _flatten(items: list[list[Value]]) -> Value:
    checked_list(sum(map(len, items)))
    return [inner for item in items for inner in item]


def _zip(first: list[Value], second: list[Value]) -> Value:
    checked_list(min(len(first), len(second)))
    pairs = zip(first, second, strict=False)  # the shorter list ends it
    return [{"first": one, "second": other} for one, other in pairs]


def _sort(items: list[Value], by: str | None, desc: bool | None) -> Value:
    checked_list(len(items))
    keyed = [(_field(item, by) if by is not None else item, item) for item in items]
    present = [pair for pair in keyed if pair[0] is not None]
    families = {order_key(key)[0] for key, _ in present}
    if len(families) > 1:
        raise EvaluationError("E0525", f"these cannot be ordered: {', '.join(sorted(families))}")
    present.sort(key=lambda pair: order_key(pair[0]), reverse=bool(desc))
    return [item for _, item in present] + [item for key, item in keyed if key is None]


def _group(items: list[Value], by: str) -> Value:
    checked_list(len(items))
    groups: dict[object, tuple[Value, list[Value]]] = {}
    for item in items:
        key = _field(item, by)
        groups.setdefault(identity_key(key), (key, []))[1].append(item)
    return [{"key": key, "items": members} for key, members in groups.values()]


def _field(item: Value, path: str) -> Value:
    """The value of `field` or `field.inner` of an item; null on the way stays null."""
    value: Value = item
    for name in path.split("."):
        if value is None:
            return None
        if not isinstance(value, dict) or name not in value:
            raise EvaluationError("E0518", f"an item has no field `{name}`")
        value = value[name]
    return value


def _item(call: Call) -> Type:
    item = item_of(call.type_of(0)) or ANY
    return NULL if isinstance(item, Nothing) else optional(item)


def _same(call: Call) -> Type:
    return call.type_of(0)


def _flat(call: Call) -> Type:
    inner = item_of(call.type_of(0)) or ANY
    return ListType(item_of(inner) or ANY)


def _pairs(call: Call) -> Type:
    first, second = (item_of(call.type_of(position)) or ANY for position in (0, 1))
    return ListType(RecordType((Field("first", first), Field("second", second))))


def _whether(call: Call) -> Type:
    container, part = call.type_of(0), call.type_of(1)
    item = item_of(container)
    if item is None and widen(container) == STRING:
        item = STRING
    if item is not None and not comparable(item, part):
        what = f"the second value of `{call.function}`"
        call.report("E0501", call.span_of(1), what=what, expected=widen(item), found=part, path="")
    return BOOL


def _sorted(call: Call) -> Type:
    key = _key_type(call)
    ordered = without_null(key)
    if not has_order(ordered, ordered):
        call.report("E0525", call.span_of(0), function="sort", what="what is ordered", found=key)
    return call.type_of(0)


def _grouped(call: Call) -> Type:
    item = item_of(call.type_of(0)) or ANY
    key = Field("key", _key_type(call))
    return ListType(RecordType((key, Field("items", ListType(item)))))


def _key_type(call: Call) -> Type:
    """The type of what `by` names in each item; the item itself without `by`."""
    found = item_of(call.type_of(0)) or ANY
    by = call.arguments[1]
    if by is None:
        return found
    if not isinstance(by, Literal) or not isinstance(by.value, str):
        return ANY
    for name in by.value.split("."):
        inner = without_null(found)
        member = member_of(inner, name)
        if isinstance(member, NoMember):
            call.report(
                "E0518",
                by.span,
                function=call.function,
                name=name,
                item=inner,
                candidates=member.candidates,
            )
            return ANY
        found = optional(member) if inner != found else member
    return found


LIST_FUNCTIONS: Final = (
    Function(
        name="length",
        parameters=(Parameter("value", unite(STRING, LIST, MapType(ANY))),),
        result=INT,
        body=_length,
        summary="How many items a list has, letters a text, entries a map or record.",
        example=('length(["a", "b"])', "2"),
    ),
    Function(
        name="contains",
        parameters=(Parameter("container", unite(STRING, LIST)), Parameter("value", ANY)),
        result=_whether,
        body=_contains,
        summary="Whether a list has an item, or a text a part.",
        example=('contains(["a", "b"], "b")', "true"),
    ),
    Function(
        name="first",
        parameters=(_ITEMS,),
        result=_item,
        body=_first,
        summary="The first item; null for an empty list.",
        example=("first([3, 1])", "3"),
    ),
    Function(
        name="last",
        parameters=(_ITEMS,),
        result=_item,
        body=_last,
        summary="The last item; null for an empty list.",
        example=("last([3, 1])", "1"),
    ),
    Function(
        name="take",
        parameters=(_ITEMS, _COUNT),
        result=_same,
        body=_take,
        summary="The first `count` items.",
        example=("take([1, 2, 3], 2)", "[1, 2]"),
    ),
    Function(
        name="drop",
        parameters=(_ITEMS, _COUNT),
        result=_same,
        body=_drop,
        summary="All items but the first `count`.",
        example=("drop([1, 2, 3], 2)", "[3]"),
    ),
    Function(
        name="unique",
        parameters=(_ITEMS,),
        result=_same,
        body=_unique,
        summary="The items without repeats; the first of each stays.",
        example=("unique([1, 2, 1])", "[1, 2]"),
    ),
    Function(
        name="flatten",
        parameters=(Parameter("list", ListType(LIST)),),
        result=_flat,
        body=_flatten,
        summary="A list of lists as one list.",
        example=("flatten([[1], [2, 3]])", "[1, 2, 3]"),
    ),
    Function(
        name="zip",
        parameters=(Parameter("first", LIST), Parameter("second", LIST)),
        result=_pairs,
        body=_zip,
        summary="Two lists side by side as `{ first, second }`; the shorter one ends it.",
        example=('zip(["a"], [1, 2])', '[{ first: "a", second: 1 }]'),
    ),
    Function(
        name="sort",
        parameters=(_ITEMS, _BY, _DESC),
        result=_sorted,
        body=_sort,
        summary='The items in order, by themselves or `by: "field"`; `desc: true` turns it round.',
        example=(
            'sort([{ n: 2 }, { n: 1 }], by: "n")',
            "[{ n: 1 }, { n: 2 }]",
        ),
    ),
    Function(
        name="group",
        parameters=(_ITEMS, Parameter("by", STRING, is_named=True)),
        result=_grouped,
        body=_group,
        summary="The items that share a field, as `{ key, items }` in order of first appearance.",
        example=(
            'group([{ k: "a", n: 1 }, { k: "b", n: 2 }, { k: "a", n: 3 }], by: "k")',
            '[{ key: "a", items: [{ k: "a", n: 1 }, { k: "a", n: 3 }] }, { key: "b", items: [{ k: "b", n: 2 }] }]',
        ),
    ),
)
