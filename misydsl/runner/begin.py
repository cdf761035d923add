"""Beginning: from a step whose needs are met to a value, a call, a group or a fan-out.

In: a `State` and a step of one of its groups. Out: entries in the state's queues: settled units, calls for
the driver, groups whose own steps are ready. Values computed here are recorded here. Nothing is awaited
and nothing recurses: deeper work always goes through the queues.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import assert_never, cast

from msgspec import Raw

from misydsl.acceptance import Mismatch, accept_anything
from misydsl.expressions.evaluate import EvaluationError
from misydsl.expressions.frames import Frame
from misydsl.failures import Failure
from misydsl.history.events import FanOut, GroupStarted, StepFailed, StepFinished, StepSkipped
from misydsl.pipeline.policies import CallPolicy, call_policy, overlay
from misydsl.runner.program import (
    ArgumentCode,
    BlockCode,
    CallCode,
    Choice,
    Code,
    GroupCode,
    ParameterCode,
    PipelineCode,
    ValueCode,
)
from misydsl.runner.state import (
    FAN_WINDOW,
    MISSING,
    OPEN,
    Fan,
    Finished,
    Group,
    Job,
    Outcome,
    Past,
    Skipped,
    State,
    Unit,
)
from misydsl.values import Percent, Value, decode_json, encode_json

MAX_ITEMS = 1_000_000  # language limit on one fan-out

NOTHING_YET = Past(None, 0)


class StepProblem(Exception):
    """A step cannot be begun; carries the failure to the one place that records it."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


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
    if state.past and step.loop is None:
        past = _past(state, unit)
        if past.outcome is not None:
            state.settled.append((unit, _restored(unit, past)))
            return
    try:
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
        frame = _item_frame(fan, number)
        unit = Unit(
            fan.group, fan.index, fan.step, fan.choice, frame, fan.item_of(number), fan, number
        )
        _begin_or_restore(state, unit)
    return begun


def fail_unit(state: State, unit: Unit, failure: Failure, attempts: int = 0) -> None:
    """Record that a unit failed for good, and queue what follows from it."""
    step, item = unit.step.path, unit.item
    if _past(state, unit).outcome is None:
        state.facts.append(
            StepFailed(at=state.now, step=step, failure=failure, item=item, attempts=attempts)
        )
    state.settled.append((unit, failure))


def finish_value(state: State, unit: Unit, value: Value) -> None:
    """Record a computed value and queue what follows from it."""
    try:
        raw = Raw(encode_json(value))
    except ValueError as problem:
        fail_unit(state, unit, _evaluation(unit, str(problem)))
        return
    state.facts.append(StepFinished(at=state.now, step=unit.step.path, value=raw, item=unit.item))
    state.settled.append((unit, Finished(value, raw)))


def fill_parameters(
    frame: Frame, parameters: tuple[ParameterCode, ...], given: Mapping[str, Value]
) -> None:
    """Put inputs into a frame by slot, defaults for the absent; raises `Mismatch`."""
    for parameter in parameters:
        if parameter.name in given:
            frame.values[parameter.slot] = parameter.accept(given[parameter.name])
        elif parameter.default is not None:
            frame.values[parameter.slot] = parameter.accept(parameter.default(frame))
        else:
            frame.values[parameter.slot] = parameter.accept(None)


def evaluation_failure(unit: Unit, problem: EvaluationError) -> Failure:
    """An expression of a step that could not be computed, with its place in the text."""
    place = unit.step.source.position(problem.span.start)
    name = unit.step.source.name
    return _evaluation(unit, f"{problem.message} ({name}, line {place.line})")


def _begin_chosen(state: State, unit: Unit) -> None:
    choice = _choose(unit)
    if choice is None:
        state.facts.append(StepSkipped(at=state.now, step=unit.step.path, item=unit.item))
        state.settled.append((unit, Skipped()))
        return
    unit.choice = choice
    if unit.step.loop is not None and choice is unit.step.choices[0]:
        _open_fan(state, unit)
        return
    if choice.names is not None:
        unit.frame = choice.names.new_frame(unit.group.frame)
    _begin_body(state, unit, None)


def _begin_or_restore(state: State, unit: Unit) -> None:
    past = _past(state, unit)
    if past.outcome is not None:
        state.settled.append((unit, _restored(unit, past)))
        return
    assert unit.fan is not None
    try:
        _begin_body(state, unit, unit.fan.policy)
    except StepProblem as problem:
        fail_unit(state, unit, problem.failure)


