"""Agents that behave as a test says: over a mock transport, and over real sockets on loopback.

In: what to answer, byte for byte where it matters. Out: connections to call, and what the agent saw.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from misydsl.agents.contract import AgentSpec, Connection, Reply, Request
from misydsl.agents.http import HttpConnector
from misydsl.agents.httpx_wire import HttpxWire
from misydsl.failures import Failure
from misydsl.values import Value, encode_json

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class StoppedClock:
    """A clock that says what it was told."""

    def __init__(self, wall: float = 1_767_225_600.0) -> None:  # 2026-01-01T00:00:00Z
        self.now = wall

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


def request(
    inputs: Mapping[str, Value] | None = None, *, timeout_s: float = 5.0, **fields: Any
) -> Request:
    """A request with these inputs, and everything else made up."""
    given = dict(inputs or {})
    made: dict[str, Any] = {
        "run": "run-1",
        "session": "session-12345",
        "step": "trend-discovery",
        "item": "",
        "attempt": 1,
        "key": "key-1",
        "timeout_s": timeout_s,
        "inputs": given,
        "body": encode_json(given),
        "traceparent": TRACE,
    }
    return Request(**{**made, **fields})


def mocked(
    handler: Callable[[httpx.Request], httpx.Response], spec: AgentSpec | None = None
) -> Connection:
    """A connection whose wire is an httpx mock transport."""
    connector = HttpConnector(lambda: HttpxWire(httpx.MockTransport(handler)), clock=StoppedClock())
    return connector.connect(spec or AgentSpec("trend-scanner", "http://agents.test/scan"))


def value_of(outcome: Reply | Failure) -> Value:
    """The value of a reply; a failure fails the test with its words."""
    assert isinstance(outcome, Reply), outcome
    return outcome.value


def failure_of(outcome: Reply | Failure) -> Failure:
    """The failure; a reply fails the test."""
    assert isinstance(outcome, Failure), outcome
    return outcome


Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawAgent:
    """A real server that answers with bytes; `heads` are the request heads it saw."""

    port: int = 0
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/agent"


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """The head of the next request, with its body read and dropped."""
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.partition(b":")[2]))
    return head


@contextlib.asynccontextmanager
async def raw_agent(answer: bytes | Answering) -> AsyncIterator[RawAgent]:
    """A server on a free port of the loopback, gone when the block ends."""
    agent = RawAgent()
    open_: dict[asyncio.Task[object] | None, asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agent.connections += 1
        open_[asyncio.current_task()] = writer
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                while True:
                    agent.heads.append(await read_request(reader))
                    if not isinstance(answer, bytes):
                        await answer(reader, writer)
                        return
                    writer.write(answer)
                    await writer.drain()
            finally:
                writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    agent.port = server.sockets[0].getsockname()[1]
    try:
        yield agent
    finally:
        server.close()
        for writer in open_.values():
            writer.transport.abort()
        await asyncio.wait(
            [task for task in open_ if task] or [asyncio.create_task(asyncio.sleep(0))]
        )


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An HTTP answer with its length."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers]
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
    return head.encode() + body
