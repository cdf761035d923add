"""Deciding: what one message means for a run. Pure: the time comes with the message.

In: a `State` and what happened outside: a reply, a failure, a wait that is over. Out: the state moved on,
with new facts, calls and waits in its lists for the driver to take. `work` then does what can be done
without anybody's help, a bounded amount at a time, so that a huge graph never starves other runs.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

import msgspec
from msgspec import Raw

from misydsl.acceptance import Mismatch, accept_anything
from misydsl.agents.contract import Reply
from misydsl.failures import Failure
from misydsl.history.events import (
    NULL_RAW,
    AttemptFailed,
    AttemptHedged,
    AttemptStarted,
    Event,
)
from misydsl.runner.approvals import answer, expire
from misydsl.runner.begin import begin_again, begin_items, begin_step, fill_parameters
from misydsl.runner.budgets import admits, charge, usage_of
from misydsl.runner.courses import advance, deadline_failure, fail_course, open_course, stop_course
from misydsl.runner.past import NO_PAST, Past
from misydsl.runner.program import Program
from misydsl.runner.retry import wait_s
from misydsl.runner.rounds import Called, body_done
from misydsl.runner.settle import close_fan, close_group, settle
from misydsl.runner.state import (
    Alarm,
    Answered,
    Asked,
    Interval,
    Job,
    Recall,
    State,
    Wait,
)
from misydsl.runner.units import as_recorded, fail_unit
from misydsl.values import Value, encode_json


@dataclass(frozen=True, slots=True)
class Replied:
    """The agent answered (or failed to) after so many seconds."""

    job: Job
    outcome: Reply | Failure
    duration_s: float


@dataclass(frozen=True, slots=True)
class Hedged:
    """The call took long and was sent a second time."""

    job: Job


@dataclass(frozen=True, slots=True)
class Woken:
    """A wait is over: before the next attempt or round, for a person, or for a deadline."""

    wait: Wait


Message = Replied | Hedged | Woken | Answered


@dataclass(frozen=True, slots=True)
class Instructions:
    """What the driver has to do: record these facts, queue these calls, begin these waits, drop those."""

    facts: list[Event]
    calls: list[Job]
    waits: list[tuple[Wait, float]]
    aborts: list[Wait]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a run is told about itself, and what it may remember."""

    run: str
    session: str
    chance: random.Random
    shared: Mapping[str, Value]
    accepted_at: float
    past: Past = NO_PAST
    recall: Recall | None = None
    budget: Mapping[str, Value] = field(default_factory=dict)
    """The parts of the pipeline's own budget that were changed for this run."""
    is_patient: bool = True
    """Whether `every` is waited for; a replay does not wait."""


def begin_run(
    program: Program, inputs: Mapping[str, Value], about: Circumstances, *, now: float
) -> State:
    """A run about to begin, or to go on where its past ends; raises `Mismatch` for wrong inputs."""
    state = State(
        program, about.run, about.session, about.shared, about.chance,
        past=about.past, recall=about.recall, accepted_at=about.accepted_at, budget=about.budget,
        now=now, ends=about.past.ends, is_patient=about.is_patient,
    )  # fmt: skip
    code = program.course
    frame = code.block.names.new_frame(code.home)
    fill_parameters(frame, code.parameters, inputs)
    state.course = open_course(state, code, frame, owner=None, began=about.accepted_at)
    return state


def decide(state: State, message: Message, now: float) -> None:
    """Take one message into account."""
    state.now = now
    match message:
        case Replied(job, outcome, duration_s):
            if job not in state.open:
                return  # it was stopped meanwhile
            del state.open[job]
            if isinstance(outcome, Failure):
                _failed(state, job, outcome, duration_s)
            else:
                _replied(state, job, outcome, duration_s)
        case Hedged(job):
            if job in state.open:
                cost, tokens = usage_of(job.agent, None)  # two requests go out
                charge(job.unit.course, calls=1, cost=cost, tokens=tokens)
                state.facts.append(
                    AttemptHedged(
                        at=now, step=job.step, item=job.item, round=job.round, attempt=job.attempt
                    )
                )
        case Woken(wait):
            if wait in state.open:
                del state.open[wait]
                _wake(state, wait)
        case Answered():
            answer(state, message)
        case _:
            assert_never(message)


def _wake(state: State, wait: Wait) -> None:
    match wait:
        case Job():
            wait.queued_at = state.now
            state.calls.append(wait)
        case Interval(unit):
            state.again.append(unit)
        case Asked():
            expire(state, wait)
        case Alarm(course=course):
            fail_course(state, course, deadline_failure(wait), is_abrupt=True)
        case _:
            assert_never(wait)


