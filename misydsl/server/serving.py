"""`misy serve`: what the command line calls, found as an entry point.

In: the parsed arguments. Out: an exit code: 0 when it was stopped, 2 when it cannot be begun. One line says where it
is once it answers; with `json` it is one object. Whatever else there is to say goes to the log on the standard error.
SIGTERM and Ctrl-C end it in order: nothing new is taken, calls get a grace period, runs are left paused.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Final

import uvicorn

from misydsl.agents.declare import AgentDeclaration
from misydsl.agents.files import load_agents
from misydsl.diagnostics.machine import as_dict
from misydsl.failures import MisyError
from misydsl.server.app import OrchestratorApp, Parts
from misydsl.server.connections import PatientProtocol
from misydsl.server.gate import GateRules
from misydsl.server.hosting import listening, names_of
from misydsl.server.hosts import is_loopback
from misydsl.server.logs import begin_logging
from misydsl.server.tokens import Token, read_token
from misydsl.values import Value, encode_json
from misydsl.workspace.journals import open_journal
from misydsl.workspace.projects import Project

BAD_USAGE: Final = 2
IDLE_S: Final = 75  # clients give idle connections up sooner, so none is closed under a call
MOST_CONNECTIONS: Final = 4096
LARGEST_FRAME: Final = 64 * 1024  # what a client sends over a WebSocket is dropped anyway
MOST_TOLD: Final = 20  # problems of files, at the start
LAST_S: Final = 5  # for answers that are on their way when all runs are paused

_log: Final = logging.getLogger("misydsl.server")


class ServingRefused(MisyError):
    """It would not be safe to serve like this."""


def serve(arguments: argparse.Namespace) -> int:
    """Serve a project until the process is told to stop: 0 then, 2 when it cannot be served."""
    try:
        _serve(arguments)
    except MisyError as problem:
        sys.stderr.write(f"error: {problem}\n")
        return BAD_USAGE
    except KeyboardInterrupt:  # the way to stop it
        return 0
    return 0


def _serve(arguments: argparse.Namespace) -> None:
    token = read_token(arguments.token_file) if arguments.token_file is not None else None
    _require_token(arguments.host, token)
    folder: Path = arguments.project
    with redirect_stdout(sys.stderr):  # what agent files print; ours is one line, or one object
        hosted = _hosted(arguments.agents)
    project = Project(folder)
    rules = GateRules(
        hosts=(*names_of(arguments.host), *arguments.allow_host),
        origins=tuple(map(_origin, arguments.allow_origin)),
        token=token,
    )
    with listening(arguments.host, arguments.port) as listener:
        begin_logging(arguments.log_format, secrets=token.secrets() if token is not None else ())
        journal = open_journal(arguments.journal, beside=folder)
        files = tuple(arguments.agents)
        app = OrchestratorApp(Parts(journal, project, rules, hosted, arguments.grace, files))
        _tell_project(project, hosted)
        try:
            _run(_Server(app, listener, arguments, project), listener)
        finally:
            _log.info("stopped", extra={"event": "server-stopped"})


def _run(server: _Server, listener: socket.socket) -> None:
    """Run until a signal; uvicorn raises the signal again at the end, and that ends nothing here."""
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        server.run(sockets=[listener])
    finally:
        signal.signal(signal.SIGTERM, before)
    if not server.started:
        raise ServingRefused("the server could not start; the log above says why")


class _Server(uvicorn.Server):
    """A uvicorn server that says when it answers, and stops the runs before its connections."""

    def __init__(
        self,
        app: OrchestratorApp,
        listener: socket.socket,
        arguments: argparse.Namespace,
        project: Project,
    ) -> None:
        super().__init__(_config(app))
        self._app, self._arguments, self._project = app, arguments, project
        self._port: int = listener.getsockname()[1]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            _say(self._arguments, self._project, self._port)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for one in self.servers:
            one.close()  # nobody new
        stopping = asyncio.ensure_future(self._app.stop())
        while not stopping.done() and not self.force_exit:
            await asyncio.wait({stopping}, timeout=0.1)
        if stopping.done():
            stopping.result()
        await super().shutdown(sockets)


def _config(app: OrchestratorApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="websockets-sansio",
        ws_max_size=LARGEST_FRAME,
        ws_per_message_deflate=False,
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=16 * 1024,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=LAST_S,
    )


def _hosted(files: list[Path]) -> tuple[AgentDeclaration, ...]:
    found: dict[str, AgentDeclaration] = {}
    for path in files:
        found.update(load_agents(path))
    return tuple(found.values())


def _require_token(host: str, token: Token | None) -> None:
    if token is None and not is_loopback(host):
        raise ServingRefused(
            f"others can reach {host}, so this needs a token: --token-file FILE "
            "(or serve on 127.0.0.1, which is the default)"
        )


def _origin(text: str) -> str:
    """An origin as browsers send it; raises `ServingRefused` for what is none."""
    scheme, _, rest = text.partition("://")
    if scheme not in ("http", "https") or not rest or set(rest) & set("/?#@* "):
        raise ServingRefused(
            f"--allow-origin takes an origin, such as http://localhost:5173, not {text}"
        )
    return text.lower()


def _tell_project(project: Project, hosted: Sequence[AgentDeclaration]) -> None:
    """What can be run here, and which files cannot be used: nobody would ask a server that says nothing."""
    problems = [as_dict(one) for one in project.problems]
    for one in problems[:MOST_TOLD]:
        place = f"{one['file']}:{one['line']}:{one['column']}"
        _log.warning("%s: %s", place, one["message"], extra={"event": "file-unusable"})
    if len(problems) > MOST_TOLD:
        more = len(problems) - MOST_TOLD
        _log.warning("and %d more: misy check", more, extra={"event": "file-unusable"})
    agents = {*project.agents, *(one.name for one in hosted)}
    if not agents:
        _log.warning(
            "no .misy file here declares an agent and --agents hosts none, so only those that a variable "
            "AGENT_<NAME>_URL names can be called",
            extra={"event": "no-agents"},
        )
    counts = {"pipelines": len(project.pipelines), "agents": len(agents)}
    _log.info("project read", extra={"event": "project-read", **counts})


def _say(arguments: argparse.Namespace, project: Project, port: int) -> None:
    host = arguments.host
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    if arguments.json:
        shown: dict[str, Value] = {"url": url, "port": port, "project": str(project.folder)}
        text = encode_json(shown).decode()
    else:
        text = f"Serving {project.folder} on {url}; Ctrl-C stops. The API: {url}/docs"
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
    _log.info("serving", extra={"event": "server-started", "port": port})
