"""Agents that break the connection, the framing, or the patience: a table of misbehaviours.

In: nothing. Out: `ON_THE_WIRE`. Each row is a misbehaviour, the word a call has to end with, whether the default
policy tries again, and where the two wires see it differently.
"""

from __future__ import annotations

from typing import Final

from tests.agents.misbehaviour import (
    PORT,
    Act,
    Drip,
    Misbehaviour,
    Turn,
    broken,
    endless,
    garbled,
    harmless,
    head,
    whole,
)

LATER: Final = Drip(b"", 1, 0.05)  # what follows comes in a packet of its own
CHUNKED: Final = head("Transfer-Encoding: chunked")
FIVE: Final = head("Content-Length: 5")
GOOD: Final = whole(b'{"ok":true}')
MANY: Final = 100_000


def _moved(status: str) -> Misbehaviour:
    """A redirect to another host that listens."""
    place = b"Location: http://ana:pw123@localhost:" + PORT + b"/target?token=abc\r\n"
    sent = f"HTTP/1.1 {status}\r\n".encode() + place + b"Content-Length: 0\r\n\r\n"
    number = int(status[:3])
    return Misbehaviour(f"redirect-{number}", (Turn((sent,)),), "http", number)


def _too_large(name: str, *acts: Act, status: int = 200) -> Misbehaviour:
    return Misbehaviour(name, (Turn(acts, "hang"),), "too-large", status)


_SLOW: Final = (
    endless("silence-before-the-head"),
    endless("drip-of-the-status-line", b"HTTP/1.1 200 OK", Drip(b" ", every_s=0.02)),
    endless("drip-of-a-header", b"HTTP/1.1 200 OK\r\nX-Slow: ", Drip(b"a", every_s=0.02)),
    endless("drip-of-headers", b"HTTP/1.1 200 OK\r\n", Drip(b"a: b\r\n", times=20, every_s=0.02)),
    endless("drip-of-the-body", head("Content-Length: 9999"), Drip(b" ", every_s=0.02)),
    endless("drip-of-chunks", CHUNKED, Drip(b"1\r\n \r\n", every_s=0.02)),
    endless("drip-without-length", head(), Drip(b" ", every_s=0.02)),
    endless("drip-of-a-complaint", head(status="500 No"), Drip(b" ", every_s=0.02)),
    endless("silence-in-the-head", b"HTTP/1.1 200 OK\r\nContent-"),
    endless("silence-in-the-body", FIVE, b"[1"),
    endless("silence-in-a-chunk", CHUNKED, b"5\r\n[1,2"),
    endless("silence-before-the-last-chunk", CHUNKED, b"2\r\n[]\r\n"),
    endless("silence-instead-of-the-rest", head("Content-Length: 11"), b'{"ok":true'),
    endless(
        "chunk-extension-without-end",
        CHUNKED,
        b"2;a=",
        Drip(b"b" * 16384),
        over_httpx="bad-reply",
    ),
)

_BROKEN: Final = (
    broken("closed-before-the-head"),
    broken("reset-before-the-head", end="reset"),
    broken("closed-in-the-head", b"HTTP/1.1 200 OK\r\nContent-Le"),
    broken("reset-in-the-head", b"HTTP/1.1 200 OK\r\nContent-Le", end="reset"),
    broken("closed-in-the-body", FIVE, b"[1"),
    broken("reset-in-the-body", FIVE, b"[1", end="reset"),
    broken("body-shorter-than-it-said", head("Content-Length: 100"), b'{"ok":true}'),
    broken("closed-in-a-chunk", CHUNKED, b"5\r\n[1"),
    broken("closed-between-chunks", CHUNKED, b"2\r\n[]\r\n"),
    broken("reset-between-chunks", CHUNKED, b"2\r\n[]\r\n", end="reset"),
    broken("closed-after-100", b"HTTP/1.1 100 Continue\r\n\r\n"),
)

_LENGTHS: Final = (
    garbled("length-that-is-negative", head("Content-Length: -1"), b"[]"),
    garbled("length-that-is-no-number", head("Content-Length: two"), b"[]"),
    garbled("length-that-no-number-holds", head(f"Content-Length: {'9' * 40}"), b"[]"),
    garbled("two-lengths-that-differ", head("Content-Length: 2", "Content-Length: 4"), b"[1]]"),
    garbled("list-of-lengths-that-differ", head("Content-Length: 2, 4"), b"[1]]"),
    garbled("length-in-hexadecimal", head("Content-Length: 0x2"), b"[]"),
    garbled("length-with-a-sign", head("Content-Length: +2"), b"[]"),
    _too_large("length-of-an-exabyte", head("Content-Length: 1152921504606846976"), b"[" * 9000),
    _too_large("fifty-megabytes", head("Content-Length: 52428800"), Drip(b"9" * 65536, 800)),
    _too_large("fifty-megabytes-in-chunks", CHUNKED, Drip(b"10000\r\n" + b"9" * 65536 + b"\r\n")),
    _too_large("fifty-megabytes-without-length", head(), Drip(b"9" * 65536)),
    Misbehaviour(
        "complaint-without-end",
        (Turn((head(status="500 No"), Drip(b"no " * 9000)), "hang"),),
        "http",
        500,
        is_retried=True,
    ),
)

