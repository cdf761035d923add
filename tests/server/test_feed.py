"""The feed: from the journal first, then live, for as many as want to watch."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from misydsl.failures import JournalUnusable
from misydsl.history.events import Recorded
from misydsl.server.feed import Feed, TooManyWatchers, TooSlow, Watch
from misydsl.server.replay import Replay
from misydsl.server.step_names import NamesOfRuns
from misydsl.server.telling import Message, Stories
from misydsl.store.journal import Journal
from misydsl.store.memory import MemoryJournal
from misydsl.store.sqlite import SqliteJournal
from misydsl.workspace.recorded import accepted_of
from tests.server.stories import ended, keep, short, shown, started, story

ROOT = Path(__file__).parents[2]
PATIENCE_S = 20.0


@asynccontextmanager
async def following(
    journal: Journal, *, remembered: int = 10_000, most_watchers: int = 2_000
) -> AsyncIterator[Feed]:
    feed = Feed(journal, poll_s=0.001, remembered=remembered, most_watchers=most_watchers)
    await feed.start()
    try:
        yield feed
    finally:
        await feed.stop()


async def soon(coming: Awaitable[list[Message]]) -> list[Message]:
    return await asyncio.wait_for(coming, PATIENCE_S)


async def until_end(watch: Watch) -> list[Message]:
    """Everything up to the end of a run."""
    found: list[Message] = []
    while not (found and found[-1].is_end):
        found += await soon(watch.next())
    return found


async def caught_up(feed: Feed, journal: Journal) -> None:
    """Return when everything that is in the journal was told."""
    last = journal.read_all(after=feed.position, limit=100_000)
    async with asyncio.timeout(PATIENCE_S):
        while last and feed.position < last[-1].seq:
            await feed.news()


def whole_story_of(journal: Journal) -> list[Message]:
    """All messages, told at once."""
    facts: list[Recorded] = journal.read_all(after=0, limit=1_000_000)
    return Stories(NamesOfRuns(lambda run: accepted_of(journal, run))).tell(facts)


async def test_what_happens_is_told_as_it_happens() -> None:
    journal = MemoryJournal()
    async with following(journal) as feed:
        watch = feed.watch()
        keep(journal, "r1", story())
        messages = await until_end(watch)
        assert messages == whole_story_of(journal)
        assert feed.position == messages[-1].seq
        assert feed.counters.overview().workflows_executed == 1


async def test_what_happened_before_is_only_told_to_those_who_ask() -> None:
    journal = MemoryJournal()
    keep(journal, "r1", short())
    async with following(journal) as feed:
        assert feed.counters.overview().workflows_executed == 1
        now, earlier = feed.watch(), feed.watch(after=0)
        keep(journal, "r2", short())
        assert {message.run for message in await until_end(now)} == {"r2"}
        found = await until_end(earlier)
        found += [] if found[-1].run == "r2" else await until_end(earlier)
        assert found == whole_story_of(journal)


async def test_a_run_is_told_from_its_middle_as_it_was_told_then() -> None:
    journal = MemoryJournal()
    events = story()
    keep(journal, "r1", events[:8])
    async with following(journal) as feed:
        keep(journal, "r1", events[8:])
        expected = whole_story_of(journal)
        for after in range(len(events)):
            watch = feed.watch(after=after)
            assert await until_end(watch) == [one for one in expected if one.seq > after]
            watch.close()


async def test_a_watcher_of_one_run_or_session_hears_of_no_other() -> None:
    journal = MemoryJournal()
    keep(journal, "r1", short("ana")[:-1])
    keep(journal, "r2", short("eva"))
    async with following(journal) as feed:
        run, session = feed.watch(after=0, run="r1"), feed.watch(after=0, session="ana")
        live = feed.watch(run="r1")
        keep(journal, "r3", short("eva"))
        keep(journal, "r1", [ended(9.0)])
        mine = [one for one in whole_story_of(journal) if one.run == "r1"]
        assert await until_end(run) == mine
        assert await until_end(session) == mine
        assert await until_end(live) == mine[-1:]


async def test_a_run_that_is_not_there_yet_is_told_when_it_comes() -> None:
    journal = MemoryJournal()
    keep(journal, "r1", short())
    async with following(journal) as feed:
        watch = feed.watch(after=0, run="r2")
        keep(journal, "r2", short())
        assert {one.run for one in await until_end(watch)} == {"r2"}


async def test_messages_end_when_the_feed_does() -> None:
    journal = MemoryJournal()
    keep(journal, "r1", short())
    async with following(journal) as feed:
        found: list[Message] = []

        async def listen() -> None:
            async for message in feed.messages(after=0):
                found.append(message)
                if message.is_end:
                    feed.dismiss()

        await asyncio.wait_for(listen(), PATIENCE_S)
        assert found == whole_story_of(journal)
        assert feed.watchers == 0
        assert await soon(feed.watch().next()) == []


async def test_a_watcher_that_waits_is_let_go_when_the_feed_stops() -> None:
    async with following(MemoryJournal()) as feed:
        waiting = asyncio.ensure_future(feed.watch().next())
        await asyncio.sleep(0)
        feed.dismiss()
        assert await soon(waiting) == []


async def test_a_reader_that_is_too_far_behind_is_dropped_and_the_others_are_not() -> None:
    journal = MemoryJournal()
    async with following(journal, remembered=20) as feed:
        slow, quick = feed.watch(), feed.watch()
        told = 0
        for number in range(10):
            keep(journal, f"r{number}", short())
            told += len(await until_end(quick))
        assert slow.is_too_slow
        assert slow.ended.is_set()
        with pytest.raises(TooSlow):
            await soon(slow.next())
        assert told == 40


async def test_a_reader_of_the_past_is_never_too_slow() -> None:
    journal = MemoryJournal()
    keep(journal, "r0", short())
    async with following(journal, remembered=4) as feed:
        watch, found = feed.watch(after=0), list[Message]()
        for number in range(1, 20):
            keep(journal, f"r{number}", short())
            await caught_up(feed, journal)
        while len(found) < 80:
            found += await soon(watch.next())
        assert found == whole_story_of(journal)


async def test_what_was_forgotten_is_read_from_the_journal() -> None:
    journal = MemoryJournal()
    async with following(journal, remembered=8) as feed:
        for number in range(20):
            keep(journal, f"r{number}", short())
        await caught_up(feed, journal)
        watch, found = feed.watch(after=3), list[Message]()
        expected = [one for one in whole_story_of(journal) if one.seq > 3]
        while len(found) < len(expected):
            found += await soon(watch.next())
        assert found == expected


async def test_only_so_many_may_watch() -> None:
    async with following(MemoryJournal(), most_watchers=2) as feed:
        first, _ = feed.watch(), feed.watch()
        with pytest.raises(TooManyWatchers):
            feed.watch()
        first.close()
        assert feed.watchers == 1
        feed.watch()


class Stumbling(MemoryJournal):
    """A journal that cannot be read for once."""

    stumbles = 0

    def version(self) -> int:
        if self.stumbles:
            self.stumbles -= 1
            raise JournalUnusable("locked by a backup")
        return super().version()


async def test_a_journal_that_cannot_be_read_for_a_moment_is_followed_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("misydsl.server.feed._RETRY_S", 0.001)
    journal = Stumbling()
    async with following(journal) as feed:
        watch = feed.watch()
        journal.stumbles = 2
        keep(journal, "r1", short())
        assert await until_end(watch) == whole_story_of(journal)
    assert "cannot be followed" in caplog.text


async def test_the_counters_have_seen_what_other_processes_wrote(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    script = (
        "import sys; from pathlib import Path\n"
        "from misydsl.store.sqlite import SqliteJournal\n"
        "from tests.server.stories import keep, short\n"
        "journal = SqliteJournal(Path(sys.argv[1]))\n"
        "for number in range(5): keep(journal, f'other-{number}', short())\n"
        "journal.close()\n"
    )
    with closing(SqliteJournal(path)) as journal:
        async with following(journal) as feed:
            watch, found = feed.watch(), list[Message]()
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", script, str(path), cwd=ROOT, stderr=subprocess.DEVNULL
            )
            keep(journal, "own", story())
            while sum(message.is_end for message in found) < 6:
                found += await soon(watch.next())
            assert await process.wait() == 0
            assert found == whole_story_of(journal)
            assert feed.counters.overview().workflows_executed == 6


def test_a_replay_of_nothing_ends_where_it_was_told_to() -> None:
    journal = MemoryJournal()
    keep(journal, "r1", short())
    replay = Replay(journal, NamesOfRuns(lambda run: accepted_of(journal, run)), after=5, run=None)
    assert replay.next(until=9) == []
    assert replay.position == 9
    assert replay.next(until=3) == []
    assert replay.position == 9


class Listener:
    """Somebody who comes and goes, and takes up where it left off."""

    def __init__(self, feed: Feed, *, run: str | None) -> None:
        self.feed, self.run = feed, run
        self.after = 0
        self.heard: list[Message] = []
        self.watch: Watch | None = None

    async def listen(self, rounds: int) -> None:
        """Hear some batches; one that is cut off in the middle of a fact forgets its beginning."""
        if self.watch is None:
            self.watch = self.feed.watch(after=self.after, run=self.run)
        for _ in range(rounds):
            try:
                async with asyncio.timeout(0.002):
                    batch = await self.watch.next()
            except TooSlow:
                self.leave()
                return
            except TimeoutError:
                self.leave()  # a page that was being read is lost with the connection
                return
            for message in batch:
                self.heard.append(message)
                if message.is_last:
                    self.after = message.seq

    def leave(self) -> None:
        """Go away, without a word."""
        if self.watch is not None:
            self.watch.close()
            self.watch = None
        self.heard = [message for message in self.heard if message.seq <= self.after]


@settings(max_examples=30)
@given(seed=st.integers(0, 2**32), remembered=st.sampled_from([3, 10, 1_000]))
def test_whoever_comes_and_goes_hears_the_whole_story_once(seed: int, remembered: int) -> None:
    chance = random.Random(seed)

    async def tell() -> None:
        journal = MemoryJournal()
        left = {f"r{number}": [story(), short(), short("s2")][number % 3] for number in range(6)}
        async with following(journal, remembered=remembered) as feed:
            listeners = [Listener(feed, run=run) for run in (None, None, "r0", "r4")]
            while left:
                run = chance.choice(sorted(left))
                size = chance.randint(1, 5)
                keep(journal, run, left[run][:size])
                left[run] = left[run][size:]
                if not left[run]:
                    del left[run]
                listener = chance.choice(listeners)
                if chance.random() < 0.4:
                    listener.leave()
                await listener.listen(chance.randint(0, 3))
            await caught_up(feed, journal)
            everything = whole_story_of(journal)
            for listener in listeners:
                wanted = [one for one in everything if listener.run in (None, one.run)]
                async with asyncio.timeout(PATIENCE_S):
                    while len(listener.heard) < len(wanted):
                        await listener.listen(1)
                assert listener.heard == wanted

    asyncio.run(tell())


async def test_what_a_pure_call_is_told_as_ends_with_its_place() -> None:
    journal = MemoryJournal()
    async with following(journal) as feed:
        watch = feed.watch()
        keep(journal, "r1", [*short()[:1], started("p", 0.0), ended(1.0, "cancelled")])
        frames = [shown(message) for message in await until_end(watch)]
        assert [frame.get("seq") for frame in frames] == [1, 2, None, 3]
