"""The steps of a pipeline as they were understood, and what their settings come to.

In: declarations of the model. Out: every block and step, the agent a step calls, and settings followed
through the lets of the file. A setting that has to be computed is not known, and nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from misydsl.expressions.nodes import Expression, Literal, RecordField, RecordOf, Reference
from misydsl.pipeline.model import Agent, Block, Let, Module, Pipeline, Setting, Step
from misydsl.values import Scalar

_LONGEST_CHAIN: Final = 20  # lets followed; a circle of them is told elsewhere


def blocks_in(pipeline: Pipeline) -> Iterator[Block]:
    """Every block of a pipeline, handlers included."""
    waiting = [pipeline.block, *pipeline.on_failure, *pipeline.on_finish]
    while waiting:
        block = waiting.pop()
        yield block
        for step in block.steps:
            waiting.extend(ways(step))
            waiting.extend([*step.fallbacks, *([step.undo] if step.undo is not None else [])])


def steps_in(pipeline: Pipeline) -> Iterator[Step]:
    """Every step of a pipeline, handlers included."""
    for block in blocks_in(pipeline):
        yield from block.steps


def ways(step: Step) -> tuple[Block, ...]:
    """The blocks a step chooses from: its own and those of its `else`."""
    return (step.block, *(branch.block for branch in step.otherwise))


def called_agent(block: Block, module: Module) -> Agent | None:
    """The agent that a block calls itself."""
    target = module.names.get(block.call.target) if block.call is not None else None
    return target if isinstance(target, Agent) else None


def setting(settings: Sequence[Setting], name: str) -> Setting | None:
    """The setting of that name."""
    return next((one for one in settings if one.name == name), None)


def known_value(settings: Sequence[Setting], name: str, module: Module) -> Scalar:
    """What a setting says, followed through lets; None when it is absent or computed."""
    found = setting(settings, name)
    return None if found is None else literal(found.value, module)


def literal(expression: Expression, module: Module) -> Scalar:
    """The value of a literal or of a let that is one; None for anything else."""
    followed = followed_lets(expression, module)
    return followed.value if isinstance(followed, Literal) else None


def followed_lets(expression: Expression, module: Module) -> Expression:
    """What stands behind a name, as far as it is a let of the file."""
    for _ in range(_LONGEST_CHAIN):
        let = module.names.get(expression.name) if isinstance(expression, Reference) else None
        if not isinstance(let, Let) or let.module != module.key:
            break
        expression = let.value
    return expression


def field_of(expression: Expression, name: str, module: Module) -> Expression | None:
    """The value a record literal gives a field."""
    record = followed_lets(expression, module)
    for one in record.fields if isinstance(record, RecordOf) else ():
        if isinstance(one, RecordField) and one.name == name:
            return one.value
    return None


def attempts_of(value: Expression | None, module: Module) -> int | None:
    """The `attempts` of a `retry` record."""
    found = field_of(value, "attempts", module) if value is not None else None
    attempts = literal(found, module) if found is not None else None
    return attempts if type(attempts) is int else None
