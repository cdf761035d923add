"""The steps of a run, as a history grows.

In: beginnings and ends, in journal order. Out: one `StepState` a step and item, in first-seen order.
Promises that a `for` counts each of its items once, however often an item ends: an item that leaves
a final state (a later round of a `repeat`) is taken off the count again.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Raw
from msgspec.structs import replace

from misydsl.history.events import (
    NULL_RAW,
    ApprovalAsked,
    AttemptFailed,
    AttemptStarted,
    FallbackBegun,
    FanOut,
    RoundFinished,
    StepBlocked,
    StepFailed,
    StepFinished,
    StepSkipped,
)
from misydsl.history.states import StepKey, StepState
from misydsl.history.status import STEP_DONE, STEP_FINAL, StepStatus

StepEnd = StepFinished | StepFailed | StepSkipped | StepBlocked


class StepTable:
    """States so far, and which steps are fan-outs."""

    __slots__ = ("_earlier", "_ends", "_fan_outs", "_states")

    def __init__(self) -> None:
        self._earlier: dict[tuple[str, str, int], StepState] = {}
        self._ends = 0
        self._states: dict[StepKey, StepState] = {}
        self._fan_outs: dict[StepKey, tuple[str, ...] | int] = {}

    def begin(self, key: StepKey, *, at: float, round_: int) -> None:
        """The step runs, for the first time or once more."""
        state = self._begun_anew(key, round_)
        self._states[key] = replace(
            state,
            status="running",
            round=round_,
            question=None,
            started_at=at if state.started_at is None else state.started_at,
            finished_at=None,
            duration_s=None,
            next_attempt_at=None,
            failure=None,
            value=None,
            blob=None,
            blocked_by=None,
        )

    def call(self, event: AttemptStarted) -> None:
        """The step calls its agent."""
        key = (event.step, event.item)
        self.begin(key, at=event.at, round_=event.round)
        state = self._states[key]
        self._states[key] = replace(
            state,
            attempts=state.attempts + 1,
            retries=state.retries + (event.attempt > 1 and state.attempts > 0),
            agent=event.agent,
            waited_s=state.waited_s + event.waited_s,
        )

    def call_failed(self, event: AttemptFailed) -> None:
        """The call failed; with `retry_at`, another one follows."""
        key = (event.step, event.item)
        self._states[key] = replace(
            self._states[key],
            status="running" if event.retry_at is None else "retrying",
            next_attempt_at=event.retry_at,
            failure=event.failure,
            cost=self._states[key].cost + event.cost,
            tokens=self._states[key].tokens + event.tokens,
        )

    def fall_back(self, event: FallbackBegun) -> None:
        """The step failed, and does something else instead."""
        key = (event.step, event.item)
        self.begin(key, at=event.at, round_=event.round)
        self._states[key] = replace(
            self._states[key],
            fallback=event.number,
            failure=event.failure,
            turned_by=(*self._states[key].turned_by, event.failure),
        )

    def ask(self, event: ApprovalAsked) -> None:
        """The step waits for a person."""
        key = (event.step, event.item)
        self.begin(key, at=event.at, round_=event.round)
        self._states[key] = replace(self._states[key], status="asking", question=event.question)

    def end_round(self, event: RoundFinished) -> None:
        """One round of a `repeat` is over; the step goes on."""
        key = (event.step, event.item)
        state = self._begun_anew(key, event.round)
        began = event.at - event.duration_s if state.started_at is None else state.started_at
        state = replace(
            state,
            status="running",
            round=event.round,
            rounds=state.rounds + 1,
            started_at=began,
            attempts=max(state.attempts, event.attempts),
            agent=event.agent or state.agent,
            failure=None,
            cost=state.cost + event.cost,
            tokens=state.tokens + event.tokens,
        )
        self._states[key] = state
        self._earlier[(*key, event.round)] = replace(
            state, status="succeeded", finished_at=event.at, blob=event.blob, reused=event.reused,
            value=event.value.copy() if event.blob is None else None,
            inputs=_inputs(event),
        )  # fmt: skip

    def end(self, event: StepEnd, status: StepStatus) -> None:
        """The step has come to its end."""
        key = (event.step, event.item)
        self._ends += 1
        state = _counted(self._begun_anew(key, event.round), event)
        state = replace(state, status=status, next_attempt_at=None, question=None, ended=self._ends)
        self._states[key] = _with_outcome(state, event)
        self._count(state, +1)

    def fan_out(self, event: FanOut) -> None:
        """A `for` knows its items."""
        key = (event.step, event.item)
        before = self._states.get(key)
        if before is not None and before.status in STEP_FINAL:
            self._forget_items(key)
        self.begin(key, at=event.at, round_=event.round)
        self._states[key] = replace(self._states[key], count=event.count)
        self._fan_outs[key] = event.count if event.keys is None else event.keys

    def stop(self, status: StepStatus, *, at: float | None) -> None:
        """Nobody works on the run any more: what has no end stands at `status`."""
        for key, state in self._states.items():
            if state.status not in STEP_FINAL:
                self._states[key] = replace(
                    state, status=status, finished_at=at, next_attempt_at=None
                )

    def states(self) -> Mapping[StepKey, StepState]:
        """A copy that later events do not change, in first-seen order."""
        return MappingProxyType(self._states.copy())

    def fan_outs(self) -> Mapping[StepKey, tuple[str, ...] | int]:
        """A copy: of each `for`, its items' keys, or how many when they are just indexes."""
        return MappingProxyType(self._fan_outs.copy())

    def earlier(self) -> Mapping[tuple[str, str, int], StepState]:
        """A copy: how steps ended in rounds before their last one."""
        return MappingProxyType(self._earlier.copy())

    def _begun_anew(self, key: StepKey, round_: int) -> StepState:
        """The state of a step that begins or ends; an end in an earlier round is put away."""
        state = self._states.get(key)
        if state is None:
            return StepState(step=key[0], item=key[1])
        if state.status in STEP_FINAL:
            self._count(state, -1)
            if state.round != round_:
                self._earlier[(*key, state.round)] = state
                return replace(
                    state,
                    fallback=0,
                    turned_by=(),
                    rounds=0,
                    reused=None,
                    inputs=None,
                    ended=0,
                    started_at=None,
                )
        return state

    def _forget_items(self, key: StepKey) -> None:
        """A later round of a `repeat` fans out anew, so the last round's items no longer count."""
        step, item = key
        inside_step, inside_item = f"{step}/", f"{item}/" if item else ""
        stale = [
            other
            for other in self._states
            if other != key
            and (other[0] == step or other[0].startswith(inside_step))
            and other[1].startswith(inside_item)
        ]
        for other in stale:
            state = self._states.pop(other)
            self._earlier[(*other, state.round)] = state
            self._fan_outs.pop(other, None)
        self._states[key] = replace(self._states[key], done=0, failed=0)

    def _count(self, state: StepState, by: int) -> None:
        """Tell the `for` around an item that the item ended, or that it begins again."""
        around = self._around(state)
        if around is None:
            return
        owner = self._states[around]
        is_done = state.status in STEP_DONE
        self._states[around] = replace(
            owner,
            # an item that ended before its fan-out was known has never been counted
            done=max(0, owner.done + (by if is_done else 0)),
            failed=max(0, owner.failed + (0 if is_done else by)),
            status="running" if owner.status == "waiting" else owner.status,
        )

    def _around(self, state: StepState) -> StepKey | None:
        """The `for` this state is an item of; a key may itself contain slashes."""
        item = state.item
        while item:
            item = item.rpartition("/")[0]
            if (state.step, item) in self._fan_outs:
                return (state.step, item)
        return None