_CHUNKS: Final = (
    garbled("chunk-size-that-is-none", CHUNKED, b"zz\r\n[]\r\n0\r\n\r\n"),
    garbled("chunk-size-that-is-negative", CHUNKED, b"-2\r\n[]\r\n0\r\n\r\n"),
    garbled("chunk-size-that-no-number-holds", CHUNKED, b"F" * 40 + b"\r\n[]\r\n"),
    garbled("chunk-longer-than-it-said", CHUNKED, b"2\r\n[1,2]\r\n0\r\n\r\n"),
    garbled("chunk-after-garbage", CHUNKED, b"2\r\n[]\r\n<html>nothing here</html>\r\n"),
    garbled("garbage-long-after-the-head", CHUNKED, LATER, b"zz\r\n[]\r\n0\r\n\r\n"),
    garbled("garbage-long-after-a-chunk", CHUNKED, b"1\r\n[\r\n", LATER, b"<html>]</html>\r\n"),
    garbled("json-where-a-chunk-should-be", CHUNKED, b'{"ok":true}\r\n'),
)

_HEADS: Final = (
    garbled("header-of-a-megabyte", b"HTTP/1.1 200 OK\r\nX-Big: ", Drip(b"a" * 65536)),
    garbled("status-line-without-end", b"HTTP/1.1 200 ", Drip(b"OK" * 32768)),
    garbled("hundred-thousand-headers", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * MANY + b"\r\n"),
    garbled("headers-without-end", b"HTTP/1.1 200 OK\r\n", Drip(b"a: b\r\n" * 4096)),
    garbled("trailers-without-end", CHUNKED, b"2\r\n[]\r\n0\r\n", Drip(b"a: b\r\n" * 4096)),
    garbled("header-without-a-colon", b"HTTP/1.1 200 OK\r\nnothing\r\n\r\n[]"),
    garbled("header-with-a-nul", head("X-A: a\x00b", "Content-Length: 2"), b"[]"),
    garbled("header-name-with-a-space", head("X A: b", "Content-Length: 2"), b"[]"),
    garbled("status-of-four-digits", b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\n[]"),
    garbled("status-that-is-no-number", b"HTTP/1.1 OK\r\nContent-Length: 2\r\n\r\n[]"),
    garbled(
        "version-of-tomorrow",
        b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        over_httpx="reply",
    ),
    garbled("http-0.9", b'{"ok":true}\r\n\r\n'),
    garbled(
        "http-2-settings", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + b"\x00\x03\x00\x00\x00d" * 3
    ),
    garbled("tls-alert-on-a-plain-port", b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n"),
    garbled("greeting-of-ssh", b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    garbled("greeting-of-smtp", b"220 mail.test ESMTP\r\n\r\n"),
)

_INTERIM: Final = (
    harmless("continue-first", b"HTTP/1.1 100 Continue\r\n\r\n", GOOD),
    harmless("early-hints-first", head("Link: </a>; rel=preload", status="103 Hints"), GOOD),
    harmless("three-interim-answers-first", *(b"HTTP/1.1 102 Wait\r\n\r\n",) * 3, GOOD),
    endless("interim-answers-in-drips", Drip(b"HTTP/1.1 102 Wait\r\n\r\n", every_s=0.02)),
    garbled(
        "interim-answers-in-a-flood",
        Drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
        over_httpx="timeout",
        timeout_s=1.0,
    ),
    Misbehaviour(
        "upgrade-nobody-asked-for",
        (Turn((head("Upgrade: h2c", "Connection: Upgrade", status="101 Switching"),), "hang"),),
        "http",
        101,
        over_httpx="bad-reply",
    ),
)

_REDIRECTS: Final = (
    _moved("301 Moved Permanently"),
    _moved("302 Found"),
    _moved("303 See Other"),
    _moved("307 Temporary Redirect"),
    _moved("308 Permanent Redirect"),
)

ON_THE_WIRE: Final = (*_SLOW, *_BROKEN, *_LENGTHS, *_CHUNKS, *_HEADS, *_INTERIM, *_REDIRECTS)