def work(state: State, now: float, budget: int) -> None:
    """Do up to `budget` things that wait for nobody: settle, begin steps, begin items."""
    state.now = now
    while budget > 0 and state.outcome is None:
        if state.settled:
            settle(state, *state.settled.popleft())
        elif state.ready:
            group, index = state.ready.popleft()
            close_group(state, group) if index < 0 else begin_step(state, group, index)
        elif state.fans:
            budget -= _begin_fan(state, budget)
            continue
        elif not _work_rarely(state):
            return
        budget -= 1


def _work_rarely(state: State) -> bool:
    """Rounds, fallbacks, and the ends of pipelines; False when there is nothing to do."""
    if state.again:
        begin_again(state, state.again.popleft())
    elif state.ending:
        advance(state, state.ending.popleft())
    elif state.failing:
        stop_course(state, *state.failing.pop())
    else:
        return False
    return True


def take(state: State) -> Instructions:
    """The instructions gathered so far; the state's lists are empty afterwards."""
    calls = [job for job in state.calls if admits(state, job)]
    instructions = Instructions(state.facts, calls, state.waits, state.aborts)
    for job in calls:
        state.open[job] = None
    for wait, _ in state.waits:
        state.open[wait] = None
    state.facts, state.calls, state.waits, state.aborts = [], [], [], []
    return instructions


def attempt_fact(job: Job, now: float) -> AttemptStarted:
    """The intent to call, recorded before the call; the inputs go with the first attempt."""
    job.started_at = now
    is_first = job.attempt == 1
    return AttemptStarted(
        at=now,
        step=job.step,
        agent=job.agent.name,
        key=job.key,
        timeout_s=job.policy.timeout_s,
        item=job.item,
        round=job.round,
        attempt=job.attempt,
        waited_s=max(0.0, now - job.queued_at),
        inputs=Raw(job.body) if is_first else NULL_RAW,
    )


def _begin_fan(state: State, budget: int) -> int:
    fan = state.fans[0]
    if fan.group.course.is_over:
        state.fans.popleft()
        return 1
    begun = begin_items(state, fan, budget)
    if fan.is_over or fan.open >= fan.limit:
        state.fans.popleft()
        if fan.is_over and fan.open == 0 and not fan.is_closed:
            close_fan(state, fan)  # looked at again, and nothing behind it was ever begun
    return max(1, begun)


def _replied(state: State, job: Job, reply: Reply, duration_s: float) -> None:
    try:
        value = job.unit.step.check_value(job.agent.accept(reply.value))
    except Mismatch as mismatch:
        _failed(state, job, _wrong_reply(job, mismatch), duration_s)
        return
    try:
        raw = reply.raw if reply.raw is not None else Raw(encode_json(value))
    except ValueError as problem:
        _failed(state, job, Failure("bad-reply", f"the reply is no JSON: {problem}"), duration_s)
        return
    if not job.unit.step.is_kept and job.agent.accept is not accept_anything:
        value = as_recorded(job.unit, raw)
    cost, tokens = usage_of(job.agent, reply.value)
    charge(job.unit.course, cost=cost, tokens=tokens)
    job.unit.attempts = job.attempt
    called = Called(
        raw, job.agent.name, attempts=job.attempt, duration_s=duration_s, memo=job.memo,
        cost=cost, tokens=tokens,
    )  # fmt: skip
    body_done(state, job.unit, value, called)


def _failed(state: State, job: Job, failure: Failure, duration_s: float) -> None:
    failure = msgspec.structs.replace(
        failure, agent=job.agent.name, step=job.step, item=job.item or None, attempt=job.attempt
    )
    retry = job.policy.retry
    made = retry.attempts - (job.last_attempt - job.attempt)
    delay = None
    if retry.may_retry(failure, made):
        delay = wait_s(retry, failure, made=made, chance=state.chance)
        state.waits.append((job, delay))
    cost, tokens = (0.0, 0) if failure.kind == "breaker" else usage_of(job.agent, None)
    charge(job.unit.course, cost=cost, tokens=tokens)
    state.facts.append(
        AttemptFailed(
            at=state.now,
            step=job.step,
            failure=failure,
            duration_s=duration_s,
            item=job.item,
            round=job.round,
            attempt=job.attempt,
            retry_at=None if delay is None else state.now + delay,
            cost=cost,
            tokens=tokens,
        )
    )
    job.unit.attempts = job.attempt
    if delay is None:
        fail_unit(state, job.unit, failure)
    else:
        job.attempt += 1


def _wrong_reply(job: Job, mismatch: Mismatch) -> Failure:
    place = f" at `{mismatch.path}`" if mismatch.path else ""
    return Failure(
        "wrong-type",
        f"{job.agent.name} returned …{place}: expected {mismatch.expected}, got {mismatch.got}",
        advice=f"mend the agent, or the type after `->` of {job.agent.name}",
    )
