"""What comes in with a request: its body and its query, bounded and decoded.

In: a request that the gate let through, and its operation. Out: the same request with `state.body` (decoded), `state.bytes`
and `state.query`, or `Refused`. A body comes within its time and size, is JSON and nothing else, and is of its type.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request as HttpRequest

from misydsl.server.problems import Refused
from misydsl.values import decode_json

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from misydsl.server.operations import Operation

BODY_BYTES: Final = 4 * 1024 * 1024
BODY_S: Final = 30.0
BYTES_AT_ONCE: Final = (
    64 * 1024
)  # some milliseconds; what is larger is read where it holds nobody up
MOST_QUERY: Final = 50


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """How much a request may hold, and how long it may take to come."""

    body_bytes: int = BODY_BYTES
    body_s: float = BODY_S


async def taken_in(
    operation: Operation, scope: Scope, receive: Receive, send: Send, limits: IntakeLimits
) -> HttpRequest:
    """The request with its body read; raises `Refused` (400, 408, 413, 415)."""
    body = b""
    if operation.method == "POST":
        body = await _body(scope, receive, limits)
        _require_json(scope, body, operation)
    http = HttpRequest(scope, _again(body, receive), send)
    http.state.bytes = body
    if len(body) > BYTES_AT_ONCE:
        http.state.body = await asyncio.to_thread(_decoded, body, operation.takes)
    else:
        http.state.body = _decoded(body, operation.takes)
    http.state.query = _query(scope, operation.asks)
    return http


async def _body(scope: Scope, receive: Receive, limits: IntakeLimits) -> bytes:
    announced = dict(scope["headers"]).get(b"content-length", b"")
    if announced.isdigit() and int(announced) > limits.body_bytes:
        raise _too_large(limits)
    try:
        async with asyncio.timeout(limits.body_s):
            return await _whole(receive, limits)
    except TimeoutError:
        raise Refused(408, f"the body did not come within {limits.body_s:g} s") from None


async def _whole(receive: Receive, limits: IntakeLimits) -> bytes:
    body = bytearray()
    is_more = True
    while is_more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "the body ended too early")
        body += message.get("body", b"")
        if len(body) > limits.body_bytes:
            raise _too_large(limits)
        is_more = message.get("more_body", False)
    return bytes(body)


def _too_large(limits: IntakeLimits) -> Refused:
    return Refused(413, f"a body has at most {limits.body_bytes} bytes")


def _require_json(scope: Scope, body: bytes, operation: Operation) -> None:
    """Nothing but JSON: what a form of another page can send is something else."""
    kinds = [value for name, value in scope["headers"] if name == b"content-type"]
    if not body and not kinds and operation.takes is None:
        return
    kind = kinds[0].partition(b";")[0].strip().lower() if len(kinds) == 1 else b""
    if (body or kinds) and kind != b"application/json":
        raise Refused(415, "send JSON, with `Content-Type: application/json`")


def _decoded(body: bytes, kind: type[msgspec.Struct] | None) -> msgspec.Struct | None:
    """The body as its type; without one it has to be strict JSON all the same."""
    try:
        if body:
            decode_json(body)
    except ValueError as wrong:
        raise Refused(400, f"the body is no JSON that can be used: {wrong}") from None
    try:
        return None if kind is None else msgspec.json.decode(body or b"{}", type=kind)
    except msgspec.ValidationError as wrong:
        raise Refused(400, f"the body does not fit: {wrong}") from None


def _query(scope: Scope, kind: type[msgspec.Struct] | None) -> msgspec.Struct | None:
    try:
        pairs = parse_qsl(
            scope["query_string"].decode("ascii"),
            keep_blank_values=True,
            max_num_fields=MOST_QUERY,
            errors="strict",
        )
    except ValueError:
        raise Refused(400, "the query cannot be read: it is URL-encoded UTF-8") from None
    given: dict[str, Any] = {}
    known = () if kind is None else [one.encode_name for one in msgspec.structs.fields(kind)]
    for name, value in pairs:
        if name not in known:
            names = ", ".join(known) or "none"
            raise Refused(400, f"there is no parameter `{name[:100]}` here; there is: {names}")
        if name in given:
            raise Refused(400, f"the parameter `{name}` is there twice")
        given[name] = value
    if kind is None:
        return None
    try:
        return msgspec.convert(given, kind, strict=False)
    except msgspec.ValidationError as wrong:
        raise Refused(400, f"the query does not fit: {wrong}") from None


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, then what else comes: that the client has gone."""
    is_told = False

    async def told() -> Message:
        nonlocal is_told
        if is_told:
            return await receive()
        is_told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return told
