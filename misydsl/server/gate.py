"""The gate: everything that comes in passes here, or is refused here.

In: ASGI requests and WebSocket handshakes, the table of operations, and rules. Out: an operation's answer, or a problem
document. Refused is what is not allowed: first who is meant (`Host`), then how the path is written, where it comes
from (`Origin`), who asks (token), what for (path, method), and what it brings (`intake`). Nothing of the process
leaves it: what nobody expected is in the log, and a plain 500 outside.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_to_bytes

from starlette.responses import Response
from starlette.websockets import WebSocket

from misydsl.server.hosts import Hosts, Place, one_header
from misydsl.server.intake import IntakeLimits, taken_in
from misydsl.server.operations import Found, Operation, Table
from misydsl.server.problems import Refused, problem
from misydsl.server.tokens import Token

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

Sockets = Callable[[WebSocket], Awaitable[None]]
SOCKET_PATH: Final = "/"
HEAD_BYTES: Final = 16 * 1024

# Letters, digits and what RFC 3986 lets stand in a segment, or a byte in percent.
_WRITTEN: Final = re.compile(rb"(?:/(?:[A-Za-z0-9\-._~!$&'()*+,=:@]|%[0-9A-Fa-f]{2})*)+")
_FORBIDDEN: Final = frozenset(b"/\\\x00")
Header = tuple[bytes, bytes]
ALWAYS: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)
_ONLY_OURS: Final[Header] = (b"cross-origin-resource-policy", b"same-origin")
"""Unless a page of another origin was allowed to ask."""
UNLESS_SAID: Final[tuple[Header, ...]] = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)

_log: Final = logging.getLogger("misydsl.server")


@dataclass(frozen=True, slots=True)
class GateRules:
    """Who may come in."""

    hosts: tuple[str, ...] = ()
    """Domain names this server answers to besides addresses and `localhost`."""
    origins: tuple[str, ...] = ()
    """Origins of pages that may ask, besides this server's own."""
    token: Token | None = None
    limits: IntakeLimits = field(default_factory=IntakeLimits)


class _Sent(Exception):
    """The head of an answer is out, and nothing more was asked for."""


class Gate:
    """The ASGI application in front of everything."""

    def __init__(self, operations: Iterable[Operation], sockets: Sockets, rules: GateRules) -> None:
        self._table = Table(operations)
        self._sockets, self._rules = sockets, rules
        self._hosts = Hosts(rules.hosts)

    @property
    def operations(self) -> Sequence[Operation]:
        """Everything that can be asked for."""
        return self._table.operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or one WebSocket."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        guarded = _Sending(send, self._cors(scope), is_head=scope["method"] == "HEAD")
        with suppress(_Sent):
            response = await self._response(scope, receive, guarded)
            await response(scope, receive, guarded)

    async def _response(self, scope: Scope, receive: Receive, send: Send) -> Response:
        """The answer, or why there is none."""
        try:
            return await self._answer(scope, receive, send)
        except Refused as refused:
            _tell(scope, refused)
            return problem(
                refused.status,
                refused.detail,
                headers=refused.headers,
                diagnostics=refused.diagnostics,
            )
        except Exception:  # noqa: BLE001  # the last door: outside they get words, the log the rest
            _log.exception("a request could not be answered", extra={"event": "request-broken"})
            return problem(500, "the server met something it did not expect; its log has more")

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> Response:
        path = self._checked(scope)
        found = self._table.find(path)
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        operation = None if found is None else found.operations.get(method)
        if method == "OPTIONS" and found is not None and self._cors(scope):
            return _preflight(found)
        self._require_token(scope, operation)
        if found is None:
            raise Refused(404, "there is nothing here; /docs says what there is")
        if operation is None:
            raise Refused(405, f"this takes {found.allowed}", headers={"Allow": found.allowed})
        scope["path_params"] = found.parameters
        http = await taken_in(operation, scope, receive, send, self._rules.limits)
        return await operation.answer(http)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            path = self._checked(scope)
            self._require_token(scope, None)
            _require_socket_path(path)
        except Refused as refused:
            _tell(scope, refused)
            await _refuse_socket(scope, receive, send, refused)
            return
        await self._sockets(WebSocket(scope, receive, send))

    def _checked(self, scope: Scope) -> str:
        """The path, when the request is for us, well written, and from where it may come."""
        here = self._hosts.place_of(one_header(scope, b"host")[1])
        if here is None:
            raise Refused(421, "this server does not answer to that host name")
        _require_size(scope)
        _require_one_length(scope)
        path = _path_of(scope)
        self._require_origin(scope, here)
        return path

    def _require_origin(self, scope: Scope, here: Place) -> None:
        count, origin = one_header(scope, b"origin")
        if count == 0:
            _, site = one_header(scope, b"sec-fetch-site")
            _, mode = one_header(scope, b"sec-fetch-mode")
            is_visit = mode == "navigate" and scope.get("method") == "GET"
            if site in ("cross-site", "same-site") and not is_visit:
                raise Refused(403, "a page of another origin may not ask this server")
            return
        if origin is None or not (
            origin in self._rules.origins or self._hosts.is_same_origin(origin, here)
        ):
            raise Refused(403, "a page of another origin may not ask this server (--allow-origin)")

    def _require_token(self, scope: Scope, operation: Operation | None) -> None:
        token = self._rules.token
        if token is None or (operation is not None and operation.is_open):
            return
        if not token.is_brought(scope):
            raise Refused(
                401, "this server asks for its token", headers={"WWW-Authenticate": "Bearer"}
            )

    def _cors(self, scope: Scope) -> tuple[Header, ...]:
        """What tells a browser that an allowed page may read the answer."""
        origin = one_header(scope, b"origin")[1]
        if origin is None or origin not in self._rules.origins:
            return ()
        return (
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-allow-credentials", b"true"),
            (b"vary", b"Origin"),
        )