def _choose(unit: Unit) -> Choice | None:
    for choice in unit.step.choices:
        if choice.condition is None:
            return choice
        holds = _evaluate(unit, choice.condition)
        if not isinstance(holds, bool):
            raise StepProblem(_evaluation(unit, "`when` needs true or false"))
        if holds:
            return choice
    return None


def _begin_body(state: State, unit: Unit, policy: CallPolicy | None) -> None:
    body = unit.choice.body
    match body:
        case ValueCode(code):
            value = _evaluate(unit, code)
            if unit.step.check_value is not accept_anything:
                value = _checked(unit, value)
            finish_value(state, unit, value)
        case CallCode():
            state.calls.append(_job(state, unit, body, policy or _own_policy(state, unit)))
        case GroupCode(block):
            _begin_group(state, unit, block, unit.frame)
        case PipelineCode():
            frame = body.block.names.new_frame(body.home)
            _fill(unit, frame, body)
            _begin_group(state, unit, body.block, frame)
        case _:
            assert_never(body)


def _checked(unit: Unit, value: Value) -> Value:
    try:
        return unit.step.check_value(value)
    except Mismatch as mismatch:
        raise StepProblem(_wrong_type(unit, "the step's value", mismatch)) from mismatch


def _begin_group(state: State, unit: Unit, block: BlockCode, frame: Frame) -> None:
    state.facts.append(GroupStarted(at=state.now, step=unit.step.path, item=unit.item))
    open_group(state, block, frame, owner=unit, item=unit.item)


def _fill(unit: Unit, frame: Frame, body: PipelineCode) -> None:
    try:
        fill_parameters(frame, body.parameters, _arguments(unit, body.arguments))
    except Mismatch as mismatch:
        raise StepProblem(_wrong_type(unit, "the inputs", mismatch)) from mismatch


# ------------------------------------------------------------------ calls


def _job(state: State, unit: Unit, body: CallCode, policy: CallPolicy) -> Job:
    inputs = _arguments(unit, body.arguments)
    agent = body.agent
    payload: dict[str, Value] = inputs
    if agent.sends_ancestors:
        payload = {
            **state.shared,
            **inputs,
            "previousResults": _ancestor_results(unit),
            "sessionId": state.session,
        }
    try:
        encoded = encode_json(payload)
    except ValueError as problem:
        raise StepProblem(_evaluation(unit, str(problem))) from problem
    made = _past(state, unit).attempts
    key = idempotency_key(state.run, unit.step.path, unit.item)
    return Job(
        unit, agent, inputs, encoded, key, policy, made + 1, made + policy.retry.attempts, state.now
    )


def idempotency_key(run: str, step: str, item: str, round_: int = 0) -> str:
    """32 hex digits: equal over attempts and restarts, different for every step, item and round."""
    text = f"{run}\0{step}\0{item}\0{round_}"
    return blake2b(text.encode(), digest_size=16).hexdigest()


def _arguments(unit: Unit, arguments: tuple[ArgumentCode, ...]) -> dict[str, Value]:
    inputs: dict[str, Value] = {}
    for argument in arguments:
        value = _evaluate(unit, argument.code)
        if argument.accept is not None and argument.accept is not accept_anything:
            try:
                value = argument.accept(value)
            except Mismatch as mismatch:
                blame = f"`{argument.name}`: {argument.producer}"
                raise StepProblem(_wrong_type(unit, blame, mismatch)) from mismatch
        if argument.name is not None:
            inputs[argument.name] = value
        elif isinstance(value, dict):
            inputs.update(value)
        else:
            raise StepProblem(_evaluation(unit, "`...` needs a record here"))
    return inputs


def _ancestor_results(unit: Unit) -> dict[str, Value]:
    group, steps = unit.group, unit.group.code.steps
    found: dict[str, Value] = {}
    for index in unit.step.ancestors:
        if index in group.failed:
            found[steps[index].step.name] = {"success": False}
        else:
            value = cast("Value", group.frame.values[steps[index].slot])
            found[steps[index].step.name] = {"success": True, "data": value}
    return found


