"""Measures: the contract's figures over HTTP.

In: the counters that the feed keeps. Out: metrics of all workflows, of one agent, of one workflow; the latest
executions; the dashboard. What the counters have forgotten is read from the journal once more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, cast

import msgspec
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from misydsl.clock import SYSTEM_CLOCK
from misydsl.metrics.orchestration import execution_of
from misydsl.metrics.orchestration_records import (
    AgentMetrics,
    Dashboard,
    Execution,
    OrchestratorMetrics,
)
from misydsl.server.feed import Feed
from misydsl.server.operations import Operation
from misydsl.server.payloads_runs import RecentQuery
from misydsl.server.problems import Refused

PREFIX: Final = "/api/v1/orchestrator"
Answer = Callable[[HttpRequest], Awaitable[Response]]


class Measures:
    """What is answered about all that was run."""

    def __init__(self, feed: Feed) -> None:
        self._feed, self._counters = feed, feed.counters

    def operations(self) -> tuple[Operation, ...]:
        """The rows of the table."""
        return (
            _get("/metrics", self.metrics, {200: OrchestratorMetrics}, "All workflows and agents"),
            _get("/metrics/agent/{name}", self.agent, {200: AgentMetrics}, "One agent"),
            _get(
                "/metrics/workflow/{id}",
                self.workflow,
                {200: Execution},
                "The last execution of a workflow, or the execution of a run",
            ),
            _get(
                "/metrics/recent",
                self.recent,
                {200: list[Execution]},
                "The latest executions, the newest first",
                RecentQuery,
            ),
            _get("/metrics/dashboard", self.dashboard, {200: Dashboard}, "The dashboard"),
            _get("/dashboard", self.dashboard, {200: Dashboard}, "The dashboard"),
        )

    async def metrics(self, _: HttpRequest) -> Response:
        """`GET /metrics`."""
        return _answered(self._counters.metrics())

    async def agent(self, http: HttpRequest) -> Response:
        """`GET /metrics/agent/{name}`."""
        name = str(http.path_params["name"])
        found = self._counters.agent(name)
        if found is None:
            raise Refused(404, f"no agent `{name}` was ever called")
        return _answered(found)

    async def workflow(self, http: HttpRequest) -> Response:
        """`GET /metrics/workflow/{id}`."""
        wanted = str(http.path_params["id"])
        found = self._counters.workflow(wanted)
        found = found or await self._feed.in_thread(self._older, wanted)
        if found is None:
            raise Refused(404, f"no workflow `{wanted}` was ever executed")
        return _answered(found)

    async def recent(self, http: HttpRequest) -> Response:
        """`GET /metrics/recent`."""
        return _answered(self._counters.recent(cast("RecentQuery", http.state.query).limit))

    async def dashboard(self, _: HttpRequest) -> Response:
        """`GET /metrics/dashboard` and `GET /dashboard`."""
        return _answered(self._counters.dashboard())

    def _older(self, wanted: str) -> Execution | None:
        """An execution that is not among the recent ones."""
        journal = self._feed.journal
        named = [row for row in journal.runs() if wanted in (row.run, row.pipeline)]
        found = next((row for row in named if row.run == wanted), named[0] if named else None)
        if found is None:
            return None
        return execution_of(journal.read(found.run), now=SYSTEM_CLOCK.wall())


def _answered(figures: object) -> Response:
    return Response(msgspec.json.encode(figures), media_type="application/json")


def _get(
    path: str,
    answer: Answer,
    gives: Mapping[int, object],
    summary: str,
    asks: type[msgspec.Struct] | None = None,
) -> Operation:
    return Operation(
        method="GET",
        path=PREFIX + path,
        answer=answer,
        summary=summary,
        tag="metrics",
        asks=asks,
        gives=gives,
    )
