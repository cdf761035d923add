"""A server for the agents of a file: bound, announced, stopped.

In: declarations, a host and a port (0 picks a free one). Out: a running uvicorn server whose real port
is known before the first call arrives. `serve` blocks until it is stopped; `HostedAgents` does the same
in a thread, for notebooks and tests. A port that is taken raises `PortUnusable` with what to do.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

import uvicorn

from misydsl.agents.declare import AgentDeclaration
from misydsl.failures import MisyError
from misydsl.server.agents_app import agents_app

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 3007
"""Where the orchestrator's contract expects agents."""
_IDLE_S = 75  # clients give idle connections up sooner, so none is closed under a call
_GRACE_S = 5  # what a call under way gets when the server is stopped
_BACKLOG = 1024  # a fan-out opens its connections all at once


class PortUnusable(MisyError):
    """The server cannot listen there."""


def serve(
    declarations: Iterable[AgentDeclaration],
    *,
    host: str = LOOPBACK,
    port: int = DEFAULT_PORT,
    on_ready: Callable[[int], None] | None = None,
) -> None:
    """Host the agents until the process is told to stop; `on_ready` gets the port once it listens.

    Raises:
        PortUnusable: the port is taken, or the host is none of this machine.
    """
    with listening(host, port) as listener:
        server = _server(declarations, host, listener, on_ready)
        server.run(sockets=[listener])


class HostedAgents:
    """Agents served from a thread; use it in a `with`, and call what `url_of` says."""

    def __init__(
        self,
        declarations: Iterable[AgentDeclaration],
        *,
        host: str = LOOPBACK,
        port: int = 0,
    ) -> None:
        self._host = host
        self._listener = listening(host, port)
        self._ready = threading.Event()
        self._server = _server(declarations, host, self._listener, lambda _: self._ready.set())
        self._thread = threading.Thread(target=self._run, name="misy-hosting", daemon=True)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        """Start, and return once it listens."""
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, and return once nothing is open."""
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()

    @property
    def url(self) -> str:
        """The beginning of every address here."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    def url_of(self, name: str) -> str:
        """Where an agent is."""
        return f"{self.url}/api/v1/agents/{name}"

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._listener])
        finally:
            self._ready.set()


class _AnnouncedServer(uvicorn.Server):
    """A uvicorn server that says when it listens."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announce()


def _server(
    declarations: Iterable[AgentDeclaration],
    host: str,
    listener: socket.socket,
    on_ready: Callable[[int], None] | None,
) -> uvicorn.Server:
    port: int = listener.getsockname()[1]
    config = uvicorn.Config(
        agents_app(declarations, host_names=names_of(host)),
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_S,
        timeout_graceful_shutdown=_GRACE_S,
    )
    return _AnnouncedServer(config, lambda: on_ready(port) if on_ready else None)


def names_of(host: str) -> tuple[str, ...]:
    """The domain names a server bound there answers to; none on loopback but localhost."""
    try:
        is_local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        return (host,)
    return () if is_local else (socket.gethostname(), socket.getfqdn())


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; raises `PortUnusable`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    if not 0 <= port < 2**16:
        raise PortUnusable(f"{port} is no port: choose one from 0 (any free one) to 65535")
    try:
        return _prompt(socket.create_server((host, port), family=family, backlog=_BACKLOG))
    except OSError as problem:
        # create_server says the address again inside `strerror`
        number = problem.errno or 0
        reason = os.strerror(number) if number > 0 else str(problem)
        raise PortUnusable(
            f"cannot listen on {host}:{port}: {reason}; choose another with --port, "
            "or --port 0 for a free one"
        ) from problem


def _prompt(listener: socket.socket) -> socket.socket:
    """The same, and what it accepts sends at once: asyncio sees to that only for sockets it opened itself.

    Without it an answer of two parts waits 40 ms for the reader's acknowledgement.
    """
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
