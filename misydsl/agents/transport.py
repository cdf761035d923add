"""One exchange over the wire: a request out, a bounded answer back.

In: an `Outgoing` with its URL and headers made beforehand, and how many bytes the answer may have. Out:
an `Incoming` read to its end, or `WireBroken` with a word of the failure list. Redirects are not
followed, cookies and proxies of the environment are not used, nothing is decompressed, and no deadline
is kept here: the caller puts one around everything and may cancel at any await. `AiohttpWire` is what
calls go through; `httpx_wire` carries them over any httpx transport instead.
"""

from __future__ import annotations

import io
import ssl
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import aiohttp
from aiohttp.http import HttpProcessingError

from misydsl.agents.pool import Pool

_ONE_PIECE_BYTES = 256 * 1024

BrokenKind = Literal["connect", "reset", "tls", "timeout", "bad-reply"]


class WireBroken(Exception):
    """No answer came: a word of the failure list, and the reason in the library's words."""

    def __init__(self, kind: BrokenKind, reason: str) -> None:
        self.kind: BrokenKind = kind
        self.reason = reason
        super().__init__(f"{kind}: {reason}")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is sent; the URL is already escaped and carries no credentials."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Limits:
    """How many bytes of an answer are read: of a good one, and of one that only explains itself."""

    reply_bytes: int
    complaint_bytes: int = 16 * 1024

    def refuses(self, status: int, length: int | None) -> bool:
        """Whether an answer says at once that it is a good one, but longer than it may be."""
        return length is not None and 200 <= status < 300 and length > self.reply_bytes

    def most(self, status: int) -> int:
        """How many bytes of an answer with this status are read."""
        return self.reply_bytes if 200 <= status < 300 else self.complaint_bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """What came back; when `is_cut`, `body` is only the beginning and the connection is closed."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool = False


class Wire(Protocol):
    """Something that carries an exchange."""

    async def exchange(self, outgoing: Outgoing, limits: Limits) -> Incoming:
        """The answer; raises `WireBroken` when there is none."""
        ...

    async def aclose(self) -> None:
        """Close every connection; exchanges under way end as `reset`."""
        ...


class AiohttpWire:
    """Exchanges over aiohttp's pool, for the event loop it was made in.

    aiohttp rather than an httpx client, because httpx's pool is stuck for good after enough
    cancelled calls, and httpx-aiohttp doubles the cost of a call and reports a connection that the
    agent dropped as a connect timeout.

    GET, PUT and DELETE are sent once more when the pooled connection they went out on ends without a
    single byte, as HTTP allows (RFC 9110, 9.2.2): an agent may close an idle connection just as it is
    used. A POST is never sent again from here; that is a `reset`, and the policy's to decide.
    """

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=Pool(),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
            auto_decompress=False,
            trust_env=False,
        )

    async def exchange(self, outgoing: Outgoing, limits: Limits) -> Incoming:
        """The answer; raises `WireBroken` when there is none."""
        try:
            async with self._session.request(
                outgoing.method,
                outgoing.url,
                data=_sendable(outgoing.body),
                headers=outgoing.headers,
                allow_redirects=False,
            ) as response:
                return await _read(response, limits)
        except (aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as problem:
            raise _broken(problem) from problem
        except RuntimeError as problem:  # aiohttp's word for a session that was closed
            if self._session.closed:
                raise WireBroken("reset", "the connections were closed") from problem
            raise

    async def aclose(self) -> None:
        """Close every connection; exchanges under way end as `reset`."""
        await self._session.close()


def _sendable(body: bytes | None) -> bytes | io.BytesIO | None:
    """Large bodies go out in pieces, so that the loop turns in between."""
    return io.BytesIO(body) if body is not None and len(body) > _ONE_PIECE_BYTES else body


async def _read(response: aiohttp.ClientResponse, limits: Limits) -> Incoming:
    length, most = response.content_length, limits.most(response.status)
    if limits.refuses(response.status, length):
        response.close()
        return Incoming(response.status, response.headers, b"", is_cut=True)
    if length is not None and length <= most:
        return Incoming(response.status, response.headers, await response.read())
    body, is_cut = await bounded(response.content.iter_any(), most)
    if is_cut:
        response.close()  # the rest is not wanted, and would otherwise be read before reuse
    return Incoming(response.status, response.headers, body, is_cut)


async def bounded(chunks: AsyncIterable[bytes], most: int) -> tuple[bytes, bool]:
    """At most so many bytes of a stream, and whether there was more."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            return bytes(body[:most]), True
    return bytes(body), False


def _broken(problem: Exception) -> WireBroken:
    match problem:
        case aiohttp.ClientSSLError() | aiohttp.ServerFingerprintMismatch() | ssl.SSLError():
            return WireBroken("tls", _reason(problem))
        case aiohttp.ClientConnectorError() | aiohttp.InvalidURL():
            return WireBroken("connect", _reason(problem))
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return WireBroken("bad-reply", _first_line(problem.message) or _reason(problem))
        case aiohttp.ServerDisconnectedError():
            return WireBroken("reset", "the agent closed the connection without an answer")
        case aiohttp.ClientPayloadError():
            return WireBroken("reset", "the connection ended in the middle of the reply")
        case aiohttp.ClientError() | OSError():
            return WireBroken("reset", _reason(problem))
        case _:
            return WireBroken("connect", _reason(problem))


def _first_line(message: str) -> str:
    """Without the bytes at fault, which aiohttp shows below: they are the agent's, and may be long."""
    return message.partition("\n")[0].rstrip(": ")


def _reason(problem: Exception) -> str:
    system = problem.os_error if isinstance(problem, aiohttp.ClientConnectorError) else problem
    if isinstance(system, OSError) and system.strerror:
        return system.strerror
    return str(system) or type(system).__name__
