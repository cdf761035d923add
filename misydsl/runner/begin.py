"""Beginning: from a step whose needs are met to a value, a call, a group or a fan-out.

In: a `State` and a step of one of its groups. Out: entries in the state's queues: settled units, calls for
the driver, groups whose own steps are ready. Values computed here are recorded here. Nothing is awaited
and nothing recurses: deeper work always goes through the queues.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from msgspec import Raw

from misydsl.acceptance import Mismatch, accept_anything
from misydsl.expressions.blame import blame
from misydsl.expressions.evaluate import EvaluationError
from misydsl.expressions.frames import Frame
from misydsl.failures import Failure
from misydsl.history.events import GroupStarted, StepSkipped
from misydsl.history.states import StepState
from misydsl.pipeline.policies import CallPolicy
from misydsl.runner.approvals import ask
from misydsl.runner.courses import error_value, open_course, open_group
from misydsl.runner.fans import item_frame, open_fan
from misydsl.runner.jobs import arguments_of, job_of, own_policy
from misydsl.runner.program import (
    ApprovalCode,
    CallCode,
    Choice,
    GroupCode,
    ParameterCode,
    PipelineCode,
    ValueCode,
)
from misydsl.runner.rounds import Called, body_done, next_turn, round_limit
from misydsl.runner.state import OPEN, Fan, Group, Job, Part, Recalled, Skipped, State, Unit
from misydsl.runner.units import (
    RESTORED,
    StepProblem,
    as_recorded,
    evaluate,
    evaluation,
    evaluation_failure,
    fail_unit,
    is_recorded,
    past_of,
    restored,
    wrong_type,
)
from misydsl.values import Value, decode_json

LEAVES: Final = (ValueCode, CallCode, ApprovalCode)
"""Bodies without steps of their own."""


def begin_step(state: State, group: Group, index: int) -> None:
    """Begin one step whose needs are met, or restore what an earlier owner recorded of it."""
    if group.course.is_over:
        return
    if group.turns is not None and not group.turns.may_begin(index):
        return
    step = group.code.steps[index]
    group.status[index] = OPEN
    unit = Unit(group, index, step, step.choices[0], group.frame, group.item, group.course)
    _begin(state, unit)


def begin_items(state: State, fan: Fan, budget: int) -> int:
    """Begin as many items as the fan's limit and the budget allow; returns how many."""
    begun = 0
    group = fan.group
    while begun < budget and fan.open < fan.limit and not fan.is_over:
        number = fan.next
        unit = Unit(
            group, fan.index, fan.step, fan.step.choices[0], item_frame(fan, number),
            fan.item_of(number), group.course, fan, number,
        )  # fmt: skip
        fan.next = number + 1
        begun += 1
        if fan.is_only_replayed and not _was_begun(state, unit):
            continue  # it waited at a gate while others went on
        fan.open += 1
        _begin(state, unit)
    return begun


def begin_again(state: State, unit: Unit) -> None:
    """Begin the next round of a unit, its fallback, or an undo or handler."""
    if unit.course.is_over:
        return
    try:
        if unit.part is not None:
            _begin(state, unit)
        elif unit.fallback:
            _begin_fallback(state, unit)
        else:
            _begin_round(state, unit)
    except StepProblem as problem:
        fail_unit(state, unit, problem.failure)


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


def _begin(state: State, unit: Unit) -> None:
    past = past_of(state, unit) if state.past else None
    try:
        if past is not None and past.status in RESTORED and not _looks_inside(unit, past):
            if unit.step.undo is not None:
                unit.choice = _choose(unit) or unit.choice
            state.settled.append((unit, restored(unit, past)))
        elif unit.step.loop is not None and unit.fan is None:
            if unit.course.is_failing is None or past is not None:
                open_fan(state, unit, is_replay=_is_replay(unit, past))
        else:
            _begin_chosen(state, unit, past)
    except StepProblem as problem:
        fail_unit(state, unit, problem.failure)


def _looks_inside(unit: Unit, past: StepState) -> bool:
    """Whether a settled step is gone through again, everything in it being restored.

    The value of a `for` is that of its items; and what can be undone has to be found again.
    """
    step = unit.step
    is_whole_loop = step.loop is not None and unit.fan is None
    if past.status == "skipped" or past.reused is not None:
        return False
    if is_whole_loop and past.status == "succeeded":
        return True
    if is_whole_loop:
        return step.may_hold_undo or step.undo is not None
    fallbacks = step.fallbacks[: past.fallback]
    return step.has_inner_undo or any(one.step.has_inner_undo for one in fallbacks)


def _is_replay(unit: Unit, past: StepState | None) -> bool:
    has_failed = past is not None and past.status == "failed"
    return has_failed or unit.course.is_failing is not None


def _begin_chosen(state: State, unit: Unit, past: StepState | None) -> None:
    is_restoring = unit.course.is_failing is not None
    if is_restoring and not _was_begun(state, unit):
        return
    choice = _choose(unit)
    if choice is None:
        fact = StepSkipped(at=state.now, step=unit.step.path, item=unit.item, round=unit.round)
        state.facts.append(fact)
        state.settled.append((unit, Skipped()))
        return
    unit.choice = choice
    is_leaf = isinstance(choice.body, LEAVES)
    if past is not None and past.fallback and is_leaf and choice is unit.step.choices[0]:
        unit.fallback, unit.error = 1, past.turned_by[0]  # the first one may hold undo, too
        unit.attempts = past.attempts
        state.again.append(unit)
    elif past is not None and past.status in RESTORED and is_leaf and choice.repeat is None:
        state.settled.append((unit, restored(unit, past)))  # the undo stands in another branch
    elif not (is_restoring and is_leaf and choice.repeat is None):
        _begin_round(state, unit)


