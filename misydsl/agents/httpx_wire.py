"""Exchanges over an httpx transport: for those who bring their own (a `MockTransport`, a proxy, ASGI).

In: an `httpx.AsyncBaseTransport`. Out: a `Wire`, with the same words for what goes wrong as the usual one. Which
connection a call goes out on is the transport's affair: httpx's own pool takes an answer that came unasked
for the answer to the next call, which the usual wire does not. A module of its own, because httpx is only
imported by those who use it.
"""

from __future__ import annotations

import re
import ssl
from typing import Final, cast

import httpx

from misydsl.agents.transport import Incoming, Limits, Outgoing, WireBroken, bounded

_LENGTH: Final = re.compile(r"[0-9]{1,20}")
_CLOSED: Final = ("disconnected", "peer closed", "peer unexpectedly closed")
"""How h11 and httpcore say that the connection ended too early; everything else is not HTTP."""


class HttpxWire:
    """Exchanges over an httpx transport that is handed in; the transport alone, without a client."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def exchange(self, outgoing: Outgoing, limits: Limits) -> Incoming:
        """The answer; raises `WireBroken` when there is none."""
        request = httpx.Request(
            outgoing.method,
            outgoing.url,
            headers=outgoing.headers,
            content=outgoing.body,
        )
        try:
            response = await self._transport.handle_async_request(request)
            try:
                return await _read_httpx(response, limits)
            finally:
                await response.aclose()
        except httpx.TransportError as problem:
            raise _broken_httpx(problem) from problem

    async def aclose(self) -> None:
        """Close the transport."""
        await self._transport.aclose()


async def _read_httpx(response: httpx.Response, limits: Limits) -> Incoming:
    status, said = response.status_code, response.headers.get("Content-Length", "")
    length = int(said) if _LENGTH.fullmatch(said) else None
    if limits.refuses(status, length):
        return Incoming(status, response.headers, b"", is_cut=True)
    stream = cast("httpx.AsyncByteStream", response.stream)
    body, is_cut = await bounded(stream, limits.most(status))
    return Incoming(status, response.headers, body, is_cut)


def _broken_httpx(problem: httpx.TransportError) -> WireBroken:
    reason = str(problem) or type(problem).__name__
    match problem:
        case httpx.ConnectError():
            is_tls = isinstance(problem.__cause__, ssl.SSLError) or "SSL" in reason
            return WireBroken("tls" if is_tls else "connect", reason)
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return WireBroken("connect", reason)
        case httpx.TimeoutException():
            return WireBroken("timeout", reason)
        case httpx.ProtocolError() if not any(words in reason for words in _CLOSED):
            return WireBroken("bad-reply", reason)
        case httpx.UnsupportedProtocol() | httpx.ProxyError():
            return WireBroken("connect", reason)
        case _:
            return WireBroken("reset", reason)
