"""What the orchestrator's contract says in numbers, as records that are its JSON.

In: nothing. Out: frozen structs, camelCase on the wire. Durations are milliseconds, rates percent from
0 to 100, times ISO 8601 UTC with `Z`; a field that may be missing is `UNSET`. An *execution* of an agent
is one step (or one item, in one round) that called it, however many attempts that took; it counts once it
has ended. *Errors* are failed attempts. A *workflow execution* is one run.
"""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

Outcome = Literal["success", "partial", "failure"]
_MILLI: Final = 1000.0


class Figures(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What every record here is."""


class AgentMetrics(Figures, frozen=True, kw_only=True):
    """What one agent came to; the response time is that of single attempts."""

    executions: int
    success_rate: float
    average_response_time: float
    errors: int
    last_execution: str


class AgentRow(Figures, frozen=True, kw_only=True):
    """One agent of a ranking."""

    name: str
    executions: int
    success_rate: float
    average_response_time: float
    errors: int


class OrchestratorMetrics(Figures, frozen=True, kw_only=True):
    """`GET /metrics`: runs that ended; whatever was not a success is among the failed."""

    workflows_executed: int
    successful_workflows: int
    failed_workflows: int
    average_execution_time: float
    agent_metrics: dict[str, AgentMetrics]
    last_updated: str


class Overview(Figures, frozen=True, kw_only=True):
    """The same without the agents."""

    workflows_executed: int
    successful_workflows: int
    failed_workflows: int
    success_rate: float
    average_execution_time: float
    last_updated: str


class AgentRun(Figures, frozen=True, kw_only=True):
    """One execution of an agent within a run."""

    agent: str
    step_id: str
    status: Literal["success", "failure", "running"]
    duration: float
    start_time: str
    end_time: str | UnsetType = UNSET
    item: str | UnsetType = UNSET
    error: str | UnsetType = UNSET


class Execution(Figures, frozen=True, kw_only=True):
    """One run of a workflow; of very many agent executions the first ones, `omitted` counts the rest."""

    workflow_id: str
    run_id: str
    workflow_name: str
    session_id: str
    status: Literal["success", "partial", "failure", "running"]
    duration: float
    start_time: str
    agent_executions: list[AgentRun]
    end_time: str | UnsetType = UNSET
    error: str | UnsetType = UNSET
    omitted: int = 0


class AgentPerformance(Figures, frozen=True, kw_only=True):
    """Percent of all executions that succeeded (100 without any), and who did best."""

    health_score: float
    top_performers: list[AgentRow]


class SystemStatus(Figures, frozen=True, kw_only=True):
    """healthy from a score of 90 on, degraded from 50 on."""

    status: Literal["healthy", "degraded", "unhealthy"]
    last_updated: str


class Dashboard(Figures, frozen=True, kw_only=True):
    """`GET /dashboard`, and what `/dashboard/live` says again and again."""

    overview: Overview
    top_agents: list[AgentRow]
    recent_executions: list[Execution]
    agent_performance: AgentPerformance
    system_status: SystemStatus


def iso(at: float) -> str:
    """A Unix time as ISO 8601 in UTC, to the millisecond."""
    moment = dt.datetime.fromtimestamp(at, dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(duration_s: float) -> float:
    """Seconds as milliseconds, to the microsecond."""
    return round(duration_s * _MILLI, 3)


def percent(part: int, whole: int, *, of_none: float = 0.0) -> float:
    """A share as percent."""
    return 100.0 * part / whole if whole else of_none