def _was_begun(state: State, unit: Unit) -> bool:
    """Whether an earlier owner recorded anything of a unit, be it of the rounds it has come to."""
    if past_of(state, unit) is not None:
        return True
    first = (unit.step.path, unit.item, next_turn(unit))
    return unit.step.choices[0].repeat is not None and first in state.past.steps


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


def _begin_round(state: State, unit: Unit) -> None:
    """Begin the body of a unit, in a frame of its own where it needs one."""
    choice = unit.choice
    if unit.part is None:
        names = choice.names
        if choice.repeat is not None:
            round_limit(unit, choice.repeat)
            unit.turn = next_turn(unit)
        unit.frame = unit.around if names is None else names.new_frame(unit.around)
        if choice.repeat is not None:
            unit.frame.values[choice.repeat.previous_slot] = unit.previous
    _begin_body(state, unit)


def _begin_body(state: State, unit: Unit) -> None:
    body = unit.choice.body
    match body:
        case ValueCode(code=code):
            value = evaluate(unit, code)
            if unit.step.check_value is not accept_anything:
                value = _checked(unit, value)
            body_done(state, unit, value)
        case CallCode():
            _begin_call(state, unit, body)
        case ApprovalCode():
            if not _is_round_restored(state, unit) and unit.course.is_failing is None:
                ask(state, unit, arguments_of(unit, body.arguments))
        case GroupCode(block):
            _group_started(state, unit)
            assert unit.frame is not None
            open_group(state, block, unit.frame, owner=unit, course=unit.course)
        case PipelineCode():
            _begin_pipeline(state, unit, body)
        case _:
            assert_never(body)


def _begin_call(state: State, unit: Unit, body: CallCode) -> None:
    if _is_round_restored(state, unit) or unit.course.is_failing is not None:
        return
    job = job_of(state, unit, body, _policy(unit))
    found = None if state.recall is None else state.recall.call(job)
    if isinstance(found, Failure):
        fail_unit(state, unit, found)
    elif found is not None and _is_taken(state, job, found):
        return
    else:
        due = state.past.due(job.step, job.item, job.round)
        if due > state.now:
            state.waits.append((job, due - state.now))
        else:
            state.calls.append(job)


def _is_round_restored(state: State, unit: Unit) -> bool:
    """Whether an earlier owner recorded what this round of a `repeat` came to; then it is taken."""
    if unit.turn == 0 or not state.past:
        return False
    past = state.past.steps.get((unit.step.path, unit.item, unit.turn))
    if past is None or past.status != "succeeded" or past.value is None:
        return False
    raw = past.value
    body_done(state, unit, as_recorded(unit, raw), Called(raw, past.agent or ""))
    return True


def _is_taken(state: State, job: Job, found: Recalled) -> bool:
    """Whether the result of an equal call is used: it still has to be of the declared types."""
    try:
        value = job.agent.accept(decode_json(bytes(found.raw)))
        value = job.unit.step.check_value(value)
    except Mismatch:
        return False
    called = Called(found.raw, job.agent.name, reused=found.source, inputs=Raw(job.body))
    body_done(state, job.unit, value, called)
    return True


def _policy(unit: Unit) -> CallPolicy:
    """The policy of a call; the items of a fan share one, unless they went another way."""
    fan = unit.fan
    if fan is not None and fan.policy is not None and unit.choice is unit.step.choices[0]:
        return fan.policy
    return own_policy(unit)


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


def _group_started(state: State, unit: Unit) -> None:
    if not is_recorded(state, unit):
        fact = GroupStarted(
            at=state.now, step=unit.step.path, item=unit.item, round=unit.turn or unit.round
        )
        state.facts.append(fact)


def _begin_pipeline(state: State, unit: Unit, body: PipelineCode) -> None:
    code = body.course
    frame = code.block.names.new_frame(code.home)
    try:
        fill_parameters(frame, code.parameters, arguments_of(unit, body.arguments))
    except Mismatch as mismatch:
        raise StepProblem(wrong_type(unit, f"the inputs: {mismatch}")) from mismatch
    _group_started(state, unit)
    past = past_of(state, unit)
    began = state.now if past is None or past.started_at is None else past.started_at
    try:
        open_course(state, code, frame, owner=unit, began=began)
    except EvaluationError as problem:
        raise StepProblem(evaluation_failure(unit, problem)) from problem


def _begin_fallback(state: State, unit: Unit) -> None:
    code = unit.step.fallbacks[unit.fallback - 1]
    choice = code.step.choices[0]
    assert choice.names is not None
    assert unit.error is not None
    frame = choice.names.new_frame(unit.around)
    if code.slot is not None:
        frame.values[code.slot] = error_value(unit.error, unit.attempts)
    part = Part("fallback", unit, unit.course)
    doing = Unit(
        unit.group, unit.index, code.step, choice, unit.around, unit.item, unit.course, part=part
    )
    doing.frame = frame
    _begin(state, doing)
