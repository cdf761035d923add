"""Open calls of one run: queued behind gates, granted, under way, or waiting for their next attempt.

In: jobs and delays from the driver. Out: messages in `inbox`, and `wake` set whenever there is something to
look at. A job is in one of four places and leaves each exactly once, so a gate is released exactly as
often as it was passed, whatever is cancelled when.
"""

from __future__ import annotations

import asyncio
from collections import deque
from hashlib import blake2b

from misydsl.agents.contract import Reply, Request
from misydsl.clock import Clock
from misydsl.failures import Failure
from misydsl.runner.decide import Hedged, Message, Replied, Woken
from misydsl.runner.hedging import hedged
from misydsl.runner.limits import Gate, Gates, is_well
from misydsl.runner.program import AgentCode
from misydsl.runner.state import Job, Wait

ABORT_S = 0.9  # a stop is over within a second, whether or not a connection hears of it


class Calls:
    """The calls of one run. Methods are called on the loop's own thread only."""

    def __init__(self, run: str, session: str, *, gates: Gates, clock: Clock) -> None:
        self.inbox: deque[Message] = deque()
        self.wake = asyncio.Event()
        self._run, self._session = run, session
        self._gates, self._clock = gates, clock
        self._loop = asyncio.get_running_loop()
        self._queued: set[Job] = set()
        self._granted: list[Job] = []
        self._trace = trace_of(run)
        self._gate_of: dict[AgentCode, Gate] = {}
        self._tasks: dict[Job, asyncio.Task[None]] = {}
        self._timers: dict[Wait, asyncio.TimerHandle] = {}

    @property
    def has_news(self) -> bool:
        """Whether there are messages, or permissions to use."""
        return bool(self.inbox or self._granted)

    @property
    def are_open(self) -> bool:
        """Whether any call is under way."""
        return bool(self._tasks)

    def queue(self, job: Job) -> None:
        """Ask the agent's gate for permission."""
        self._queued.add(job)
        self._gate(job.agent).submit(job, self._grant, self._refuse)

    def wait(self, wait: Wait, delay_s: float) -> None:
        """Wake something after a delay."""
        self._timers[wait] = self._loop.call_later(delay_s, self._rang, wait)

    def drop(self, wait: Wait) -> None:
        """Forget one wait, or one call wherever it is; one under way is aborted."""
        timer = self._timers.pop(wait, None)
        if timer is not None:
            timer.cancel()
        if not isinstance(wait, Job):
            return
        wait.is_dropped = True
        self._queued.discard(wait)
        if wait in self._granted:
            self._granted.remove(wait)
            self.give_back(wait)
        task = self._tasks.get(wait)
        if task is not None:
            task.cancel()
            task.add_done_callback(lambda _: self._ended_unbegun(wait))

    def is_waiting(self, wait: Wait) -> bool:
        """Whether it is only to be woken later."""
        return wait in self._timers

    def take_granted(self) -> list[Job]:
        """The jobs that may begin now; each must then `begin` or `give_back`."""
        jobs, self._granted = self._granted, []
        return jobs

    def begin(self, job: Job) -> None:
        """Call the agent."""
        self._tasks[job] = self._loop.create_task(self._attempt(job))

    def give_back(self, job: Job) -> None:
        """Return a permission unused."""
        gate = self._gate(job.agent)
        if gate.breaker is not None:
            gate.breaker.forget(job)
        gate.release()

    def drop_waiting(self) -> None:
        """Forget everything that is not under way."""
        for job in self._queued:
            job.is_dropped = True
        self._queued.clear()
        for job in self.take_granted():
            self.give_back(job)
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    async def abort(self) -> None:
        """Cancel what is under way and return when it has ended, or does not listen.

        A call that does not listen keeps its place at the gate until it ends; its reply is nobody's.
        """
        self.drop_waiting()
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=ABORT_S)
        for job, task in list(self._tasks.items()):
            if task.done():
                self._ended_unbegun(job)
        self._tasks.clear()

    def _grant(self, job: Job) -> None:
        self._queued.discard(job)
        self._granted.append(job)
        self.wake.set()

    def _refuse(self, job: Job, failure: Failure) -> None:
        self._queued.discard(job)
        self._tell(Replied(job, failure, 0.0))

    async def _attempt(self, job: Job) -> None:
        begun = self._clock.monotonic()
        breaker = self._gate(job.agent).breaker
        try:
            hedge_s = job.policy.hedge_s
            if hedge_s is None:
                outcome = await self._call(job, job.policy.timeout_s)
            else:
                outcome = await hedged(
                    lambda left_s: self._call(job, left_s),
                    gate=self._gate(job.agent),
                    after_s=hedge_s,
                    timeout_s=job.policy.timeout_s,
                    tell=lambda: self._tell(Hedged(job)),
                )
        except asyncio.CancelledError:
            if breaker is not None:
                breaker.forget(job)
            raise
        else:
            if breaker is not None:
                now = self._loop.time()
                breaker.ended(job, is_well=is_well(outcome), now=now)
        finally:
            self._ended(job)
        self.inbox.append(Replied(job, outcome, self._clock.monotonic() - begun))

    async def _call(self, job: Job, timeout_s: float) -> Reply | Failure:
        connection = job.agent.connection
        assert connection is not None
        try:
            return await connection.call(self._request(job, timeout_s))
        except asyncio.CancelledError as problem:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return _broken_contract(problem)
        except Exception as problem:  # noqa: BLE001  a connector that breaks its contract fails the call
            return _broken_contract(problem)

    def _tell(self, message: Message) -> None:
        self.inbox.append(message)
        self.wake.set()

    def _ended(self, job: Job) -> None:
        self._tasks.pop(job, None)
        self._gate(job.agent).release()
        self.wake.set()

    def _ended_unbegun(self, job: Job) -> None:
        """Its task was cancelled before it could take one step, so it has not said that it ended."""
        if job in self._tasks:
            del self._tasks[job]
            self.give_back(job)
            self.wake.set()

    def _rang(self, wait: Wait) -> None:
        del self._timers[wait]
        self._tell(Woken(wait))

    def _gate(self, agent: AgentCode) -> Gate:
        gate = self._gate_of.get(agent)
        if gate is None:
            gate = self._gate_of[agent] = self._gates.of(
                agent.name,
                agent.spec.url,
                concurrency=agent.concurrency,
                rate_per_s=agent.rate_per_s,
                breaker=agent.breaker,
            )
        return gate

    def _request(self, job: Job, timeout_s: float) -> Request:
        return Request(
            run=self._run,
            session=self._session,
            step=job.step,
            item=job.item,
            attempt=job.attempt,
            key=job.key,
            timeout_s=timeout_s,
            inputs=job.inputs,
            body=job.body,
            traceparent=traceparent(self._trace, job.key, job.attempt),
        )


def _broken_contract(problem: BaseException) -> Failure:
    return Failure("agent-error", f"{type(problem).__name__}: {problem}")


def trace_of(run: str) -> str:
    """The trace of a run, 32 hex digits: what its calls are found by in other people's logs."""
    return blake2b(run.encode(), digest_size=16).hexdigest()


def traceparent(trace: str, key: str, attempt: int) -> str:
    """The W3C trace context of an attempt: one trace (32 hex digits) a run, one span an attempt."""
    return f"00-{trace}-{key[:13]}{attempt & 0xFFF:03x}-01"