class _Sending:
    """Sends an answer with the headers every answer has; of a HEAD only the head."""

    def __init__(self, send: Send, more: tuple[Header, ...], *, is_head: bool) -> None:
        self._send, self._more, self._is_head = send, more, is_head

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._send({**message, "headers": self._headers(message)})
            if self._is_head:
                await self._send({"type": "http.response.body", "body": b""})
                raise _Sent
            return
        await self._send(message)

    def _headers(self, message: Message) -> list[Header]:
        headers = [*message.get("headers", ())]
        said = {name.lower() for name, _ in headers}
        headers += [one for one in UNLESS_SAID if one[0] not in said]
        return [*headers, *ALWAYS, *(self._more or (_ONLY_OURS,))]


def _require_size(scope: Scope) -> None:
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > HEAD_BYTES:
        raise Refused(414, f"an address has at most {HEAD_BYTES} bytes")
    if sum(len(name) + len(value) for name, value in scope["headers"]) > HEAD_BYTES:
        raise Refused(431, f"the headers of a request have at most {HEAD_BYTES} bytes")


def _require_one_length(scope: Scope) -> None:
    """Two ways to say where a body ends are how one request is smuggled inside another."""
    if {b"transfer-encoding", b"content-length"} <= {name for name, _ in scope["headers"]}:
        words = "a body has a Content-Length or is chunked, not both"
        raise Refused(400, words, headers={"Connection": "close"})


def _path_of(scope: Scope) -> str:
    """The path, decoded; raises `Refused` (400) for what could mean another path to somebody."""
    raw: bytes = scope.get("raw_path") or b""
    if not _WRITTEN.fullmatch(raw):
        raise Refused(400, "this is no path: it begins with `/` and is URL-encoded")
    segments = [unquote_to_bytes(one) for one in raw[1:].split(b"/")]
    if any(one in (b".", b"..") or _FORBIDDEN & {*one} for one in segments):
        raise Refused(400, "a path has no `.`, `..`, encoded slash, backslash or NUL in it")
    if b"" in segments and raw != b"/":
        raise Refused(400, "a path has no empty segment and no `/` at its end")
    try:
        return "/" + "/".join(one.decode() for one in segments)
    except UnicodeDecodeError:
        raise Refused(400, "a path is UTF-8") from None


def _require_socket_path(path: str) -> None:
    if path != SOCKET_PATH:
        raise Refused(404, f"WebSockets are at {SOCKET_PATH}")


def _preflight(found: Found) -> Response:
    headers = {
        "Access-Control-Allow-Methods": found.allowed,
        "Access-Control-Allow-Headers": (
            "authorization, content-type, idempotency-key, last-event-id, prefer"
        ),
        "Access-Control-Max-Age": "600",
    }
    return Response(status_code=204, headers=headers)


async def _refuse_socket(scope: Scope, receive: Receive, send: Send, refused: Refused) -> None:
    """An HTTP answer to the handshake where the server can give one, else a close."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": refused.detail})
        return

    async def as_handshake(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    response = problem(refused.status, refused.detail, headers=refused.headers)
    await response({**scope, "type": "http"}, receive, as_handshake)


def _tell(scope: Scope, refused: Refused) -> None:
    told: dict[str, Any] = {
        "event": "request-refused",
        "status": refused.status,
        "method": scope.get("method", "WEBSOCKET"),
        "path": scope["path"][:200],
        "why": refused.detail,
    }
    level = logging.WARNING if refused.status in (401, 403, 421) else logging.INFO
    _log.log(level, "refused", extra=told)
