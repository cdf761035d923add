"""Types as written become types.

In: type expressions and the aliases a file can use. Out: `Type`s; what is wrong is reported and means
`any`, so that one mistake is told once. Aliases may be used before they are defined, never by
themselves (E0212); they are resolved needed first, so no chain of aliases is too long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, assert_never

import msgspec

from misydsl.language import messages
from misydsl.language.context import ModuleContext
from misydsl.language.ordering import is_circle, needed_first
from misydsl.language.report import Finding
from misydsl.language.syntax import (
    TypeBroken,
    TypeExpression,
    TypeLiteral,
    TypeName,
    TypeOptional,
    TypeRecord,
    TypeSyntax,
    TypeUnion,
)
from misydsl.pipeline.model import TypeAlias
from misydsl.relations import MOST_PARTS, holds_secret, optional, settled, unite
from misydsl.source import Span
from misydsl.types import (
    ANY,
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INT,
    NULL,
    PERCENT,
    RATE,
    SECRET,
    SIZE,
    STRING,
    URL,
    Field,
    ListType,
    LiteralType,
    MapType,
    Primitive,
    RecordType,
    Type,
    UnionType,
)

_PRIMITIVES: Final[tuple[Primitive, ...]] = (
    STRING, INT, FLOAT, BOOL, NULL, DURATION, SIZE, RATE, PERCENT, DATE, DATETIME, URL, SECRET,
)  # fmt: skip
SIMPLE_TYPES: Final[Mapping[str, Type]] = {"any": ANY, **{one.name: one for one in _PRIMITIVES}}
BUILT_IN_TYPES: Final = frozenset({*SIMPLE_TYPES, "list", "map"})


def resolve_result(written: TypeExpression, name: str, context: ModuleContext) -> Type:
    """The type of what an agent or pipeline gives back, which is never a secret."""
    found = resolve_type(written, context)
    if holds_secret(found):
        context.report.add(written.span, messages.secret_declared(f"the result of `{name}`"))
        return ANY
    return found


def resolve_type(written: TypeExpression, context: ModuleContext) -> Type:
    """The type a type expression means in a module; nesting is bounded by the parser."""
    match written:
        case TypeName():
            return _named(written, context)
        case TypeLiteral(value=value):
            return NULL if value is None else LiteralType(value)
        case TypeOptional(inner=inner):
            return optional(resolve_type(inner, context))
        case TypeUnion(members=members):
            return unite(*(resolve_type(member, context) for member in members))
        case TypeRecord():
            return _record(written, context)
        case TypeBroken():
            return ANY
        case never:
            assert_never(never)


def resolve_aliases(declared: Iterable[TypeSyntax], context: ModuleContext) -> None:
    """Puts a `TypeAlias` for each declaration into `context.names`, needed ones first."""
    aliases = list(declared)
    number = {alias.name.text: index for index, alias in enumerate(aliases)}
    needs = [
        [number[name.name] for name in _names_in(alias.type) if name.name in number]
        for alias in aliases
    ]
    sizes: dict[str, int] = {}
    for group in needed_first(needs):
        if is_circle(group, needs):
            _refuse_circle([aliases[index] for index in group], context)
            continue
        alias = aliases[group[0]]
        size = sum(_size(part, sizes) for part in _walk(alias.type))
        sizes[alias.name.text] = size
        is_small = size <= MOST_PARTS and context.affords(size)
        type_ = resolve_type(alias.type, context) if is_small else ANY
        if settled(type_) is not type_ or not is_small:
            context.report.add(alias.name.span, messages.type_too_large(alias.name.text))
            type_, sizes[alias.name.text] = ANY, 1
        _declare(alias, type_, context)


def _size(part: TypeExpression, sizes: Mapping[str, int]) -> int:
    """How many parts one part of a type is when its aliases are written out."""
    return sizes.get(part.name, 1) if isinstance(part, TypeName) else 1


def _declare(alias: TypeSyntax, type_: Type, context: ModuleContext) -> None:
    name = alias.name.text
    if isinstance(type_, RecordType | UnionType) and not isinstance(alias.type, TypeName):
        type_ = msgspec.structs.replace(type_, name=name)
    context.names[name] = TypeAlias(
        name, type_, context.key, description=alias.description, span=alias.name.span
    )


def _refuse_circle(group: list[TypeSyntax], context: ModuleContext) -> None:
    context.report.add(group[0].name.span, messages.type_circle([one.name.text for one in group]))
    for alias in group:
        _declare(alias, ANY, context)


def _named(written: TypeName, context: ModuleContext) -> Type:
    name = written.name
    if name in ("list", "map"):
        return _container(written, context)
    arguments = [resolve_type(argument, context) for argument in written.arguments]
    declared = context.names.get(name)
    found = SIMPLE_TYPES.get(name)
    if isinstance(declared, TypeAlias):
        found = declared.type
    if found is None:
        if name not in context.poisoned:
            span = Span(written.span.start, written.span.start + len(name))
            has_arguments = bool(arguments)
            context.report.add(span, _unknown(name, context, has_arguments=has_arguments))
        return ANY
    if arguments:
        context.report.add(written.span, messages.type_takes_nothing(name))
    return found


def _unknown(name: str, context: ModuleContext, *, has_arguments: bool) -> Finding:
    kind = context.kind(name)
    if kind is not None:
        return messages.not_a_type(name, kind)
    aliases = (key for key, one in context.names.items() if isinstance(one, TypeAlias))
    candidate = context.suggest(name, [*BUILT_IN_TYPES, *aliases])
    return messages.unknown_type(name, candidate, has_arguments=has_arguments)


def _container(written: TypeName, context: ModuleContext) -> Type:
    inner = [resolve_type(argument, context) for argument in written.arguments]
    if len(inner) != 1:
        context.report.add(written.span, messages.type_needs_one(written.name))
        inner = [ANY]
    return ListType(inner[0]) if written.name == "list" else MapType(inner[0])


def _record(written: TypeRecord, context: ModuleContext) -> RecordType:
    fields: dict[str, Field] = {}
    for field in written.fields:
        name = field.name.text
        type_ = resolve_type(field.type, context)
        if name in fields:
            context.report.add(field.span, messages.field_twice(name))
        else:
            fields[name] = Field(name, type_, field.description)
    return RecordType(tuple(fields.values()), is_open=written.is_open)


def _names_in(written: TypeExpression) -> Iterator[TypeName]:
    """The names used in a type expression, itself included."""
    for part in _walk(written):
        if isinstance(part, TypeName):
            yield part


def _walk(written: TypeExpression) -> Iterator[TypeExpression]:
    waiting: list[TypeExpression] = [written]
    while waiting:
        part = waiting.pop()
        yield part
        match part:
            case TypeName(arguments=parts) | TypeUnion(members=parts):
                waiting.extend(reversed(parts))
            case TypeOptional(inner=inner):
                waiting.append(inner)
            case TypeRecord(fields=fields):
                waiting.extend(field.type for field in reversed(fields))
            case TypeLiteral() | TypeBroken():
                pass
            case never:
                assert_never(never)
