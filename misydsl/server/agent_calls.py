"""One call of one agent, and whether the agents are well.

In: an agent's name with its inputs. Out: its answer, recorded as a run of one step whose pipeline is called
`agent:NAME`, so that metrics and the journal know of it. Health is really asked for, of all agents at
once, and remembered for two seconds.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

from msgspec import UNSET

from misydsl.agents.contract import Health
from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.failures import AgentUnknown, MisyError, SourceInvalid
from misydsl.metrics.orchestration_records import iso
from misydsl.runner.engine import engine
from misydsl.server.answers import accepted, key_of, told
from misydsl.server.bodies import refused_text
from misydsl.server.operations import Operation
from misydsl.server.orchestrator import Orchestrator
from misydsl.server.payloads import (
    Accepted,
    AgentAnswer,
    AgentExecution,
    AgentHealth,
    HealthReport,
)
from misydsl.server.problems import Refused
from misydsl.server.results import agent_answer
from misydsl.server.submissions import Submission
from misydsl.values import Value, encode_json
from misydsl.workspace.workflows import read_workflow

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest
    from starlette.responses import Response

PREFIX: Final = "/api/v1/orchestrator"
HEALTH_S: Final = 2.0
REMEMBERED_S: Final = 2.0
CALL: Final = "agent:"
"""How the names of pipelines begin that are a single call; they are no workflows."""


class AgentCalls:
    """What is answered about single agents."""

    def __init__(self, orchestrator: Orchestrator, *, clock: Clock = SYSTEM_CLOCK) -> None:
        self._orchestrator, self._clock = orchestrator, clock
        self._known: tuple[float, HealthReport] | None = None
        self._asking = asyncio.Lock()

    def operations(self) -> tuple[Operation, ...]:
        """The rows of the table."""
        return (
            Operation(
                method="POST",
                path=f"{PREFIX}/agents/{{name}}/execute",
                answer=self.execute,
                summary="Call one agent",
                tag="agents",
                takes=AgentExecution,
                gives={200: AgentAnswer, 202: Accepted},
            ),
            Operation(
                method="GET",
                path=f"{PREFIX}/health",
                answer=self.health,
                summary="Ask every agent whether it is well",
                tag="agents",
                gives={200: HealthReport},
            ),
        )

    async def execute(self, http: HttpRequest) -> Response:
        """`POST /agents/{name}/execute`."""
        name = str(http.path_params["name"])
        body = cast("AgentExecution", http.state.body)
        if not await self._orchestrator.in_thread(self._orchestrator.agents.is_known, name):
            raise Refused(404, f"there is no agent `{name}`")
        key = key_of(http)
        wanted = await self._orchestrator.in_thread(self._call, name, body, key)
        run = await self._orchestrator.submit(wanted)
        status = await self._orchestrator.ended(run)
        if status == "paused":
            return accepted(run, status)
        return told(agent_answer(await self._orchestrator.history_of(run)))

    async def health(self, _: HttpRequest) -> Response:
        """`GET /health`."""
        async with self._asking:
            now = self._clock.monotonic()
            if self._known is None or now - self._known[0] > REMEMBERED_S:
                self._known = (now, await self._asked())
            return told(self._known[1])

    async def _asked(self) -> HealthReport:
        names = await self._orchestrator.in_thread(self._orchestrator.agents.names)
        found = await asyncio.gather(*(self._health_of(name) for name in names))
        well = sum(one.status == "healthy" for one in found)
        if well == len(found):
            return HealthReport(status="healthy", agents=found)
        return HealthReport(status="degraded" if well else "unhealthy", agents=found)

    async def _health_of(self, name: str) -> AgentHealth:
        try:
            connection = await self._orchestrator.in_thread(
                self._orchestrator.agents.connection, name
            )
            asking = engine().submit(connection.health(HEALTH_S))
            health = await asyncio.wait_for(asyncio.wrap_future(asking), 2 * HEALTH_S)
        except TimeoutError:
            health = Health(name, is_healthy=False, url="", detail="no answer")
        except MisyError as problem:
            health = Health(name, is_healthy=False, url="", detail=str(problem))
        return AgentHealth(
            name=name,
            status="healthy" if health.is_healthy else "unhealthy",
            last_check=iso(self._clock.wall()),
            detail=health.detail or UNSET,
        )

    def _call(self, name: str, body: AgentExecution, key: str | None) -> Submission:
        step: Value = {"id": "call", "name": name, "agent": name, "input": body.params}
        workflow: Value = {"id": f"{CALL}{name}", "name": name, "steps": [step]}
        try:
            text = encode_json({"workflow": workflow}).decode()
            pipeline = read_workflow(
                text,
                agents=self._orchestrator.project.agents,
                is_known=self._orchestrator.agents.is_known,
            )
        except SourceInvalid as problem:
            raise refused_text(problem) from problem
        except AgentUnknown as problem:
            raise Refused(404, str(problem)) from problem
        session = body.session_id if isinstance(body.session_id, str) else None
        return Submission(pipeline, session=session, key=key)
