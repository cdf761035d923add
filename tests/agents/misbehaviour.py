"""What a misbehaving agent does, byte for byte, and how such a call has to end.

In: nothing. Out: the nouns of the tables `on_the_wire` and `in_the_reply`. Only the standard library is
imported, because the server that plays them (`rogue`) is a process of its own and has to start at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

End = Literal["keep", "close", "reset", "hang"]

QUICK_S: Final = 5.0  # deadline of calls that end by themselves, long before
DEADLINE_S: Final = 0.3  # deadline of calls that only a deadline ends

PORT: Final = b"@PORT@"
"""Stands for the port of the server in what it sends."""


@dataclass(frozen=True, slots=True)
class Drip:
    """The same bytes again and again; without `times`, until the caller is gone."""

    data: bytes
    times: int | None = None
    every_s: float = 0.0


Act = bytes | Drip


@dataclass(frozen=True, slots=True)
class Turn:
    """What happens at one request of a connection: how much of it is read, what is sent, the end."""

    acts: tuple[Act, ...] = ()
    end: End = "keep"
    reads: Literal["all", "head"] = "all"


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """An agent's turns (the last one repeats), and what a call has to become."""

    name: str
    turns: tuple[Turn, ...]
    kind: str
    """The word of the failure list; `reply` for those that are harmless."""
    status: int | None = None
    is_retried: bool = False
    """Whether the default `retry.on` tries again."""
    timeout_s: float = QUICK_S
    retry_after_s: float | None = None
    says: str = ""
    """Words the failure's message has to hold."""
    over_httpx: str = ""
    """The word where the httpx wire sees it differently."""


def harmless(name: str, *acts: Act, end: End = "keep") -> Misbehaviour:
    """Odd, but an answer."""
    return Misbehaviour(name, (Turn(acts, end),), "reply")


def endless(name: str, *acts: Act, over_httpx: str = "") -> Misbehaviour:
    """Only the deadline ends it."""
    return Misbehaviour(
        name,
        (Turn(acts, "hang"),),
        "timeout",
        is_retried=True,
        timeout_s=DEADLINE_S,
        over_httpx=over_httpx,
    )


def broken(name: str, *acts: Act, end: End = "close", over_httpx: str = "") -> Misbehaviour:
    """The connection ends before the reply does."""
    return Misbehaviour(name, (Turn(acts, end),), "reset", is_retried=True, over_httpx=over_httpx)


def garbled(
    name: str,
    *acts: Act,
    status: int | None = None,
    says: str = "",
    over_httpx: str = "",
    timeout_s: float = QUICK_S,
) -> Misbehaviour:
    """What came is not HTTP, or not JSON."""
    turns = (Turn(acts, "hang"),)
    return Misbehaviour(
        name, turns, "bad-reply", status, timeout_s=timeout_s, says=says, over_httpx=over_httpx
    )


def head(*lines: str, status: str = "200 OK") -> bytes:
    """The head of an answer."""
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1")


def whole(body: bytes, *lines: str, status: str = "200 OK") -> bytes:
    """An answer with its true length."""
    return head(*lines, f"Content-Length: {len(body)}", status=status) + body
