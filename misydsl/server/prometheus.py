"""`GET /metrics`: the counters as Prometheus reads them.

In: the counters of the feed. Out: its text format, from a registry of our own, computed when asked. Labels
are agents and outcomes, of which there are few; never runs, steps or items. Durations are seconds here, as
Prometheus wants them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.responses import Response

from misydsl.metrics.orchestration import AgentTotals, Orchestration, Totals
from misydsl.server.operations import Operation

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric
    from starlette.requests import Request as HttpRequest

PATH: Final = "/metrics"


class Prometheus:
    """What a Prometheus server scrapes."""

    def __init__(self, counters: Orchestration, *, watchers: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Figures(counters, watchers))

    def operations(self) -> tuple[Operation, ...]:
        """The row of the table."""
        return (
            Operation(
                method="GET",
                path=PATH,
                answer=self.answer,
                summary="Counters for Prometheus",
                tag="metrics",
                gives={200: "text/plain"},
            ),
        )

    async def answer(self, _: HttpRequest) -> Response:
        """`GET /metrics`."""
        return Response(self.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def text(self) -> bytes:
        """Everything, as it stands now."""
        return generate_latest(self._registry)


class _Figures(Collector):
    """Made into families whenever somebody asks."""

    def __init__(self, counters: Orchestration, watchers: Callable[[], int]) -> None:
        self._counters, self._watchers = counters, watchers

    def describe(self) -> list[Metric]:
        """Nothing is counted just to register."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every family, all of one moment."""
        totals = self._counters.totals()
        yield from _runs(totals)
        yield from _agents(totals.agents)
        watchers = GaugeMetricFamily("misy_watchers", "Clients that are told what happens.")
        watchers.add_metric([], self._watchers())
        yield watchers


def _runs(totals: Totals) -> Iterator[Metric]:
    ended = CounterMetricFamily("misy_runs", "Runs of workflows that ended.", labels=["outcome"])
    for outcome, number in totals.outcomes.items():
        ended.add_metric([outcome], number)
    yield ended
    under_way = GaugeMetricFamily("misy_runs_open", "Runs that have not ended.")
    under_way.add_metric([], totals.open_runs)
    yield under_way
    took = HistogramMetricFamily(
        "misy_run_duration_seconds", "From acceptance to the end, of workflows that ended."
    )
    took.add_metric([], totals.buckets, totals.sum_s)
    yield took


def _agents(agents: list[AgentTotals]) -> Iterator[Metric]:
    ended = CounterMetricFamily(
        "misy_agent_executions",
        "Steps (or items of them) that called the agent and ended.",
        labels=["agent", "outcome"],
    )
    attempts = _counter("misy_agent_attempts", "Calls of the agent, repeated ones included.")
    errors = _counter("misy_agent_errors", "Calls of the agent that failed.")
    retries = _counter("misy_agent_retries", "Calls that repeated a failed one.")
    took = HistogramMetricFamily(
        "misy_agent_response_seconds", "How long single calls took.", labels=["agent"]
    )
    for one in agents:
        ended.add_metric([one.agent, "success"], one.succeeded)
        ended.add_metric([one.agent, "failure"], one.failed)
        attempts.add_metric([one.agent], one.attempts)
        errors.add_metric([one.agent], one.errors)
        retries.add_metric([one.agent], one.retries)
        took.add_metric([one.agent], one.buckets, one.sum_s)
    yield from (ended, attempts, errors, retries, took)


def _counter(name: str, says: str) -> CounterMetricFamily:
    return CounterMetricFamily(name, says, labels=["agent"])
