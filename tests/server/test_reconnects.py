"""Watchers that lose their connection at any moment, and servers that are killed with -9."""

from __future__ import annotations

import asyncio
import random
import signal
import socket
import sys
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from misydsl.server.telling import Message
from misydsl.store.sqlite import SqliteJournal
from tests.server.stories import finished, keep, short, story
from tests.server.test_feed import whole_story_of

ROOT = Path(__file__).parents[2]
RUNS = 120
WATCHERS = 25
KILLS = 4
PATIENCE_S = 100.0

_SERVER = """
import asyncio, socket, sys
from pathlib import Path
import uvicorn
from misydsl.server.feed import Feed
from misydsl.server.stream import Streams
from misydsl.store.sqlite import SqliteJournal
from tests.server.watching import telling_app

async def main():
    feed = Feed(SqliteJournal(Path(sys.argv[1])))
    await feed.start()
    app = telling_app(feed, Streams(feed))
    config = uvicorn.Config(app, port=int(sys.argv[2]), lifespan="off", log_level="error")
    await uvicorn.Server(config).serve()

asyncio.run(main())
"""


class Watcher:
    """Somebody whose connection breaks again and again; keeps what was told once and for all."""

    def __init__(self, url: str, chance: random.Random) -> None:
        self.url, self.chance = url, chance
        self.after = 0
        self.heard: list[str] = []
        self.connections = 0

    async def watch(self, last: asyncio.Future[int]) -> None:
        """Until the last message was heard."""
        while not (last.done() and self.after >= last.result()):
            try:
                async with connect(
                    f"{self.url}?after={self.after}", open_timeout=5, close_timeout=0.05
                ) as client:
                    self.connections += 1
                    pending: list[str] = []
                    for _ in range(self.chance.randint(1, 60)):
                        frame = str(await asyncio.wait_for(client.recv(), 0.5))
                        pending.append(frame)
                        seq = msgspec.json.decode(frame).get("seq")
                        if seq is not None:  # frames without one belong to the next that has it
                            self.after, pending = seq, self._keep(pending)
            except (OSError, WebSocketException, TimeoutError):
                await asyncio.sleep(0.02)  # the server is gone for a moment

    def _keep(self, pending: list[str]) -> list[str]:
        self.heard += pending
        return []


async def _server(path: Path, port: int) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SERVER, str(path), str(port), cwd=ROOT
    )


def _write(journal: SqliteJournal) -> None:
    """Runs, one after the other; some facts make more than one frame."""
    for number in range(RUNS):
        events = story() if number % 5 == 0 else short(steps=5)
        keep(journal, f"r{number}", [*events[:-1], finished("puro", 9.0)])
        keep(journal, f"r{number}", events[-1:])


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_a_thousand_reconnects_and_killed_servers_leave_no_gap_and_no_duplicate(
    tmp_path: Path,
) -> None:
    path, chance = tmp_path / "journal.db", random.Random(7)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    last: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    watchers = [
        Watcher(f"ws://127.0.0.1:{port}/", random.Random(number)) for number in range(WATCHERS)
    ]
    with closing(SqliteJournal(path)) as journal:
        server = await _server(path, port)
        async with asyncio.timeout(PATIENCE_S):
            watching = [asyncio.ensure_future(one.watch(last)) for one in watchers]
            writing = asyncio.ensure_future(asyncio.to_thread(_write, journal))
            for kill in range(1, KILLS + 1):
                while sum(one.connections for one in watchers) < kill * 200:
                    pause_s = 0.001 * chance.randint(1, 20)
                    await asyncio.sleep(pause_s)
                server.send_signal(signal.SIGKILL)
                await server.wait()
                server = await _server(path, port)
            await writing
            expected: list[Message] = whole_story_of(journal)
            last.set_result(expected[-1].seq)
            await asyncio.gather(*watching)
        server.kill()
        await server.wait()
    texts = [message.text for message in expected]
    assert all(one.heard == texts for one in watchers)
    reconnects = sum(one.connections for one in watchers)
    print(f"{reconnects} connections, {len(texts)} frames each")
    assert reconnects >= 1_000
