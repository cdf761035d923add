"""DBOS, as its documentation shows it: async `@DBOS.workflow` and `@DBOS.step`, `asyncio.gather` for what runs at once.

It keeps every step in SQLite, its default; launching it and making the tables is outside of the clock.
Layers are gathered one after the other: a workflow is a program, and that is how one writes it there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from dbos import DBOS, DBOSConfig

from benchmarks.fan_out import WARM_UP
from benchmarks.stopwatch import TURNS, Stopwatch
from benchmarks.three_steps import LATER_RUNS, overheads

_client: httpx.AsyncClient  # a step takes only what can be kept; what it works with lives outside


@DBOS.step()
async def call(url: str, value: int) -> int:
    """One call of an agent."""
    reply = await _client.post(url, json={"value": value}, timeout=30)
    reply.raise_for_status()
    result: int = reply.json()["value"]
    return result


@DBOS.step()
async def same(value: int, _other: int | None = None) -> int:
    """The step that does nothing."""
    return value


@DBOS.workflow()
async def three(url: str) -> int:
    """Three calls one after another."""
    first = await call(url, 1)
    second = await call(url, first + 1)
    third: int = await call(url, second + 1)
    return third


@DBOS.workflow()
async def fan(url: str, steps: int) -> int:
    """All calls at once, and their sum."""
    return sum(await asyncio.gather(*(call(url, value) for value in range(steps))))


@DBOS.workflow()
async def layered(layers: int, width: int) -> int:
    """A layer after the other; each step gets two results of the one before."""
    values = await asyncio.gather(*(same(place) for place in range(width)))
    for _ in range(1, layers):
        values = await asyncio.gather(
            *(same(values[place], values[(place + 1) % width]) for place in range(width))
        )
    return sum(values)


@DBOS.workflow()
async def along(steps: int) -> int:
    """A step after the other."""
    value = 7
    for _ in range(steps):
        value = await same(value)
    return value


def three_steps(*, agent_ms: int, place: str, agents: str) -> dict[str, float]:
    """W1: three steps one after another."""

    async def work() -> dict[str, float]:
        taken_ms = []
        for _ in range(1 + LATER_RUNS):
            with Stopwatch() as watch:
                result = await three(f"{agents}/wait/{agent_ms}")
            assert result == 3
            taken_ms.append(watch.elapsed_s * 1e3)
        return overheads(taken_ms, agent_ms)

    return asyncio.run(_launched(place, work))


def fan_out(*, steps: int, place: str, agents: str) -> dict[str, float]:
    """W2: `asyncio.gather` over the steps, then their sum."""
    url = f"{agents}/wait/0"

    async def work() -> dict[str, float]:
        await fan(url, WARM_UP)
        return await _timed(lambda: fan(url, steps), steps, sum(range(steps)))

    return asyncio.run(_launched(place, work))


def layers(*, layers: int, width: int, place: str) -> dict[str, float]:
    """W3: layer after layer."""

    async def work() -> dict[str, float]:
        await layered(2, 3)
        return await _timed(lambda: layered(layers, width), layers * width, sum(range(width)))

    return asyncio.run(_launched(place, work))


def chain(*, steps: int, place: str) -> dict[str, float]:
    """W4: step after step."""

    async def work() -> dict[str, float]:
        await along(5)
        return await _timed(lambda: along(steps), steps, 7)

    return asyncio.run(_launched(place, work))


async def _launched(
    place: str, work: Callable[[], Awaitable[dict[str, float]]]
) -> dict[str, float]:
    """Work with DBOS launched on a database of its own."""
    global _client
    config: DBOSConfig = {
        "name": "figures",
        "system_database_url": f"sqlite:///{Path(place) / 'dbos.sqlite'}",
        "log_level": "ERROR",
        "run_admin_server": False,
    }
    DBOS(config=config)
    DBOS.launch()
    try:
        async with httpx.AsyncClient() as _client:
            return await work()
    finally:
        DBOS.destroy()


async def _timed(run: Callable[[], Awaitable[int]], steps: int, expected: int) -> dict[str, float]:
    quantities: dict[str, float] = {}
    for turn in TURNS:
        with Stopwatch() as watch:
            result = await run()
        assert result == expected
        quantities |= watch.per_step(steps, turn)
    return quantities
