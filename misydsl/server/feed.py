"""The feed: everything that happens in the journal, told once for all who watch.

In: a journal that this process and others write. Out: messages in the journal's order, to as many watchers
as there are: first from the journal, from wherever a watcher left off, then live, without a gap and
without a duplicate; and the counters, which have seen exactly what was told. A slow watcher never slows a
run or another watcher: it is dropped (`TooSlow`) once it is further behind than the feed remembers.
"""

from __future__ import annotations

import asyncio
import logging
from bisect import bisect_right
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from operator import attrgetter
from typing import Final, ParamSpec, TypeVar

from misydsl.failures import JournalUnusable, MisyError
from misydsl.history.events import Recorded
from misydsl.metrics.orchestration import Orchestration
from misydsl.server.logbook import log_facts
from misydsl.server.replay import Replay
from misydsl.server.step_names import NamesOfRuns
from misydsl.server.telling import Message, Stories
from misydsl.store.journal import Journal
from misydsl.workspace.recorded import accepted_of

POLL_S: Final = 0.02
REMEMBERED: Final = 10_000  # messages, about half a kilobyte each
MOST_WATCHERS: Final = 2_000
_PAGE: Final = 1_000  # facts: some milliseconds of work
_START_PAGE: Final = 5_000
_BATCH: Final = 256  # messages a watcher is given at once
_RETRY_S: Final = 1.0  # between looks at a journal that cannot be read

_log = logging.getLogger("misydsl.server")
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class TooSlow(MisyError):
    """The watcher is further behind than the feed remembers."""


class TooManyWatchers(MisyError):
    """Nobody else can be told."""


