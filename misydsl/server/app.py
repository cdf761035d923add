"""The orchestrator's application: its parts, in front of them the gate, around them their life.

In: a journal, a project, hosted agents and the gate's rules. Out: an ASGI application. It starts by counting what the
journal knows and taking up every unfinished run; it stops by letting watchers go and pausing its runs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from misydsl import __version__
from misydsl.agents.declare import AgentDeclaration
from misydsl.server.agents_app import hosted_operations
from misydsl.server.docs_page import Docs
from misydsl.server.feed import Feed
from misydsl.server.gate import Gate, GateRules
from misydsl.server.openapi import openapi_document
from misydsl.server.operations import Operation
from misydsl.server.orchestrator import Orchestrator
from misydsl.server.page_files import page_operations
from misydsl.server.prometheus import Prometheus
from misydsl.server.resources import resources
from misydsl.server.sessions import Sessions
from misydsl.server.sockets import Sockets
from misydsl.server.stream import Streams
from misydsl.store.journal import Journal
from misydsl.workspace.projects import Project

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

GRACE_S: Final = 10.0

_log: Final = logging.getLogger("misydsl.server")


@dataclass(frozen=True, slots=True)
class Parts:
    """What one server is made of."""

    journal: Journal
    project: Project
    rules: GateRules
    hosted: tuple[AgentDeclaration, ...] = ()
    grace_s: float = GRACE_S
    agent_files: tuple[Path, ...] = ()
    """Where the hosted agents were read from; a run remembers them, for a resume by hand."""


class OrchestratorApp:
    """The ASGI application of one server."""

    def __init__(self, parts: Parts) -> None:
        self._grace_s = parts.grace_s
        self.feed = Feed(parts.journal)
        self.orchestrator = Orchestrator(
            parts.journal,
            parts.project,
            hosted=parts.hosted,
            agent_files=parts.agent_files,
            feed=self.feed,
        )
        self._streams = Streams(self.feed)
        self._is_stopped = False
        operations = self._operations(parts)
        self.gate = Gate(operations, Sockets(self.feed), parts.rules)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or begin and end with the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self.gate(scope, receive, send)

    async def start(self) -> None:
        """Count what the journal knows, follow it, and take up unfinished runs."""
        await self.feed.start()
        await self.orchestrator.start()

    async def stop(self) -> None:
        """Let watchers go, let calls end for the grace period, pause what goes on; once."""
        if self._is_stopped:
            return
        self._is_stopped = True
        self.feed.dismiss()
        await self.orchestrator.stop(self._grace_s)
        await self.feed.stop()

    def _operations(self, parts: Parts) -> Iterable[Operation]:
        docs = Docs()
        token = parts.rules.token
        found = (
            *resources(self.orchestrator, self.feed, self._streams),
            *Prometheus(self.feed.counters, watchers=self._watchers).operations(),
            *hosted_operations(parts.hosted),
            *(Sessions(token).operations() if token is not None else ()),
            *docs.operations(),
        )
        docs.show(openapi_document(found, version=__version__, has_token=token is not None))
        return (*found, *page_operations())  # the page is no part of the API

    def _watchers(self) -> int:
        return self.feed.watchers + self._streams.open

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            try:
                message = await receive()
            except asyncio.CancelledError:  # a second Ctrl-C: it ends without asking
                return
            is_start = message["type"] == "lifespan.startup"
            word = "startup" if is_start else "shutdown"
            try:
                await (self.start() if is_start else self.stop())
            except Exception as problem:  # noqa: BLE001  # whoever runs this is told, and ends it
                _log.exception("the server could not %s", "start" if is_start else "stop")
                await send({"type": f"lifespan.{word}.failed", "message": str(problem)})
                return
            await send({"type": f"lifespan.{word}.complete"})
            if not is_start:
                return