def _own_policy(state: State, unit: Unit) -> CallPolicy:
    body = unit.choice.body
    assert isinstance(body, CallCode)
    return call_policy(overlay(_settings(unit), body.agent.layer, state.program.defaults))


def _settings(unit: Unit) -> dict[str, Value]:
    return {name: _evaluate(unit, code) for name, code in unit.step.settings}


# ------------------------------------------------------------------ fan-out


def _open_fan(state: State, unit: Unit) -> None:
    step, loop = unit.step, unit.step.loop
    assert loop is not None
    items = _evaluate(unit, loop.iterable)
    if not isinstance(items, list):
        raise StepProblem(_evaluation(unit, "`for` needs a list"))
    if len(items) > MAX_ITEMS:
        words = f"`for` over {len(items):,} items: the limit is {MAX_ITEMS:,}"
        raise StepProblem(_evaluation(unit, words))
    settings = _settings(unit)
    fan = Fan(
        unit.group, unit.index, step, unit.choice, items, None, [MISSING] * len(items),
        limit=_limit(unit, settings), allowed=_allowed(settings, len(items)),
        policy=_own_policy(state, unit) if isinstance(unit.choice.body, CallCode) else None,
    )  # fmt: skip
    fan.keys = _keys(fan, unit)
    if (step.path, unit.item) not in state.fan_outs:
        state.facts.append(
            FanOut(at=state.now, step=step.path, item=unit.item, count=len(items), keys=fan.keys)
        )
    if items:
        state.fans.append(fan)
    elif _past(state, unit).outcome is None:
        finish_value(state, unit, [])
    else:
        state.settled.append((unit, Finished([])))


def _limit(unit: Unit, settings: Mapping[str, Value]) -> int:
    asked = settings.get("concurrency")
    if isinstance(asked, int):
        return max(1, asked)
    body = unit.choice.body
    return max(FAN_WINDOW, body.agent.concurrency) if isinstance(body, CallCode) else FAN_WINDOW


def _allowed(settings: Mapping[str, Value], count: int) -> int:
    allowed = settings.get("allow-failures")
    if isinstance(allowed, Percent):
        return int(count * allowed + 1e-9)  # 10 % of 30 is 3, whatever binary fractions say
    return allowed if isinstance(allowed, int) else 0


def _keys(fan: Fan, unit: Unit) -> tuple[str, ...] | None:
    loop = fan.step.loop
    if loop is None or loop.key is None:
        return None
    keys = []
    for number in range(len(fan.items)):
        unit_of_item = Unit(
            unit.group, unit.index, unit.step, unit.choice, _item_frame(fan, number), ""
        )
        keys.append(str(_evaluate(unit_of_item, loop.key)).replace("/", "_"))
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise StepProblem(_evaluation(unit, f"`key` gives “{twice}” for two items"))
    return tuple(keys)


def _item_frame(fan: Fan, number: int) -> Frame:
    loop = fan.step.loop
    assert loop is not None
    frame = loop.names.new_frame(fan.group.frame)
    frame.values[loop.item_slot] = fan.items[number]
    if loop.index_slot is not None:
        frame.values[loop.index_slot] = number
    return frame


# ------------------------------------------------------------------ the past, and what goes wrong


def _past(state: State, unit: Unit) -> Past:
    return state.past.get((unit.step.path, unit.item), NOTHING_YET)


def _restored(unit: Unit, past: Past) -> Outcome:
    if isinstance(past.outcome, Finished):
        value = unit.step.accept(decode_json(bytes(cast("Raw", past.value))))
        return Finished(value, past.value)
    assert past.outcome is not None
    return past.outcome


def _evaluate(unit: Unit, code: Code) -> Value:
    try:
        return code(unit.frame)
    except EvaluationError as problem:
        raise StepProblem(evaluation_failure(unit, problem)) from problem


def _evaluation(unit: Unit, message: str) -> Failure:
    return Failure(
        "evaluation", message, step=unit.step.path, item=unit.item or None,
        advice="mend the expression and run again",
    )  # fmt: skip


def _wrong_type(unit: Unit, blame: str, mismatch: Mismatch) -> Failure:
    words = f"{blame} at `{mismatch.path}`: expected {mismatch.expected}, got {mismatch.got}"
    return Failure(
        "wrong-type", words, step=unit.step.path, item=unit.item or None,
        advice="declare what the producer really returns, or mend the producer",
    )  # fmt: skip
