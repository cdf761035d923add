"""aiohttp's pool of connections, where it trusts the other side a little too much.

In: nothing. Out: a `TCPConnector` whose connections end a call that can get no answer any more. aiohttp
closes a connection on bytes that are no HTTP, but tells it only to those who wait for a head: who waits
for the rest of a body would wait until the deadline. It skips interim answers (1xx) for ever. And it
lends out a connection on which an answer has come that nobody asked for, which would then be taken
for the answer to the next call.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final, cast

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import HttpProcessingError, RawResponseMessage

if TYPE_CHECKING:
    from aiohttp.streams import StreamReader

KEEP_ALIVE_S: Final = 4.0
"""Idle connections are given up before the usual servers do it (uvicorn, Node: 5 s), so that a call
never starts on a connection the other side is just closing."""

MOST_INTERIM: Final = 1000
"""Interim answers to one call: one a second for a quarter of an hour."""


class Pool(aiohttp.TCPConnector):
    """Connections of one event loop."""

    def __init__(self) -> None:
        # No limit of connections: the engine limits calls per agent, and a second queue would
        # spend a call's deadline waiting.
        super().__init__(limit=0, keepalive_timeout=KEEP_ALIVE_S)
        self._factory = cast("partial[ResponseHandler]", partial(_Answers, loop=self._loop))


class _Answers(ResponseHandler):
    """The answers that come on one connection."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._interim = 0

    def is_connected(self) -> bool:
        """Whether a call may begin on it; only asked while no call is under way."""
        return super().is_connected() and not self._buffer

    def set_exception(self, exc: BaseException, *cause: BaseException) -> None:
        """Tell everybody who waits, for a head or for a body."""
        super().set_exception(exc, *cause)
        body = self._payload
        if isinstance(exc, HttpProcessingError) and body is not None and not body.is_eof():
            body.set_exception(exc)

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """One head has come."""
        is_interim = 100 <= data[0].code < 200 and data[0].code != 101
        self._interim = self._interim + 1 if is_interim else 0
        if self._interim <= MOST_INTERIM:
            super().feed_data(data, size)
        elif self.exception() is None:
            self.close()
            words = f"more than {MOST_INTERIM} interim answers"
            self.set_exception(HttpProcessingError(code=data[0].code, message=words))
