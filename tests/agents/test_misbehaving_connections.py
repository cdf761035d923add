"""What is left on a connection never reaches the next call, and what was sent is not sent again in secret."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Literal

import httpx
import pytest

from misydsl.agents.contract import AgentSpec, Connection, Reply
from misydsl.agents.http import HttpConnector
from misydsl.agents.httpx_wire import HttpxWire
from misydsl.failures import Failure
from misydsl.values import Value
from tests.agents.fakes import failure_of, request, value_of
from tests.agents.measures import LATE_S, PATIENCE_S, Stopwatch, given_back, open_descriptors
from tests.agents.on_the_wire import ON_THE_WIRE
from tests.agents.rogue import Rogue, Seen

Method = Literal["POST", "GET", "PUT", "DELETE"]
OK: Value = {"ok": True}
LARGE: dict[str, Value] = {"text": "x" * 4_000_000}  # more than the buffers of both sides hold


@contextlib.asynccontextmanager
async def pool() -> AsyncIterator[HttpConnector]:
    """A connector that leaves no descriptor behind."""
    before = open_descriptors()
    connector = HttpConnector()
    try:
        yield connector
    finally:
        await connector.aclose()
    assert await given_back(before)


def agent(connector: HttpConnector, url: str, method: Method = "POST") -> Connection:
    return connector.connect(AgentSpec("a", url, method=method))


async def until(rogue: Rogue, name: str, holds: Callable[[Seen], bool]) -> None:
    """Wait until the server says so, and the loop has heard of it."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds(await asyncio.to_thread(rogue.seen, name)):
        assert time.monotonic() < deadline
    await asyncio.sleep(0.01)


@pytest.mark.parametrize("name", ["closes-as-the-second-comes", "resets-as-the-second-comes"])
async def test_a_connection_that_ends_as_a_post_comes_is_reset_and_not_sent_again(
    name: str, rogue: Rogue
) -> None:
    before = len(rogue.seen(name).heads)
    async with pool() as connector:
        connection = agent(connector, rogue.url(name))
        assert value_of(await connection.call(request())) == OK
        assert failure_of(await connection.call(request())).kind == "reset"
        assert len(rogue.seen(name).heads) - before == 2
        assert value_of(await connection.call(request())) == OK


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_what_http_calls_idempotent_is_sent_once_more_with_the_same_key(
    method: Method, rogue: Rogue
) -> None:
    name = "closes-as-the-second-comes"
    before = len(rogue.seen(name).heads)
    async with pool() as connector:
        connection = agent(connector, rogue.url(name), method)
        assert value_of(await connection.call(request(key="first"))) == OK
        inputs = LARGE if method != "GET" else {}
        assert value_of(await connection.call(request(inputs, key="second"))) == OK
    heads = rogue.seen(name).heads[before:]
    assert ["Idempotency-Key: second" in head for head in heads] == [False, True, True]


async def test_a_connection_that_was_closed_while_idle_is_not_used(rogue: Rogue) -> None:
    async with pool() as connector:
        connection = agent(connector, rogue.url("closes-when-idle"))
        for calls in range(1, 6):
            assert value_of(await connection.call(request())) == OK
            await until(rogue, "closes-when-idle", lambda seen, calls=calls: seen.closed == calls)  # type: ignore[misc]
    seen = rogue.seen("closes-when-idle")
    assert (len(seen.heads), seen.connections) == (5, 5)


@pytest.mark.parametrize(
    ("name", "each", "connections"),
    [
        ("second-answer-at-once", OK, 4),
        ("second-answer-a-moment-later", OK, 4),
        ("half-an-answer-a-moment-later", OK, 1),  # what was left is forgotten at the next call
        ("more-bytes-a-moment-later", OK, 4),
        ("more-bytes-than-it-said", "bad-reply", 4),
        ("body-of-a-204", None, 4),
        ("two-framings", "bad-reply", 4),
    ],
)
async def test_bytes_after_the_reply_are_not_the_reply_to_the_next_call(
    name: str, each: Value, connections: int, rogue: Rogue
) -> None:
    async with pool() as connector:
        connection = agent(connector, rogue.url(name))
        for calls in range(1, 5):
            outcome = await connection.call(request())
            assert (outcome.kind if isinstance(outcome, Failure) else outcome.value) == each
            await until(rogue, name, lambda seen, calls=calls: seen.played == calls)  # type: ignore[misc]
    seen = rogue.seen(name)
    assert (len(seen.heads), seen.connections) == (4, connections)


async def test_cookies_are_never_sent_back(rogue: Rogue) -> None:
    async with pool() as connector:
        for _ in range(3):
            outcome = await agent(connector, rogue.url("sets-cookies")).call(request())
            assert value_of(outcome) == 1
    heads = rogue.seen("sets-cookies").heads
    assert len(heads) == 3
    assert not [head for head in heads if "\r\ncookie:" in head.lower()]


