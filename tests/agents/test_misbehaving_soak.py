"""Two thousand calls, every fifth to an agent that misbehaves: each counted, none left over, memory flat."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from misydsl.agents.contract import AgentSpec, Reply
from misydsl.agents.http import HttpConnector
from tests.agents.fakes import request
from tests.agents.in_the_reply import IN_THE_REPLY
from tests.agents.measures import given_back, open_descriptors, resident_bytes
from tests.agents.misbehaviour import QUICK_S, Misbehaviour
from tests.agents.on_the_wire import ON_THE_WIRE
from tests.agents.rogue import Rogue

CALLS = 2_000
AT_ONCE = 50
FAULTS = 0.2
FLAT_BYTES = 24 * 1024 * 1024
ROWS = (*ON_THE_WIRE, *IN_THE_REPLY)


async def called(connector: HttpConnector, rogue: Rogue, row: Misbehaviour | None) -> str:
    """How one call ended."""
    name = "healthy" if row is None else row.name
    # who ends by itself gets all the time it needs on a busy machine
    timeout_s = 30.0 if row is None or row.timeout_s >= QUICK_S else row.timeout_s
    agent = connector.connect(AgentSpec("a", rogue.url(name)))
    outcome = await agent.call(request(timeout_s=timeout_s))
    return "reply" if isinstance(outcome, Reply) else outcome.kind


@pytest.mark.timeout(120)
async def test_every_call_of_a_faulty_day_is_counted_and_memory_stays_flat(rogue: Rogue) -> None:
    luck = random.Random(4)
    before, connector = open_descriptors(), HttpConnector()
    plan = [luck.choice(ROWS) if luck.random() < FAULTS else None for _ in range(CALLS)]
    ends: list[str] = []
    sizes: list[int] = []
    for begin in range(0, CALLS, AT_ONCE):
        together = plan[begin : begin + AT_ONCE]
        ends += await asyncio.gather(*(called(connector, rogue, row) for row in together))
        sizes.append(resident_bytes())
    expected = ["reply" if row is None else row.kind for row in plan]
    wrong = [
        (row and row.name, end)
        for row, end, right in zip(plan, ends, expected, strict=True)
        if end != right
    ]
    assert wrong == []
    assert Counter(ends) == Counter(expected)
    arrived = {row.name: len(rogue.seen(row.name).heads) for row in ROWS}
    arrived["healthy"] = len(rogue.seen("healthy").heads)
    assert Counter(arrived) == Counter("healthy" if row is None else row.name for row in plan)
    second_half = sizes[len(sizes) // 2 :]
    assert max(second_half) - max(sizes[: len(sizes) // 2]) <= FLAT_BYTES
    await connector.aclose()
    assert await given_back(before)
