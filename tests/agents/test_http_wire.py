"""Real sockets on loopback: what breaks, what drags on, what is too much, and what is given up."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import time
from typing import Self

import pytest

from misydsl.agents.contract import AgentSpec, Connection
from misydsl.agents.http import HttpConnector
from misydsl.values import Size
from tests.agents.fakes import answer, failure_of, raw_agent, read_request, request, value_of

OK = answer(b'{"ok":true}')


class Calls:
    """A connector that is closed when the test ends."""

    def __init__(self) -> None:
        self.connector = HttpConnector()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.connector.aclose()

    def to(self, url: str, **settings: object) -> Connection:
        return self.connector.connect(AgentSpec("a", url, **settings))  # type: ignore[arg-type]


async def test_calls_in_a_row_share_one_connection() -> None:
    async with raw_agent(OK) as agent, Calls() as calls:
        for _ in range(5):
            assert value_of(await calls.to(agent.url).call(request())) == {"ok": True}
        assert agent.connections == 1


async def test_what_goes_over_the_wire_has_no_surprises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")  # would fail if it were used
    async with raw_agent(answer(b"1", "Set-Cookie: a=b")) as agent, Calls() as calls:
        connection = calls.to(agent.url + "/café?x=1")
        for _ in range(2):
            assert value_of(await connection.call(request({"topic": "ñ"}))) == 1
    for head in agent.heads:
        lines = head.decode("ascii").lower().split("\r\n")
        assert lines[0] == "post /agent/caf%c3%a9?x=1 http/1.1"
        names = {line.partition(":")[0] for line in lines[1:] if line}
        assert "cookie" not in names
        assert {"host", "content-length", "idempotency-key", "traceparent"} <= names
        assert "accept-encoding: identity" in lines


async def test_nobody_listening_is_connect_with_the_variable_to_set() -> None:
    with socket.socket() as taken:
        taken.bind(
            ("127.0.0.1", 0)
        )  # bound but not listening: refused, and nobody else can take it
        async with Calls() as calls:
            url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
            failure = failure_of(await calls.to(url).call(request()))
    assert failure.kind == "connect"
    assert failure.advice == "start it, or set AGENT_A_URL to where it runs"
    assert failure.matches("connect")


async def test_a_host_that_does_not_exist_is_connect() -> None:
    async with Calls() as calls:
        failure = failure_of(await calls.to("http://nobody.invalid/").call(request(timeout_s=20)))
    assert failure.kind == "connect"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half":',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2,\r\n",
    ],
)
async def test_a_connection_that_ends_too_early_is_reset(sent: bytes) -> None:
    async def dropping(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()

    async with raw_agent(dropping) as agent, Calls() as calls:
        failure = failure_of(await calls.to(agent.url).call(request()))
        assert failure.kind == "reset"


@pytest.mark.parametrize("sent", [b"SSH-2.0-OpenSSH_9.6\r\n\r\n", b"HTTP/1.1 what\r\n\r\n"])
async def test_what_is_not_http_is_a_bad_reply(sent: bytes) -> None:
    async def babbling(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()

    async with raw_agent(babbling) as agent, Calls() as calls:
        failure = failure_of(await calls.to(agent.url).call(request()))
        assert failure.kind == "bad-reply"


async def test_https_to_a_plain_server_is_tls() -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        await plain(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, Calls() as calls:
        failure = failure_of(await calls.to(f"https://127.0.0.1:{port}/").call(request()))
    assert failure.kind == "tls"


async def test_a_reply_that_drips_ends_with_the_deadline() -> None:
    async def dripping(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1\r\n \r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with raw_agent(dripping) as agent, Calls() as calls:
        began = time.monotonic()
        failure = failure_of(await calls.to(agent.url).call(request(timeout_s=0.2)))
        assert failure.kind == "timeout"
        assert failure.message == "a did not answer within 0.2 s"
        assert time.monotonic() - began < 2


async def test_headers_that_never_end_end_with_the_deadline() -> None:
    async def continuing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with raw_agent(continuing) as agent, Calls() as calls:
        failure = failure_of(await calls.to(agent.url).call(request(timeout_s=0.2)))
        assert failure.kind in ("timeout", "bad-reply")


@pytest.mark.parametrize("status", ["200 OK", "500 Internal Server Error"])
async def test_a_reply_without_end_is_cut_at_the_limit(status: str) -> None:
    async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        while True:
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            await writer.drain()

    async with raw_agent(endless) as agent, Calls() as calls:
        connection = calls.to(agent.url, max_reply=Size(100_000))
        failure = failure_of(await connection.call(request(timeout_s=10)))
        assert failure.kind == ("too-large" if status.startswith("200") else "http")
        assert failure.excerpt is not None
        assert 2000 < len(failure.excerpt.encode()) <= 2048


async def test_a_length_over_the_limit_is_too_large_and_the_next_call_works() -> None:
    sizes = iter([200_000, 3])

    async def big(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"9" * next(sizes)))
        await writer.drain()

    async with raw_agent(big) as agent, Calls() as calls:
        connection = calls.to(agent.url, max_reply=Size(100_000))
        assert failure_of(await connection.call(request())).kind == "too-large"
        assert value_of(await connection.call(request())) == 999


async def test_a_small_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b" " * 5_000_000)
    async with raw_agent(answer(bomb, "Content-Encoding: gzip")) as agent, Calls() as calls:
        failure = failure_of(await calls.to(agent.url).call(request()))
        assert failure.kind == "bad-reply"
        assert "compressed" in failure.message


async def test_cancelling_a_call_closes_what_it_opened() -> None:
    begun, closed = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        begun.set()
        await reader.read()
        closed.set()

    async with raw_agent(silent) as agent, Calls() as calls:
        calling = asyncio.create_task(calls.to(agent.url).call(request(timeout_s=60)))
        await asyncio.wait_for(begun.wait(), 5)
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling
        await asyncio.wait_for(closed.wait(), 5)


async def test_closing_ends_open_calls_as_reset_and_later_ones_too() -> None:
    begun = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        begun.set()
        await reader.read()

    async with raw_agent(silent) as agent:
        calls = Calls()
        connection = calls.to(agent.url)
        calling = asyncio.create_task(connection.call(request(timeout_s=60)))
        await asyncio.wait_for(begun.wait(), 5)
        await calls.connector.aclose()
        assert failure_of(await asyncio.wait_for(calling, 5)).kind == "reset"
        assert failure_of(await connection.call(request())).kind == "reset"
        assert not (await connection.health()).is_healthy


async def test_health_of_what_is_silent_or_absent_says_so() -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with raw_agent(silent) as agent, Calls() as calls:
        health = await calls.to(agent.url).health(timeout_s=0.1)
        assert (health.is_healthy, health.detail) == (False, "no answer within 0.1 s")


async def test_each_event_loop_has_its_own_pool_and_all_are_closed() -> None:
    async with raw_agent(OK) as agent:
        connector = HttpConnector()
        connection = connector.connect(AgentSpec("a", agent.url))
        answers: list[object] = []
        called, finish = threading.Event(), threading.Event()

        async def elsewhere() -> None:
            answers.append(value_of(await connection.call(request())))
            called.set()
            await asyncio.to_thread(finish.wait, 10)

        other = threading.Thread(target=lambda: asyncio.run(elsewhere()))
        other.start()
        answers.append(value_of(await connection.call(request())))
        assert await asyncio.to_thread(called.wait, 10)
        await connector.aclose()
        finish.set()
        await asyncio.to_thread(other.join, 10)
        assert answers == [{"ok": True}, {"ok": True}]
        assert agent.connections == 2


async def test_the_head_of_a_request_ends_where_the_fake_agent_thinks() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
    assert (await read_request(reader)).startswith(b"POST /")
