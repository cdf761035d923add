"""Agents in a process of their own, which honour the Idempotency-Key and write down what they do.

In: `POST /PLAY/WHAT…` with a JSON body; `python -m tests.crashes.agents` prints the address. Out: the body again,
after its effect was written down once per key: `echo` at once, `slow/MS` later, `flaky/N` after N times 503,
`shaky/SEED/PERCENT` after those 503 that `is_refused` draws; `no` is 400 and `hang` never answers, without effects.
Each call is noted with the newest fact that was in the play's journal when it came: what was durable by then.
`POST /PLAY/-/arm` kills a caller at its n-th call; `/-/journal` says where the journal is; `/-/told` tells all.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import signal
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import apsw

HEAD_END: Final = b"\r\n\r\n"
HEADER: Final = re.compile(rb"\r\n([^:\r\n]+): *([^\r\n]*)")


def is_refused(seed: int, percent: int, body: object, number: int) -> bool:
    """Whether `shaky` answers 503 to the n-th call of a key (from 1) with this body."""
    drawn = random.Random(f"{seed}/{json.dumps(body, sort_keys=True)}/{number}").random()
    return drawn * 100 < percent


@dataclass
class Play:
    """What happened in one play."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    effects: list[dict[str, Any]] = field(default_factory=list)
    hung_s: list[float] = field(default_factory=list)
    """How long each call that hung stayed open."""
    hanging: int = 0
    made: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    answers: dict[str, object] = field(default_factory=dict)
    waiting: dict[str, list[Connection]] = field(default_factory=dict)
    armed: dict[str, Any] | None = None
    journal: apsw.Connection | None = None

    def newest_fact(self) -> int | None:
        """The seq of the newest durable fact; None where nobody looks."""
        if self.journal is None:
            return None
        return int(self.journal.execute("SELECT coalesce(max(seq), 0) FROM event").get)

    def strikes(self, moment: str) -> None:
        """Kill whom it is armed for, if this is the moment."""
        armed = self.armed
        if armed is not None and armed["moment"] == moment and armed["call"] <= 0:
            self.armed = None
            with suppress(ProcessLookupError):  # it has just come to its end
                os.kill(armed["pid"], signal.SIGKILL)


PLAYS: defaultdict[str, Play] = defaultdict(Play)


@dataclass(frozen=True)
class Call:
    """One request."""

    play: Play
    what: list[str]
    key: str
    step: str
    body: Any


class Connection(asyncio.Protocol):
    """One connection; requests are answered one after another."""

    def __init__(self) -> None:
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None
        self._hangs: list[tuple[Play, float]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def connection_lost(self, why: Exception | None) -> None:
        for play, since in self._hangs:
            play.hanging -= 1
            play.hung_s.append(time.monotonic() - since)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(HEAD_END)) >= 0:
            head = self._received[: end + 2]
            headers = {name.lower(): text for name, text in HEADER.findall(head)}
            body_end = end + len(HEAD_END) + int(headers.get(b"content-length", b"0"))
            if len(self._received) < body_end:
                return
            body = json.loads(self._received[end + len(HEAD_END) : body_end] or b"null")
            self._received = self._received[body_end:]
            _, play, *what = head.split(b" ")[1].decode().split("/")
            key, step = (
                headers.get(name, b"").decode() for name in (b"idempotency-key", b"x-step-id")
            )
            call = Call(PLAYS[play], what, key, step, body)
            if what[0] == "-":
                self.send(200, controlled(call, play))
            else:
                self._called(call, int(headers.get(b"x-attempt", b"0")))

    def _called(self, call: Call, attempt: int) -> None:
        play = call.play
        if play.armed is not None:
            play.armed["call"] -= 1
        known = {"key": call.key, "step": call.step, "attempt": attempt, "body": call.body}
        play.calls.append({**known, "newest": play.newest_fact()})
        play.made[call.key] += 1
        play.strikes("asked")
        if call.key in play.answers:
            self.send(200, play.answers[call.key])
        elif call.key in play.waiting:
            play.waiting[call.key].append(self)
        else:
            self._worked(call)
        play.strikes("answered")

    def _worked(self, call: Call) -> None:
        play, made = call.play, call.play.made[call.key]
        match call.what:
            case ["hang"]:
                play.hanging += 1
                self._hangs.append((play, time.monotonic()))
            case ["no"]:
                self.send(400, {"error": "never"})
            case ["flaky", times] if made <= int(times):
                self.send(503, {"error": "not yet"})
            case ["shaky", seed, percent] if is_refused(int(seed), int(percent), call.body, made):
                self.send(503, {"error": "bad luck"})
            case ["slow", delay_ms]:
                play.waiting[call.key] = [self]
                asyncio.get_running_loop().call_later(int(delay_ms) / 1000, finished, call)
            case _:
                play.waiting[call.key] = [self]
                finished(call)

    def send(self, status: int, value: object) -> None:
        """Answer, if anybody is there."""
        assert self._transport is not None
        if not self._transport.is_closing():
            data = json.dumps(value, ensure_ascii=False).encode()
            head = b"HTTP/1.1 %d -\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
            self._transport.write(head % (status, len(data)) + data)


def finished(call: Call) -> None:
    """The effect, once, whoever still waits for it."""
    play = call.play
    play.effects.append({"key": call.key, "step": call.step, "body": call.body})
    play.answers[call.key] = call.body
    play.strikes("done")
    for connection in play.waiting.pop(call.key):
        connection.send(200, call.body)


def controlled(call: Call, name: str) -> object:
    """What is asked of the agents themselves."""
    play = call.play
    match call.what[1]:
        case "arm":
            play.armed = call.body
        case "journal":
            play.journal = apsw.Connection(call.body, flags=apsw.SQLITE_OPEN_READWRITE)
        case "told":
            return {
                "calls": play.calls,
                "effects": play.effects,
                "hung_s": play.hung_s,
                "hanging": play.hanging,
            }
        case "counted":
            return {"calls": len(play.calls), "effects": len(play.effects)}
        case "forget":
            if play.journal is not None:
                play.journal.close()
            del PLAYS[name]
        case unknown:
            raise ValueError(unknown)
    return None


async def serve() -> None:
    """Serve on a free port of this machine until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=4_096)
    host, port = server.sockets[0].getsockname()[:2]
    print(f"http://{host}:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
