"""Limits: who may call an agent now, over all runs of one process.

In: jobs that want to call an agent. Out: permission, one job at a time: higher `priority` first, then first
come, first served; never more than `concurrency` open; never faster than `rate`. A gate lives on one
event loop and is asked from there only. A job dropped while it waits is passed over.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from misydsl.runner.state import Job

Grant = Callable[[Job], None]


@dataclass(slots=True, eq=False)
class Gate:
    """The gate of one agent."""

    loop: asyncio.AbstractEventLoop
    concurrency: int
    rate_per_s: float | None = None
    open: int = 0
    _queue: list[tuple[int, int, Job, Grant]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)
    _next_at: float = 0.0
    _timer: asyncio.TimerHandle | None = None

    def submit(self, job: Job, grant: Grant) -> None:
        """Ask for permission; `grant(job)` is called now or when its turn comes."""
        if not self._queue and self.open < self.concurrency and self.rate_per_s is None:
            self.open += 1
            grant(job)
            return
        heapq.heappush(self._queue, (-job.policy.priority, next(self._numbers), job, grant))
        self._admit()

    def release(self) -> None:
        """A granted call has ended."""
        self.open -= 1
        if self._queue:
            self._admit()

    @property
    def waiting(self) -> int:
        """How many jobs queue here, dropped ones included."""
        return len(self._queue)

    def _admit(self) -> None:
        while self._queue and self.open < self.concurrency:
            if self._queue[0][2].is_dropped:
                heapq.heappop(self._queue)
                continue
            if not self._may_pass_now():
                return
            _, _, job, grant = heapq.heappop(self._queue)
            self.open += 1
            grant(job)

    def _may_pass_now(self) -> bool:
        """Whether the rate lets one more begin; if not, come back when it does."""
        if self.rate_per_s is None:
            return True
        now = self.loop.time()
        if now >= self._next_at:
            self._next_at = max(now, self._next_at) + 1.0 / self.rate_per_s
            return True
        if self._timer is None:
            self._timer = self.loop.call_at(self._next_at, self._timer_rang)
        return False

    def _timer_rang(self) -> None:
        self._timer = None
        self._admit()


class Gates:
    """The gates of all agents of one process, made on first use."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._gates: dict[tuple[str, str], Gate] = {}

    def of(self, name: str, url: str, *, concurrency: int, rate_per_s: float | None) -> Gate:
        """The gate of an agent; the newest declaration's limits hold."""
        gate = self._gates.get((name, url))
        if gate is None:
            gate = self._gates[name, url] = Gate(self._loop, concurrency, rate_per_s)
        gate.concurrency, gate.rate_per_s = concurrency, rate_per_s
        return gate
