"""Bare asyncio: a task for each step, which awaits the tasks it needs. No journal, no policies, no names.

What a task needs is awaited through `gather`, as it is usually written, or one after another, which is
the cheapest there is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from benchmarks.stopwatch import TURNS, Stopwatch

Step = Callable[[asyncio.Task[int], asyncio.Task[int]], Coroutine[Any, Any, int]]


def layers(*, layers: int, width: int) -> dict[str, float]:
    """W3: every task awaits two of the layer before, one after the other."""
    return asyncio.run(_layers(layers, width, _after))


def layers_gathered(*, layers: int, width: int) -> dict[str, float]:
    """W3: every task gathers two of the layer before."""
    return asyncio.run(_layers(layers, width, _after_gathering))


def chain(*, steps: int) -> dict[str, float]:
    """W4: every task awaits the one before."""
    return asyncio.run(_chain(steps))


async def _layers(layers: int, width: int, step: Step) -> dict[str, float]:
    quantities: dict[str, float] = {}
    for turn in TURNS:
        with Stopwatch() as watch:
            result = await _through_layers(layers, width, step)
        assert result == sum(range(width))
        quantities |= watch.per_step(layers * width, turn)
    return quantities


async def _through_layers(layers: int, width: int, step: Step) -> int:
    before = [asyncio.create_task(_same(place)) for place in range(width)]
    for _ in range(1, layers):
        before = [
            asyncio.create_task(step(before[place], before[(place + 1) % width]))
            for place in range(width)
        ]
    return sum([await task for task in before])


async def _chain(steps: int) -> dict[str, float]:
    quantities: dict[str, float] = {}
    for turn in TURNS:
        with Stopwatch() as watch:
            result = await _along_chain(steps)
        assert result == 7
        quantities |= watch.per_step(steps, turn)
    return quantities


async def _along_chain(steps: int) -> int:
    task = asyncio.create_task(_same(7))
    for _ in range(1, steps):
        task = asyncio.create_task(_after(task))
    return await task


async def _after(value: asyncio.Task[int], *others: asyncio.Task[int]) -> int:
    for other in others:
        await other
    return await _same(await value)


async def _after_gathering(*needs: asyncio.Task[int]) -> int:
    value, *_ = await asyncio.gather(*needs)
    return await _same(value)


async def _same(value: int) -> int:
    return value
