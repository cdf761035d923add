"""Connections: how long a client may take to say what it wants.

In: bytes from a client. Out: uvicorn's own protocol, with one thing more: whoever has begun a request and not come
to the end of its head in time is told so and closed, and so is whoever has its answer and goes on with a body that
nobody waits for. Heads over 16 kB, and what is no HTTP, end as 400.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADER_S: Final = 10.0
_WORDS: Final = (
    b'{"type":"about:blank","title":"Request Timeout","status":408,'
    b'"detail":"the head of the request came too slowly"}'
)
_TOO_SLOW: Final = (
    b"HTTP/1.1 408 Request Timeout\r\nContent-Type: application/problem+json\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(_WORDS), _WORDS)
)


class PatientProtocol(H11Protocol):
    """HTTP/1.1 with a limit on the time that a head may take."""

    header_s: ClassVar[float] = HEADER_S

    _clock: asyncio.TimerHandle | None = None
    _rest: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn does
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take bytes; a head that is whole stops the clock, the beginning of the next one starts it."""
        if self._clock is None and self.conn.their_state is h11.IDLE:
            self._wait()
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        if self._rest is not None and self.conn.their_state is not h11.SEND_BODY:
            self._rest.cancel()
            self._rest = None

    def on_response_complete(self) -> None:
        """Say goodbye to a body that still comes: what nobody reads may not hold a connection for ever."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY and not self.transport.is_closing():
            # not at once: a reset would take the answer away from whoever has not read it yet
            self._rest = self.loop.call_later(self.header_s, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing comes any more."""
        self._stop_waiting()
        if self._rest is not None:
            self._rest.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._clock = self.loop.call_later(self.header_s, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _too_slow(self) -> None:
        self._clock = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.write(_TOO_SLOW)
            self.transport.close()


def patient_for(header_s: float) -> type[PatientProtocol]:
    """The protocol with another patience."""
    return type("PatientProtocol", (PatientProtocol,), {"header_s": header_s})
