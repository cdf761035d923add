"""Threads for functions that block, and a way out when one never ends.

In: a function to call. Out: an asyncio future with its result. Threads are started when needed up to a
limit, kept for the next call, and are daemons, so that a function that hangs never keeps the process
alive. A thread cannot be stopped: a call that is given up before it began is never made; one that has begun is
abandoned, its thread no longer counts, and too many of those refuse further calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

THREADS: Final = 32  # functions that block wait for something else; more would only take memory
ABANDONED: Final = 256  # calls that never ended; each holds a thread and what it was given


class WorkersExhausted(RuntimeError):
    """So many calls were abandoned and still work that no further one is begun."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(f"{count} abandoned calls still work")


class _Job:
    __slots__ = ("context", "function", "future", "has_begun", "is_given_up", "loop")

    def __init__(self, function: Callable[[], object]) -> None:
        self.function = function
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[object] = self.loop.create_future()
        self.context = contextvars.copy_context()
        self.has_begun = False
        self.is_given_up = False


class Workers:
    """A bounded set of daemon threads, shared by event loops."""

    def __init__(self, threads: int = THREADS, abandoned: int = ABANDONED) -> None:
        self._threads, self._most_abandoned = threads, abandoned
        self._work = threading.Condition()
        self._queue: deque[_Job] = deque()
        self._alive = self._idle = self._abandoned = 0

    async def call(self, function: Callable[[], object]) -> object:
        """The function's result; when the waiting is cancelled, the call is abandoned.

        Raises:
            WorkersExhausted: too many calls were abandoned before.
        """
        job = _Job(function)
        self._submit(job)
        try:
            return await job.future
        except asyncio.CancelledError:
            self._give_up(job)
            raise

    @property
    def abandoned(self) -> int:
        """How many calls that nobody waits for are still working."""
        return self._abandoned

    def _submit(self, job: _Job) -> None:
        with self._work:
            if self._abandoned >= self._most_abandoned:
                raise WorkersExhausted(self._abandoned)
            self._queue.append(job)
            if self._idle >= len(self._queue):
                self._work.notify()
            elif self._alive - self._abandoned < self._threads:
                self._start()

    def _start(self) -> None:
        self._alive += 1
        threading.Thread(target=self._serve, name="misy-function", daemon=True).start()

    def _give_up(self, job: _Job) -> None:
        with self._work:
            job.is_given_up = True
            if not job.has_begun:
                with contextlib.suppress(ValueError):  # a thread took it in the same moment
                    self._queue.remove(job)
                return
            self._abandoned += 1
            if self._queue and not self._idle:
                self._start()  # its thread may never come back, and others are waiting

    def _serve(self) -> None:
        while True:
            job = self._next()
            try:
                outcome, problem = job.context.run(job.function), None
            except BaseException as raised:  # noqa: BLE001  # handed to whoever waits, whatever it is
                outcome, problem = None, raised
            if not self._finish(job):
                return
            with contextlib.suppress(RuntimeError):  # its loop is closed: nobody waits any more
                job.loop.call_soon_threadsafe(_settle, job.future, outcome, problem)
            del job, outcome, problem  # an idle thread holds on to nothing

    def _next(self) -> _Job:
        with self._work:
            self._idle += 1
            while not self._queue:
                self._work.wait()
            self._idle -= 1
            job = self._queue.popleft()
            job.has_begun = True
            return job

    def _finish(self, job: _Job) -> bool:
        """Whether the thread stays: an abandoned one goes when others took its place."""
        with self._work:
            job.has_begun = False
            if not job.is_given_up:
                return True
            self._abandoned -= 1
            if self._alive > self._threads:
                self._alive -= 1
                return False
            return True


def _settle(future: asyncio.Future[object], outcome: object, problem: BaseException | None) -> None:
    if future.done():
        return
    if problem is None:
        future.set_result(outcome)
    elif isinstance(problem, Exception):
        future.set_exception(_carried(problem))
    else:
        future.set_exception(FunctionExited(problem))


class FunctionExited(RuntimeError):
    """A function tried to end the process or its thread (`sys.exit`); the call ends instead."""

    def __init__(self, problem: BaseException) -> None:
        self.problem = problem
        super().__init__(f"it tried to exit: {type(problem).__name__}({problem})")


def _carried(problem: Exception) -> Exception:
    """A future refuses StopIteration: it would end the generator that waits."""
    return RuntimeError(repr(problem)) if isinstance(problem, StopIteration) else problem
