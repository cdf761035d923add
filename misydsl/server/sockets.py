"""The WebSocket at `/`: what happens, as it happens.

In: a handshake with `sessionId`, `runId` and `after` (a `seq`) in its query, each optional. Out: text frames of
the contract. Closed with 1008 for a query that means nothing, 1013 when the reader is too slow or too
many watch, 1001 when the server stops, 1011 when the journal cannot be read. What a client sends is read
and dropped.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from misydsl.failures import MisyError
from misydsl.server.feed import Feed, TooManyWatchers, TooSlow, Watch

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams

GOING_AWAY: Final = 1001
BAD_QUERY: Final = 1008
BROKEN: Final = 1011
TRY_LATER: Final = 1013
CLOSING_S: Final = 5.0  # what a peer that reads nothing gets to take the close frame
LONGEST_NAME: Final = 1_000
_LARGEST_SEQ: Final = 2**63 - 1
_NAMES: Final = ("sessionId", "runId", "after")

_log = logging.getLogger("misydsl.server")


class QueryRefused(ValueError):
    """The query means nothing here."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to be told."""

    after: int | None = None
    run: str | None = None
    session: str | None = None


class Sockets:
    """Answers every WebSocket; the gate has let it in already."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def __call__(self, websocket: WebSocket) -> None:
        """Tell one client until it leaves, is too slow, or the server stops."""
        try:
            wanted = wanted_by(websocket.query_params)
        except QueryRefused as refused:
            await _refuse(websocket, BAD_QUERY, str(refused))
            return
        try:
            watch = self._feed.watch(after=wanted.after, run=wanted.run, session=wanted.session)
        except TooManyWatchers:
            await _refuse(websocket, TRY_LATER, "too many are watching; try again later")
            return
        try:
            await websocket.accept()
            await _told(websocket, watch)
        except (WebSocketDisconnect, OSError):
            pass  # gone before it was told anything
        finally:
            watch.close()


def wanted_by(query: QueryParams) -> Wanted:
    """What the query asks for. Raises: QueryRefused."""
    given = query.multi_items()
    for name, _ in given:
        if name not in _NAMES:
            raise QueryRefused("the query takes sessionId, runId and after")
        if len(query.getlist(name)) > 1:
            raise QueryRefused(f"{name} stands in the query twice")
    run, session, after = query.get("runId"), query.get("sessionId"), query.get("after")
    if any(word is not None and not 0 < len(word) <= LONGEST_NAME for word in (run, session)):
        raise QueryRefused(f"runId and sessionId have 1 to {LONGEST_NAME} characters")
    return Wanted(None if after is None else seq_of(after), run, session)


def seq_of(text: str) -> int:
    """A place in the journal. Raises: QueryRefused."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) <= _LARGEST_SEQ):
        raise QueryRefused("after is the seq of a frame, a whole number from 0 on")
    return int(text)


async def _refuse(websocket: WebSocket, code: int, reason: str) -> None:
    """Say no where the client can read it: within the connection."""
    with suppress(WebSocketDisconnect, OSError):
        await websocket.accept()
        await websocket.close(code, reason)


async def _told(websocket: WebSocket, watch: Watch) -> None:
    sending = asyncio.ensure_future(_send(websocket, watch))
    leaving = asyncio.ensure_future(_left(websocket))
    ended = asyncio.ensure_future(watch.ended.wait())  # also while a send is stuck
    tasks = (sending, leaving, ended)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    watch.close()  # a peer that reads nothing must not hold a place while it is told to go
    if leaving.cancelled() and not _is_lost(sending):
        await _close(websocket, *_farewell(sending, watch))


async def _send(websocket: WebSocket, watch: Watch) -> None:
    while batch := await watch.next():
        for message in batch:
            await websocket.send_text(message.text)


async def _left(websocket: WebSocket) -> None:
    """Read and drop what the client says, until it leaves."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


def _is_lost(sending: asyncio.Future[None]) -> bool:
    """Whether nobody was there any more to be told."""
    problem = None if sending.cancelled() else sending.exception()
    return isinstance(problem, WebSocketDisconnect | OSError)


def _farewell(sending: asyncio.Future[None], watch: Watch) -> tuple[int, str]:
    problem = None if sending.cancelled() else sending.exception()
    if watch.is_too_slow or isinstance(problem, TooSlow):
        _log.warning("a slow watcher was let go", extra={"event": "watcher-too-slow"})
        return TRY_LATER, "too slow; come back with ?after="
    if problem is None:
        return GOING_AWAY, "the server stops"
    if not isinstance(problem, MisyError):
        raise problem
    _log.error("a watcher cannot be told: %s", problem, extra={"event": "watcher-lost"})
    return BROKEN, "the journal cannot be read"


async def _close(websocket: WebSocket, code: int, reason: str) -> None:
    with suppress(TimeoutError, WebSocketDisconnect, OSError):
        await asyncio.wait_for(websocket.close(code, reason), CLOSING_S)
