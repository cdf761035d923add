"""The steps that stand inside other steps, where the rest of the pipeline cannot see them.

In: the block of a pipeline as written. Out: `Hidden`, by name, and the answer to "which step hides it from
here": the outermost one around it that is not around the place of the question as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from misydsl.language.syntax import (
    BlockSyntax,
    FallbackSyntax,
    ForSyntax,
    OnSyntax,
    StepSyntax,
    UndoSyntax,
)
from misydsl.source import Span


@dataclass(frozen=True, slots=True)
class HidingStep:
    """A step with steps inside."""

    name: str
    span: Span
    is_fan_out: bool


Hidden = dict[str, tuple[HidingStep, ...]]
"""Name of an inner step → the steps around it, the outermost first."""


def hidden_steps(block: BlockSyntax) -> Hidden:
    """Every inner step of a pipeline; of two with the same name the first."""
    found: Hidden = {}
    waiting: list[tuple[BlockSyntax, tuple[HidingStep, ...]]] = [(block, ())]
    while waiting:
        current, around = waiting.pop()
        waiting.extend((inner, around) for inner in _plain_blocks(current))
        for step in (item for item in current.items if isinstance(item, StepSyntax)):
            if around:
                found.setdefault(step.name.text, around)
            waiting.extend((one, (*around, _hiding(step))) for one in step_blocks(step))
    return found


def hiding_place(
    hidden: Mapping[str, Sequence[HidingStep]], name: str, at: Span
) -> HidingStep | None:
    """The step that hides `name` from the place `at`; None when no inner step is called so."""
    for step in hidden.get(name, ()):
        if not (step.span.start <= at.start and at.end <= step.span.end):
            return step
    return None


def step_blocks(step: StepSyntax) -> Iterator[BlockSyntax]:
    """The blocks written at a step: its own and those of its `else`."""
    yield step.block
    yield from (branch.block for branch in step.otherwise)


def _plain_blocks(block: BlockSyntax) -> Iterator[BlockSyntax]:
    for item in block.items:
        if isinstance(item, FallbackSyntax | UndoSyntax | OnSyntax):
            yield item.block


def _hiding(step: StepSyntax) -> HidingStep:
    is_fan_out = any(isinstance(one, ForSyntax) for one in step.modifiers)
    return HidingStep(step.name.text, step.span, is_fan_out)
