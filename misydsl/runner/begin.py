"""Beginning: from a step whose needs are met to a value, a call, a group or a fan-out.

In: a `State` and a step of one of its groups. Out: entries in the state's queues: settled units, calls for
the driver, groups whose own steps are ready. Values computed here are recorded here. Nothing is awaited
and nothing recurses: deeper work always goes through the queues.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from misydsl.acceptance import Mismatch, accept_anything
from misydsl.expressions.blame import blame
from misydsl.expressions.frames import Frame
from misydsl.failures import Failure
from misydsl.history.events import GroupStarted, StepSkipped
from misydsl.pipeline.policies import CallPolicy
from misydsl.runner.fans import item_frame, open_fan
from misydsl.runner.jobs import arguments_of, job_of, own_policy
from misydsl.runner.program import (
    BlockCode,
    CallCode,
    Choice,
    GroupCode,
    ParameterCode,
    PipelineCode,
    ValueCode,
)
from misydsl.runner.state import (
    OPEN,
    Fan,
    Group,
    Skipped,
    State,
    Unit,
)
from misydsl.runner.units import (
    StepProblem,
    evaluate,
    evaluation,
    fail_unit,
    finish_value,
    past_of,
    restored,
    wrong_type,
)
from misydsl.values import Value


def open_group(
    state: State, code: BlockCode, frame: Frame, *, owner: Unit | None, item: str
) -> Group:
    """A block at work in a frame, its free steps ready; an empty one is closed by `settle`."""
    count = len(code.steps)
    group = Group(code, frame, owner, item, list(code.needs), bytearray(count), count)
    state.ready.extend((group, index) for index, needs in enumerate(code.needs) if needs == 0)
    if count == 0:
        state.ready.append((group, -1))
    return group


def begin_step(state: State, group: Group, index: int) -> None:
    """Begin one step whose needs are met, or restore what an earlier owner recorded of it."""
    step = group.code.steps[index]
    group.status[index] = OPEN
    unit = Unit(group, index, step, step.choices[0], group.frame, group.item)
    if state.past:
        past = past_of(state, unit)
        # the value of a `for` is that of its items, so it is opened again; they are all restored
        if past.outcome is not None and (step.loop is None or isinstance(past.outcome, Failure)):
            state.settled.append((unit, restored(unit, past)))
            return
    try:
        if step.loop is not None:
            open_fan(state, unit)
        else:
            _begin_chosen(state, unit)
    except StepProblem as problem:
        fail_unit(state, unit, problem.failure)


def begin_items(state: State, fan: Fan, budget: int) -> int:
    """Begin as many items as the fan's limit and the budget allow; returns how many."""
    begun = 0
    while begun < budget and fan.open < fan.limit and not fan.is_over:
        number, fan.next = fan.next, fan.next + 1
        fan.open += 1
        begun += 1
        frame = item_frame(fan, number)
        unit = Unit(
            fan.group,
            fan.index,
            fan.step,
            fan.step.choices[0],
            frame,
            fan.item_of(number),
            fan,
            number,
        )
        _begin_or_restore(state, unit)
    return begun


def fill_parameters(
    frame: Frame, parameters: tuple[ParameterCode, ...], given: Mapping[str, Value]
) -> None:
    """Put inputs into a frame by slot, defaults for the absent; raises `Mismatch`."""
    for parameter in parameters:
        if parameter.name in given:
            value = given[parameter.name]
        else:
            value = parameter.default(frame) if parameter.default is not None else None
        try:
            frame.values[parameter.slot] = parameter.accept(value)
        except Mismatch as mismatch:
            raise mismatch.inside(f".{parameter.name}") from mismatch


def _begin_chosen(state: State, unit: Unit) -> None:
    choice = _choose(unit)
    if choice is None:
        state.facts.append(StepSkipped(at=state.now, step=unit.step.path, item=unit.item))
        state.settled.append((unit, Skipped()))
        return
    unit.choice = choice
    if choice.names is not None:
        unit.frame = choice.names.new_frame(unit.frame)
    _begin_body(state, unit)


def _begin_or_restore(state: State, unit: Unit) -> None:
    past = past_of(state, unit)
    if past.outcome is not None:
        state.settled.append((unit, restored(unit, past)))
        return
    try:
        _begin_chosen(state, unit)
    except StepProblem as problem:
        fail_unit(state, unit, problem.failure)


def _choose(unit: Unit) -> Choice | None:
    for choice in unit.step.choices:
        if choice.condition is None:
            return choice
        holds = evaluate(unit, choice.condition)
        if not isinstance(holds, bool):
            raise StepProblem(evaluation(unit, "`when` needs true or false"))
        if holds:
            return choice
    return None


def _begin_body(state: State, unit: Unit) -> None:
    body = unit.choice.body
    match body:
        case ValueCode(code=code):
            value = evaluate(unit, code)
            if unit.step.check_value is not accept_anything:
                value = _checked(unit, value)
            finish_value(state, unit, value)
        case CallCode():
            state.calls.append(job_of(state, unit, body, _policy(state, unit)))
        case GroupCode(block):
            _begin_group(state, unit, block, unit.frame)
        case PipelineCode():
            frame = body.block.names.new_frame(body.home)
            _fill(unit, frame, body)
            _begin_group(state, unit, body.block, frame)
        case _:
            assert_never(body)


def _policy(state: State, unit: Unit) -> CallPolicy:
    """The policy of a call; the items of a fan share one, unless they went another way."""
    fan = unit.fan
    if fan is not None and fan.policy is not None and unit.choice is unit.step.choices[0]:
        return fan.policy
    return own_policy(state, unit)


def _checked(unit: Unit, value: Value) -> Value:
    try:
        return unit.step.check_value(value)
    except Mismatch as mismatch:
        raise StepProblem(wrong_type(unit, _words(unit, mismatch))) from mismatch


def _words(unit: Unit, mismatch: Mismatch) -> str:
    """Whose the step's value is: what it was taken from, else the step's own."""
    body = unit.choice.body
    taken_from = body.taken_from if isinstance(body, ValueCode) else None
    return f"the step's value: {mismatch}" if taken_from is None else blame(taken_from, mismatch)


def _begin_group(state: State, unit: Unit, block: BlockCode, frame: Frame) -> None:
    state.facts.append(GroupStarted(at=state.now, step=unit.step.path, item=unit.item))
    open_group(state, block, frame, owner=unit, item=unit.item)


def _fill(unit: Unit, frame: Frame, body: PipelineCode) -> None:
    try:
        fill_parameters(frame, body.parameters, arguments_of(unit, body.arguments))
    except Mismatch as mismatch:
        raise StepProblem(wrong_type(unit, f"the inputs: {mismatch}")) from mismatch
