"""Driving: performing what the state machine decides, for one run, on one event loop.

In: a `State`, its calls, a journal and a clock. Out: facts appended in order, agents called after their
intent is on the disk, and one last fact. All messages that arrived since the last turn are decided together
and written in one append, so a thousand replies cost one commit. Cancelling is recorded first; then open
calls are aborted and nothing new begins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from msgspec import Raw

from misydsl.clock import Clock
from misydsl.failures import Failure
from misydsl.history.events import CancelRequested, Event, RunFinished, RunPaused
from misydsl.runner.calls import Calls
from misydsl.runner.decide import Message, attempt_fact, decide, take, work
from misydsl.runner.recorder import Recorder
from misydsl.runner.state import Finished, Job, Outcome, State
from misydsl.store.journal import Journal
from misydsl.values import encode_json

TURN_BUDGET = 512  # steps begun or settled before other runs and replies get a turn

StopWord = Literal["cancel", "pause", "abort"]
STRENGTH: Final[dict[StopWord, int]] = {"pause": 1, "abort": 2, "cancel": 3}


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run stops early: `pause` lets open calls end, `abort` does not; both can be resumed."""

    word: StopWord
    by: str


class Drive:
    """One run at work. Methods are called on the loop's own thread only."""

    def __init__(
        self, state: State, calls: Calls, *, journal: Journal, clock: Clock, turn: int = 0
    ) -> None:
        self._state, self._calls, self._clock = state, calls, clock
        self._turn_budget = turn or TURN_BUDGET
        self._recorder = Recorder(state.run, journal, wake=calls.wake, durable=self._durable)
        self._stop: Stop | None = None
        self._is_over = False

    def stop(self, stop: Stop) -> None:
        """Stop early; only a stronger word (pause < abort < cancel) overrides another."""
        if self._stop is None or STRENGTH[stop.word] > STRENGTH[self._stop.word]:
            self._stop = stop
            self._calls.wake.set()

    def tell(self, message: Message) -> None:
        """Hand a message to the run that comes from no call: the answer of a person."""
        self._calls.inbox.append(message)
        self._calls.wake.set()

    def give_up(self, problem: BaseException) -> None:
        """Abort without a further word in the journal: it is lost, or somebody else's by now."""
        self._recorder.problem = problem
        self._calls.wake.set()

    async def run(self) -> RunFinished | RunPaused:
        """Go on to the end; returns the last fact, durable. Raises `JournalUnusable`."""
        try:
            while self._state.outcome is None and self._stop is None:
                await self._turn()
            return await self._end()
        finally:
            self._is_over = True
            try:
                self._recorder.close()
            finally:
                await self._calls.abort()

    async def _turn(self) -> None:
        state, calls = self._state, self._calls
        if not state.has_work and not calls.has_news:
            await calls.wake.wait()
            self._recorder.check()
            if self._stop is not None:
                return  # what this turn would begin must not begin any more
        calls.wake.clear()
        now = self._clock.wall()
        while calls.inbox:
            decide(state, calls.inbox.popleft(), now)
        work(state, now, self._turn_budget)
        self._perform(now)
        if state.has_work:
            await asyncio.sleep(0)  # others have runs and replies too
        await self._recorder.keep_pace()

    def _perform(self, now: float) -> None:
        instructions = take(self._state)
        for wait in instructions.aborts:
            self._calls.drop(wait)
        for wait, delay in instructions.waits:
            self._calls.wait(wait, delay)
        for job in instructions.calls:
            self._calls.queue(job)
        granted = self._calls.take_granted()
        instructions.facts.extend(attempt_fact(job, now) for job in granted)
        try:
            impure = [job for job in granted if not job.agent.is_pure]
            self._recorder.record(instructions.facts, impure)
        except BaseException:
            for job in granted:  # other runs wait at the same gates
                self._calls.give_back(job)
            raise
        for job in granted:
            if job.agent.is_pure:
                self._calls.begin(job)
        if self._state.overspent is not None and not self._has_calls():
            self.stop(Stop("pause", self._state.overspent))

    def _has_calls(self) -> bool:
        """Whether a call was asked for that has not ended; those that wait to be retried aside."""
        waits = self._state.open
        return any(isinstance(one, Job) and not self._calls.is_waiting(one) for one in waits)

    def _durable(self, jobs: Sequence[Job]) -> None:
        """The intents of these jobs are on the disk: call them, unless the run is stopping."""
        is_stopping = self._is_over or self._recorder.problem is not None or self._stop is not None
        may_call = not is_stopping and self._state.outcome is None
        for job in jobs:
            is_wanted = may_call and not job.is_dropped
            (self._calls.begin if is_wanted else self._calls.give_back)(job)

    # ------------------------------------------------------------------ the end

    @property
    def _why(self) -> Stop | None:
        """Why the run stops early; None when it has come to its own end."""
        return self._stop if self._state.outcome is None else None

    def _is_by(self, word: StopWord) -> bool:
        return self._why is not None and self._why.word == word

    async def _end(self) -> RunFinished | RunPaused:
        self._calls.drop_waiting()
        if self._is_by("pause"):
            await self._let_calls_end()
        is_cancel_recorded = self._is_by("cancel")
        if is_cancel_recorded:
            await self._recorder.write([self._cancel_fact()])
        await self._calls.abort()
        self._recorder.check()
        facts = self._facts_of_replies()
        if self._is_by("cancel") and not is_cancel_recorded:  # it came while calls were aborted
            facts.append(self._cancel_fact())
        last = last_fact(self._state, self._why, self._clock.wall())
        await self._recorder.write([*facts, last])
        self._recorder.check()
        return last

    async def _let_calls_end(self) -> None:
        """Wait for open calls and record their replies, until a stronger word comes."""
        while self._calls.are_open and self._is_by("pause"):
            self._calls.wake.clear()
            await self._calls.wake.wait()
            self._recorder.check()
            self._recorder.record(self._facts_of_replies(), ())

    def _facts_of_replies(self) -> list[Event]:
        """What has come in is kept, so that a resume need not ask for it again."""
        while self._calls.inbox:
            decide(self._state, self._calls.inbox.popleft(), self._clock.wall())
        return take(self._state).facts

    def _cancel_fact(self) -> CancelRequested:
        by = self._stop.by if self._stop is not None else ""
        return CancelRequested(at=self._clock.wall(), by=by)


def last_fact(state: State, stop: Stop | None, now: float) -> RunFinished | RunPaused:
    """The fact a run ends with: its result, its failure, or that it can be resumed."""
    if stop is None:
        return _finished(state, state.outcome, now)
    match stop.word:
        case "pause" | "abort":
            return RunPaused(at=now, reason=stop.by)
        case "cancel":
            failure = Failure("cancelled", f"cancelled by {stop.by}")
            return RunFinished(at=now, status="cancelled", failure=failure)


def _finished(state: State, outcome: Outcome | None, now: float) -> RunFinished:
    troubles = tuple(state.troubles)
    if isinstance(outcome, Failure):
        return RunFinished(at=now, status="failed", failure=outcome, troubles=troubles)
    value = outcome.value if isinstance(outcome, Finished) else None
    try:
        raw = Raw(encode_json(value))
    except ValueError as problem:
        return RunFinished(at=now, status="failed", failure=Failure("evaluation", str(problem)))
    return RunFinished(at=now, status="succeeded", result=raw, troubles=troubles)
