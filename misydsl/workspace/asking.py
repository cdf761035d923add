"""Asking one agent, without a pipeline: the connector of the orchestrator, for people and scripts.

In: an agent's name or URL. Out: `AgentClient`, with `post` and `health`, blocking and awaitable. Nothing is
journaled and nothing is retried; a failure is an answer, not an exception.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from misydsl.agents.contract import AgentSpec, Connection, Health, Request
from misydsl.clock import SYSTEM_CLOCK
from misydsl.expressions.evaluate import EvaluationError
from misydsl.failures import Failure, InputsInvalid, MisyError
from misydsl.pipeline.model import Agent, Library
from misydsl.pipeline.policies import DEFAULT_TIMEOUT_S
from misydsl.runner.calls import traceparent
from misydsl.runner.compile import bound_agents
from misydsl.runner.engine import engine
from misydsl.runner.roots import roots_of
from misydsl.values import Value, encode_json
from misydsl.workspace.binding import registry_of

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class AgentAnswer:
    """What an agent answered: `data` when `success`, else the failure in `error`."""

    success: bool
    data: Value = None
    error: Failure | None = None

    def __bool__(self) -> bool:
        return self.success


class AgentClient:
    """One agent, to be asked directly."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def name(self) -> str:
        """The agent's name."""
        return self._connection.name

    def post(
        self, inputs: Mapping[str, Value], *, timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> AgentAnswer:
        """Call the agent and wait; `sessionId` among the inputs names the session."""
        return _waited(self._answer(inputs, timeout_s), "apost")

    async def apost(
        self, inputs: Mapping[str, Value], *, timeout_s: float = DEFAULT_TIMEOUT_S
    ) -> AgentAnswer:
        """Like `post`, for `await`; the call is made on the engine's loop."""
        return await asyncio.wrap_future(engine().submit(self._answer(inputs, timeout_s)))

    def health(self, *, timeout_s: float = 5.0) -> Health:
        """Whether the agent says it is well; true in a condition when it does."""
        return _waited(self._connection.health(timeout_s), "ahealth")

    async def ahealth(self, *, timeout_s: float = 5.0) -> Health:
        """Like `health`, for `await`."""
        return await asyncio.wrap_future(engine().submit(self._connection.health(timeout_s)))

    async def _answer(self, inputs: Mapping[str, Value], timeout_s: float) -> AgentAnswer:
        try:
            request = _request(inputs, timeout_s)
        except ValueError as problem:
            raise InputsInvalid(f"the inputs cannot be written as JSON: {problem}") from problem
        outcome = await self._connection.call(request)
        if isinstance(outcome, Failure):
            return AgentAnswer(success=False, error=outcome)
        return AgentAnswer(success=True, data=outcome.value)

    def __repr__(self) -> str:
        return f"<agent {self.name}>"


def connect(agent: str, *, wire: str = "misybot") -> AgentClient:
    """A client of an agent, by name (`AGENT_<NAME>_URL`, else the default address) or by URL.

    Raises: `AgentUnknown` for a URL no connector understands; `MisyError` for no name at all.
    """
    if wire not in ("misybot", "plain"):
        raise MisyError(f"there is no wire “{wire}”: use misybot or plain")
    if not agent.strip():
        raise MisyError("which agent? Give its name, such as `trend-scanner`, or its URL")
    registry = registry_of()
    name = agent.rstrip("/").rpartition("/")[2]
    url = agent if ":" in agent else ""
    spec = AgentSpec(name=name, url=url, wire=wire)  # type: ignore[arg-type]  # one of the two
    return AgentClient(registry.connect(spec))


def health(library: Library, *, timeout_s: float = 5.0) -> list[Health]:
    """Ask every agent that a file declares or imports; in the order of the text."""
    registry = registry_of()
    roots = roots_of(os.environ, run="", session="", shared={}, started_at=SYSTEM_CLOCK.wall())
    declared = [one for one in library.main.names.values() if isinstance(one, Agent)]
    try:
        codes = bound_agents(declared, library, roots)
    except EvaluationError as problem:
        raise MisyError(f"an agent's settings cannot be computed: {problem.message}") from problem
    connections = [registry.connect(code.spec) for code in codes]
    futures = [engine().submit(one.health(timeout_s)) for one in connections]
    return [future.result() for future in futures]


def _waited(work: Coroutine[Any, Any, Answer], instead: str) -> Answer:
    """The outcome of work on the engine's loop; waiting for it there would never end."""
    if engine().is_current:
        work.close()
        raise MisyError(f"an async agent cannot wait here; use `await client.{instead}(…)`")
    return engine().submit(work).result()


def _request(inputs: Mapping[str, Value], timeout_s: float) -> Request:
    session = str(inputs.get("sessionId") or f"session-{secrets.token_hex(6)}")
    run = f"direct-{secrets.token_hex(8)}"
    key = secrets.token_hex(16)
    return Request(
        run=run,
        session=session,
        step="post",
        item="",
        attempt=1,
        key=key,
        timeout_s=timeout_s,
        inputs=inputs,
        body=encode_json(dict(inputs)),
        traceparent=traceparent(secrets.token_hex(16), key, 1),
    )
