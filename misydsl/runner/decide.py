"""Deciding: what one message means for a run. Pure: the time comes with the message.

In: a `State` and what happened outside: a reply, a failure, a wait that is over. Out: the state moved on,
with new facts, calls and waits in its lists for the driver to take. `work` then does what can be done
without anybody's help, a bounded amount at a time, so that a huge graph never starves other runs.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

import msgspec
from msgspec import Raw

from misydsl.acceptance import Mismatch, accept_anything
from misydsl.agents.contract import Reply
from misydsl.failures import Failure
from misydsl.history.events import NULL_RAW, AttemptFailed, AttemptStarted, Event, StepFinished
from misydsl.runner.begin import begin_items, begin_step, fill_parameters, open_group
from misydsl.runner.program import Program
from misydsl.runner.retry import wait_s
from misydsl.runner.settle import close_group, settle
from misydsl.runner.state import Finished, Job, Past, State
from misydsl.runner.units import as_recorded, fail_unit
from misydsl.values import Duration, Value, encode_json


@dataclass(frozen=True, slots=True)
class Replied:
    """The agent answered (or failed to) after so many seconds."""

    job: Job
    outcome: Reply | Failure
    duration_s: float


@dataclass(frozen=True, slots=True)
class Woken:
    """The wait before the next attempt is over."""

    job: Job


Message = Replied | Woken


@dataclass(frozen=True, slots=True)
class Instructions:
    """What the driver has to do: record these facts, then queue these calls and begin these waits."""

    facts: list[Event]
    calls: list[Job]
    waits: list[tuple[Job, float]]


def begin_run(
    program: Program,
    inputs: Mapping[str, Value],
    *,
    run: str,
    session: str,
    shared: Mapping[str, Value],
    chance: random.Random,
    past: Mapping[tuple[str, str], Past],
    fan_outs: Mapping[tuple[str, str], object],
    now: float,
) -> State:
    """A run about to begin, or to go on where `past` ends; raises `Mismatch` for wrong inputs."""
    state = State(program, run, session, shared, chance, past, fan_outs, now)
    frame = program.block.names.new_frame(program.home)
    fill_parameters(frame, program.parameters, inputs)
    settings = {name: code(frame) for name, code in program.settings}
    defaults = settings.get("defaults")
    program.defaults = defaults if isinstance(defaults, dict) else {}
    state.is_fail_fast = settings.get("fail-fast") is True
    deadline = settings.get("deadline")
    state.deadline_s = float(deadline) if isinstance(deadline, Duration) else None
    state.root = open_group(state, program.block, frame, owner=None, item="")
    return state


def decide(state: State, message: Message, now: float) -> None:
    """Take one message into account."""
    state.now = now
    match message:
        case Replied(job, outcome, duration_s):
            state.open_jobs -= 1
            if isinstance(outcome, Failure):
                _failed(state, job, outcome, duration_s)
            else:
                _replied(state, job, outcome, duration_s)
        case Woken(job):
            state.open_jobs -= 1
            job.queued_at = now
            state.calls.append(job)
        case _:
            assert_never(message)


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
        else:
            return
        budget -= 1


def take(state: State) -> Instructions:
    """The instructions gathered so far; the state's lists are empty afterwards."""
    instructions = Instructions(state.facts, state.calls, state.waits)
    state.open_jobs += len(state.calls) + len(state.waits)
    state.facts, state.calls, state.waits = [], [], []
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
        attempt=job.attempt,
        waited_s=max(0.0, now - job.queued_at),
        inputs=Raw(job.body) if is_first else NULL_RAW,
    )


def _begin_fan(state: State, budget: int) -> int:
    fan = state.fans[0]
    begun = begin_items(state, fan, budget)
    if fan.is_over or fan.open >= fan.limit:
        state.fans.popleft()
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
    state.facts.append(
        StepFinished(
            at=state.now,
            step=job.step,
            value=raw,
            item=job.item,
            attempts=job.attempt,
            duration_s=duration_s,
            agent=job.agent.name,
        )
    )
    state.settled.append((job.unit, Finished(value, raw)))


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
    state.facts.append(
        AttemptFailed(
            at=state.now,
            step=job.step,
            failure=failure,
            duration_s=duration_s,
            item=job.item,
            attempt=job.attempt,
            retry_at=None if delay is None else state.now + delay,
        )
    )
    if delay is None:
        fail_unit(state, job.unit, failure, attempts=job.attempt)
    else:
        job.attempt += 1


def _wrong_reply(job: Job, mismatch: Mismatch) -> Failure:
    place = f" at `{mismatch.path}`" if mismatch.path else ""
    return Failure(
        "wrong-type",
        f"{job.agent.name} returned …{place}: expected {mismatch.expected}, got {mismatch.got}",
        advice=f"mend the agent, or the type after `->` of {job.agent.name}",
    )
