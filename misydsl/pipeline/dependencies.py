"""Who waits for whom inside one block.

In: a `Block`. Out: for each of its steps, the indexes of the sibling steps it needs, by data (its name is
used, directly or through a let, however deep inside the step) and by `after` (order only). Linear in
the size of the block: each expression is read once. What a step names outside its block is not listed
here; the step around it waits for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from misydsl.expressions.free import free_names
from misydsl.pipeline.model import Block, Call, Step


@dataclass(frozen=True, slots=True)
class Needs:
    """What one step waits for: indexes into `block.steps`, ascending."""

    data: tuple[int, ...]
    order: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        """Every step it waits for, once each, ascending."""
        return tuple(sorted({*self.data, *self.order}))


def dependencies(block: Block) -> tuple[Needs, ...]:
    """The needs of each step of a block, in the order of `block.steps`."""
    index = {step.name: number for number, step in enumerate(block.steps)}
    through_lets = _through_lets(block)
    return tuple(_needs(step, index, through_lets) for step in block.steps)


def result_needs(block: Block) -> tuple[int, ...]:
    """The steps that the block's own `return`, `call` or `until` names, ascending."""
    index = {step.name: number for number, step in enumerate(block.steps)}
    through_lets = _through_lets(block)
    names = _expand(_own_names(block), through_lets)
    return tuple(sorted(index[name] for name in names if name in index))


def step_names(step: Step) -> frozenset[str] | set[str]:
    """Every name a step uses anywhere inside, minus the ones it declares itself."""
    return step.uses if step.uses is not None else names_found(step)


def names_found(step: Step) -> set[str]:
    """The same, looked for in the step."""
    names = set(_modifier_names(step))
    for inner in step_blocks(step):
        names |= block_names(inner)
    if step.undo is not None:  # in there its own name is its result, not a dependency
        names |= block_names(step.undo) - {step.name}
    if step.loop is not None:
        names -= {step.loop.name, step.loop.index_name}
        names |= free_names(step.loop.iterable)
    return names


def block_names(block: Block) -> set[str]:
    """Every name a block uses, minus the ones it declares."""
    names = _own_names(block)
    for let in block.lets:
        names |= free_names(let.value)
    for step in block.steps:
        names |= step_names(step)
    names.difference_update(step.name for step in block.steps)
    names.difference_update(let.name for let in block.lets)
    return names


def step_blocks(step: Step) -> Iterator[Block]:
    """The blocks of a step that may run before it is done, `undo` aside."""
    yield step.block
    yield from (branch.block for branch in step.otherwise)
    yield from step.fallbacks


def call_names(call: Call) -> set[str]:
    """The names used by a call's arguments."""
    names: set[str] = set()
    for argument in call.arguments:
        names |= free_names(argument.value)
    return names


def _needs(step: Step, index: dict[str, int], lets: dict[str, frozenset[str]]) -> Needs:
    names = _expand(step_names(step), lets)
    data = {index[name] for name in names if name in index}  # itself too: a circle to be shown
    order = {index[name] for name in step.after if name in index} - data
    return Needs(tuple(sorted(data)), tuple(sorted(order)))


def _modifier_names(step: Step) -> Iterator[str]:
    for expression in (step.when, step.repeat, *(branch.condition for branch in step.otherwise)):
        if expression is not None:
            yield from free_names(expression)
    for setting in step.settings:
        yield from free_names(setting.value)


def _own_names(block: Block) -> set[str]:
    names = set() if block.call is None else call_names(block.call)
    for expression in (block.result, block.until):
        if expression is not None:
            names |= free_names(expression)
    return names


def _through_lets(block: Block) -> dict[str, frozenset[str]]:
    """Per let of the block, the steps of the block it comes to, through other lets too.

    Each let is followed once, however many steps use it; lets in a circle, which the checker tells, come
    to what is found before the circle closes.
    """
    steps = frozenset(step.name for step in block.steps)
    used = {let.name: free_names(let.value) for let in block.lets}
    reached: dict[str, frozenset[str]] = {}
    for first in used:
        waiting = [first]
        entered: set[str] = set()
        while waiting:
            name = waiting[-1]
            inner = used[name] & used.keys()
            missing = [one for one in inner if one not in reached and one not in entered]
            if name in reached or (name in entered and not missing):
                waiting.pop()
                found = (reached.get(one, frozenset()) for one in inner)
                reached.setdefault(name, (used[name] & steps).union(*found))
            else:
                entered.add(name)
                waiting += missing or []
    return reached


def _expand(
    names: frozenset[str] | set[str], lets: dict[str, frozenset[str]]
) -> frozenset[str] | set[str]:
    """The names, and the steps they come to through lets."""
    through = names & lets.keys()
    return names.union(*(lets[name] for name in through)) if through else names
