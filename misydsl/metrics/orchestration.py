"""The contract's figures, counted as facts come in.

In: recorded facts of all runs, in the journal's order, from its beginning. Out: what `/metrics` and the
dashboard say, exact at every moment; no pandas, and no memory of a finished run but its entry among the
last thousand. Runs of pipelines called `agent:…` are single calls: their agents count, they are no
workflows. Any thread may ask while another one adds.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.history.events import Recorded, RunAccepted
from misydsl.metrics.orchestration_records import (
    AgentMetrics,
    AgentPerformance,
    AgentRow,
    Dashboard,
    Execution,
    OrchestratorMetrics,
    Outcome,
    Overview,
    SystemStatus,
    iso,
    milliseconds,
    percent,
)
from misydsl.metrics.orchestration_runs import FollowedRun, execution_of
from misydsl.metrics.orchestration_sums import RUN_BOUNDS_S, AgentSums, Durations

__all__ = ["MOST_RECENT", "SINGLE_CALL", "AgentTotals", "Orchestration", "Totals", "execution_of"]

MOST_RECENT: Final = 1_000
SINGLE_CALL: Final = "agent:"
"""How the pipeline of a single call begins: `agent:trend-scanner`."""
_RANKED: Final = 5
_SHOWN: Final = 10  # recent executions on the dashboard
_HEALTHY, _DEGRADED = 90.0, 50.0


class AgentTotals(NamedTuple):
    """One agent, for whoever keeps time series; `buckets` are of single attempts, in seconds."""

    agent: str
    succeeded: int
    failed: int
    attempts: int
    errors: int
    retries: int
    buckets: list[tuple[str, float]]
    sum_s: float


class Totals(NamedTuple):
    """Everything that is counted; `buckets` are of workflow runs, in seconds."""

    outcomes: dict[Outcome, int]
    open_runs: int
    buckets: list[tuple[str, float]]
    sum_s: float
    agents: list[AgentTotals]


class Orchestration:
    """What happened so far, in the contract's terms."""

    def __init__(self, *, clock: Clock = SYSTEM_CLOCK) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._updated_at = clock.wall()
        self._sums: dict[str, AgentSums] = {}
        self._open: dict[str, FollowedRun] = {}
        self._recent: OrderedDict[str, Execution] = OrderedDict()
        self._outcomes: dict[Outcome, int] = {"success": 0, "partial": 0, "failure": 0}
        self._durations = Durations(RUN_BOUNDS_S)

    def add(self, page: Iterable[Recorded]) -> None:
        """The next facts of the journal."""
        with self._lock:
            for recorded in page:
                self._add(recorded)

    def metrics(self) -> OrchestratorMetrics:
        """`GET /metrics`."""
        with self._lock:
            executed = sum(self._outcomes.values())
            return OrchestratorMetrics(
                workflows_executed=executed,
                successful_workflows=self._outcomes["success"],
                failed_workflows=executed - self._outcomes["success"],
                average_execution_time=milliseconds(self._durations.mean_s),
                agent_metrics={name: self._sums[name].metrics() for name in sorted(self._sums)},
                last_updated=iso(self._updated_at),
            )

    def overview(self) -> Overview:
        """The workflows alone."""
        with self._lock:
            return self._overview()

    def agents(self) -> dict[str, AgentMetrics]:
        """Every agent that was ever called, by name."""
        return self.metrics().agent_metrics

    def agent(self, name: str) -> AgentMetrics | None:
        """One agent; None when it was never called."""
        with self._lock:
            found = self._sums.get(name)
            return None if found is None else found.metrics()

    def recent(self, limit: int = 50) -> list[Execution]:
        """The last workflow runs that ended, the newest first; at most `MOST_RECENT` are known."""
        with self._lock:
            return self._newest(limit)

    def workflow(self, wanted: str) -> Execution | None:
        """The last execution of a workflow, or the one of this run: among the recent, else the open ones.

        An older one is in the journal: `execution_of`.
        """
        with self._lock:
            if wanted in self._open:
                return self._open[wanted].execution(self._clock.wall())
            for entry in reversed(self._recent.values()):
                if wanted in (entry.run_id, entry.workflow_id):
                    return entry
            for followed in reversed(self._open.values()):
                if followed.accepted.workflow_id == wanted:
                    return followed.execution(self._clock.wall())
        return None

    def dashboard(self) -> Dashboard:
        """All of it, at one moment."""
        with self._lock:
            rows = [self._sums[name].row(name) for name in sorted(self._sums)]
            score = _health(self._sums.values())
            return Dashboard(
                overview=self._overview(),
                top_agents=sorted(rows, key=lambda row: -row.executions)[:_RANKED],
                recent_executions=self._newest(_SHOWN),
                agent_performance=AgentPerformance(health_score=score, top_performers=_best(rows)),
                system_status=SystemStatus(status=_word(score), last_updated=iso(self._updated_at)),
            )

    def totals(self) -> Totals:
        """Sums and buckets, for Prometheus."""
        with self._lock:
            return Totals(
                outcomes=dict(self._outcomes),
                open_runs=len(self._open),
                buckets=self._durations.buckets(),
                sum_s=self._durations.sum_s,
                agents=[_totals(name, self._sums[name]) for name in sorted(self._sums)],
            )

    def _add(self, recorded: Recorded) -> None:
        run, event = recorded.run, recorded.event
        if isinstance(event, RunAccepted):
            self._open[run] = FollowedRun(run, event, sums=self._sums)
        followed = self._open.get(run)
        if followed is None:  # ended before, or begun before anything that is still known
            return
        followed.add(event)
        self._updated_at = event.at
        if followed.end is not None:
            del self._open[run]
            self._end(followed)

    def _end(self, followed: FollowedRun) -> None:
        head, end = followed.accepted, followed.end
        if end is None or head.workflow_id.startswith(SINGLE_CALL):
            return
        self._outcomes[end.outcome] += 1
        self._durations.add(max(0.0, end.at - head.at))
        self._recent[followed.run] = followed.execution(end.at)
        if len(self._recent) > MOST_RECENT:
            self._recent.popitem(last=False)

    def _overview(self) -> Overview:
        executed, succeeded = sum(self._outcomes.values()), self._outcomes["success"]
        return Overview(
            workflows_executed=executed,
            successful_workflows=succeeded,
            failed_workflows=executed - succeeded,
            success_rate=percent(succeeded, executed),
            average_execution_time=milliseconds(self._durations.mean_s),
            last_updated=iso(self._updated_at),
        )

    def _newest(self, limit: int) -> list[Execution]:
        newest = reversed(self._recent.values())
        return [entry for entry, _ in zip(newest, range(max(0, limit)), strict=False)]


def _totals(name: str, sums: AgentSums) -> AgentTotals:
    return AgentTotals(
        agent=name,
        succeeded=sums.succeeded,
        failed=sums.failed,
        attempts=sums.attempts,
        errors=sums.errors,
        retries=sums.retries,
        buckets=sums.durations.buckets(),
        sum_s=sums.durations.sum_s,
    )


def _health(agents: Iterable[AgentSums]) -> float:
    """Percent of all executions that succeeded."""
    ended = [(one.succeeded, one.executions) for one in agents]
    succeeded, executions = (sum(column) for column in zip((0, 0), *ended, strict=True))
    return percent(succeeded, executions, of_none=100.0)


def _best(rows: Iterable[AgentRow]) -> list[AgentRow]:
    """By success rate, the quicker one first."""
    called = [row for row in rows if row.executions]
    return sorted(called, key=lambda row: (-row.success_rate, row.average_response_time))[:_RANKED]


def _word(score: float) -> Literal["healthy", "degraded", "unhealthy"]:
    if score >= _HEALTHY:
        return "healthy"
    return "degraded" if score >= _DEGRADED else "unhealthy"
