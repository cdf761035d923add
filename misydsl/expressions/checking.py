"""Whether an expression fits the type that is wanted of it, judged part by part.

In: an expression, the wanted type and the human name of the place. Out: the type found (the wanted one
after a problem, so that nothing else stumbles over it). Literal records, lists and texts are judged
where they are written, which gives the narrowest place and the best words; anything else by its type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from misydsl.alternatives import choices_of
from misydsl.expressions.composed import clause_scope, note_twice, spread_type
from misydsl.expressions.members import item_of, literal_type
from misydsl.expressions.narrow import branches
from misydsl.expressions.nodes import (
    Binary,
    Broken,
    Comprehension,
    Conditional,
    ListOf,
    Literal,
    RecordField,
    RecordOf,
    Reference,
)
from misydsl.expressions.operators import require_bool, warn_never_null
from misydsl.expressions.printer import to_text
from misydsl.relations import (
    admits_null,
    comparable,
    holds_secret,
    is_assignable,
    members_of,
    unite,
    without_null,
)
from misydsl.types import (
    NOTHING,
    NULL,
    SECRET,
    Any,
    Field,
    ListType,
    LiteralType,
    MapType,
    Primitive,
    RecordType,
    Type,
)
from misydsl.values import parse_date, parse_datetime, parse_measure

if TYPE_CHECKING:
    from misydsl.expressions.nodes import Expression
    from misydsl.expressions.problems import Typing
    from misydsl.expressions.scope import TypeScope

_UNITS: Final[dict[str, tuple[str, ...]]] = {
    "duration": ("ms", "s"),
    "size": ("kB", "MB"),
    "rate": ("/s", "/m"),
    "percent": ("%",),
}


def check_against(
    expression: Expression, wanted: Type, scope: TypeScope, typing: Typing, what: str
) -> Type:
    """The type of `expression`, which should be a `wanted`."""
    match expression:
        case RecordOf():
            record = _record_wanted(expression, wanted)
            if isinstance(record, RecordType):
                return _check_record(expression, record, scope, typing, what)
            if isinstance(record, MapType):
                return _check_map(expression, record, scope, typing)
        case ListOf() if (item := _item_wanted(wanted)) is not None:
            return _check_list(expression, item, scope, typing, what)
        case Comprehension() if (item := _item_wanted(wanted)) is not None:
            for clause in expression.clauses:
                found = typing.type_of(clause.iterable, scope, typing)
                scope = clause_scope(clause, found, scope, typing)
            return ListType(check_against(expression.element, item, scope, typing, f"{what}, each"))
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            require_bool(condition, scope, typing, "if")
            yes, no = branches(condition, scope)
            first = check_against(then, wanted, yes, typing, what)
            return unite(first, check_against(otherwise, wanted, no, typing, what))
        case Binary(operator="??", left=left, right=right):
            found = typing.type_of(left, scope, typing)
            warn_never_null(expression, found, typing)
            second = check_against(right, wanted, scope, typing, what)
            return unite(fit(left, without_null(found), wanted, typing, what), second)
        case _:
            pass
    return fit(expression, typing.type_of(expression, scope, typing), wanted, typing, what)


def fit(expression: Expression, found: Type, wanted: Type, typing: Typing, what: str) -> Type:
    """Judge a type by what is wanted; the best word for what does not fit is chosen here."""
    if is_assignable(found, wanted):
        if typing.is_strict:
            _note_vague(expression, found, wanted, typing, what)
        return found
    if found != NULL and is_assignable(without_null(found), wanted):
        typing.report(
            "E0505",
            expression.span,
            use="value",
            target=to_text(expression),
            what=what,
            expected=wanted,
            is_always=False,
        )
    elif not (
        _report_unit(expression, wanted, typing, what)
        or _report_choice(expression, found, wanted, typing, what)
    ):
        path, expected, got = difference(found, wanted)
        typing.report(
            "E0501",
            expression.span,
            what=what,
            expected=wanted,
            found=found,
            path=path,
            **({"part_expected": expected, "part_found": got} if path else {}),
        )
    return wanted


def difference(found: Type, wanted: Type) -> tuple[str, Type, Type]:
    """Where two types of the same shape part: the path and both types there."""
    match found, wanted:
        case ListType(item=one), ListType(item=other):
            path, expected, got = difference(one, other)
            return f"[…]{path}", expected, got
        case RecordType(fields=fields), RecordType() if fields:
            for field in wanted.fields:
                given = found.field(field.name)
                if given is None and not admits_null(field.type):
                    return f".{field.name}", field.type, NOTHING
                if given is not None and not is_assignable(given.type, field.type):
                    path, expected, got = difference(given.type, field.type)
                    return f".{field.name}{path}", expected, got
    return "", wanted, found


def _note_vague(
    expression: Expression, found: Type, wanted: Type, typing: Typing, what: str
) -> None:
    """Report the first part of a value that is `any` where a type is wanted."""
    part = vague_part(found, wanted)
    if part is None or isinstance(expression, Broken):
        return
    path, expected = part
    name = expression.name if isinstance(expression, Reference) and not path else None
    text = to_text(expression) + path
    typing.report("E0516", expression.span, text=text, name=name, what=what, expected=expected)


def vague_part(found: Type, wanted: Type) -> tuple[str, Type] | None:
    """The way to what is `any` in one type and not in the other, and what it should be there."""
    if isinstance(wanted, Any):
        return None
    if isinstance(found, Any):
        return "", wanted
    match found, wanted:
        case (ListType(item=one), ListType(item=other)) | (
            MapType(value=one), MapType(value=other)
        ):  # fmt: skip
            return _inside("[…]", vague_part(one, other))
        case RecordType(fields=fields), RecordType():
            pairs = ((field, wanted.field(field.name)) for field in fields)
            parts = (
                _inside(f".{field.name}", vague_part(field.type, other.type))
                for field, other in pairs
                if other is not None
            )
            return next((part for part in parts if part is not None), None)
        case _:
            return None


def _inside(segment: str, part: tuple[str, Type] | None) -> tuple[str, Type] | None:
    return None if part is None else (segment + part[0], part[1])


def _record_wanted(expression: RecordOf, wanted: Type) -> RecordType | MapType | None:
    """The one record or map a literal can be meant as: by kind, then by its literal fields."""
    options = [m for m in members_of(wanted) if isinstance(m, RecordType | MapType)]
    if len(options) > 1:
        options = [option for option in options if _tags_fit(expression, option)]
    if len(options) > 1:
        names = {field.name for field in expression.fields if isinstance(field, RecordField)}
        options = [option for option in options if _has_all(option, names)] or options
    return options[0] if len(options) == 1 else None


def _tags_fit(expression: RecordOf, option: RecordType | MapType) -> bool:
    """Whether no field says, by a text that only other alternatives have, that it is another one."""
    if isinstance(option, MapType):
        return False
    for part in expression.fields:
        field = option.field(part.name) if isinstance(part, RecordField) else None
        if field is None or not _is_tag(field.type) or not isinstance(part.value, Literal):
            continue
        if not comparable(field.type, literal_type(part.value)):
            return False
    return True


def _is_tag(type_: Type) -> bool:
    return all(isinstance(member, LiteralType) for member in members_of(type_))


def _has_all(option: RecordType | MapType, names: set[str]) -> bool:
    return isinstance(option, RecordType) and names <= {field.name for field in option.fields}


def _check_record(
    expression: RecordOf, wanted: RecordType, scope: TypeScope, typing: Typing, what: str
) -> Type:
    given: dict[str, Type] = {}
    written: set[str] = set()
    names: frozenset[str] = frozenset()
    is_open = False
    for part in expression.fields:
        if isinstance(part, RecordField):
            note_twice(part, written, typing)
            field = wanted.field(part.name)
            if field is not None:
                given[part.name] = typing.check(
                    part.value, field.type, scope, typing, f"`{part.name}`"
                )
                continue
            names = names or _written_names(expression)
            _note_unknown(part, wanted, typing, what, names)
            given[part.name] = typing.type_of(part.value, scope, typing)
            continue
        base = spread_type(part, typing.type_of(part.value, scope, typing), typing)
        is_open = is_open or base.is_open
        for brought in base.fields:
            field = wanted.field(brought.name)
            given[brought.name] = brought.type
            if field is not None:
                fit(part.value, brought.type, field.type, typing, f"`{brought.name}`")
    for field in wanted.fields:
        if field.name not in given and not is_open and not admits_null(field.type):
            typing.report("E0506", expression.span, what=what, name=field.name, type=field.type)
    return RecordType(tuple(Field(*pair) for pair in given.items()), is_open)


def _note_unknown(
    part: RecordField, wanted: RecordType, typing: Typing, what: str, given: frozenset[str]
) -> None:
    if wanted.is_open:
        return
    facts = {"what": what, "name": part.name, "candidates": wanted.names, "given": given}
    typing.report("E0507", part.name_span, **facts)


def _written_names(expression: RecordOf) -> frozenset[str]:
    return frozenset(field.name for field in expression.fields if isinstance(field, RecordField))


def _check_map(expression: RecordOf, wanted: MapType, scope: TypeScope, typing: Typing) -> Type:
    written: set[str] = set()
    types: list[Type] = []
    for part in expression.fields:
        if isinstance(part, RecordField):
            note_twice(part, written, typing)
            what = f"`{part.name}`"
            types.append(typing.check(part.value, wanted.value, scope, typing, what))
        else:
            found = typing.type_of(part.value, scope, typing)
            types.append(fit(part.value, found, wanted, typing, f"`...{to_text(part.value)}`"))
    if any(map(holds_secret, types)):
        return MapType(SECRET)  # whatever it is declared as
    return wanted if types else MapType(NOTHING)


def _check_list(
    expression: ListOf, wanted: Type, scope: TypeScope, typing: Typing, what: str
) -> Type:
    types: dict[Type, None] = {}
    for number, item in enumerate(expression.items, 1):
        types[typing.check(item, wanted, scope, typing, f"item {number} of {what}")] = None
    return ListType(unite(*types))


def _item_wanted(wanted: Type) -> Type | None:
    lists = [member for member in members_of(wanted) if isinstance(member, ListType)]
    return item_of(lists[0]) if len(lists) == 1 else None


def _report_unit(expression: Expression, wanted: Type, typing: Typing, what: str) -> bool:
    """A bare number or a text where a measure or a date is wanted."""
    kind = without_null(wanted)
    if not isinstance(kind, Primitive) or not isinstance(expression, Literal):
        return False
    value = expression.value
    is_text = type(value) is str
    if kind.name in ("date", "datetime") and isinstance(value, str):
        read = parse_date if kind.name == "date" else parse_datetime
        if read(value) is None:
            typing.report("E0520", expression.span, value=value, kind=kind.name)
            return True
        suggestions: tuple[str, ...] = (f"{kind.name}({to_text(expression)})",)
    elif kind.name in _UNITS and (is_text or type(value) in (int, float)):
        suggestions = _with_units(value, kind.name)
    else:
        return False
    typing.report(
        "E0503",
        expression.span,
        what=what,
        expected=kind,
        value=value,
        found="text" if is_text else "number",
        suggestions=suggestions,
    )
    return True


def _with_units(value: object, kind: str) -> tuple[str, ...]:
    if isinstance(value, str):
        measure = parse_measure(value)
        fits = measure is not None and type(measure).__name__.lower() == kind
        return (value,) if fits else ()
    return tuple(f"{value}{unit}" for unit in _UNITS[kind])


def _report_choice(
    expression: Expression, found: Type, wanted: Type, typing: Typing, what: str
) -> bool:
    """A text or number that is none of the few that are allowed."""
    wrong = next((m for m in members_of(found) if m != NULL and not is_assignable(m, wanted)), None)
    if not isinstance(wrong, LiteralType):
        return False
    choices = choices_of(wanted, wrong)
    if not choices:
        return False
    typing.report(
        "E0504",
        expression.span,
        what=what,
        value=wrong.value,
        choices=choices,
        expected=wanted,
    )
    return True
