"""Recording: facts of one run on their way to the journal, in order.

In: facts, and the jobs that may only be called once these facts are on the disk. Out: appends. Facts with
jobs go at once; pure results are written behind, together, a few milliseconds later, because the disk's
thread would otherwise be woken for each of them. Whatever prevents a write ends the run (`problem`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from misydsl.failures import JournalUnusable, RunBusy
from misydsl.history.events import Event
from misydsl.runner.state import Job
from misydsl.store.journal import Journal

BEHIND_S: Final = 0.005  # how long a fact that nobody waits for may stay in memory
BEHIND_FACTS: Final = 512  # or how many of them
TELL_EVERY: Final = 4_096  # facts between two answers of the disk that nobody waits for
MAX_UNWRITTEN: Final = 20_000  # facts on their way to the disk before a run waits for it

Durable = Callable[[Sequence[Job]], None]
"""Called on the loop when the intents of these jobs are on the disk, or never will be."""


class Recorder:
    """The pen of one run. Methods are called on the loop's own thread only."""

    def __init__(
        self, run: str, journal: Journal, *, wake: asyncio.Event, durable: Durable
    ) -> None:
        self.problem: BaseException | None = None
        self._run, self._journal = run, journal
        self._wake, self._durable = wake, durable
        self._loop = asyncio.get_running_loop()
        self._held: list[Event] = []
        self._timer: asyncio.TimerHandle | None = None
        self._untold = 0
        self._unwritten = 0

    def record(self, facts: list[Event], jobs: Sequence[Job]) -> None:
        """Write facts down; `durable(jobs)` is called once they are. Raises `JournalUnusable`."""
        self._held += facts
        if jobs or len(self._held) >= BEHIND_FACTS:
            self._send(jobs)
        elif self._held and self._timer is None:
            self._timer = self._loop.call_later(BEHIND_S, self._rang)

    async def write(self, facts: list[Event]) -> None:
        """Write facts down and return when they and all before them are durable."""
        done: asyncio.Future[None] = self._loop.create_future()
        self._held += facts
        held = self._take_held()

        def settle(problem: BaseException | None) -> None:
            if problem is not None:
                done.set_exception(JournalUnusable(str(problem)))
            else:
                done.set_result(None)

        def tell(problem: BaseException | None) -> None:
            self._loop.call_soon_threadsafe(settle, problem)

        self._journal.append(self._run, held, tell)
        await done

    async def keep_pace(self) -> None:
        """Return when the disk is not too far behind; raises what prevented a write."""
        while self._unwritten > MAX_UNWRITTEN and self.problem is None:
            self._wake.clear()
            await self._wake.wait()
        self.check()

    def check(self) -> None:
        """Raise what prevented a write, or took the run away."""
        if self.problem is not None:
            kind = RunBusy if isinstance(self.problem, RunBusy) else JournalUnusable
            raise kind(str(self.problem)) from self.problem

    def close(self) -> None:
        """Send what is held, where it still can be."""
        if self._held and self.problem is None:
            self._send(())
        self._cancel_timer()

    def _rang(self) -> None:
        self._timer = None
        if self.problem is not None:
            return
        try:
            self._send(())
        except Exception as problem:  # noqa: BLE001  whatever it is, these facts are lost: the run ends
            self.problem = problem
            self._wake.set()

    def _send(self, jobs: Sequence[Job]) -> None:
        facts = self._take_held()
        self._untold += len(facts)
        if not jobs and self._untold < TELL_EVERY:
            self._journal.append(self._run, facts)
            return
        count, self._untold = self._untold, 0
        self._unwritten += count

        def done(problem: BaseException | None) -> None:
            self._loop.call_soon_threadsafe(self._written, problem, count, jobs)

        self._journal.append(self._run, facts, done)

    def _take_held(self) -> list[Event]:
        self._cancel_timer()
        facts, self._held = self._held, []
        return facts

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _written(self, problem: BaseException | None, count: int, jobs: Sequence[Job]) -> None:
        was_waited_for = self._unwritten > MAX_UNWRITTEN
        self._unwritten -= count
        if problem is not None:
            self.problem = problem
        if jobs:
            self._durable(jobs)
        if problem is not None or was_waited_for:
            self._wake.set()
