"""Jobs: the calls of units.

In: a unit whose body is a call. Out: a `Job` with its inputs evaluated, checked against the agent's parameters
and encoded once, its policy and its Idempotency-Key. Numbers of attempts go on where an earlier owner stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import cast

import msgspec

from misydsl.acceptance import Mismatch, accept_anything
from misydsl.expressions.blame import blame, producer_of
from misydsl.expressions.evaluate import EvaluationError
from misydsl.pipeline.policies import CallPolicy, call_policy, overlay
from misydsl.runner.past import NONE_MADE
from misydsl.runner.program import ArgumentCode, CallCode
from misydsl.runner.state import Job, State, Unit
from misydsl.runner.units import (
    StepProblem,
    evaluate,
    evaluation,
    evaluation_failure,
    wrong_type,
)
from misydsl.values import Value, encode_json


def job_of(state: State, unit: Unit, body: CallCode, policy: CallPolicy) -> Job:
    """The call of a unit, inputs evaluated, checked and encoded; raises `StepProblem`."""
    inputs = arguments_of(unit, body.arguments)
    for name in body.required:
        if name not in inputs:
            raise StepProblem(evaluation(unit, f"`{body.agent.name}` needs `{name}`"))
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
        raise StepProblem(evaluation(unit, str(problem))) from problem
    job = Job(unit, agent, inputs, encoded, "", policy, 1, 1, state.now)
    if agent.sends_ancestors:
        job.content = content_of(payload)
    return _numbered(state, job)


def content_of(payload: Mapping[str, Value]) -> bytes:
    """What makes one call equal to another: its inputs, but not the session they were sent in."""
    return encode_json({name: value for name, value in payload.items() if name != "sessionId"})


def _numbered(state: State, job: Job) -> Job:
    """With its key, and its attempts counted on from those of earlier owners.

    An attempt whose end is not known is made once more, however many there may be: it was not refused.
    """
    address = (job.step, job.item, job.round)
    job.key = idempotency_key(state.run, *address)
    made = state.past.made.get(address, NONE_MADE)
    job.attempt = made.begun + 1
    job.last_attempt = made.begun + max(1, job.policy.retry.attempts - made.failed)
    return job


def idempotency_key(run: str, step: str, item: str, round_: int = 0) -> str:
    """32 hex digits: equal over attempts and restarts, different for every step, item and round."""
    text = f"{run}\0{step}\0{item}\0{round_}"
    return blake2b(text.encode(), digest_size=16).hexdigest()


def arguments_of(unit: Unit, arguments: tuple[ArgumentCode, ...]) -> dict[str, Value]:
    """The inputs of a call by name; raises `StepProblem` naming who gave a value that does not fit."""
    inputs: dict[str, Value] = {}
    for argument in arguments:
        value = evaluate(unit, argument.code)
        if argument.accept is not None and argument.accept is not accept_anything:
            try:
                value = argument.accept(value)
            except Mismatch as mismatch:
                named = "" if argument.name is None else f"`{argument.name}`: "
                words = named + _whose(argument, mismatch)
                found = wrong_type(unit, words, is_given=_is_given(argument))
                raise StepProblem(found) from mismatch
        if argument.name is not None:
            inputs[argument.name] = value
        else:
            inputs.update(cast("dict[str, Value]", value))  # seen by its `accept`
    return inputs


def _whose(argument: ArgumentCode, mismatch: Mismatch) -> str:
    if argument.taken_from is None or _is_given(argument):
        return str(mismatch)
    return blame(argument.taken_from, mismatch)


def _is_given(argument: ArgumentCode) -> bool:
    """Whether the text itself says the value, and no step."""
    return argument.taken_from is None or producer_of(argument.taken_from)[0] is None


def _ancestor_results(unit: Unit) -> dict[str, Value]:
    group, steps = unit.group, unit.group.code.steps
    found: dict[str, Value] = {}
    for index in unit.step.ancestors:
        if index in group.failed:
            found[steps[index].step.public_name] = {"success": False}
        else:
            value = cast("Value", group.frame.values[steps[index].slot])
            found[steps[index].step.public_name] = {"success": True, "data": value}
    return found


def own_policy(unit: Unit) -> CallPolicy:
    """The policy of a step's calls: step over agent over pipeline defaults."""
    body = unit.choice.body
    assert isinstance(body, CallCode)
    policy = call_policy(overlay(settings_of(unit), body.agent.layer, unit.course.defaults))
    if policy.cache_s is not None and _has_effect(unit):
        return msgspec.structs.replace(policy, cache_s=None)
    return policy


def _has_effect(unit: Unit) -> bool:
    """Whether its call does what an `undo` takes back, or is such an `undo`, or a handler: it has to be made."""
    around: Unit | None = unit
    while around is not None:
        part = around.part
        if around.step.undo is not None or (part is not None and part.kind != "fallback"):
            return True
        around = around.group.owner if part is None else part.of
    return False


def settings_of(unit: Unit) -> dict[str, Value]:
    """The step's own settings; raises `StepProblem`."""
    frame = unit.group.frame if unit.part is None else unit.around
    try:
        return {name: code(frame) for name, code in unit.step.settings}
    except EvaluationError as problem:
        raise StepProblem(evaluation_failure(unit, problem)) from problem
