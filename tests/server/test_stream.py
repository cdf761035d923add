"""Server-Sent Events, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest
from starlette.requests import Request as HttpRequest

from misydsl.server.feed import Feed
from misydsl.server.problems import Refused
from misydsl.server.stream import LIVE, Streams
from misydsl.store.memory import MemoryJournal
from tests.server.stories import keep, short, shown, story
from tests.server.test_feed import whole_story_of
from tests.server.test_sockets import watched
from tests.server.watching import PATIENCE_S, served


@asynccontextmanager
async def events(url: str, last: str | None = None) -> AsyncIterator[AsyncIterator[str]]:
    """The blocks of a stream, one by one."""
    headers = {} if last is None else {"Last-Event-ID": last}
    async with (
        httpx.AsyncClient(timeout=PATIENCE_S) as client,
        client.stream("GET", url, headers=headers) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        yield _blocks(response)


async def _blocks(response: httpx.Response) -> AsyncIterator[str]:
    lines: list[str] = []
    async for line in response.aiter_lines():
        if line:
            lines.append(line)
        else:
            yield "\n".join(lines)
            lines = []


def read(block: str) -> tuple[int | None, Any]:
    """The id and the data of an event."""
    fields = dict(line.split(": ", 1) for line in block.split("\n"))
    return int(fields["id"]) if "id" in fields else None, msgspec.json.decode(fields["data"])


async def test_the_dashboard_comes_at_once_and_then_again_and_again() -> None:
    journal = MemoryJournal()
    keep(journal, "r1", short())
    async with (
        served(journal, every_s=0.02) as (feed, place),
        events(f"http://{place}{LIVE}") as blocks,
    ):
        assert await anext(blocks) == "retry: 3000"
        position, dashboard = read(await anext(blocks))
        assert position == feed.position == 5
        assert dashboard["overview"]["workflowsExecuted"] == 1
        keep(journal, "r2", short())
        async for block in blocks:
            position, dashboard = read(block)
            if position == 10:
                break
        assert dashboard["overview"]["workflowsExecuted"] == 2


async def test_a_reader_that_comes_back_is_not_told_the_same_again() -> None:
    journal = MemoryJournal()
    keep(journal, "r1", short())
    async with served(journal, every_s=60.0, heartbeat_s=0.01) as (feed, place):
        async with events(f"http://{place}{LIVE}", last=str(feed.position)) as blocks:
            assert [await anext(blocks) for _ in range(3)] == ["retry: 3000", ": here", ": here"]
        for other in ("4", "nonsense"):
            async with events(f"http://{place}{LIVE}", last=other) as blocks:
                await anext(blocks)
                assert read(await anext(blocks))[0] == 5


async def test_a_stream_ends_with_its_reader_or_with_the_server() -> None:
    journal = MemoryJournal()
    feed = Feed(journal)
    streams = Streams(feed, every_s=0.01)
    await feed.start()
    chunks = streams._dashboards(None)
    await anext(chunks)
    assert streams.open == 1
    await anext(chunks)
    feed.dismiss()
    with pytest.raises(StopAsyncIteration):
        await anext(chunks)
    assert streams.open == 0
    await feed.stop()


async def test_only_so_many_dashboards_are_told_at_once() -> None:
    feed = Feed(MemoryJournal())
    streams = Streams(feed, most=1)
    await feed.start()
    chunks = streams._dashboards(None)
    await anext(chunks)
    (operation,) = streams.operations()
    with pytest.raises(Refused) as refused:
        await operation.answer(asking())
    assert refused.value.status == 503
    await feed.stop()


def asking() -> HttpRequest:
    return HttpRequest({"type": "http", "headers": []})


async def test_a_run_is_told_as_events_up_to_its_end() -> None:
    journal = MemoryJournal()
    keep(journal, "r1", story()[:5])
    keep(journal, "r2", short())
    async with (
        served(journal, heartbeat_s=0.01) as (_, place),
        events(f"http://{place}/events/r1") as blocks,
    ):
        assert await anext(blocks) == "retry: 3000"
        found = [read(await anext(blocks)) for _ in range(3)]
        assert await anext(blocks) == ": here"
        keep(journal, "r1", story()[5:])
        found += [read(block) async for block in blocks if block != ": here"]
    mine = [one for one in whole_story_of(journal) if one.run == "r1"]
    assert found == [(one.seq if one.is_last else None, shown(one)) for one in mine]


async def test_a_reader_of_a_run_goes_on_where_it_was() -> None:
    journal = MemoryJournal()
    keep(journal, "r1", story())
    mine = whole_story_of(journal)
    async with served(journal) as (feed, place):
        for url, last in (
            (f"http://{place}/events/r1?after=8", None),
            (f"http://{place}/events/r1", "8"),
        ):
            async with events(url, last) as blocks:
                await anext(blocks)
                found = [read(block)[1] async for block in blocks]
            assert found == [shown(one) for one in mine if one.seq > 8]
        async with events(f"http://{place}/events/r1", str(feed.position)) as blocks:
            assert [block async for block in blocks] == ["retry: 3000"]
        await watched(feed, 0)


async def test_a_stream_of_a_run_ends_with_the_server() -> None:
    journal = MemoryJournal()
    keep(journal, "r1", short()[:2])
    async with served(journal) as (feed, place), events(f"http://{place}/events/r1") as blocks:
        await anext(blocks)
        await anext(blocks)
        feed.dismiss()
        assert [block async for block in blocks] == []


async def test_one_watcher_too_many_of_a_run_is_refused() -> None:
    feed = Feed(MemoryJournal(), most_watchers=0)
    with pytest.raises(Refused) as refused:
        Streams(feed).run_events(asking(), "r1", 0)
    assert refused.value.status == 503
    assert refused.value.headers == {"Retry-After": "5"}


async def test_a_reader_that_is_too_slow_comes_back_later(caplog: pytest.LogCaptureFixture) -> None:
    journal = MemoryJournal()
    keep(journal, "r1", short()[:2])
    feed = Feed(journal, remembered=4, poll_s=0.001)
    await feed.start()
    watch = feed.watch(after=feed.position, run="r1")
    chunks = Streams(feed)._messages(watch, "r1", feed.position)
    await anext(chunks)
    for number in range(5):
        keep(journal, f"other-{number}", short())
    async with asyncio.timeout(PATIENCE_S):
        await watch.ended.wait()
    with pytest.raises(StopAsyncIteration):
        await anext(chunks)
    assert "was ended" in caplog.text
    assert feed.watchers == 0
    await feed.stop()
