"""Prefect, as its documentation shows it: `@flow` and `@task`, `map` and `submit` for what runs at once.

A server in a process of its own keeps the states in SQLite; starting it is outside of the clock, its memory
counts. Results are kept in files (`persist_result`), because without them nothing could be resumed.
States reach the server behind the tasks, so a task does not wait until the one before it is kept.
Between two flows we wait until the server has kept everything: it refuses a flow while it is behind,
and the next try seconds later would be what is measured. Its start takes so long that the rounds
are made in one process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client

from benchmarks.layers import needs_of
from benchmarks.stopwatch import FIRST, Stopwatch
from benchmarks.three_steps import overheads

if TYPE_CHECKING:
    from prefect.futures import PrefectFuture

WARM_UP = 1
ROUNDS = 3
PATIENCE_S, POLL_S, IDLE_S = 120.0, 0.2, 1.0
COMPLETED = {"task_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}


Rounds = list[dict[str, float]]


def three_steps(*, agent_ms: int, agents: str) -> Rounds:
    """W1: three tasks that are awaited one after another."""
    return asyncio.run(_three_steps(agent_ms, f"{agents}/wait/{agent_ms}"))


def fan_out(*, steps: int, agents: str) -> Rounds:
    """W2: `map` over the values, then the sum of the results."""
    url = f"{agents}/wait/0"
    with httpx.Client() as client:

        @task(persist_result=True, cache_policy=NO_CACHE)
        def call(value: int) -> int:
            return _result(client.post(url, json={"value": value}, timeout=30))

        @flow
        def fan(steps: int) -> int:
            return sum(call.map(range(steps)).result())

        return _timed(fan, steps, result=lambda count: sum(range(count)))


def layers(*, layers: int, width: int) -> Rounds:
    """W3: `submit` with the future of one step before as the value and the other one in `wait_for`."""

    @flow
    def layered(layers: int) -> int:
        futures: dict[str, PrefectFuture[int]] = {}
        for place in range(width):
            futures[f"s0-{place}"] = same.submit(place)
        for layer in range(1, layers):
            for place in range(width):
                value, other = (futures[name] for name in needs_of(layer, place, width))
                futures[f"s{layer}-{place}"] = same.submit(value, wait_for=[other])
        return sum(futures[f"s{layers - 1}-{place}"].result() for place in range(width))

    return _timed(layered, layers, result=lambda _: sum(range(width)), width=width)


def chain(*, steps: int) -> Rounds:
    """W4: a task called after the other."""

    @flow
    def along(steps: int) -> int:
        value = 7
        for _ in range(steps):
            value = same(value)
        return value

    return _timed(along, steps, result=lambda _: 7)


@task(persist_result=True, cache_policy=NO_CACHE)
def same(value: int) -> int:
    """The step that does nothing."""
    return value


async def _three_steps(agent_ms: int, url: str) -> Rounds:
    async with httpx.AsyncClient() as client:

        @task(persist_result=True, cache_policy=NO_CACHE)
        async def call(value: int) -> int:
            return _result(await client.post(url, json={"value": value}, timeout=30))

        @flow
        async def three() -> int:
            first = await call(1)
            second = await call(first + 1)
            third: int = await call(second + 1)
            return third

        done = _kept()  # starts the server
        taken_ms = []
        for _ in range(1 + ROUNDS):
            with Stopwatch() as watch:
                result = await three()
            assert result == 3
            taken_ms.append(watch.elapsed_s * 1e3)
            done += 3
            await asyncio.to_thread(_wait_until_kept, done)
    first, *later = taken_ms
    return [overheads([first, taken], agent_ms) for taken in later]


def _timed(
    work: Callable[[int], int], count: int, *, result: Callable[[int], int], width: int = 1
) -> Rounds:
    """Time of a flow that takes how many steps, or layers of `width` steps."""
    done = _kept() + WARM_UP * width  # starts the server
    assert work(WARM_UP) == result(WARM_UP)
    watches: list[Stopwatch] = []
    for _ in range(1 + ROUNDS):
        _wait_until_kept(done)
        with Stopwatch() as watch:
            reached = work(count)
        assert reached == result(count)
        done += count * width
        watches.append(watch)
    _wait_until_kept(done)
    steps = count * width
    first = watches[0].per_step(steps, FIRST)
    return [first | watch.per_step(steps) for watch in watches[1:]]


def _wait_until_kept(tasks: int) -> None:
    """Return when the server has the final state of so many tasks, and is idle again."""
    end = time.monotonic() + PATIENCE_S
    while (kept := _kept()) != tasks:
        assert time.monotonic() < end, f"{kept} of {tasks} tasks were kept"
        time.sleep(POLL_S)
    time.sleep(IDLE_S)


def _kept() -> int:
    """Of how many tasks the server has a good end."""
    with get_client(sync_client=True) as server:
        count: int = server.request("POST", "/task_runs/count", json=COMPLETED).json()
        return count


def _result(reply: httpx.Response) -> int:
    reply.raise_for_status()
    value: int = reply.json()["value"]
    return value