async def test_no_redirect_is_followed_to_another_host(rogue: Rogue) -> None:
    async with pool() as connector:
        for status in (301, 302, 303, 307, 308):
            connection = agent(connector, rogue.url(f"redirect-{status}"))
            failure = failure_of(await connection.call(request()))
            assert failure.status == status
            assert f"http://localhost:{rogue.port}/target" in (failure.advice or "")
            assert not [word for word in ("pw123", "abc") if word in repr(failure)]
    assert rogue.seen("target").connections == 0


async def test_an_answer_before_the_request_was_read_is_the_answer(rogue: Rogue) -> None:
    async with pool() as connector:
        answers = agent(connector, rogue.url("answers-without-reading"))
        assert value_of(await answers.call(request(LARGE))) == []
        refuses = agent(connector, rogue.url("refuses-without-reading"))
        assert failure_of(await refuses.call(request(LARGE))).status == 413


async def test_an_agent_that_shows_its_credentials_is_not_quoted(rogue: Rogue) -> None:
    async with pool() as connector:
        url = rogue.url("shows-what-it-was-sent", user="ana:hunter22")
        failure = failure_of(await agent(connector, url).call(request()))
    assert failure.status == 500
    assert not [word for word in ("hunter22", "YW5hOmh1bnRlcjIy") if word in repr(failure)]
    assert "***" in (failure.excerpt or "")


async def test_credentials_are_not_in_the_words_of_a_connection_that_failed() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refused
        async with pool() as connector:
            url = f"http://ana:hunter22@127.0.0.1:{taken.getsockname()[1]}/x?key=abcdef"
            failure = failure_of(await agent(connector, url).call(request()))
    assert failure.kind == "connect"
    assert not [word for word in ("hunter22", "abcdef") if word in repr(failure)]


async def test_a_host_that_takes_no_connection_ends_with_the_deadline() -> None:
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # fills the queue, and nobody accepts
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)  # noqa: FBT003  the standard library's own signature
            one.connect_ex(full.getsockname())
        async with pool() as connector:
            stopwatch = Stopwatch()
            url = f"http://127.0.0.1:{full.getsockname()[1]}/"
            failure = failure_of(await agent(connector, url).call(request(timeout_s=0.3)))
            assert failure.kind == "timeout"
            assert stopwatch.elapsed_s <= 0.3 + LATE_S


async def test_https_to_a_port_that_stays_silent_ends_with_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with pool() as connector:
            stopwatch = Stopwatch()
            url = f"https://127.0.0.1:{silent.getsockname()[1]}/"
            failure = failure_of(await agent(connector, url).call(request(timeout_s=0.3)))
            assert failure.kind == "timeout"
            assert stopwatch.elapsed_s <= 0.3 + LATE_S


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
async def test_a_certificate_nobody_signed_is_tls_and_plain_http_to_it_is_no_answer(
    tmp_path: Path,
) -> None:
    port_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    port_tls.load_cert_chain(*_certificate(tmp_path))
    server = await asyncio.start_server(
        lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=port_tls
    )
    port = server.sockets[0].getsockname()[1]
    async with server, pool() as connector:
        unsigned = agent(connector, f"https://127.0.0.1:{port}/")
        assert failure_of(await unsigned.call(request())).kind == "tls"
        plain = agent(connector, f"http://127.0.0.1:{port}/")
        assert failure_of(await plain.call(request())).kind in ("reset", "bad-reply")


async def test_a_hundred_healthy_calls_work_after_and_amid_every_misbehaviour(rogue: Rogue) -> None:
    async with pool() as connector:

        async def one(name: str, timeout_s: float) -> Reply | Failure:
            return await agent(connector, rogue.url(name)).call(request(timeout_s=timeout_s))

        odd = [one(row.name, row.timeout_s) for row in ON_THE_WIRE if row.timeout_s < 5]
        amid = [one("healthy", 20.0) for _ in range(100)]
        ended = await asyncio.gather(*odd, *amid)
        assert [value_of(outcome) for outcome in ended[-100:]] == [OK] * 100
        after = [await one("healthy", 20.0) for _ in range(100)]
        assert [value_of(outcome) for outcome in after] == [OK] * 100


async def test_the_httpx_wire_ends_a_race_as_reset_too(rogue: Rogue) -> None:
    name = "closes-as-the-second-comes"
    before, connector = open_descriptors(), HttpConnector(_httpx_wire)
    connection = agent(connector, rogue.url(name))
    assert value_of(await connection.call(request())) == OK
    assert failure_of(await connection.call(request())).kind == "reset"
    assert value_of(await connection.call(request())) == OK
    await connector.aclose()
    assert await given_back(before)


def _httpx_wire() -> HttpxWire:
    return HttpxWire(httpx.AsyncHTTPTransport(verify=False))


def _certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    words = f"""openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2
        -subj /CN=localhost -keyout {key} -out {certificate}"""
    subprocess.run(
        shlex.split(words),
        check=True,
        capture_output=True,
    )
    return certificate, key
