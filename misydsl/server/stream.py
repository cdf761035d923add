"""Server-Sent Events: the dashboard every few seconds, and the messages of one run.

In: requests, with `Last-Event-ID` from whoever was here before. Out: streams with `retry:`, a comment as
heartbeat, and ids that are places in the journal: what was told up to one is not told again. A stream
ends when its reader leaves, when the server stops, and that of a run with the run.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.responses import Response, StreamingResponse

from misydsl.failures import MisyError
from misydsl.history.status import RUN_FINAL
from misydsl.metrics.orchestration_records import Dashboard
from misydsl.server.feed import Feed, TooManyWatchers, Watch
from misydsl.server.operations import Operation
from misydsl.server.problems import Refused
from misydsl.server.sockets import QueryRefused, seq_of
from misydsl.server.telling import Message

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest
    from starlette.types import Receive, Scope, Send

EVENT_STREAM: Final = "text/event-stream"
LIVE: Final = "/api/v1/orchestrator/dashboard/live"
EVERY_S: Final = 5.0
HEARTBEAT_S: Final = 15.0  # proxies give idle connections up after 30 s and more
RETRY_MS: Final = 3_000
MOST_STREAMS: Final = 200
_HEARTBEAT: Final = b": here\n\n"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

_log = logging.getLogger("misydsl.server")


class Streams:
    """What is answered as a stream of events."""

    def __init__(
        self,
        feed: Feed,
        *,
        every_s: float = EVERY_S,
        heartbeat_s: float = HEARTBEAT_S,
        most: int = MOST_STREAMS,
    ) -> None:
        self._feed = feed
        self._every_s, self._heartbeat_s = every_s, heartbeat_s
        self._most, self._open = most, 0

    def operations(self) -> tuple[Operation, ...]:
        """The rows of the table."""
        return (
            Operation(
                method="GET",
                path=LIVE,
                answer=self.live,
                summary="The dashboard at once, then every 5 seconds",
                tag="metrics",
                gives={200: EVENT_STREAM},
            ),
        )

    @property
    def open(self) -> int:
        """How many dashboards are being told."""
        return self._open

    async def live(self, http: HttpRequest) -> Response:
        """`GET /dashboard/live`."""
        if self._open >= self._most:
            words = f"{self._most} streams are open, which is the most"
            raise Refused(503, words, headers={"Retry-After": "5"})
        return _Stream(self._dashboards(last_event(http)))

    def run_events(self, http: HttpRequest, run: str, after: int) -> Response:
        """The messages of one run after a `seq`, or after the `Last-Event-ID`; they end with the run."""
        last = last_event(http)
        begin = after if last is None else last
        try:
            watch = self._feed.watch(after=begin, run=run)
        except TooManyWatchers as many:
            raise Refused(503, str(many), headers={"Retry-After": "5"}) from many
        return _Stream(self._messages(watch, run, begin), watch.close)

    async def _dashboards(self, last: int | None) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        self._open += 1
        try:
            yield _retry()
            due = loop.time()
            if last == self._feed.position:  # nothing has happened since
                due += self._every_s
            alive = loop.time() + self._heartbeat_s
            while not await self._is_over_before(min(due, alive)):
                now = loop.time()
                if now >= due:
                    due = now + self._every_s
                    yield _dashboard(self._feed.position, self._feed.counters.dashboard())
                if now >= alive:
                    alive = now + self._heartbeat_s
                    yield _HEARTBEAT
        finally:
            self._open -= 1

    async def _is_over_before(self, moment: float) -> bool:
        """Whether the server stops before this moment of the loop."""
        wait_s = moment - asyncio.get_running_loop().time()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._feed.dismissed.wait(), max(0.0, wait_s))
        return self._feed.dismissed.is_set()

    async def _messages(self, watch: Watch, run: str, after: int) -> AsyncIterator[bytes]:
        try:
            yield _retry()
            if await self._feed.in_thread(self._is_told, run, after):
                return
            async for batch in _with_pauses(watch, self._heartbeat_s):
                for message in batch:
                    mark = f"id: {message.seq}\n" if message.is_last else ""
                    yield f"{mark}data: {message.text}\n\n".encode()
                if not batch:
                    yield _HEARTBEAT
                elif batch[-1].is_end:
                    return
        except MisyError as problem:  # the reader comes back with its Last-Event-ID
            _log.warning("a stream of run %s was ended: %s", run, problem, extra={"run": run})
        finally:
            watch.close()

    def _is_told(self, run: str, after: int) -> bool:
        """Whether the run has ended and nothing of it comes after this place."""
        journal = self._feed.journal
        is_over = journal.find(run).status in RUN_FINAL
        return is_over and not journal.read_all(after=after, limit=1, run=run)


class _Stream(StreamingResponse):
    """A stream that lets go of what it holds however it ends: of a HEAD nothing is ever read."""

    def __init__(
        self, content: AsyncIterator[bytes], close: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(content, media_type=EVENT_STREAM, headers=_HEADERS)
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._close()


def last_event(http: HttpRequest) -> int | None:
    """The place up to which the reader was told before; what is none is not heeded."""
    given = http.headers.get("last-event-id")
    if given is None:
        return None
    try:
        return seq_of(given)
    except QueryRefused:
        return None


async def _with_pauses(watch: Watch, pause_s: float) -> AsyncIterator[list[Message]]:
    """The watcher's batches, and an empty one whenever nothing came for so long."""
    coming = asyncio.ensure_future(watch.next())
    try:
        while True:
            # not cancelled when it takes long: a page that is being read must not get lost
            await asyncio.wait({coming}, timeout=pause_s)
            if not coming.done():
                yield []
                continue
            batch = coming.result()
            if not batch:
                return
            coming = asyncio.ensure_future(watch.next())
            yield batch
    finally:
        coming.cancel()
        await asyncio.wait({coming})


def _dashboard(position: int, dashboard: Dashboard) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (position, msgspec.json.encode(dashboard))


def _retry() -> bytes:
    return f"retry: {RETRY_MS}\n\n".encode()
