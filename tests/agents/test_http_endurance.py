"""Ten thousand calls that were given up must leave the connections as good as new."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from misydsl.agents.contract import AgentSpec, Connection, Reply
from misydsl.agents.http import HttpConnector
from misydsl.failures import Failure
from tests.agents.fakes import answer, request

CALLS = 10_000
AT_ONCE = 200


class _SlowOrQuick(asyncio.Protocol):
    """Answers `/quick` at once, and everything else after a while, in pieces, or never."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        if self.received.endswith(b"{}"):
            is_quick, self.received = b"POST /quick" in self.received, b""
            self.answer(is_quick=is_quick)

    def answer(self, *, is_quick: bool) -> None:
        assert self.transport is not None
        if is_quick:
            self.transport.write(answer(b"{}"))
            return
        match next(_turns) % 3:
            case 0:  # half of it, and no more
                self.transport.write(answer(b"[1,2,3]")[:-3])
            case 1:  # all of it, about when the caller gives up
                later = asyncio.get_running_loop().call_later
                later(0.002, self.transport.write, answer(b"{}"))
            case _:  # nothing at all
                pass


_turns = itertools.count()


@contextmanager
def _server() -> Iterator[int]:
    """The agent in a thread with a loop of its own, so that its sockets are its own affair."""
    ready, stop = threading.Event(), asyncio.Event()
    place: dict[str, object] = {}

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(_SlowOrQuick, "127.0.0.1", 0, backlog=1024)
        place.update(port=server.sockets[0].getsockname()[1], loop=loop)
        ready.set()
        await stop.wait()
        server.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait()
    loop = place["loop"]
    assert isinstance(loop, asyncio.AbstractEventLoop)
    try:
        assert isinstance(place["port"], int)
        yield place["port"]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


async def _given_up(connection: Connection, luck: random.Random) -> str:
    """One call that ends by its deadline, or by being cancelled at some moment of its life."""
    if luck.random() < 0.5:
        outcome = await connection.call(request({}, timeout_s=luck.uniform(0.0, 0.004)))
        return outcome.kind if isinstance(outcome, Failure) else "answered"
    calling = asyncio.create_task(connection.call(request({}, timeout_s=30)))
    await asyncio.sleep(luck.uniform(0.0, 0.004))
    calling.cancel()
    [ended] = await asyncio.gather(calling, return_exceptions=True)
    return "cancelled" if isinstance(ended, asyncio.CancelledError) else "answered"


def _descriptors() -> int:
    return len(list(Path(f"/proc/{os.getpid()}/fd").iterdir()))


@pytest.mark.timeout(180)
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors in /proc")
async def test_after_ten_thousand_given_up_calls_every_healthy_call_works() -> None:
    luck = random.Random(1)
    with _server() as port:
        before, tasks = _descriptors(), asyncio.all_tasks()
        connector = HttpConnector()
        slow = connector.connect(AgentSpec("slow", f"http://127.0.0.1:{port}/slow"))
        quick = connector.connect(AgentSpec("quick", f"http://127.0.0.1:{port}/quick"))
        ends: list[str] = []
        for _ in range(CALLS // AT_ONCE):
            ends += await asyncio.gather(*(_given_up(slow, luck) for _ in range(AT_ONCE)))
        healthy = [await quick.call(request({}, timeout_s=10)) for _ in range(100)]
        assert sum(isinstance(outcome, Reply) for outcome in healthy) == 100
        assert len(ends) == CALLS
        assert ends.count("cancelled") > CALLS // 4
        assert ends.count("timeout") > CALLS // 4
        assert set(ends) <= {"cancelled", "timeout", "answered"}
        await connector.aclose()
        gc.collect()
        for _ in range(100):
            if _descriptors() <= before:  # the server's thread closes its side a moment later
                break
            await asyncio.sleep(0.05)
        assert _descriptors() <= before
        assert asyncio.all_tasks() == tasks
