"""Builders of declarations and parameters: one for each named alternative of the grammar.

In: a `Reading` and the parts of one alternative. Out: the nodes of `syntax`, documentation attached.
What cannot be read stands as a `BrokenItem`.
"""


# A builder is named after its alternative, where the grammar says what it is; it takes all its parts.
# ruff: noqa: D103, FBT003, PLR0917

from __future__ import annotations

from typing import Final

from misydsl.expressions.nodes import Expression
from misydsl.language import wording_parse
from misydsl.language.build import Builder, Reading
from misydsl.language.literals import read_number
from misydsl.language.syntax import (
    AgentSyntax,
    BlockSyntax,
    BrokenItem,
    Declaration,
    ImportName,
    ImportSyntax,
    LetSyntax,
    ParametersSyntax,
    ParameterSyntax,
    PipelineSyntax,
    PromptSyntax,
    TypeExpression,
    TypeSyntax,
)

EDITION: Final = 1  # the edition of the language this package knows

File = tuple[int | None, list[Declaration]]


def file_edition(_reading: Reading, _first: int, _last: int, number: int | None) -> File:
    return number, []


def file_full(
    _reading: Reading,
    _first: int,
    _last: int,
    number: int | None,
    _sep: int,
    items: list[Declaration],
) -> File:
    return number, items


def file_declarations(_reading: Reading, _first: int, _last: int, items: list[Declaration]) -> File:
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


DECLARATIONS: Final[dict[str, Builder]] = {
    "file_edition": file_edition, "file_full": file_full, "file_declarations": file_declarations,
    "edition": edition, "import_declaration": import_declaration, "import_name": import_name,
    "import_alias": import_alias, "import_broken": import_broken,
    "type_declaration": type_declaration, "let": let, "let_typed": let_typed, "agent": agent,
    "prompt": prompt, "prompt_file": prompt_file, "pipeline": pipeline,
    "parameters_empty": parameters_empty, "parameters": parameters, "parameter": parameter,
    "broken": broken,
}  # fmt: skip
