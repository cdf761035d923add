"""Hamilton, as its documentation shows it: a module of functions whose parameters name what they need.

The module is written and built outside of the clock. Calls over HTTP are `async` functions under the async
driver, which was twice as fast in W2 as `Parallelizable` and `Collect` over threads; steps that do
nothing are plain functions under the plain driver, in one thread. Hamilton keeps nothing that a dead
process could be resumed from, and it visits what a function needs by recursion, which ends a chain
of 1,000.
"""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import httpx
from hamilton import async_driver, driver

from benchmarks.layers import place_beside
from benchmarks.stopwatch import TURNS, Stopwatch
from benchmarks.three_steps import LATER_RUNS, overheads

CALLING = '''"""Steps that call."""

import httpx


async def _call(client: httpx.AsyncClient, url: str, value: int) -> int:
    reply = await client.post(url, json={"value": value}, timeout=30)
    reply.raise_for_status()
    return reply.json()["value"]
'''
CALL = """

async def {name}(client: httpx.AsyncClient, url: str{needs}) -> int:
    return await _call(client, url, {value})
"""
SAME = """

def {name}({needs}) -> int:
    return {value}
"""


def three_steps(*, agent_ms: int, agents: str, place: str) -> dict[str, float]:
    """W1: three async functions that need one another."""
    url = f"{agents}/wait/{agent_ms}"
    return asyncio.run(_three_steps(agent_ms, url, _module(place, CALLING, _three())))


def fan_out(*, steps: int, agents: str, place: str) -> dict[str, float]:
    """W2: an async function for each call, and one that needs all of them."""
    names = [f"s{number}" for number in range(steps)]
    calls = (CALL.format(name=name, needs="", value=name[1:]) for name in names)
    module = _module(place, CALLING, [*calls, _sum(names)])
    return asyncio.run(_fan_out(steps, f"{agents}/wait/0", module))


def layers(*, layers: int, width: int, place: str) -> dict[str, float]:
    """W3: every function needs two of the layer before."""
    names = [f"s0_{at}" for at in range(width)]
    written = [SAME.format(name=name, needs="", value=at) for at, name in enumerate(names)]
    for layer in range(1, layers):
        before, names = names, [f"s{layer}_{at}" for at in range(width)]
        for at, name in enumerate(names):
            value, other = before[at], before[place_beside(at, width)]
            written.append(SAME.format(name=name, needs=f"{value}: int, {other}: int", value=value))
    module = _module(place, '"""Layers."""\n', [*written, _sum(names)])
    return _timed(module, "gathered", layers * width, expected=sum(range(width)))


def chain(*, steps: int, place: str) -> dict[str, float]:
    """W4: every function needs the one before."""
    written = [SAME.format(name="s0", needs="", value=7)]
    for number in range(1, steps):
        value = f"s{number - 1}"
        written.append(SAME.format(name=f"s{number}", needs=f"{value}: int", value=value))
    module = _module(place, '"""A chain."""\n', written)
    return _timed(module, f"s{steps - 1}", steps, expected=7)


async def _three_steps(agent_ms: int, url: str, module: ModuleType) -> dict[str, float]:
    flow = await async_driver.Builder().with_modules(module).build()
    taken_ms = []
    async with httpx.AsyncClient() as client:
        for _ in range(1 + LATER_RUNS):
            with Stopwatch() as watch:
                done = await flow.execute(["third"], inputs={"client": client, "url": url})
            assert done["third"] == 3
            taken_ms.append(watch.elapsed_s * 1e3)
    return overheads(taken_ms, agent_ms)


async def _fan_out(steps: int, url: str, module: ModuleType) -> dict[str, float]:
    flow = await async_driver.Builder().with_modules(module).build()
    quantities: dict[str, float] = {}
    async with httpx.AsyncClient() as client:
        for turn in TURNS:
            with Stopwatch() as watch:
                done = await flow.execute(["gathered"], inputs={"client": client, "url": url})
            assert done["gathered"] == sum(range(steps))
            quantities |= watch.per_step(steps, turn)
    return quantities


def _timed(module: ModuleType, last: str, steps: int, *, expected: int) -> dict[str, float]:
    flow = driver.Builder().with_modules(module).build()
    quantities: dict[str, float] = {}
    for turn in TURNS:
        with Stopwatch() as watch:
            done = flow.execute([last])
        assert done[last] == expected
        quantities |= watch.per_step(steps, turn)
    return quantities


def _three() -> list[str]:
    return [
        CALL.format(name="first", needs="", value=1),
        CALL.format(name="second", needs=", first: int", value="first + 1"),
        CALL.format(name="third", needs=", second: int", value="second + 1"),
    ]


def _sum(names: list[str]) -> str:
    needs = ", ".join(f"{name}: int" for name in names)
    return SAME.format(name="gathered", needs=needs, value=" + ".join(names))


def _module(place: str, head: str, functions: Iterable[str]) -> ModuleType:
    """What a user would have written into a file, imported."""
    path = Path(place) / "flow.py"
    path.write_text("".join([head, *functions]), encoding="utf-8")
    found = importlib.util.spec_from_file_location("flow", path)
    assert found is not None
    assert found.loader is not None
    module = sys.modules["flow"] = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module
