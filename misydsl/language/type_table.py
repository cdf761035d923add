"""The types of a checked file, as people ask for them: at a place, or of everything that has a name.

In: a `Checked` made `with_types=True`. Out: `type_at`, the narrowest thing at an offset and its type (what
an editor shows when the mouse rests); `type_table`, one row per input, let, step and result, in the order
of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, assert_never

from misydsl.language.check import Checked
from misydsl.pipeline.model import (
    Agent,
    Block,
    Declaration,
    Let,
    Parameter,
    Pipeline,
    Prompt,
    Step,
    TypeAlias,
)
from misydsl.source import Span
from misydsl.types import STRING, Type

Kind = Literal["type", "let", "agent", "prompt", "pipeline", "input", "step"]


@dataclass(frozen=True, slots=True)
class NamedType:
    """One thing with a name and a type; an agent's or pipeline's type is that of its result."""

    kind: Kind
    path: str
    """Where it is, from the outside in: `viral-trends.draft.polish`."""
    type: Type
    span: Span
    """Where its name stands."""


def type_at(checked: Checked, offset: int) -> tuple[Span, Type] | None:
    """The narrowest expression or name that holds an offset, and its type; None where there is none."""
    named = ((row.span, row.type) for row in type_table(checked))
    found = [
        (span, type_) for span, type_ in (*named, *checked.types) if span.start <= offset < span.end
    ]
    return min(found, key=lambda one: one[0].end - one[0].start, default=None)


def type_table(checked: Checked) -> tuple[NamedType, ...]:
    """Every name that the file declares and its type, in the order of the text."""
    if checked.library is None:
        return ()
    main = checked.library.main
    declared = (one for one in main.names.values() if one.module == main.key)
    rows = [row for one in declared for row in _rows(one)]
    return tuple(sorted(rows, key=lambda row: row.span))


def _rows(declared: Declaration) -> Iterator[NamedType]:
    match declared:
        case TypeAlias(name=name, type=type_, span=span):
            yield NamedType("type", name, type_, span)
        case Let(name=name, type=type_, span=span):
            yield NamedType("let", name, type_, span)
        case Agent(name=name, result=result, parameters=parameters, span=span):
            yield NamedType("agent", name, result, span)
            yield from _inputs(name, parameters)
        case Prompt(name=name, parameters=parameters, span=span):
            yield NamedType("prompt", name, STRING, span)
            yield from _inputs(name, parameters)
        case Pipeline(name=name, result=result, parameters=parameters, span=span):
            yield NamedType("pipeline", name, result, span)
            yield from _inputs(name, parameters)
            for block in (declared.block, *declared.on_failure, *declared.on_finish):
                yield from _block(name, block)
        case never:
            assert_never(never)


def _inputs(owner: str, parameters: tuple[Parameter, ...]) -> Iterator[NamedType]:
    for one in parameters:
        yield NamedType("input", f"{owner}.{one.name}", one.type, one.span)


def _block(owner: str, block: Block) -> Iterator[NamedType]:
    """The lets and steps of a block and of the blocks in it; nesting may be as deep as it likes."""
    waiting = [(owner, block)]
    while waiting:
        around, current = waiting.pop()
        for let in current.lets:
            yield NamedType("let", f"{around}.{let.name}", let.type, let.span)
        for step in current.steps:
            path = f"{around}.{step.name}"
            yield NamedType("step", path, step.type, step.span)
            waiting.extend((path, inner) for inner in _blocks_of(step))


def _blocks_of(step: Step) -> Iterator[Block]:
    yield step.block
    yield from (branch.block for branch in step.otherwise)
    yield from step.fallbacks
    if step.undo is not None:
        yield step.undo
