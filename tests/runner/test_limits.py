"""Gates: how many calls are open, how fast they begin, who goes first."""

from __future__ import annotations

import asyncio
from typing import cast

from misydsl.pipeline.policies import CallPolicy
from misydsl.runner.limits import Gate, Gates
from misydsl.runner.state import Job


class Waiting:
    """All that a gate looks at in a job."""

    def __init__(self, name: str, priority: int = 0) -> None:
        self.name, self.policy, self.is_dropped = name, CallPolicy(priority=priority), False


class StoppedLoop:
    """A loop whose time moves when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[tuple[float, object]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: object) -> None:
        self.timers.append((when, callback))

    def advance_to_next(self) -> float:
        when, callback = self.timers.pop(0)
        self.now = max(self.now, when)
        callback()  # type: ignore[operator]
        return self.now


def gate_of(**limits: float) -> tuple[Gate, StoppedLoop, list[str]]:
    loop = StoppedLoop()
    gate = Gate(cast("asyncio.AbstractEventLoop", loop), **limits)  # type: ignore[arg-type]
    return gate, loop, []


def submit(gate: Gate, granted: list[str], job: Waiting) -> None:
    gate.submit(
        cast("Job", job),
        lambda given: granted.append(cast("Waiting", given).name),
        lambda given, failure: granted.append(f"{cast('Waiting', given).name}: {failure.kind}"),
    )


def test_no_more_than_the_concurrency_pass_and_each_end_lets_one_in() -> None:
    gate, _, granted = gate_of(concurrency=2)
    for name in "abcd":
        submit(gate, granted, Waiting(name))
    assert granted == ["a", "b"]
    gate.release()
    assert granted == ["a", "b", "c"]
    gate.release()
    gate.release()
    assert granted == ["a", "b", "c", "d"]
    assert gate.waiting == 0


def test_higher_priority_goes_first_then_first_come_first_served() -> None:
    gate, _, granted = gate_of(concurrency=1)
    for job in (
        Waiting("now"),
        Waiting("low"),
        Waiting("high", 5),
        Waiting("low2"),
        Waiting("high2", 5),
    ):
        submit(gate, granted, job)
    for _ in range(4):
        gate.release()
    assert granted == ["now", "high", "high2", "low", "low2"]


def test_a_dropped_job_is_passed_over() -> None:
    gate, _, granted = gate_of(concurrency=1)
    jobs = [Waiting("a"), Waiting("b"), Waiting("c")]
    for job in jobs:
        submit(gate, granted, job)
    jobs[1].is_dropped = True
    gate.release()
    assert granted == ["a", "c"]


def test_a_rate_spaces_the_beginnings() -> None:
    gate, loop, granted = gate_of(concurrency=100, rate_per_s=4.0)
    for name in "abcd":
        submit(gate, granted, Waiting(name))
    times = {"a": loop.now}
    assert granted == ["a"]
    while loop.timers:
        now = loop.advance_to_next()
        times[granted[-1]] = now
    assert granted == ["a", "b", "c", "d"]
    assert [times[name] - times["a"] for name in "bcd"] == [0.25, 0.5, 0.75]


def test_an_agent_has_one_gate_and_the_newest_limits_hold() -> None:
    gates = Gates(cast("asyncio.AbstractEventLoop", StoppedLoop()))
    first = gates.of("a", "http://x", concurrency=1, rate_per_s=None)
    again = gates.of("a", "http://x", concurrency=5, rate_per_s=2.0)
    assert first is again
    assert (again.concurrency, again.rate_per_s) == (5, 2.0)
    assert gates.of("a", "http://y", concurrency=1, rate_per_s=None) is not first
