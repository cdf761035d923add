"""Rounds: what follows when the body of a unit has come to a value.

In: a unit, its value and, after a call, what the call was. Out: the unit is finished; or, inside of a
`repeat`, the round is, and `until` says whether another one begins, at once or after `every`.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw

from misydsl.acceptance import Mismatch
from misydsl.failures import Failure
from misydsl.history.events import NULL_RAW, RoundFinished, StepFinished
from misydsl.runner.jobs import settings_of
from misydsl.runner.program import RepeatCode
from misydsl.runner.state import Finished, Interval, State, Unit
from misydsl.runner.units import (
    ROUND_STRIDE,
    StepProblem,
    evaluate,
    evaluation,
    fail_unit,
    finish_value,
    is_recorded,
    rounds_of,
)
from misydsl.values import Duration, Value, encode_json


class Called(msgspec.Struct, frozen=True, gc=False):
    """The call that a value came from."""

    raw: Raw
    agent: str
    attempts: int = 0
    duration_s: float = 0.0
    reused: str | None = None
    inputs: Raw = NULL_RAW
    memo: str | None = None
    cost: float = 0.0
    tokens: int = 0


def body_done(state: State, unit: Unit, value: Value, called: Called | None = None) -> None:
    """The body came to a value."""
    repeat = unit.choice.repeat
    if repeat is not None:
        try:
            _round_done(state, unit, value, repeat, called)
        except StepProblem as problem:
            fail_unit(state, unit, problem.failure)
    elif called is None:
        finish_value(state, unit, value)
    else:
        if not is_recorded(state, unit):
            state.facts.append(_finished(state, unit, called))
        state.settled.append((unit, Finished(value, called.raw, called.reused is not None)))


def group_done(state: State, unit: Unit, value: Value) -> None:
    """The steps inside of a unit came to a value."""
    try:
        value = unit.step.check_value(value)
    except Mismatch as mismatch:
        words = f"the result of `{unit.step.path}`: {mismatch}"
        fail_unit(state, unit, Failure("wrong-type", words, step=unit.step.path))
        return
    body_done(state, unit, value)


def _finished(state: State, unit: Unit, called: Called) -> StepFinished:
    return StepFinished(
        at=state.now,
        step=unit.step.path,
        value=called.raw,
        item=unit.item,
        round=unit.round,
        attempts=called.attempts,
        duration_s=called.duration_s,
        agent=called.agent,
        reused=called.reused,
        inputs=called.inputs,
        memo=called.memo,
        cost=called.cost,
        tokens=called.tokens,
    )


def _round_done(
    state: State, unit: Unit, value: Value, repeat: RepeatCode, called: Called | None
) -> None:
    address = (unit.step.path, unit.item, unit.turn)
    past = state.past.steps.get(address)
    ended_at = state.now
    if past is not None and past.status == "succeeded":
        ended_at = past.finished_at or state.now
    else:
        state.facts.append(_round_fact(state, unit, value, called))
    unit.previous = value
    is_enough = evaluate(unit, repeat.until)
    if not isinstance(is_enough, bool):
        raise StepProblem(evaluation(unit, "`until` needs true or false"))
    settings = settings_of(unit)
    is_kept = settings.get("exhausted") == "keep"
    is_last = rounds_of(unit) >= round_limit(unit, repeat)
    if is_enough or (is_last and is_kept):
        finish_value(state, unit, value)
    elif is_last:
        raise StepProblem(_exhausted(unit))
    else:
        every = settings.get("every")
        pause = float(every) if isinstance(every, Duration) else 0.0
        _go_on(state, unit, ended_at + pause - state.now)


def _go_on(state: State, unit: Unit, left_s: float) -> None:
    """Another round follows, after so many seconds; in a stopped pipeline, only one that was begun."""
    if unit.course.is_failing is not None:
        if (unit.step.path, unit.item, next_turn(unit)) in state.past.steps:
            state.again.append(unit)
    elif left_s > 0 and state.is_patient:
        state.waits.append((Interval(unit), left_s))
    else:
        state.again.append(unit)


def _round_fact(state: State, unit: Unit, value: Value, called: Called | None) -> RoundFinished:
    step, item, turn = unit.step.path, unit.item, unit.turn
    if called is None:
        try:
            raw = Raw(encode_json(value))
        except ValueError as problem:
            raise StepProblem(evaluation(unit, str(problem))) from problem
        return RoundFinished(at=state.now, step=step, round=turn, value=raw, item=item)
    return RoundFinished(
        at=state.now,
        step=step,
        round=turn,
        value=called.raw,
        item=item,
        attempts=called.attempts,
        duration_s=called.duration_s,
        agent=called.agent,
        reused=called.reused,
        inputs=called.inputs,
        memo=called.memo,
        cost=called.cost,
        tokens=called.tokens,
    )


def next_turn(unit: Unit) -> int:
    """The number of the round that follows; nested ones count apart."""
    return unit.round * ROUND_STRIDE + rounds_of(unit) + 1


def round_limit(unit: Unit, repeat: RepeatCode) -> int:
    """How many rounds there may be; raises `StepProblem`."""
    frame, unit.frame = unit.frame, None  # read outside of any round
    limit = evaluate(unit, repeat.limit)
    unit.frame = frame
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= ROUND_STRIDE:
        words = f"`repeat up to` needs a whole number from 1 to {ROUND_STRIDE:,}, got {limit}"
        raise StepProblem(evaluation(unit, words))
    return limit


def _exhausted(unit: Unit) -> Failure:
    rounds = rounds_of(unit)
    words = f"`until` did not come true in {rounds} round{'s' if rounds > 1 else ''}"
    return Failure(
        "exhausted", words, step=unit.step.path, item=unit.item or None,
        advice='allow more rounds, or take the last result with exhausted: "keep"',
    )  # fmt: skip
