"""Declarations, resolved and typed.

In: built by the checker, the JSON form or Python code. Out: frozen nouns. Names inside expressions are
still names: they resolve in the declaration's own module (`module` is its key), so an imported prompt
sees the lets of the file it was written in. A `Library` holds every module a pipeline can reach.
Spans point into the source of the module; declarations made by code carry empty spans.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from misydsl.expressions.nodes import Argument, Expression, Spread
from misydsl.source import Source, Span
from misydsl.types import ANY, Type

NO_SPAN = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One input of an agent, prompt or pipeline; required when it has no default and rejects null."""

    name: str
    type: Type
    default: Expression | None = None
    description: str | None = None
    span: Span = NO_SPAN


@dataclass(frozen=True, slots=True)
class Setting:
    """`key: value`, checked against `settings`; evaluated when a run starts."""

    name: str
    value: Expression
    span: Span = NO_SPAN


@dataclass(frozen=True, slots=True)
class Let:
    """A constant: at the top of a module, or in a block."""

    name: str
    value: Expression
    type: Type
    module: str
    span: Span = NO_SPAN
    annotation: Type | None = None
    """The type written after its name: its value is held to it when it is first used."""


@dataclass(frozen=True, slots=True)
class TypeAlias:
    """`type Name = …`."""

    name: str
    type: Type
    module: str
    description: str | None = None
    span: Span = NO_SPAN


@dataclass(frozen=True, slots=True)
class Agent:
    """Something that can be called: over HTTP, as a Python function, or bound when a run starts."""

    name: str
    parameters: tuple[Parameter, ...] = ()
    result: Type = ANY
    settings: tuple[Setting, ...] = ()
    is_open: bool = False
    """Whether it also takes inputs that are not declared (`...`)."""
    title: str | None = None
    description: str | None = None
    module: str = ""
    span: Span = NO_SPAN


@dataclass(frozen=True, slots=True)
class Prompt:
    """A pure function to text."""

    name: str
    parameters: tuple[Parameter, ...]
    text: Expression
    module: str
    description: str | None = None
    span: Span = NO_SPAN
    text_file: str | None = None
    """The key of the file its text stands in (`from "x.md"`): the spans of `text` are places there."""


@dataclass(frozen=True, slots=True)
class Call:
    """`call target(…)`; `target` is the local name of an agent or pipeline, or `human.approve`.

    Arguments are by name; a pun is already written out; a `Spread` merges a record.
    """

    target: str
    arguments: tuple[Argument | Spread, ...] = ()
    span: Span = NO_SPAN


@dataclass(frozen=True, slots=True)
class Block:
    """Lets and steps, and what they come to: one `call`, or a `result`, or neither (handlers).

    `until` only stands in the block of a `repeat` step.
    """

    lets: tuple[Let, ...] = ()
    steps: tuple[Step, ...] = ()
    call: Call | None = None
    result: Expression | None = None
    until: Expression | None = None
    span: Span = NO_SPAN


@dataclass(frozen=True, slots=True)
class Loop:
    """`for name, index_name in iterable`."""

    name: str
    iterable: Expression
    index_name: str | None = None
    span: Span = NO_SPAN


@dataclass(frozen=True, slots=True)
class Branch:
    """`else when condition { … }`; the last one may have no condition."""

    condition: Expression | None
    block: Block


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the graph: a call or nested steps, with its modifiers and policy."""

    name: str
    block: Block
    title: str | None = None
    description: str | None = None
    type: Type = ANY
    """The type of the step's result as seen by other steps (`for` → list, `when` → optional)."""
    annotation: Type | None = None
    """The type written after the step's name, of one result: checked when the step is run."""
    loop: Loop | None = None
    when: Expression | None = None
    otherwise: tuple[Branch, ...] = ()
    repeat: Expression | None = None
    """`repeat up to` this many rounds."""
    after: tuple[str, ...] = ()
    fallbacks: tuple[Block, ...] = ()
    undo: Block | None = None
    settings: tuple[Setting, ...] = ()
    alias: str | None = None
    """What others call it, where that is no name a path can hold: the id of a JSON step."""
    schema: str | None = None
    """A JSON Schema, as text, that each of its results is held to."""
    is_exclusive: bool = False
    """Whether no other step of its block is open while it is."""
    span: Span = NO_SPAN
    """The step's name in the text."""
    uses: frozenset[str] | None = field(default=None, compare=False, repr=False)
    """The names it needs from around it, where its maker knows; `pipeline.dependencies` finds them
    otherwise. A step that is changed is made without them."""

    @property
    def public_name(self) -> str:
        """What others call it."""
        return self.name if self.alias is None else self.alias


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A whole journey: parameters in, steps, a result out."""

    name: str
    block: Block
    parameters: tuple[Parameter, ...] = ()
    result: Type = ANY
    title: str | None = None
    description: str | None = None
    settings: tuple[Setting, ...] = ()
    on_failure: tuple[Block, ...] = ()
    on_finish: tuple[Block, ...] = ()
    module: str = ""
    span: Span = NO_SPAN


Declaration = TypeAlias | Let | Agent | Prompt | Pipeline


@dataclass(frozen=True, slots=True)
class Module:
    """One file: the names it can use (its own and the imported ones) and what they are."""

    key: str
    source: Source
    names: Mapping[str, Declaration] = field(default_factory=dict)

    def pipelines(self) -> tuple[Pipeline, ...]:
        """The pipelines declared in this very file, in order."""
        found = (one for one in self.names.values() if isinstance(one, Pipeline))
        return tuple(pipeline for pipeline in found if pipeline.module == self.key)


@dataclass(frozen=True, slots=True)
class Library:
    """Every module a program can reach; `entry` is the key of the file it was loaded from."""

    entry: str
    modules: Mapping[str, Module]

    @property
    def main(self) -> Module:
        """The module the program was loaded from."""
        return self.modules[self.entry]

    def find(self, module: str, name: str) -> Declaration | None:
        """What a name means in a module."""
        return self.modules[module].names.get(name)
