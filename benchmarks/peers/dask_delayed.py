"""Dask: `dask.delayed` with its scheduler of threads, the default and the cheapest it has.

The other choice, `distributed`, sends each task over sockets through a scheduler to a worker and promises no
more: neither keeps anything that a dead process could be resumed from. So the threads are the fair
choice, in one process as we are, as many as there are cores; with more of them W2 takes longer.
Building the graph is outside of the clock.
"""

from __future__ import annotations

import httpx
from dask import delayed

from benchmarks.layers import place_beside
from benchmarks.stopwatch import TURNS, Stopwatch
from benchmarks.three_steps import LATER_RUNS, overheads


def three_steps(*, agent_ms: int, agents: str) -> dict[str, float]:
    """W1: each call is given the result of the one before."""
    url = f"{agents}/wait/{agent_ms}"
    taken_ms = []
    with httpx.Client() as client:
        called = delayed(0)
        for _ in range(3):
            called = delayed(_call, pure=False)(client, url, called + 1)
        for _ in range(1 + LATER_RUNS):
            with Stopwatch() as watch:
                result = called.compute(scheduler="threads")
            assert result == 3
            taken_ms.append(watch.elapsed_s * 1e3)
    return overheads(taken_ms, agent_ms)


def fan_out(*, steps: int, agents: str) -> dict[str, float]:
    """W2: all calls, then their sum."""
    url = f"{agents}/wait/0"
    with httpx.Client() as client:
        calls = [delayed(_call, pure=False)(client, url, value) for value in range(steps)]
        return _timed(delayed(sum)(calls), steps, sum(range(steps)))


def layers(*, layers: int, width: int) -> dict[str, float]:
    """W3: every task is given two results of the layer before."""
    before = [delayed(_same)(place) for place in range(width)]
    for _ in range(1, layers):
        before = [
            delayed(_same)(before[place], before[place_beside(place, width)])
            for place in range(width)
        ]
    return _timed(delayed(sum)(before), layers * width, sum(range(width)))


def chain(*, steps: int) -> dict[str, float]:
    """W4: every task is given the result of the one before."""
    value = delayed(_same)(7)
    for _ in range(1, steps):
        value = delayed(_same)(value)
    return _timed(value, steps, 7)


def _timed(graph: delayed, steps: int, expected: int) -> dict[str, float]:
    assert delayed(_same)(7).compute(scheduler="threads") == 7
    quantities: dict[str, float] = {}
    for turn in TURNS:
        with Stopwatch() as watch:
            result = graph.compute(scheduler="threads")
        assert result == expected
        quantities |= watch.per_step(steps, turn)
    return quantities


def _call(client: httpx.Client, url: str, value: int) -> int:
    reply = client.post(url, json={"value": value}, timeout=30)
    reply.raise_for_status()
    result: int = reply.json()["value"]
    return result


def _same(value: int, _other: int | None = None) -> int:
    return value
