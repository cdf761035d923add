"""Hand-written asyncio with `httpx.AsyncClient`, as its documentation shows it: no journal, no retries."""

from __future__ import annotations

import asyncio

import httpx

from benchmarks.fan_out import WARM_UP
from benchmarks.stopwatch import TURNS, Stopwatch
from benchmarks.three_steps import LATER_RUNS, overheads


def three_steps(*, agent_ms: int, agents: str) -> dict[str, float]:
    """W1: three calls one after another."""
    return asyncio.run(_three_steps(agent_ms, f"{agents}/wait/{agent_ms}"))


def fan_out(*, steps: int, agents: str) -> dict[str, float]:
    """W2: `asyncio.gather` over the calls, then their sum."""
    return asyncio.run(_fan_out(steps, f"{agents}/wait/0"))


async def _three_steps(agent_ms: int, url: str) -> dict[str, float]:
    taken_ms = []
    async with httpx.AsyncClient() as client:
        for _ in range(1 + LATER_RUNS):
            with Stopwatch() as watch:
                first = await _call(client, url, 1)
                second = await _call(client, url, first + 1)
                third = await _call(client, url, second + 1)
            assert third == 3
            taken_ms.append(watch.elapsed_s * 1e3)
    return overheads(taken_ms, agent_ms)


async def _fan_out(steps: int, url: str) -> dict[str, float]:
    async with httpx.AsyncClient() as client:
        await asyncio.gather(*(_call(client, url, value) for value in range(WARM_UP)))
        quantities: dict[str, float] = {}
        for turn in TURNS:
            with Stopwatch() as watch:
                calls = (_call(client, url, value) for value in range(steps))
                gathered = sum(await asyncio.gather(*calls))
            assert gathered == sum(range(steps))
            quantities |= watch.per_step(steps, turn)
    return quantities


async def _call(client: httpx.AsyncClient, url: str, value: int) -> int:
    reply = await client.post(url, json={"value": value}, timeout=30)
    reply.raise_for_status()
    result: int = reply.json()["value"]
    return result
