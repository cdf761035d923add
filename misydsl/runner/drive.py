"""Driving: performing what the state machine decides, for one run, on one event loop.

In: a `State`, its calls, a journal and a clock. Out: facts appended in order, agents called after their
intent is on the disk, and one last fact. All messages that arrived since the last turn are decided together
and written in one append, so a thousand replies cost one commit. Cancelling is recorded first; then open
calls are aborted and nothing new begins.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Literal

from msgspec import Raw

from misydsl.acceptance import Mismatch
from misydsl.clock import Clock
from misydsl.failures import Failure, JournalUnusable
from misydsl.history.events import CancelRequested, Event, RunFinished, RunPaused
from misydsl.runner.calls import Calls
from misydsl.runner.decide import attempt_fact, decide, take, work
from misydsl.runner.state import Finished, Job, Outcome, State
from misydsl.store.journal import Journal
from misydsl.values import encode_json

TURN_BUDGET = 512  # steps begun or settled before other runs and replies get a turn
TELL_EVERY = 1_000  # facts between two answers of the disk that nobody waits for
MAX_UNWRITTEN = 20_000  # facts on their way to the disk before a run waits for it

StopWord = Literal["cancel", "pause", "abort", "deadline"]


@dataclass(frozen=True, slots=True)
class Stop:
    """Why a run stops early: `pause` lets open calls end, `abort` does not; both can be resumed."""

    word: StopWord
    by: str


class Drive:
    """One run at work. Methods are called on the loop's own thread only."""

    def __init__(self, state: State, calls: Calls, *, journal: Journal, clock: Clock) -> None:
        self._state, self._calls, self._journal, self._clock = state, calls, journal, clock
        self._loop = asyncio.get_running_loop()
        self._unwritten = 0
        self._untold = 0
        self._broken: BaseException | None = None
        self._stop: Stop | None = None

    def stop(self, stop: Stop) -> None:
        """Stop early; a later word overrides an earlier one."""
        self._stop = stop
        self._calls.wake.set()

    async def run(self) -> RunFinished | RunPaused:
        """Go on to the end; returns the last fact, durable. Raises `JournalUnusable`."""
        try:
            while self._state.outcome is None and self._stop is None:
                await self._turn()
            return await self._end()
        finally:
            await self._calls.abort()

    async def _turn(self) -> None:
        state, calls = self._state, self._calls
        if not state.has_work and not calls.has_news:
            await calls.wake.wait()
        calls.wake.clear()
        now = self._clock.wall()
        while calls.inbox:
            decide(state, calls.inbox.popleft(), now)
        work(state, now, TURN_BUDGET)
        self._perform(now)
        await self._keep_pace()

    def _perform(self, now: float) -> None:
        instructions = take(self._state)
        for job, delay in instructions.waits:
            self._calls.wait(job, delay)
        for job in instructions.calls:
            self._calls.queue(job)
        granted = self._calls.take_granted()
        instructions.facts.extend(attempt_fact(job, now) for job in granted)
        self._append(instructions.facts, [job for job in granted if not job.agent.is_pure])
        for job in granted:
            if job.agent.is_pure:
                self._calls.begin(job)

    async def _keep_pace(self) -> None:
        """Let others run; wait for the disk when too much is on its way there."""
        if self._state.has_work:
            await asyncio.sleep(0)
        while self._unwritten > MAX_UNWRITTEN and self._broken is None:
            self._calls.wake.clear()
            await self._calls.wake.wait()
        if self._broken is not None:
            raise JournalUnusable(str(self._broken)) from self._broken

    def _append(self, facts: list[Event], jobs: list[Job]) -> None:
        if not facts:
            return
        self._untold += len(facts)
        if not jobs and self._untold < TELL_EVERY:
            self._journal.append(self._state.run, facts)
            return
        count, self._untold = self._untold, 0
        self._unwritten += count

        def done(problem: BaseException | None) -> None:
            self._loop.call_soon_threadsafe(self._written, problem, count, jobs)

        self._journal.append(self._state.run, facts, done)

    def _written(self, problem: BaseException | None, count: int, jobs: list[Job]) -> None:
        self._unwritten -= count
        if problem is not None:
            self._broken = problem
        may_call = problem is None and self._stop is None and self._state.outcome is None
        for job in jobs:
            (self._calls.begin if may_call else self._calls.give_back)(job)
        if problem is not None or self._unwritten <= MAX_UNWRITTEN:
            self._calls.wake.set()

    # ------------------------------------------------------------------ the end

    async def _end(self) -> RunFinished | RunPaused:
        stop = self._stop if self._state.outcome is None else None
        if stop is not None and stop.word == "cancel":
            await self._write([CancelRequested(at=self._clock.wall(), by=stop.by)])
        self._calls.drop_waiting()
        if stop is not None and stop.word == "pause":
            await self._let_calls_end()
        await self._calls.abort()
        last = last_fact(self._state, self._stop if stop else None, self._clock.wall())
        await self._write([*take(self._state).facts, last])
        return last

    async def _let_calls_end(self) -> None:
        while (self._calls.are_open or self._calls.inbox) and self._is_patient:
            self._calls.wake.clear()
            if not self._calls.inbox:
                await self._calls.wake.wait()
            while self._calls.inbox:
                decide(self._state, self._calls.inbox.popleft(), self._clock.wall())

    @property
    def _is_patient(self) -> bool:
        return self._stop is not None and self._stop.word == "pause"

    async def _write(self, facts: list[Event]) -> None:
        durable: asyncio.Future[None] = self._loop.create_future()

        def settle(problem: BaseException | None) -> None:
            if problem is not None:
                durable.set_exception(JournalUnusable(str(problem)))
            else:
                durable.set_result(None)

        def done(problem: BaseException | None) -> None:
            self._loop.call_soon_threadsafe(settle, problem)

        self._journal.append(self._state.run, facts, done)
        await durable


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
        case "deadline":
            failure = Failure("deadline", stop.by, advice="allow more time with `deadline:`")
            return RunFinished(at=now, status="failed", failure=failure)


def _finished(state: State, outcome: Outcome | None, now: float) -> RunFinished:
    if isinstance(outcome, Failure):
        return RunFinished(at=now, status="failed", failure=outcome)
    value = outcome.value if isinstance(outcome, Finished) else None
    try:
        raw = Raw(encode_json(state.program.accept(value)))
    except Mismatch as mismatch:
        words = f"the result at `{mismatch.path}`: expected {mismatch.expected}, got {mismatch.got}"
        return RunFinished(at=now, status="failed", failure=Failure("wrong-type", words))
    except ValueError as problem:
        return RunFinished(at=now, status="failed", failure=Failure("evaluation", str(problem)))
    return RunFinished(at=now, status="succeeded", result=raw)
