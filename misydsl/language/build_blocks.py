"""Builders of blocks and steps: one for each named alternative of the grammar inside `{ … }`.

In: a `Reading` and the parts of one alternative. Out: the nodes of `syntax`. An argument list with a
part that cannot be read is taken to spread something unknown, so that the mistake is told once.
"""


# A builder is named after its alternative, where the grammar says what it is; it takes all its parts.
# ruff: noqa: ARG001, D103, PLR0917

from __future__ import annotations

from typing import Final

from misydsl.expressions.nodes import Broken, Expression, Reference
from misydsl.language.build import Builder, Reading
from misydsl.language.syntax import (
    AfterSyntax,
    ArgumentSyntax,
    BlockSyntax,
    BrokenItem,
    CallSyntax,
    ElseSyntax,
    FallbackSyntax,
    ForSyntax,
    Identifier,
    Item,
    Modifier,
    OnSyntax,
    RepeatSyntax,
    ReturnSyntax,
    SettingSyntax,
    StepSyntax,
    TypeExpression,
    UndoSyntax,
    UntilSyntax,
    WhenSyntax,
)
from misydsl.source import Span

Arguments = tuple[tuple[ArgumentSyntax, ...], Span]


def block_empty(reading: Reading, first: int, last: int, _open: int, _close: int) -> BlockSyntax:
    return BlockSyntax(reading.span(first, last), ())


def block(
    reading: Reading, first: int, last: int, _open: int, items: list[Item], _close: int
) -> BlockSyntax:
    return BlockSyntax(reading.span(first, last), tuple(items))


def setting(
    reading: Reading, first: int, last: int, name: int, _colon: int, value: Expression
) -> SettingSyntax:
    return SettingSyntax(reading.span(first, last), reading.name(name), value)


def call(
    reading: Reading, first: int, last: int, _call: int, path: list[int], arguments: Arguments
) -> CallSyntax:
    given, place = arguments
    names = tuple(reading.name(name) for name in path)
    return CallSyntax(reading.span(first, last), names, given, place)


def return_(reading: Reading, first: int, last: int, _at: int, value: Expression) -> ReturnSyntax:
    return ReturnSyntax(reading.span(first, last), value)


def until(reading: Reading, first: int, last: int, _at: int, condition: Expression) -> UntilSyntax:
    return UntilSyntax(reading.span(first, last), condition)


def fallback(
    reading: Reading, first: int, last: int, _at: int, inner: BlockSyntax
) -> FallbackSyntax:
    return FallbackSyntax(reading.span(first, last), inner)


def undo(reading: Reading, first: int, last: int, _at: int, inner: BlockSyntax) -> UndoSyntax:
    return UndoSyntax(reading.span(first, last), inner)


def on(
    reading: Reading, first: int, last: int, _at: int, event: int, inner: BlockSyntax
) -> OnSyntax:
    return OnSyntax(reading.span(first, last), reading.name(event), inner)


def step(
    reading: Reading,
    first: int,
    last: int,
    _step: int,
    name: int,
    _colon: int | None,
    type_: TypeExpression | None,
    title: Expression | None,
    modifiers: list[Modifier] | None,
    inner: BlockSyntax,
    otherwise: list[ElseSyntax] | None,
) -> StepSyntax:
    return StepSyntax(
        reading.span(first, last),
        reading.name(name),
        type_,
        title,
        tuple(modifiers or ()),
        inner,
        tuple(otherwise or ()),
        reading.description(first),
    )


def modifier_for(
    reading: Reading,
    first: int,
    last: int,
    _for: int,
    name: int,
    _separator: int | None,
    place: int | None,
    _in: int,
    iterable: Expression,
) -> ForSyntax:
    index_name = None if place is None else reading.name(place)
    return ForSyntax(reading.span(first, last), reading.name(name), index_name, iterable)


def modifier_when(
    reading: Reading, first: int, last: int, _when: int, condition: Expression
) -> WhenSyntax:
    return WhenSyntax(reading.span(first, last), condition)


def modifier_after(
    reading: Reading, first: int, last: int, _after: int, paths: list[list[int]]
) -> AfterSyntax:
    named = tuple(tuple(reading.name(name) for name in path) for path in paths)
    return AfterSyntax(reading.span(first, last), named)


def modifier_repeat(
    reading: Reading, first: int, last: int, _repeat: int, _up: int, _to: int, limit: Expression
) -> RepeatSyntax:
    return RepeatSyntax(reading.span(first, last), limit)


def else_(reading: Reading, first: int, last: int, _else: int, inner: BlockSyntax) -> ElseSyntax:
    return ElseSyntax(reading.span(first, last), None, inner)


def else_when(
    reading: Reading,
    first: int,
    last: int,
    _else: int,
    _when: int,
    condition: Expression,
    inner: BlockSyntax,
) -> ElseSyntax:
    return ElseSyntax(reading.span(first, last), condition, inner)


def arguments_empty(reading: Reading, first: int, last: int, _open: int, _close: int) -> Arguments:
    return (), reading.span(first, last)


def arguments(
    reading: Reading,
    first: int,
    last: int,
    _open: int,
    items: list[ArgumentSyntax | BrokenItem],
    _close: int,
) -> Arguments:
    given = tuple(
        ArgumentSyntax(item.span, "spread", None, Broken(item.span))
        if isinstance(item, BrokenItem)
        else item
        for item in items
    )
    return given, reading.span(first, last)


def argument(
    reading: Reading, first: int, last: int, key: Identifier, _colon: int, value: Expression
) -> ArgumentSyntax:
    return ArgumentSyntax(reading.span(first, last), "named", key, value)


def argument_pun(reading: Reading, first: int, last: int, name: int) -> ArgumentSyntax:
    identifier = reading.name(name)
    span = identifier.span
    return ArgumentSyntax(span, "pun", identifier, Reference(span, identifier.text))


def argument_spread(
    reading: Reading, first: int, last: int, _mark: int, value: Expression
) -> ArgumentSyntax:
    return ArgumentSyntax(reading.span(first, last), "spread", None, value)


BLOCKS: Final[dict[str, Builder]] = {
    "block_empty": block_empty, "block": block, "setting": setting, "call": call,
    "return_": return_, "until": until, "fallback": fallback, "undo": undo, "on": on,
    "step": step, "modifier_for": modifier_for, "modifier_when": modifier_when,
    "modifier_after": modifier_after, "modifier_repeat": modifier_repeat, "else_": else_,
    "else_when": else_when, "arguments_empty": arguments_empty, "arguments": arguments,
    "argument": argument, "argument_pun": argument_pun, "argument_spread": argument_spread,
}  # fmt: skip
