"""Which names the items of a block use: in what order their types can be found follows from it.

In: blocks and steps as written. Out: names, those that are declared inside left out. Each step is read
once, however deep it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from misydsl.expressions.free import free_names
from misydsl.expressions.nodes import Expression
from misydsl.language.syntax import (
    AfterSyntax,
    BlockSyntax,
    CallSyntax,
    FallbackSyntax,
    ForSyntax,
    Item,
    LetSyntax,
    OnSyntax,
    RepeatSyntax,
    ReturnSyntax,
    SettingSyntax,
    StepSyntax,
    UndoSyntax,
    UntilSyntax,
    WhenSyntax,
)


class Uses:
    """Which names the steps of one file use; each step is read once, however deep it stands."""

    def __init__(self) -> None:
        self._steps: dict[int, frozenset[str]] = {}

    def of_step(self, step: StepSyntax) -> frozenset[str]:
        """Every name used anywhere in a step, minus the ones it declares itself."""
        found = self._steps.get(id(step))
        if found is None:
            found = self._steps[id(step)] = self._step(step)
        return found

    def of_value(self, value: Expression) -> frozenset[str]:
        """Every name an expression uses."""
        return free_names(value)

    def of_block(self, block: BlockSyntax, owner: str | None = None) -> frozenset[str]:
        """Every name used in a block, minus the ones it declares; in `undo` the owner is its result."""
        inside, outside = self._both(block, owner)
        declared = {one.name.text for one in block.items if isinstance(one, LetSyntax | StepSyntax)}
        return frozenset((inside - declared) | outside)

    def within(self, block: BlockSyntax) -> frozenset[str]:
        """Every name the items of a block use, those it declares itself among them."""
        inside, outside = self._both(block, None)
        return frozenset(inside | outside)

    def inside(self, step: StepSyntax) -> frozenset[str]:
        """Every name the blocks, conditions and rounds of a step use, its loop variables among them."""
        name = step.name.text
        used = set(self.of_block(step.block, name))
        for branch in step.otherwise:
            used |= self.of_block(branch.block)
            if branch.condition is not None:
                used |= free_names(branch.condition)
        for modifier in step.modifiers:
            match modifier:
                case WhenSyntax(condition=value) | RepeatSyntax(limit=value):
                    used |= free_names(value)
                case ForSyntax() | AfterSyntax():
                    pass
        return frozenset(used)

    def _both(self, block: BlockSyntax, owner: str | None) -> tuple[set[str], set[str]]:
        """What the items of a block use, and what its handlers use, which see around it only."""
        inside: set[str] = set()
        outside: set[str] = set()
        for item in block.items:
            match item:
                case FallbackSyntax(block=inner) | OnSyntax(block=inner):
                    outside |= self.of_block(inner)
                case UndoSyntax(block=inner):
                    outside |= self.of_block(inner) - {owner}
                case StepSyntax():
                    inside |= self.of_step(item)
                case _:
                    inside.update(self._item(item))
        return inside, outside

    def _item(self, item: Item) -> Iterable[str]:
        match item:
            case LetSyntax(value=value) | SettingSyntax(value=value) | ReturnSyntax(value=value):
                return free_names(value)
            case UntilSyntax(condition=condition):
                return free_names(condition)
            case CallSyntax():
                return set(_call_uses(item))
            case _:
                return ()

    def _step(self, step: StepSyntax) -> frozenset[str]:
        used = set(self.inside(step))
        loops = [one for one in step.modifiers if isinstance(one, ForSyntax)]
        for loop in loops:
            used -= {loop.name.text, loop.index_name.text if loop.index_name else loop.name.text}
        for loop in loops:
            used |= free_names(loop.iterable)
        return frozenset(used)


def _call_uses(call: CallSyntax) -> Iterator[str]:
    for argument in call.arguments:
        if argument.kind == "pun" and argument.name is not None:
            yield argument.name.text
        else:
            yield from free_names(argument.value)
