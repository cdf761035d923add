"""A server that misbehaves as it is told: raw sockets on loopback, in a process of its own.

In: a `Misbehaviour` by its name, as the first word of the path (`/slow-head/…`). Out: its turns, one for
each request of a connection. `/seen/NAME` answers with the request heads that came for a name, and how
many connections they came on. A process of its own keeps its descriptors and memory out of the measure.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

from tests.agents.in_the_reply import IN_THE_REPLY
from tests.agents.misbehaviour import PORT, Drip, Misbehaviour, Turn, whole
from tests.agents.on_the_wire import ON_THE_WIRE
from tests.agents.turns_apart import TURNS_APART

ROOT = Path(__file__).resolve().parents[2]
BY_NAME: Final = {one.name: one for one in (*ON_THE_WIRE, *IN_THE_REPLY, *TURNS_APART)}
OK: Final = whole(b'{"ok":true}')


@dataclass(frozen=True, slots=True)
class Seen:
    """What came for one name."""

    heads: tuple[str, ...]
    connections: int
    played: int
    """Turns that are over: all is sent."""
    closed: int
    """Connections that the server has closed."""


@dataclass(frozen=True, slots=True)
class Rogue:
    """The server, as tests see it."""

    port: int

    def url(self, name: str, *, user: str = "", host: str = "127.0.0.1") -> str:
        """Where the misbehaviour of this name is."""
        return f"http://{user}{'@' if user else ''}{host}:{self.port}/{name}"

    def seen(self, name: str) -> Seen:
        """What has come so far."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self.url(f"seen/{name}"), timeout=10) as answer:
            told = json.load(answer)
        return Seen(tuple(told["heads"]), told["connections"], told["played"], told["closed"])


@contextlib.contextmanager
def rogue_server() -> Iterator[Rogue]:
    """The server, gone when the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.agents.rogue"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield Rogue(int(process.stdout.readline()))
    finally:
        process.communicate(timeout=10)  # the end of its input is the end of it


class _Connections:
    """Every connection of the server, and what came on it."""

    def __init__(self) -> None:
        self.port = b""
        self._heads: dict[str, list[str]] = defaultdict(list)
        self._connections: Counter[str] = Counter()
        self._played: Counter[str] = Counter()
        self._closed: Counter[str] = Counter()
        self._names: dict[asyncio.StreamWriter, str] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            number = 0
            while await self._answered(reader, writer, number):
                number += 1
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        self._closed[self._names.pop(writer, "")] += 1

    async def _answered(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> bool:
        request = await reader.readuntil(b"\r\n\r\n")
        name, _, rest = request.split(b" ", 2)[1].decode().lstrip("/").partition("/")
        if name == "seen":
            writer.write(whole(self._told(rest)))
            return False
        self._heads[name].append(request.decode("latin-1"))
        self._connections[name] += number == 0
        self._names[writer] = name
        turn = _turn(BY_NAME.get(name), number)
        if turn.reads == "all":
            await _drop_body(request, reader)
        for act in turn.acts:
            await self._play(act, writer)
        self._played[name] += 1
        return await _ended(turn, reader, writer)

    def _told(self, name: str) -> bytes:
        seen = {
            "heads": self._heads[name],
            "connections": self._connections[name],
            "played": self._played[name],
            "closed": self._closed[name],
        }
        return json.dumps(seen).encode()

    async def _play(self, act: bytes | Drip, writer: asyncio.StreamWriter) -> None:
        if isinstance(act, bytes):
            writer.write(act.replace(PORT, self.port) if len(act) < 4096 else act)
            await writer.drain()
            return
        played = 0
        while act.times is None or played < act.times:
            writer.write(act.data)
            await writer.drain()
            await asyncio.sleep(act.every_s)
            played += 1


def _turn(found: Misbehaviour | None, number: int) -> Turn:
    if found is None:
        return Turn((OK,))
    return found.turns[min(number, len(found.turns) - 1)]


async def _drop_body(request: bytes, reader: asyncio.StreamReader) -> None:
    for line in request.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.partition(b":")[2]))


async def _ended(turn: Turn, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Whether there is a next request; a reset is a RST, and what was not yet sent is lost."""
    match turn.end:
        case "keep":
            return True
        case "close":
            return False
        case "reset":
            await asyncio.sleep(0.02)  # what was sent should arrive before the RST overtakes it
            linger = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
            return False
        case "hang" if turn.reads == "head":
            await asyncio.Event().wait()
            return False
        case "hang":
            while await reader.read(65536):
                pass
            return False
        case _:
            assert_never(turn.end)


async def _main() -> None:
    connections = _Connections()
    server = await asyncio.start_server(connections.serve, "127.0.0.1", 0, backlog=1024)
    port: int = server.sockets[0].getsockname()[1]
    connections.port = str(port).encode()
    print(port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)  # connections that hang are part of the play; nobody waits for them


if __name__ == "__main__":
    asyncio.run(_main())
