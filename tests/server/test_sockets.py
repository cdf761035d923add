"""The WebSocket, over real sockets."""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from contextlib import suppress
from typing import Any

import pytest
from starlette.datastructures import QueryParams
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from misydsl.failures import JournalUnusable
from misydsl.server.feed import Feed
from misydsl.server.sockets import QueryRefused, Wanted, seq_of, wanted_by
from misydsl.store.memory import MemoryJournal
from tests.server.stories import accepted, finished, keep, short, shown, started, story
from tests.server.test_feed import whole_story_of
from tests.server.watching import PATIENCE_S, frames_until_end, served


async def closed(client: ClientConnection) -> tuple[int, str]:
    """How the server closes, whatever it says before."""
    with suppress(ConnectionClosed):
        async with asyncio.timeout(PATIENCE_S):
            async for _ in client:
                pass
    assert client.close_code is not None
    return client.close_code, client.close_reason or ""


async def watched(feed: Feed, number: int) -> None:
    """Return when so many are watching."""
    async with asyncio.timeout(PATIENCE_S):
        while feed.watchers != number:  # noqa: ASYNC110  # the server's own tasks are not ours to wait for
            await asyncio.sleep(0.001)


async def test_a_client_hears_the_whole_story_in_order() -> None:
    journal = MemoryJournal()
    async with served(journal) as (feed, place), connect(f"ws://{place}/") as client:
        await watched(feed, 1)
        keep(journal, "r1", story())
        frames = await frames_until_end(client)
        assert frames == [shown(message) for message in whole_story_of(journal)]


async def test_a_client_asks_for_one_session_or_run_and_a_place() -> None:
    journal = MemoryJournal()
    keep(journal, "r1", short("ana"))
    keep(journal, "r2", short("eva"))
    expected = [shown(message) for message in whole_story_of(journal)]
    async with served(journal) as (_, place):
        for query, run in (("sessionId=eva", "r2"), ("runId=r1", "r1")):
            async with connect(f"ws://{place}/?{query}&after=1") as client:
                frames = await frames_until_end(client)
            mine = [frame for frame in expected if frame["runId"] == run and frame["seq"] > 1]
            assert frames == mine


async def test_what_a_client_says_is_dropped_and_what_is_too_much_ends_it() -> None:
    journal = MemoryJournal()
    async with served(journal) as (feed, place):
        async with connect(f"ws://{place}/") as client:
            await watched(feed, 1)
            for words in ("hola", "{}", b"\x00\xff"):
                await client.send(words)
            keep(journal, "r1", short())
            assert len(await frames_until_end(client)) == 4
        await watched(feed, 0)
        async with connect(f"ws://{place}/") as client:
            await client.send("x" * 5_000)
            assert (await closed(client))[0] == 1009
        await watched(feed, 0)


@pytest.mark.parametrize(
    "query",
    [
        "after=-1",
        "after=soon",
        "after=1.5",
        "after=٣",
        "after=",
        "after=99999999999999999999",
        "after=9999999999999999999",
        "runId=",
        "sessionId=" + "x" * 1_001,
        "runId=a&runId=b",
        "token=geheim",
    ],
)
async def test_a_query_that_means_nothing_is_refused_with_a_reason(query: str) -> None:
    with pytest.raises(QueryRefused):
        wanted_by(QueryParams(query))
    async with (
        served(MemoryJournal()) as (feed, place),
        connect(f"ws://{place}/?{query}") as client,
    ):
        code, reason = await closed(client)
        assert (code, "geheim" in reason) == (1008, False)
        assert reason
        assert feed.watchers == 0


def test_a_query_says_what_is_wanted() -> None:
    found = wanted_by(QueryParams("sessionId=ma%C3%B1ana&runId=r1&after=7"))
    assert found == Wanted(after=7, run="r1", session="mañana")
    assert wanted_by(QueryParams("")) == Wanted()
    assert seq_of(str(2**63 - 1)) == 2**63 - 1


async def test_everybody_is_told_when_the_server_stops() -> None:
    async with served(MemoryJournal()) as (feed, place), connect(f"ws://{place}/") as client:
        await watched(feed, 1)
        feed.dismiss()
        assert await closed(client) == (1001, "the server stops")


async def test_one_too_many_is_told_to_come_later() -> None:
    journal = MemoryJournal()
    feed = Feed(journal, most_watchers=1)
    async with served(journal, feed=feed) as (_, place), connect(f"ws://{place}/"):
        await watched(feed, 1)
        async with connect(f"ws://{place}/") as client:
            assert (await closed(client))[0] == 1013


class Lost(MemoryJournal):
    """A journal whose past cannot be read."""

    is_lost = False

    def read_all(self, **asked: Any) -> Any:
        if self.is_lost:
            raise JournalUnusable("deleted")
        return super().read_all(**asked)


async def test_a_client_of_a_lost_journal_is_told_so(caplog: pytest.LogCaptureFixture) -> None:
    journal = Lost()
    keep(journal, "r1", short())
    async with served(journal) as (_, place):
        journal.is_lost = True
        async with connect(f"ws://{place}/?after=0") as client:
            assert await closed(client) == (1011, "the journal cannot be read")
        journal.is_lost = False
    assert "deleted" in caplog.text


async def test_a_client_that_reads_nothing_is_let_go_and_slows_nobody() -> None:
    journal = MemoryJournal()
    feed = Feed(journal, poll_s=0.002, remembered=500)
    async with served(journal, feed=feed) as (_, place):
        host, port = place.split(":")
        stuck = socket.create_connection((host, int(port)))
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        stuck.sendall(
            f"GET / HTTP/1.1\r\nHost: {place}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        async with connect(f"ws://{place}/") as client:
            await watched(feed, 2)
            rounds = 0
            while feed.watchers == 2 and rounds < 400:  # kernels hold some megabytes for it
                keep(journal, f"r{rounds}", short(steps=50))
                assert len(await frames_until_end(client)) == 102
                rounds += 1
            await watched(feed, 1)
        stuck.close()
        assert rounds < 400


@pytest.mark.slow
async def test_a_thousand_watchers_of_one_run_hear_the_same() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4_096)), hard))
    journal = MemoryJournal()
    number, steps = 1_000, 50
    async with served(journal) as (feed, place):
        clients: list[ClientConnection] = []
        for _ in range(number // 50):
            many = [connect(f"ws://{place}/?runId=r1", ping_interval=None) for _ in range(50)]
            clients += await asyncio.gather(*many)
        await watched(feed, number)
        listening = [asyncio.ensure_future(last_frames(client)) for client in clients]
        began = time.perf_counter()
        keep(journal, "r1", [accepted()])
        for step in range(steps):
            keep(journal, "r1", [started(f"p{step}", step), finished(f"p{step}", step + 0.5)])
        keep(journal, "r1", short()[-1:])
        heard = await asyncio.wait_for(asyncio.gather(*listening), 60.0)
        took_s = time.perf_counter() - began
        expected = [message.text for message in whole_story_of(journal)]
        assert all(one == expected for one in heard)
        print(f"{number * len(expected) / took_s:.0f} frames/s to {number} watchers")
        await asyncio.gather(*(client.close() for client in clients))


async def last_frames(client: ClientConnection) -> list[str]:
    frames: list[str] = []
    while not (frames and "workflow_completed" in frames[-1]):
        frames.append(str(await client.recv()))
    return frames
