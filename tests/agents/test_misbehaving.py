"""Whatever an agent does over a real socket, a call ends in time with the right word and leaves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import httpx
import pytest

from misydsl.agents.contract import AgentSpec, Reply
from misydsl.agents.http import HttpConnector
from misydsl.agents.httpx_wire import HttpxWire
from misydsl.agents.transport import AiohttpWire, Wire
from misydsl.pipeline.policies import RetryPolicy
from misydsl.values import Size
from tests.agents.fakes import failure_of, mocked, request, value_of
from tests.agents.in_the_reply import IN_THE_REPLY
from tests.agents.measures import (
    LATE_S,
    MEMORY_BYTES,
    Growth,
    Stopwatch,
    given_back,
    open_descriptors,
)
from tests.agents.misbehaviour import Misbehaviour
from tests.agents.on_the_wire import ON_THE_WIRE
from tests.agents.rogue import Rogue

PASSWORD = "hunter22"
POLICY = RetryPolicy(attempts=2)
WIRES: dict[str, Callable[[], Wire]] = {
    "aiohttp": AiohttpWire,
    "httpx": lambda: HttpxWire(httpx.AsyncHTTPTransport(verify=False)),
}
AGAIN = ("timeout", "connect", "reset")


@pytest.fixture(scope="module", autouse=True)
def _everything_imported(rogue: Rogue) -> None:
    """What the wires import at their first call is no part of any call here."""

    async def first_call(make_wire: Callable[[], Wire]) -> None:
        connector = HttpConnector(make_wire)
        value_of(await connector.connect(AgentSpec("a", rogue.url("healthy"))).call(request()))
        await connector.aclose()

    for make_wire in WIRES.values():
        asyncio.run(first_call(make_wire))


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("row", [*ON_THE_WIRE, *IN_THE_REPLY], ids=lambda row: row.name)
async def test_a_misbehaving_agent_costs_one_call_and_nothing_more(
    row: Misbehaviour, wire: str, rogue: Rogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:1")  # would fail if it were used
    before, tasks = open_descriptors(), asyncio.all_tasks()
    connector = HttpConnector(WIRES[wire])
    connection = connector.connect(AgentSpec("a", rogue.url(row.name, user=f"ana:{PASSWORD}")))
    growth, stopwatch = Growth(), Stopwatch()
    outcome = await connection.call(request({"topic": "café"}, timeout_s=row.timeout_s))
    took_s, grown_bytes = stopwatch.elapsed_s, growth.bytes
    differs = row.over_httpx if wire == "httpx" else ""
    if isinstance(outcome, Reply):
        assert (differs or row.kind) == "reply", bytes(outcome.raw or b"")[:80]
    else:
        assert outcome.kind == (differs or row.kind), outcome
        assert outcome.status == (None if differs else row.status)
        assert POLICY.may_retry(outcome, 1) == (differs in AGAIN if differs else row.is_retried)
        assert outcome.retry_after_s == row.retry_after_s
        assert row.says in outcome.message
        assert outcome.agent == "a"
        assert PASSWORD not in repr(outcome)
        assert len(outcome.message) < 1000
        assert len((outcome.excerpt or "").encode()) <= 2048
    assert took_s <= row.timeout_s + LATE_S
    assert grown_bytes <= MEMORY_BYTES
    await connector.aclose()
    assert await given_back(before)
    assert asyncio.all_tasks() == tasks


@pytest.mark.parametrize(
    ("max_reply", "most"), [(20_000, 1000), (32_000, 1000), (64_000, 2000), (640_000, 20_000)]
)
async def test_how_many_lists_a_reply_may_have_grows_with_its_limit_of_bytes(
    max_reply: int, most: int
) -> None:
    spec = AgentSpec("a", "http://agents.test/", max_reply=Size(max_reply))
    inner = [b"{}" if number % 2 else b"[]" for number in range(most)]
    fits = b'["[[",' + b",".join(inner[1:]) + b"]"
    over = b"[" + b",".join(inner) + b"]"
    answering = partial(httpx.Response, 200)
    agent = mocked(lambda _: answering(content=fits), spec)
    assert len(str(value_of(await agent.call(request())))) > most
    agent = mocked(lambda _: answering(content=over), spec)
    failure = failure_of(await agent.call(request()))
    assert failure.message == f"the reply of a has over {most} lists and objects"
    assert failure.excerpt is not None
