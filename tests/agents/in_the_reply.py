"""Agents that answer in good HTTP with something else than was promised: a table of misbehaviours.

In: nothing. Out: `IN_THE_REPLY`, of the same make as `on_the_wire`: packed replies, JSON that is not strict, sizes
at the limit, and statuses with what they ask for.
"""

from __future__ import annotations

import gzip
import zlib
from typing import Final

from tests.agents.misbehaviour import Misbehaviour, Turn, harmless, head, whole

LIMIT_BYTES: Final = 8 * 1024 * 1024
DEEP: Final = 100_000
CROWD: Final = LIMIT_BYTES // 8  # lists and objects in a reply that is within the limit of bytes


def _reply(name: str, body: bytes, *lines: str, says: str = "") -> Misbehaviour:
    """A complete answer whose body is not the strict JSON of the contract."""
    return Misbehaviour(name, (Turn((whole(body, *lines),)),), "bad-reply", 200, says=says)


def _packed(name: str, body: bytes, encoding: str) -> Misbehaviour:
    return _reply(name, body, f"Content-Encoding: {encoding}", says="compressed")


def _status(
    status: str, *lines: str, is_retried: bool, name: str = "", after_s: float | None = None
) -> Misbehaviour:
    number = int(status[:3])
    return Misbehaviour(
        name or f"status-{number}",
        (Turn((whole(b'{"error":"no"}', *lines, status=status),)),),
        "http",
        number,
        is_retried=is_retried,
        retry_after_s=after_s,
    )


def _asking(name: str, retry_after: str, after_s: float | None) -> Misbehaviour:
    line = f"Retry-After: {retry_after}"
    return _status("429 Slow Down", line, is_retried=True, name=name, after_s=after_s)


_SPACES: Final = b" " * 5_000_000

_PACKED: Final = (
    _packed("gzip-bomb", gzip.compress(_SPACES), "gzip"),
    _packed("gzip-of-good-json", gzip.compress(b"{}"), "gzip"),
    _packed("deflate-bomb", zlib.compress(_SPACES), "deflate"),
    _packed("br-that-is-none", b"\x0b\x02\x80[]\x03", "br"),
    _packed("encoding-nobody-knows", b"[]", "x-misy"),
    _packed("packed-twice", gzip.compress(gzip.compress(_SPACES)), "gzip, gzip"),
    _packed("packing-said-but-not-done", b"[]", "gzip"),
    harmless("encoding-identity", whole(b"[]", "Content-Encoding: identity")),
)

_JSON: Final = (
    _reply("json-nan", b'{"a":NaN}'),
    _reply("json-infinity", b"[Infinity]"),
    _reply("json-minus-infinity", b"[-Infinity]"),
    _reply("json-number-past-every-float", b"[1e999]"),
    _reply("json-name-twice", b'{"a":1,"a":2}', says="twice"),
    _reply("json-name-twice-in-disguise", b'{"a":1,"\\u0061":2}', says="twice"),
    _reply("json-name-twice-deep-inside", b'[{"b":[{"a":1 , "a" :2}]}]', says="twice"),
    _reply("json-deep", b"[" * DEEP + b"]" * DEEP, says="100 levels"),
    _reply("json-deep-objects", b'{"a":' * DEEP + b"1" + b"}" * DEEP, says="100 levels"),
    _reply("json-deep-and-unfinished", b"[" * DEEP),
    _reply("json-a-level-too-deep", b"[" * 101 + b"]" * 101, says="100 levels"),
    harmless("json-just-deep-enough", whole(b"[" * 100 + b"]" * 100)),
    _reply("json-not-utf-8", b'{"a":"caf\xe9"}', says="UTF-8"),
    _reply("json-utf-16", '{"a":"é"}'.encode("utf-16")),
    _reply(
        "json-utf-16-by-its-charset",
        '{"a":1}'.encode("utf-16-le"),
        "Content-Type: application/json; charset=utf-16",
    ),
    _reply("json-byte-order-mark", b"\xef\xbb\xbf{}"),
    _reply("json-half-a-pair", b'"\\ud83d"'),
    _reply("json-half-a-pair-in-a-name", b'{"\\udc00":1}'),
    _reply("json-half-a-pair-and-a-letter", b'"\\ud83dx"'),
    _reply("json-half-a-pair-in-bytes", b'"\xed\xa0\xbd"', says="UTF-8"),
    _reply("json-integer-of-a-million-digits", b"9" * 1_000_000),
    _reply("json-unfinished", b'{"ok":tru'),
    _reply("json-and-more", b'{"ok":true} <!-- served in 3 ms -->'),
    _reply("json-two-values", b"{}\n{}"),
    _reply("json-and-a-nul", b"{}\x00"),
    _reply("json-with-comments", b"[1, /* two */ 2]"),
    _reply("json-with-a-last-comma", b"[1,2,]"),
    _reply("json-of-python", b"{'ok': True}"),
    _reply("json-with-a-line-break-in-a-text", b'"a\nb"'),
    _reply("empty-200", b"", says="empty"),
    _reply("blanks-200", b" \r\n ", says="empty"),
    _reply("html-200", b"<!doctype html><title>Sign in</title>", "Content-Type: text/html"),
    _reply("events-200", b'data: {"ok":true}\n\n', "Content-Type: text/event-stream"),
    harmless("json-said-to-be-html", whole(b'{"ok":true}', "Content-Type: text/html")),
    harmless("no-content", head(status="204 No Content")),
    harmless("reset-content", head("Content-Length: 0", status="205 Reset Content")),
)

