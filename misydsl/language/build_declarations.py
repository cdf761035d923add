"""Builders of declarations, blocks and steps: one for each named alternative of the grammar.

In: a `Reading` and the parts of one alternative. Out: the nodes of `syntax`, documentation attached.
An item that cannot be read stands as a `BrokenItem`; an argument list with one is taken to spread
something unknown, so that the mistake is told once.
"""

from __future__ import annotations

from typing import Final

from misydsl.expressions.nodes import Broken, Expression, Reference
from misydsl.language import wording_parse
from misydsl.language.build import Builder, Reading
from misydsl.language.literals import read_number
from misydsl.language.syntax import (
    AfterSyntax,
    AgentSyntax,
    ArgumentSyntax,
    BlockSyntax,
    BrokenItem,
    CallSyntax,
    Declaration,
    ElseSyntax,
    FallbackSyntax,
    ForSyntax,
    Identifier,
    ImportName,
    ImportSyntax,
    Item,
    LetSyntax,
    Modifier,
    OnSyntax,
    ParametersSyntax,
    ParameterSyntax,
    PipelineSyntax,
    PromptSyntax,
    RepeatSyntax,
    ReturnSyntax,
    SettingSyntax,
    StepSyntax,
    TypeExpression,
    TypeSyntax,
    UndoSyntax,
    UntilSyntax,
    WhenSyntax,
)
from misydsl.source import Span

EDITION: Final = 1  # the edition of the language this package knows

File = tuple[int | None, list[Declaration]]
Arguments = tuple[tuple[ArgumentSyntax, ...], Span]

# ruff: noqa: PLR0913 - a builder takes its alternative's parts, however many they are


def file_edition(_reading: Reading, _first: int, _last: int, number: int | None) -> File:
    return number, []


def file_full(
    _reading: Reading, _first: int, _last: int, number: int | None, _sep: int, items: list[Declaration]
) -> File:
    return number, items


def file_declarations(
    _reading: Reading, _first: int, _last: int, items: list[Declaration]
) -> File:
    return None, items


def edition(reading: Reading, first: int, last: int, _misy: int, at: int) -> int | None:
    value = read_number(reading.source, reading.span(at, at), "INT").value
    number = value if isinstance(value, int) else None
    if number != EDITION:
        span = reading.span(first, last)
        reading.problems.append(wording_parse.edition_unknown(reading.source, span, EDITION))
    return number


def import_declaration(
    reading: Reading,
    first: int,
    last: int,
    _import: int,
    _open: int,
    names: list[ImportName | None],
    _close: int,
    _from: int,
    path: Expression,
) -> ImportSyntax:
    known = tuple(name for name in names if name is not None)
    return ImportSyntax(reading.span(first, last), known, path)


def import_name(reading: Reading, first: int, last: int, name: int) -> ImportName:
    identifier = reading.name(name)
    return ImportName(reading.span(first, last), identifier, identifier)


def import_alias(
    reading: Reading, first: int, last: int, name: int, _as: int, alias: int
) -> ImportName:
    return ImportName(reading.span(first, last), reading.name(name), reading.name(alias))


def import_broken(_reading: Reading, _first: int, _last: int, _at: int) -> None:
    return None


def type_declaration(
    reading: Reading, first: int, last: int, _type: int, name: int, _is: int, type_: TypeExpression
) -> TypeSyntax:
    described = reading.description(first)
    return TypeSyntax(reading.span(first, last), reading.name(name), type_, described)


def let(
    reading: Reading, first: int, last: int, _let: int, name: int, _is: int, value: Expression
) -> LetSyntax:
    described = reading.description(first)
    return LetSyntax(reading.span(first, last), reading.name(name), None, value, described)


def let_typed(
    reading: Reading,
    first: int,
    last: int,
    _let: int,
    name: int,
    _colon: int,
    type_: TypeExpression,
    _is: int,
    value: Expression,
) -> LetSyntax:
    described = reading.description(first)
    return LetSyntax(reading.span(first, last), reading.name(name), type_, value, described)


