"""The syntax tree: what was written, and where.

In: made by the parser's builder. Out: frozen nodes with spans, comments of documentation attached
(`description`), nothing resolved and nothing typed. Expressions inside are the nodes of the room
`expressions`. A part that could not be read is a `BrokenItem`, so that the rest of the file stands.
"""

from __future__ import annotations

from typing import Literal as OneOf

import msgspec

from misydsl.expressions.nodes import Expression
from misydsl.source import Source, Span


class Syntax(msgspec.Struct, frozen=True, gc=False):
    """Anything with a place in the text."""

    span: Span


class Identifier(Syntax, frozen=True, gc=False):
    """A name as written, NFC-normalised."""

    text: str


# ------------------------------------------------------------------ types


class TypeName(Syntax, frozen=True, gc=False):
    """`string`, `Trend`, `list[T]`, `map[T]`."""

    name: str
    arguments: tuple[TypeExpression, ...]


class TypeLiteral(Syntax, frozen=True, gc=False):
    """`"tiktok"`, `3`, `true`, `null`."""

    value: str | int | bool | None


class TypeOptional(Syntax, frozen=True, gc=False):
    """`T?`."""

    inner: TypeExpression


class TypeUnion(Syntax, frozen=True, gc=False):
    """`A | B`, two members at least."""

    members: tuple[TypeExpression, ...]


class TypeField(Syntax, frozen=True, gc=False):
    """One field of a record type."""

    name: Identifier
    type: TypeExpression
    description: str | None


class TypeRecord(Syntax, frozen=True, gc=False):
    """`{ a: T, b: U?, ... }`."""

    fields: tuple[TypeField, ...]
    is_open: bool


class TypeBroken(Syntax, frozen=True, gc=False):
    """Where a type should be and none could be read; it means `any`."""


TypeExpression = TypeName | TypeLiteral | TypeOptional | TypeUnion | TypeRecord | TypeBroken

# ------------------------------------------------------------------ inside blocks


class SettingSyntax(Syntax, frozen=True, gc=False):
    """`timeout: 30s`."""

    name: Identifier
    value: Expression


class LetSyntax(Syntax, frozen=True, gc=False):
    """`let name: type = value`, at the top of a file or in a block."""

    name: Identifier
    type: TypeExpression | None
    value: Expression
    description: str | None


class ArgumentSyntax(Syntax, frozen=True, gc=False):
    """An input of a call: `name: value`, the pun `name`, or `...value`."""

    kind: OneOf["named", "pun", "spread"]
    name: Identifier | None
    value: Expression


class CallSyntax(Syntax, frozen=True, gc=False):
    """`call agent(…)`; the path is dotted for `human.approve`. `arguments_span` covers `(…)`."""

    path: tuple[Identifier, ...]
    arguments: tuple[ArgumentSyntax, ...]
    arguments_span: Span


class ReturnSyntax(Syntax, frozen=True, gc=False):
    """`return value`."""

    value: Expression


class UntilSyntax(Syntax, frozen=True, gc=False):
    """`until condition`."""

    condition: Expression


class FallbackSyntax(Syntax, frozen=True, gc=False):
    """`fallback { … }`."""

    block: BlockSyntax


class UndoSyntax(Syntax, frozen=True, gc=False):
    """`undo { … }`."""

    block: BlockSyntax


class OnSyntax(Syntax, frozen=True, gc=False):
    """`on failure { … }` or `on finish { … }`."""

    event: Identifier
    block: BlockSyntax


class BrokenItem(Syntax, frozen=True, gc=False):
    """A declaration, block item, parameter or argument that could not be read; already reported."""


class ForSyntax(Syntax, frozen=True, gc=False):
    """`for x in xs` / `for x, i in xs`."""

    name: Identifier
    index_name: Identifier | None
    iterable: Expression


class WhenSyntax(Syntax, frozen=True, gc=False):
    """`when condition`."""

    condition: Expression


class AfterSyntax(Syntax, frozen=True, gc=False):
    """`after a, b`; each path is one or more names joined by dots."""

    paths: tuple[tuple[Identifier, ...], ...]


class RepeatSyntax(Syntax, frozen=True, gc=False):
    """`repeat up to n`."""

    limit: Expression


Modifier = ForSyntax | WhenSyntax | AfterSyntax | RepeatSyntax


class ElseSyntax(Syntax, frozen=True, gc=False):
    """`else { … }` or `else when condition { … }`."""

    condition: Expression | None
    block: BlockSyntax


class StepSyntax(Syntax, frozen=True, gc=False):
    """`step name: type "Title" modifiers { … } else { … }`."""

    name: Identifier
    type: TypeExpression | None
    title: Expression | None
    modifiers: tuple[Modifier, ...]
    block: BlockSyntax
    otherwise: tuple[ElseSyntax, ...]
    description: str | None


Item = (
    SettingSyntax
    | LetSyntax
    | StepSyntax
    | CallSyntax
    | ReturnSyntax
    | UntilSyntax
    | FallbackSyntax
    | UndoSyntax
    | OnSyntax
    | BrokenItem
)


class BlockSyntax(Syntax, frozen=True, gc=False):
    """`{ … }` with its items in order; the span covers the braces."""

    items: tuple[Item, ...]


# ------------------------------------------------------------------ declarations


class ImportName(Syntax, frozen=True, gc=False):
    """`critic as reviewer` of an import; `alias` is the local name (the same name without `as`)."""

    name: Identifier
    alias: Identifier


class ImportSyntax(Syntax, frozen=True, gc=False):
    """`import { … } from "./agents.misy"`."""

    names: tuple[ImportName, ...]
    path: Expression


class TypeSyntax(Syntax, frozen=True, gc=False):
    """`type Name = …`."""

    name: Identifier
    type: TypeExpression
    description: str | None


class ParameterSyntax(Syntax, frozen=True, gc=False):
    """`name: type = default`."""

    name: Identifier
    type: TypeExpression
    default: Expression | None
    description: str | None


class ParametersSyntax(Syntax, frozen=True, gc=False):
    """`(a: T, b: U = 1, ...)`; open when it ends in `...`."""

    items: tuple[ParameterSyntax | BrokenItem, ...]
    is_open: bool


class AgentSyntax(Syntax, frozen=True, gc=False):
    """`agent name "Title" (…) -> type { settings }`."""

    name: Identifier
    title: Expression | None
    parameters: ParametersSyntax
    result: TypeExpression | None
    block: BlockSyntax | None
    description: str | None


class PromptSyntax(Syntax, frozen=True, gc=False):
    """`prompt name(…) \"\"\"…\"\"\"`, or `from "file.md"` (then `is_file` and `text` is the path)."""

    name: Identifier
    parameters: ParametersSyntax
    text: Expression
    is_file: bool
    description: str | None


class PipelineSyntax(Syntax, frozen=True, gc=False):
    """`pipeline name "Title" (…) -> type { … }`; `parameters` is None when there are no parentheses."""

    name: Identifier
    title: Expression | None
    parameters: ParametersSyntax | None
    result: TypeExpression | None
    block: BlockSyntax
    description: str | None


Declaration = (
    ImportSyntax | TypeSyntax | LetSyntax | AgentSyntax | PromptSyntax | PipelineSyntax | BrokenItem
)


class SyntaxTree(msgspec.Struct, frozen=True, gc=False):
    """One file as written; `edition` is the number after `misy`, None without that line."""

    source: Source
    edition: int | None
    declarations: tuple[Declaration, ...]
