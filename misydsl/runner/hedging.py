"""Hedging: a call that takes long is made a second time, and the first good answer counts.

In: a way to make the call, and when it takes long. Out: the answer. The second call is sent only where the
agent's limits have a place for it at that moment, and the one that is not needed is aborted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from misydsl.agents.contract import Reply
from misydsl.failures import Failure
from misydsl.runner.limits import Gate

Outcome = Reply | Failure
Call = Callable[[float], Coroutine[Any, Any, Outcome]]
"""Makes the call, with the seconds it may take."""

LEAST_S = 0.001  # what a second call is given when the first has used up nearly all of its time


async def hedged(
    call: Call, *, gate: Gate, after_s: float, timeout_s: float, tell: Callable[[], None]
) -> Outcome:
    """The first good answer of one call or two; `tell` is called when the second one is sent."""
    first = asyncio.create_task(call(timeout_s))
    calls = {first}
    try:
        done, _ = await asyncio.wait(calls, timeout=after_s)
        if done or not gate.take_one_more():
            return await first
        tell()
        second = asyncio.create_task(call(max(LEAST_S, timeout_s - after_s)))
        second.add_done_callback(lambda _: gate.release())
        calls.add(second)
        return await _first_good(calls)
    finally:
        for one in calls:
            one.cancel()


async def _first_good(calls: set[asyncio.Task[Outcome]]) -> Outcome:
    """The first reply; when there is none, the last failure."""
    waiting = calls
    outcome: Outcome | None = None
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for one in done:
            outcome = one.result()
            if isinstance(outcome, Reply):
                return outcome
    assert outcome is not None
    return outcome