def agent(
    reading: Reading,
    first: int,
    last: int,
    _agent: int,
    name: int,
    title: Expression | None,
    parameters: ParametersSyntax,
    _arrow: int | None,
    result: TypeExpression | None,
    block: BlockSyntax | None,
) -> AgentSyntax:
    span, described = reading.span(first, last), reading.description(first)
    return AgentSyntax(span, reading.name(name), title, parameters, result, block, described)


def prompt(
    reading: Reading,
    first: int,
    last: int,
    _prompt: int,
    name: int,
    parameters: ParametersSyntax,
    text: Expression,
) -> PromptSyntax:
    span, described = reading.span(first, last), reading.description(first)
    return PromptSyntax(span, reading.name(name), parameters, text, False, described)


def prompt_file(
    reading: Reading,
    first: int,
    last: int,
    _prompt: int,
    name: int,
    parameters: ParametersSyntax,
    _from: int,
    path: Expression,
) -> PromptSyntax:
    span, described = reading.span(first, last), reading.description(first)
    return PromptSyntax(span, reading.name(name), parameters, path, True, described)


def pipeline(
    reading: Reading,
    first: int,
    last: int,
    _pipeline: int,
    name: int,
    title: Expression | None,
    parameters: ParametersSyntax | None,
    _arrow: int | None,
    result: TypeExpression | None,
    block: BlockSyntax,
) -> PipelineSyntax:
    span, described = reading.span(first, last), reading.description(first)
    return PipelineSyntax(span, reading.name(name), title, parameters, result, block, described)


def parameters_empty(
    reading: Reading, first: int, last: int, _open: int, _close: int
) -> ParametersSyntax:
    return ParametersSyntax(reading.span(first, last), (), is_open=False)


def parameters(
    reading: Reading,
    first: int,
    last: int,
    _open: int,
    items: list[ParameterSyntax | BrokenItem | None],
    _close: int,
) -> ParametersSyntax:
    known = tuple(item for item in items if item is not None)
    return ParametersSyntax(reading.span(first, last), known, is_open=len(known) < len(items))


def parameter(
    reading: Reading,
    first: int,
    last: int,
    name: int,
    _colon: int,
    type_: TypeExpression,
    _is: int | None,
    default: Expression | None,
) -> ParameterSyntax:
    span, described = reading.span(first, last), reading.description(first)
    return ParameterSyntax(span, reading.name(name), type_, default, described)


def broken(reading: Reading, first: int, last: int, _at: int) -> BrokenItem:
    return BrokenItem(reading.span(first, last))


# ------------------------------------------------------------------ inside blocks


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


def fallback(reading: Reading, first: int, last: int, _at: int, inner: BlockSyntax) -> FallbackSyntax:
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


def arguments_empty(
    reading: Reading, first: int, last: int, _open: int, _close: int
) -> Arguments:
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


DECLARATIONS: Final[dict[str, Builder]] = {
    "file_edition": file_edition, "file_full": file_full, "file_declarations": file_declarations,
    "edition": edition, "import_declaration": import_declaration, "import_name": import_name,
    "import_alias": import_alias, "import_broken": import_broken,
    "type_declaration": type_declaration, "let": let, "let_typed": let_typed, "agent": agent,
    "prompt": prompt, "prompt_file": prompt_file, "pipeline": pipeline,
    "parameters_empty": parameters_empty, "parameters": parameters, "parameter": parameter,
    "broken": broken, "block_empty": block_empty, "block": block, "setting": setting, "call": call,
    "return_": return_, "until": until, "fallback": fallback, "undo": undo, "on": on, "step": step,
    "modifier_for": modifier_for, "modifier_when": modifier_when, "modifier_after": modifier_after,
    "modifier_repeat": modifier_repeat, "else_": else_, "else_when": else_when,
    "arguments_empty": arguments_empty, "arguments": arguments, "argument": argument,
    "argument_pun": argument_pun, "argument_spread": argument_spread,
}  # fmt: skip
