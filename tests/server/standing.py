"""The orchestrator's application behind a real socket, in a thread of this process, with limits of a test's choosing.

In: a folder and rules. Out: `Standing`: where it is, and raw bytes sent and received, for clients that no library would
be.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvicorn

from misydsl.agents.declare import agent
from misydsl.server.app import OrchestratorApp, Parts
from misydsl.server.connections import patient_for
from misydsl.server.gate import GateRules
from misydsl.server.hosting import listening
from misydsl.store.sqlite import SqliteJournal
from misydsl.workspace.projects import Project

PATIENCE_S: Final = 10.0


@agent("echo")
def echo(text: str = "") -> str:
    """Say it again."""
    return text


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, headers by their lower-case names, a body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)

    @property
    def is_problem(self) -> bool:
        """Whether it is a problem document that says what it should and nothing of the process."""
        kind = self.headers.get("content-type", "")
        if kind != "application/problem+json":
            return False
        document = self.json
        return document["status"] == self.status and b"Traceback" not in self.body


@dataclass(frozen=True, slots=True)
class Standing:
    """A server at its place."""

    port: int
    app: OrchestratorApp

    def connect(self) -> socket.socket:
        """A connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)

    def send(self, data: bytes) -> Answer:
        """Send bytes on a connection of their own; what comes first."""
        with self.connect() as one:
            one.sendall(data)
            return read_answer(one, is_head=data.startswith(b"HEAD "))

    def ask(
        self,
        method: str,
        target: str,
        *,
        body: bytes = b"",
        host: str | None = None,
        **headers: str,
    ) -> Answer:
        """One request; `_` in names of headers is `-`."""
        given = {"Host": host or f"127.0.0.1:{self.port}", "Connection": "close"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body or method == "POST":
            given.setdefault("Content-Length", str(len(body)))
        lines = [
            f"{method} {target} HTTP/1.1",
            *(f"{name}: {text}" for name, text in given.items()),
        ]
        return self.send("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def is_well(self) -> bool:
        """Whether it still answers as it should."""
        return self.ask("GET", "/api/v1/orchestrator/metrics").status == 200


@contextmanager
def standing(
    folder: Path, rules: GateRules | None = None, *, header_s: float = 10.0
) -> Iterator[Standing]:
    """A server for as long as the block lasts."""
    journal = SqliteJournal(folder / "journal.db")
    app = OrchestratorApp(
        Parts(journal, Project(folder), rules or GateRules(), (echo,), grace_s=1.0)
    )
    with listening("127.0.0.1", 0) as listener:
        config = uvicorn.Config(
            app, http=patient_for(header_s), ws="websockets-sansio", ws_max_size=65_536,
            lifespan="on", access_log=False, log_config=None, server_header=False,
            h11_max_incomplete_event_size=16_384, timeout_graceful_shutdown=2,
        )  # fmt: skip
        server = _Ready(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        assert server.ready.wait(PATIENCE_S), "it did not start"
        yield Standing(listener.getsockname()[1], app)
        server.should_exit = True
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), "it did not stop"
    journal.close()


class _Ready(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def read_answer(one: socket.socket, *, is_head: bool = False) -> Answer:
    """The first answer on a connection; raises `ConnectionError` when it is closed without one."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(one)
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}
    length = 0 if is_head else int(headers.get("content-length", "0"))
    while len(body) < length:
        body += _more(one)
    return Answer(int(first.split(" ")[1]), headers, body)


def _more(one: socket.socket) -> bytes:
    data = one.recv(65_536)
    if not data:
        raise ConnectionError("closed without an answer")
    return data
