"""Exchanges over an httpx transport: for those who bring their own (a `MockTransport`, a proxy, ASGI).

In: an `httpx.AsyncBaseTransport`. Out: a `Wire`, with the same words for what goes wrong as the usual one. A
module of its own, because httpx is only imported by those who use it.
"""

from __future__ import annotations

import ssl
from typing import cast

import httpx

from misydsl.agents.transport import Incoming, Limits, Outgoing, WireBroken, bounded


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
    most = limits.reply_bytes if response.is_success else limits.complaint_bytes
    stream = cast("httpx.AsyncByteStream", response.stream)
    body, is_cut = await bounded(stream, most)
    return Incoming(response.status_code, response.headers, body, is_cut)


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
        case httpx.ProtocolError() if "disconnected" not in reason:
            return WireBroken("bad-reply", reason)
        case httpx.UnsupportedProtocol() | httpx.ProxyError():
            return WireBroken("connect", reason)
        case _:
            return WireBroken("reset", reason)