class Feed:
    """One a server; everything but the counters belongs to the server's loop."""

    def __init__(
        self,
        journal: Journal,
        *,
        counters: Orchestration | None = None,
        poll_s: float = POLL_S,
        remembered: int = REMEMBERED,
        most_watchers: int = MOST_WATCHERS,
    ) -> None:
        self.journal = journal
        self.counters = counters or Orchestration()
        self.position = 0
        """The `seq` of the newest fact that was told."""
        self.dismissed = asyncio.Event()
        """Set when nobody is told anything any more."""
        self.most_watchers = most_watchers
        self._poll_s, self._remembered = poll_s, remembered
        self.names = NamesOfRuns(lambda run: accepted_of(journal, run))
        self._stories = Stories(self.names)
        self._ring: list[Message] = []
        self._first = 0  # the number of the ring's first message, counted from the start
        self._floor = 0  # the ring has every message of the facts after this seq
        self._watches: set[Watch] = set()
        self._news = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self._follower = ThreadPoolExecutor(1, "misy-feed")
        self._readers = ThreadPoolExecutor(4, "misy-replay")

    async def start(self) -> None:
        """Count everything up to now, then follow; from here on watchers are told."""
        loop = asyncio.get_running_loop()
        version = self.journal.version()
        self.position = await loop.run_in_executor(self._follower, self._catch_up)
        self._floor = self.position
        self._following = asyncio.create_task(self._follow(version), name="misy-feed")

    async def stop(self) -> None:
        """Follow no longer; every watcher's messages end."""
        following, self._following = self._following, None
        if following is not None:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
            await self._log_rest()
        self._follower.shutdown(wait=False)
        self._readers.shutdown(wait=False)
        self.dismiss()

    def dismiss(self) -> None:
        """Let every watcher go, and take no new one: the first thing to do when the server stops."""
        self.dismissed.set()
        for watch in self._watches:
            watch.ended.set()
        self._wake()

    @property
    def watchers(self) -> int:
        """How many are watching."""
        return len(self._watches)

    def watch(
        self, *, after: int | None = None, run: str | None = None, session: str | None = None
    ) -> Watch:
        """A new watcher: of what happens from now on, or of everything after a `seq`; close it.

        Raises: TooManyWatchers.
        """
        if len(self._watches) >= self.most_watchers:
            raise TooManyWatchers(f"{self.most_watchers} are watching, which is the most")
        watch = Watch(self, after=after, run=run, session=session)
        if self.dismissed.is_set():
            watch.ended.set()
        self._watches.add(watch)
        return watch

    async def messages(
        self, *, after: int | None = None, run: str | None = None, session: str | None = None
    ) -> AsyncIterator[Message]:
        """From the journal first, then live; in order, no gap, no duplicate; ends with the feed.

        Raises: TooSlow, TooManyWatchers.
        """
        watch = self.watch(after=after, run=run, session=session)
        try:
            while batch := await watch.next():
                for message in batch:
                    yield message
        finally:
            watch.close()

    async def in_thread(
        self, work: Callable[Asked, Answer], *given: Asked.args, **named: Asked.kwargs
    ) -> Answer:
        """Read the journal where it blocks nobody."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, lambda: work(*given, **named))

    # ------------------------------------------------------------------ for watchers

    @property
    def end(self) -> int:
        """The number of the message after the newest one."""
        return self._first + len(self._ring)

    def place_after(self, seq: int) -> int | None:
        """The number of the first message after a `seq`; None when only the journal knows it."""
        if seq < self._floor:
            return None
        return self._first + bisect_right(self._ring, seq, key=attrgetter("seq"))

    def is_behind(self, place: int) -> bool:
        """Whether the message of this number may be forgotten."""
        return self.end - place > self._remembered or place < self._first

    def remembered(self, place: int, limit: int) -> Sequence[Message]:
        """Messages from this number on."""
        begin = place - self._first
        return self._ring[begin : begin + limit]

    async def news(self) -> None:
        """Wait for the next messages."""
        await self._news.wait()

    def forget(self, watch: Watch) -> None:
        """Nobody looks at this watch any more."""
        self._watches.discard(watch)

    # ------------------------------------------------------------------ following

    def _catch_up(self) -> int:
        """Count what is there already; a frame is only made of what comes after."""
        position = 0
        while page := self.journal.read_all(after=position, limit=_START_PAGE):
            self.counters.add(page)
            self._stories.follow(page)
            position = page[-1].seq
        return position

    async def _follow(self, seen: int) -> None:
        loop = asyncio.get_running_loop()
        is_new = True  # whatever came between the version and the last page
        while True:
            try:
                version = self.journal.version()
                if is_new or version != seen:
                    seen = version
                    page, messages = await loop.run_in_executor(self._follower, self._tell_more)
                    self._publish(page, messages)
                    is_new = len(page) > 0
                if not is_new:
                    await asyncio.sleep(self._poll_s)
            except JournalUnusable:
                _log.exception("the journal cannot be followed; looking again in %s s", _RETRY_S)
                is_new = True
                await asyncio.sleep(_RETRY_S)

    async def _log_rest(self) -> None:
        """What came last, such as runs that pause because the server stops, is in the log as well."""
        loop = asyncio.get_running_loop()
        read = partial(self.journal.read_all, after=self.position, limit=_PAGE)
        try:
            log_facts(await loop.run_in_executor(self._follower, read))
        except JournalUnusable as problem:
            _log.warning("the last facts are not in this log: %s", problem)

    def _tell_more(self) -> tuple[list[Recorded], list[Message]]:
        page = self.journal.read_all(after=self.position, limit=_PAGE)
        messages = self._stories.tell(page)
        self.counters.add(page)
        return page, messages

    def _publish(self, page: Sequence[Recorded], messages: Sequence[Message]) -> None:
        if not page:
            return
        self.position = page[-1].seq
        log_facts(page)
        self._ring.extend(messages)
        surplus = len(self._ring) - self._remembered
        if surplus > self._remembered // 4:  # not each time: taking off the front copies the rest
            self._floor = self._ring[surplus - 1].seq
            del self._ring[:surplus]
            self._first += surplus
        if not messages:
            return
        for watch in self._watches:
            watch.look()
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


class Watch:
    """One watcher's place: in the journal while it catches up, then among the live messages."""

    def __init__(
        self, feed: Feed, *, after: int | None, run: str | None, session: str | None
    ) -> None:
        self.ended = asyncio.Event()
        """Set when there is nothing more to come: the feed stopped, or the watcher is too slow."""
        self.is_too_slow = False
        self._feed, self._run, self._session = feed, run, session
        self._place = feed.end if after is None else feed.place_after(after)
        self._replay: Replay | None = None
        if self._place is None:
            assert after is not None
            self._replay = Replay(feed.journal, feed.names, after=after, run=run)

    async def next(self) -> list[Message]:
        """The next messages, one at least; none when the feed has stopped. Raises: TooSlow."""
        while True:
            if self.is_too_slow:
                raise TooSlow("the reader is too far behind")
            if self.ended.is_set():
                return []
            found = await self._replayed() if self._place is None else self._live(self._place)
            wanted = [message for message in found if self._is_wanted(message)]
            if wanted:
                return wanted
            if (
                self._place is not None
                and self._place == self._feed.end
                and not self.ended.is_set()
            ):
                await self._feed.news()

    def look(self) -> None:
        """See whether it is too far behind what is live."""
        if self._place is not None and self._feed.is_behind(self._place):
            self.is_too_slow = True
            self.ended.set()

    def close(self) -> None:
        """Watch no longer."""
        self._feed.forget(self)

    def _live(self, place: int) -> Sequence[Message]:
        found = self._feed.remembered(place, _BATCH)
        self._place = place + len(found)
        return found

    async def _replayed(self) -> Sequence[Message]:
        """The next page from the journal, never beyond what was told live."""
        replay = self._replay
        assert replay is not None
        found = await self._feed.in_thread(replay.next, until=self._feed.position)
        self._place = self._feed.place_after(replay.position)
        if self._place is not None:
            self._replay = None
        return found

    def _is_wanted(self, message: Message) -> bool:
        return self._run in (None, message.run) and self._session in (None, message.session)