_SIZES: Final = (
    harmless("exactly-the-limit", whole(b'"' + b"x" * (LIMIT_BYTES - 2) + b'"')),
    Misbehaviour(
        "one-byte-over-the-limit",
        (Turn((whole(b'"' + b"x" * (LIMIT_BYTES - 1) + b'"'),), "hang"),),
        "too-large",
        200,
    ),
    Misbehaviour(
        "crowd-of-empty-lists",
        (Turn((whole(b"[" + b"[]," * CROWD + b"0]"),)),),
        "too-large",
        200,
        says="lists and objects",
    ),
    Misbehaviour(
        "crowd-of-nests",
        (Turn((whole(b"[" + (b"[" * 99 + b"]" * 99 + b",") * (CROWD // 99) + b"0]"),)),),
        "too-large",
        200,
        says="lists and objects",
    ),
    harmless("text-full-of-brackets", whole(b'"' + b"[{" * CROWD + b'"')),
)

_STATUSES: Final = (
    _status("400 Bad Request", is_retried=False),
    _status("401 Unauthorized", is_retried=False),
    _status("404 Not Found", is_retried=False),
    _status("408 Request Timeout", is_retried=True),
    _status("409 Conflict", is_retried=False),
    _status("418 I'm a Teapot", is_retried=False),
    _status("425 Too Early", is_retried=True),
    _status("429 Too Many Requests", is_retried=True),
    _status("500 Internal Server Error", is_retried=True),
    _status("502 Bad Gateway", is_retried=True),
    _status("504 Gateway Timeout", is_retried=True),
    _status("599 Whatever", is_retried=True),
    _status("600 Beyond", is_retried=False),
    _status("999 Denied", is_retried=False),
    Misbehaviour(
        "status-304", (Turn((head(status="304 Not Modified"),)),), "http", 304, is_retried=False
    ),
    _status("503 Busy", "Retry-After: 2", is_retried=True, name="status-503-asking", after_s=2.0),
    _status("400 No", "Retry-After: 2", is_retried=False, name="status-400-asking", after_s=2.0),
    _asking("asks-for-seconds", "7", 7.0),
    _asking("asks-for-nothing", "0", 0.0),
    _asking("asks-for-a-day-gone-by", "Thu, 01 Jan 2015 00:00:00 GMT", 0.0),
    _asking("asks-for-a-day-to-come", "Fri, 31 Dec 9999 23:59:59 GMT", 1e9),
    _asking("asks-for-ages", "9" * 30, 1e9),
    _asking("asks-for-a-negative-time", "-3", None),
    _asking("asks-for-an-exponent", "1e9", None),
    _asking("asks-for-soon", "soon", None),
    _asking("asks-for-a-day-that-is-none", "Thu, 99 Jan 2026 99:99:99 GMT", None),
)

IN_THE_REPLY: Final = (*_PACKED, *_JSON, *_SIZES, *_STATUSES)