def _counted(state: StepState, event: StepEnd) -> StepState:
    """With times, round and number of calls as the end says them."""
    match event:
        case StepFinished():
            round_, attempts, last_s = event.round, event.attempts, event.duration_s
        case StepFailed():
            round_, attempts, last_s = event.round, event.attempts, 0.0
        case _:
            round_, attempts, last_s = event.round, 0, 0.0
    began = event.at - last_s if state.started_at is None else state.started_at
    unseen = max(0, attempts - state.attempts)
    is_one_call = last_s > 0 and max(attempts, state.attempts) <= 1
    return replace(
        state,
        round=round_,
        attempts=state.attempts + unseen,
        retries=state.retries + (unseen if state.attempts else max(0, unseen - 1)),
        started_at=began,
        finished_at=event.at,
        # one call lasted as long as the monotonic clock said; several, from the first to the end
        duration_s=last_s if is_one_call else max(0.0, event.at - began),
    )


def _with_outcome(state: StepState, event: StepEnd) -> StepState:
    """With what the step came to."""
    match event:
        case StepFinished(blob=None):
            # the copy lets go of the page of bytes that the event was read from
            return replace(
                state,
                value=event.value.copy(),
                **_of_a_call(state, event),
            )
        case StepFinished():
            return replace(state, blob=event.blob, **_of_a_call(state, event))
        case StepFailed():
            return replace(state, failure=event.failure)
        case StepBlocked():
            return replace(state, blocked_by=event.by)
        case _:
            return state


def _of_a_call(state: StepState, event: StepFinished) -> dict[str, object]:
    """What a finished step says besides its value."""
    return {
        "agent": event.agent or state.agent,
        "failure": None,
        "rounds": event.rounds,
        "reused": event.reused,
        "inputs": _inputs(event),
        "cost": state.cost + event.cost,
        "tokens": state.tokens + event.tokens,
    }


def _inputs(event: StepFinished | RoundFinished) -> Raw | None:
    return None if event.inputs == NULL_RAW else event.inputs.copy()
