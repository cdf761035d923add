"""Limits: who may call an agent now, over all runs of one process.

In: jobs that want to call an agent. Out: permission, one job at a time: higher `priority` first, then first
come, first served; never more than `concurrency` open; never faster than `rate`; or, while the agent's
breaker is open, a refusal. A gate lives on one event loop and is asked from there only. A job dropped while
it waits is passed over.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from misydsl.failures import Failure
from misydsl.pipeline.policies import Breaker
from misydsl.runner.state import Job
from misydsl.values import duration_text

Grant = Callable[[Job], None]
Refuse = Callable[[Job, Failure], None]

NOT_WELL: Final = frozenset({"timeout", "connect", "reset", "tls"})
"""What says that an agent is not well, besides answers of 408, 425, 429 and 5xx."""


@dataclass(slots=True, eq=False)
class BreakerState:
    """How well an agent was lately: closed, open until a time, or open but for one call that tries."""

    policy: Breaker
    in_a_row: int = 0
    open_until: float | None = None
    trying: Job | None = None

    def refusal(self, job: Job, now: float) -> Failure | None:
        """Why the job may not call now; None when it may, be it as the one that tries."""
        if self.open_until is None:
            return None
        if now >= self.open_until and (self.trying is None or self.trying.is_dropped):
            self.trying = job
            return None
        left = max(0.0, self.open_until - now)
        words = f"{job.agent.name} failed {self.in_a_row} times in a row"
        return Failure(
            "breaker", f"{words}; it is not called for {duration_text(self.policy.cooldown_s)}",
            retry_after_s=left,
            advice="see why it fails; `retry` waits for it, `fallback` does without",
        )  # fmt: skip

    def ended(self, job: Job, *, is_well: bool, now: float) -> None:
        """A call has ended with a word about the agent's health."""
        is_trial, self.trying = self.trying is job, None if self.trying is job else self.trying
        if is_well:
            self.in_a_row, self.open_until = 0, None
            return
        self.in_a_row += 1
        if is_trial or self.in_a_row >= self.policy.failures:
            self.open_until = now + self.policy.cooldown_s

    def forget(self, job: Job) -> None:
        """A call was aborted and says nothing."""
        if self.trying is job:
            self.trying = None


def is_well(outcome: Failure | object) -> bool:
    """Whether an outcome says that the agent is there: any answer but those of an overload."""
    if not isinstance(outcome, Failure):
        return True
    if outcome.status is not None:
        return outcome.status not in (408, 425, 429) and outcome.status < 500
    return outcome.kind not in NOT_WELL


@dataclass(slots=True, eq=False)
class Gate:
    """The gate of one agent."""

    loop: asyncio.AbstractEventLoop
    concurrency: int
    rate_per_s: float | None = None
    breaker: BreakerState | None = None
    open: int = 0
    _queue: list[tuple[int, int, Job, Grant, Refuse]] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)
    _next_at: float = 0.0
    _timer: asyncio.TimerHandle | None = None

    def submit(self, job: Job, grant: Grant, refuse: Refuse) -> None:
        """Ask for permission; `grant(job)` or `refuse` is called now or when its turn comes."""
        if (
            not self._queue
            and self.open < self.concurrency
            and self.rate_per_s is None
            and self.breaker is None
        ):
            self.open += 1
            grant(job)
            return
        entry = (-job.policy.priority, next(self._numbers), job, grant, refuse)
        heapq.heappush(self._queue, entry)
        self._admit()

    def take_one_more(self) -> bool:
        """A place for a second call beside an open one, if one is free now and nobody waits for it."""
        is_free = not self._queue and self.open < self.concurrency
        if not is_free or not self._may_pass_now():
            return False
        self.open += 1
        return True

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
            _, _, job, grant, refuse = self._queue[0]
            refusal = None
            if self.breaker is not None:
                refusal = self.breaker.refusal(job, self.loop.time())
            if refusal is not None:
                heapq.heappop(self._queue)
                refuse(job, refusal)
                continue
            if not self._may_pass_now():
                return
            heapq.heappop(self._queue)
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

    def of(
        self,
        name: str,
        url: str,
        *,
        concurrency: int,
        rate_per_s: float | None,
        breaker: Breaker | None = None,
    ) -> Gate:
        """The gate of an agent; the newest declaration's limits hold."""
        gate = self._gates.get((name, url))
        if gate is None:
            gate = self._gates[name, url] = Gate(self._loop, concurrency, rate_per_s)
        gate.concurrency, gate.rate_per_s = concurrency, rate_per_s
        if breaker is None or gate.breaker is None:
            gate.breaker = None if breaker is None else BreakerState(breaker)
        else:
            gate.breaker.policy = breaker
        return gate
