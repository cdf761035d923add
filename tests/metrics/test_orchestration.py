"""The contract's figures, counted fact by fact."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from misydsl.failures import Failure
from misydsl.history.events import (
    AttemptFailed,
    AttemptStarted,
    Event,
    FallbackBegun,
    Recorded,
    RoundFinished,
    RunFinished,
    RunOwned,
    RunPaused,
    StepBlocked,
    StepFailed,
    StepFinished,
    StepSkipped,
)
from misydsl.history.fold import fold
from misydsl.metrics.orchestration import MOST_RECENT, Orchestration, execution_of
from misydsl.metrics.orchestration_records import Outcome
from misydsl.metrics.orchestration_runs import MOST_EXECUTIONS
from misydsl.server.results import outcome_of
from misydsl.store.sqlite import SqliteJournal
from tests.metrics.random_runs import Drawn, fans, graphs
from tests.metrics.stories import REFUSED, START, TIMEOUT, accepted, failed_story, recorded, started


class StoppedClock:
    """It is a minute after the beginning."""

    def wall(self) -> float:
        return START + 60.0

    def monotonic(self) -> float:
        return 0.0


def counted(*stories: tuple[str, Iterable[Event]]) -> Orchestration:
    """The counters after these runs, one after the other."""
    counters = Orchestration(clock=StoppedClock())
    for run, events in stories:
        counters.add(recorded(events, run))
    return counters


def finished(step: str, at: float, **more: object) -> StepFinished:
    known: dict[str, object] = {"attempts": 1, "duration_s": 0.5, "agent": "scanner", **more}
    return StepFinished(at=START + at, step=step, **known)  # type: ignore[arg-type]  # test data


def ended(at: float, status: str = "succeeded", failure: Failure | None = None) -> RunFinished:
    return RunFinished(at=START + at, status=status, failure=failure)


def good_run(pipeline: str = "viral") -> list[Event]:
    """One call of half a second; the run takes two."""
    return [
        accepted(pipeline),
        RunOwned(at=START, owner="p"),
        started("scan", "scanner", 0.5),
        finished("scan", 1.0),
        ended(2.0),
    ]


def test_a_run_that_failed_in_part_counts_as_failed() -> None:
    overview = counted(("r1", failed_story()), ("r2", good_run())).overview()
    assert overview.workflows_executed == 2
    assert overview.successful_workflows == 1
    assert overview.failed_workflows == 1
    assert overview.success_rate == 50.0
    assert overview.average_execution_time == pytest.approx((6_000 + 2_000) / 2)


def test_an_execution_of_an_agent_is_one_step_however_many_attempts_it_took() -> None:
    metrics = counted(("r1", failed_story())).metrics()
    scanner, writer = metrics.agent_metrics["scanner"], metrics.agent_metrics["writer"]
    assert (scanner.executions, scanner.success_rate, scanner.errors) == (1, 100.0, 1)
    assert scanner.average_response_time == pytest.approx((1_000 + 500) / 2)
    assert (writer.executions, writer.success_rate, writer.errors) == (2, 50.0, 1)
    assert writer.average_response_time == pytest.approx((1_000 + 2_000) / 2)
    assert writer.last_execution == "2023-11-14T22:13:23.500Z"
    assert metrics.last_updated == "2023-11-14T22:13:26.000Z"


def test_the_json_has_the_names_of_the_contract() -> None:
    shown = msgspec.json.decode(msgspec.json.encode(counted(("r1", good_run())).metrics()))
    assert shown == {
        "workflowsExecuted": 1,
        "successfulWorkflows": 1,
        "failedWorkflows": 0,
        "averageExecutionTime": 2_000.0,
        "agentMetrics": {
            "scanner": {
                "executions": 1,
                "successRate": 100.0,
                "averageResponseTime": 500.0,
                "errors": 0,
                "lastExecution": "2023-11-14T22:13:20.500Z",
            }
        },
        "lastUpdated": "2023-11-14T22:13:22.000Z",
    }


def test_nothing_has_happened_at_first() -> None:
    counters = Orchestration(clock=StoppedClock())
    dashboard = counters.dashboard()
    assert dashboard.overview.workflows_executed == 0
    assert dashboard.overview.success_rate == 0.0
    assert dashboard.agent_performance.health_score == 100.0
    assert dashboard.system_status.status == "healthy"
    assert dashboard.overview.last_updated == "2023-11-14T22:14:20.000Z"
    assert counters.agents() == {}
    assert counters.agent("scanner") is None
    assert counters.workflow("viral") is None
    assert counters.recent() == []


def test_the_last_execution_of_a_workflow_tells_its_agents_executions() -> None:
    counters = counted(("r1", good_run()), ("r2", failed_story()))
    found = counters.workflow("viral")
    assert found is not None
    assert (found.run_id, found.status, found.duration) == ("r2", "partial", 6_000.0)
    assert found.workflow_name == "Análisis"
    assert found.error == REFUSED.sentence()
    told = [(one.step_id, one.item, one.status, one.duration) for one in found.agent_executions]
    assert told == [
        ("scan", msgspec.UNSET, "success", 3_500.0),
        ("write", "0", "success", 1_000.0),
        ("write", "1", "failure", 2_000.0),
    ]
    assert found.agent_executions[2].error == REFUSED.message
    assert counters.workflow("r1") == counters.recent()[1]
    assert counters.agent("scanner") == counters.agents()["scanner"]


def test_a_workflow_under_way_is_running() -> None:
    counters = counted(("r1", good_run()[:3]))
    by_name, by_run = counters.workflow("viral"), counters.workflow("r1")
    assert by_name == by_run
    assert by_name is not None
    assert (by_name.status, by_name.duration) == ("running", 60_000.0)
    assert by_name.end_time is msgspec.UNSET
    assert [one.status for one in by_name.agent_executions] == ["running"]
    assert counters.totals().open_runs == 1
    assert counters.overview().workflows_executed == 0


def test_single_calls_count_for_their_agent_and_are_no_workflows() -> None:
    counters = counted(("r1", good_run("agent:scanner")))
    assert counters.overview().workflows_executed == 0
    assert counters.recent() == []
    assert counters.agents()["scanner"].executions == 1


def test_a_fallback_ends_the_call_of_the_agent_before() -> None:
    events: list[Event] = [
        accepted(),
        started("scan", "scanner", 0.0),
        AttemptFailed(at=START + 1.0, step="scan", failure=TIMEOUT, duration_s=1.0),
        FallbackBegun(at=START + 1.0, step="scan", failure=TIMEOUT, number=1, attempts=1),
        started("scan", "spare", 1.0),
        finished("scan", 2.0, agent="spare", duration_s=1.0),
        ended(2.0),
    ]
    agents = counted(("r1", events)).agents()
    assert (agents["scanner"].executions, agents["scanner"].success_rate) == (1, 0.0)
    assert (agents["spare"].executions, agents["spare"].success_rate) == (1, 100.0)


def test_every_round_of_a_repeat_is_an_execution() -> None:
    events: list[Event] = [
        accepted(),
        started("scan", "scanner", 0.0, round=1),
        RoundFinished(
            at=START + 1.0, step="scan", round=1, attempts=1, duration_s=1.0, agent="scanner"
        ),
        started("scan", "scanner", 1.0, round=2),
        finished("scan", 1.5, round=2, rounds=2),
        ended(2.0),
    ]
    assert counted(("r1", events)).agents()["scanner"].executions == 2


def test_a_call_of_another_round_begins_when_the_one_before_was_never_ended() -> None:
    events: list[Event] = [
        accepted(),
        started("scan", "scanner", 0.0, round=1),
        started("scan", "scanner", 1.0, round=2),
        finished("scan", 1.5, round=2),
        ended(2.0),
    ]
    scanner = counted(("r1", events)).agents()["scanner"]
    assert (scanner.executions, scanner.success_rate) == (2, 50.0)


def test_a_pure_call_that_is_only_written_down_at_its_end_counts_too() -> None:
    events: list[Event] = [
        accepted(),
        AttemptFailed(at=START + 1.0, step="scan", failure=TIMEOUT, duration_s=1.0),
        finished("scan", 2.0, attempts=2),
        ended(2.0),
    ]
    counters = counted(("r1", events))
    scanner = counters.agents()["scanner"]
    assert (scanner.executions, scanner.errors) == (1, 1)
    assert counters.totals().agents[0].retries == 1


def test_what_was_taken_from_elsewhere_is_no_execution() -> None:
    events: list[Event] = [accepted(), finished("scan", 1.0, reused="cache"), ended(2.0)]
    assert counted(("r1", events)).agents() == {}


def test_a_call_goes_on_when_its_run_is_resumed() -> None:
    events: list[Event] = [
        accepted(),
        started("scan", "scanner", 0.0),
        RunPaused(at=START + 1.0, reason="shutdown"),
        RunOwned(at=START + 5.0, owner="q", is_resume=True),
        started("scan", "scanner", 5.0),
        finished("scan", 5.5),
        ended(6.0),
    ]
    scanner = counted(("r1", events)).agents()["scanner"]
    assert (scanner.executions, scanner.success_rate, scanner.errors) == (1, 100.0, 0)


def test_a_cancelled_run_failed_and_so_did_the_calls_it_stopped() -> None:
    stopped = Failure("cancelled", "cancelled by ana")
    events = [*good_run()[:4], started("write", "writer", 1.0), ended(2.0, "cancelled", stopped)]
    counters = counted(("r1", events))
    assert counters.recent()[0].status == "failure"
    writer = counters.agents()["writer"]
    assert (writer.executions, writer.success_rate, writer.errors) == (1, 0.0, 0)


def test_a_step_that_ends_without_its_attempts_end_is_an_error_unless_it_was_stopped() -> None:
    def story(failure: Failure) -> list[Event]:
        return [
            accepted(),
            started("scan", "scanner", 0.0),
            StepFailed(at=START + 1.0, step="scan", failure=failure, attempts=1),
            StepFailed(at=START + 1.0, step="group", failure=failure),
            ended(2.0, "failed", failure),
        ]

    assert counted(("r1", story(TIMEOUT))).agents()["scanner"].errors == 1
    stopped = counted(("r1", story(Failure("cancelled", "stopped")))).agents()["scanner"]
    assert (stopped.errors, stopped.executions) == (0, 1)


def test_nothing_counts_after_the_end_of_a_run_or_before_its_beginning() -> None:
    counters = counted(("r1", [*good_run(), started("scan", "scanner", 3.0), ended(9.0)]))
    counters.add(recorded([finished("scan", 1.0)], "unknown"))
    assert counters.overview().workflows_executed == 1
    assert counters.agents()["scanner"].executions == 1


@pytest.mark.parametrize(
    ("ends", "status", "expected"),
    [
        ([finished("a", 1.0), StepSkipped(at=START, step="b")], "succeeded", "success"),
        ([finished("a", 1.0), StepBlocked(at=START, step="b", by="a")], "failed", "partial"),
        ([StepFailed(at=START, step="a", failure=TIMEOUT)], "failed", "failure"),
        ([StepFailed(at=START, step="a", failure=TIMEOUT)], "succeeded", "partial"),
        ([finished("a", 1.0)], "cancelled", "failure"),
        ([finished("a/b", 1.0), finished("a", 1.0, item="0")], "failed", "failure"),
        ([started("a", "x", 0.0), finished("b", 1.0)], "failed", "partial"),
        ([], "succeeded", "success"),
    ],
)
def test_a_run_comes_to_what_its_own_steps_came_to(
    ends: list[Event], status: str, expected: Outcome
) -> None:
    events = [accepted(), *ends, ended(2.0, status)]
    assert counted(("r1", events)).recent()[0].status == expected
    assert outcome_of(fold(recorded(events))) == expected


def test_only_the_newest_executions_are_remembered() -> None:
    counters = Orchestration()
    for number in range(MOST_RECENT + 5):
        counters.add(recorded(good_run(), f"r{number}"))
    assert [one.run_id for one in counters.recent(2)] == [
        f"r{MOST_RECENT + 4}",
        f"r{MOST_RECENT + 3}",
    ]
    assert len(counters.recent(MOST_RECENT * 2)) == MOST_RECENT
    assert counters.workflow("r0") is None
    assert counters.overview().workflows_executed == MOST_RECENT + 5
    assert counters.recent(0) == []


def test_of_very_many_executions_the_first_are_told_and_the_others_counted() -> None:
    items = [finished("scan", 1.0, item=str(number)) for number in range(MOST_EXECUTIONS + 7)]
    counters = counted(("r1", [accepted(), *items, ended(2.0)]))
    told = counters.recent()[0]
    assert (len(told.agent_executions), told.omitted) == (MOST_EXECUTIONS, 7)
    assert counters.agents()["scanner"].executions == MOST_EXECUTIONS + 7


def test_the_dashboard_ranks_agents() -> None:
    def calls(agent: str, well: int, badly: int) -> list[Event]:
        good = [finished(f"g{number}", 1.0, agent=agent) for number in range(well)]
        bad: list[Event] = []
        for number in range(badly):
            bad.append(started(f"b{number}", agent, 0.0))
            bad.append(StepFailed(at=START + 1.0, step=f"b{number}", failure=TIMEOUT, attempts=1))
        return [accepted(), *good, *bad, ended(2.0)]

    rows = [("a", 9, 1), ("b", 2, 0), ("c", 1, 3), ("d", 1, 0), ("e", 0, 1), ("f", 5, 0)]
    counters = counted(*((f"r-{name}", calls(name, well, badly)) for name, well, badly in rows))
    dashboard = counters.dashboard()
    assert [row.name for row in dashboard.top_agents] == ["a", "f", "c", "b", "d"]
    best = dashboard.agent_performance.top_performers
    assert [row.name for row in best] == ["b", "d", "f", "a", "c"]
    assert dashboard.agent_performance.health_score == pytest.approx(100 * 18 / 23)
    assert dashboard.system_status.status == "degraded"


def test_a_system_whose_calls_fail_is_unhealthy() -> None:
    events: list[Event] = [
        accepted(),
        started("scan", "scanner", 0.0),
        StepFailed(at=START + 1.0, step="scan", failure=TIMEOUT, attempts=1),
        ended(2.0, "failed", TIMEOUT),
    ]
    assert counted(("r1", events)).dashboard().system_status.status == "unhealthy"


def test_buckets_count_what_is_not_above_their_bound() -> None:
    totals = counted(("r1", good_run()), ("r2", failed_story())).totals()
    assert totals.outcomes == {"success": 1, "partial": 1, "failure": 0}
    runs = dict(totals.buckets)
    assert (runs["1.0"], runs["2.5"], runs["10.0"], runs["+Inf"]) == (0, 1, 2, 2)
    assert totals.sum_s == pytest.approx(8.0)
    calls = dict(next(one for one in totals.agents if one.agent == "scanner").buckets)
    assert (calls["0.25"], calls["0.5"], calls["1.0"], calls["+Inf"]) == (0, 2, 3, 3)


def test_an_execution_is_read_from_the_facts_of_a_run() -> None:
    counters = counted(("r1", failed_story()))
    assert execution_of(recorded(failed_story(), "r1"), now=START) == counters.recent()[0]
    assert execution_of(recorded(failed_story()[1:], "r1"), now=START) is None
    assert execution_of([], now=START) is None


@given(drawn=graphs() | fans(), cut=st.integers(0, 60))
def test_counting_does_not_depend_on_the_batches_and_agrees_with_the_history(
    drawn: Drawn, cut: int
) -> None:
    facts = recorded(drawn.events)
    whole, parts = Orchestration(clock=StoppedClock()), Orchestration(clock=StoppedClock())
    whole.add(facts)
    parts.add(facts[:cut])
    parts.add(facts[cut:])
    assert whole.metrics() == parts.metrics()
    assert whole.recent() == parts.recent()
    history = drawn.history
    totals = whole.totals()
    assert whole.recent()[0].status == outcome_of(history)
    assert sum(one.attempts for one in totals.agents) == len(history.attempts)
    failed = sum(one.status == "failed" for one in history.attempts)
    assert sum(one.errors for one in totals.agents) == failed
    assert sum(dict(one.buckets)["+Inf"] for one in totals.agents) == len(history.attempts)


def test_a_restart_counts_the_same_from_the_journal(tmp_path: Path) -> None:
    with closing(SqliteJournal(tmp_path / "journal.db")) as journal:
        for run, events in (("r1", good_run()), ("r2", failed_story()), ("r3", good_run()[:3])):
            first, *others = events
            assert isinstance(first, type(accepted()))
            journal.accept(run, first)
            journal.append(run, others)
        journal.flush()
        counters = Orchestration(clock=StoppedClock())
        facts: list[Recorded] = journal.read_all(after=0, limit=1_000)
        counters.add(facts)
    expected = counted(("r1", good_run()), ("r2", failed_story()), ("r3", good_run()[:3]))
    assert counters.dashboard() == expected.dashboard()
    assert counters.totals() == expected.totals()


def test_a_late_attempt_is_the_last_execution() -> None:
    late = AttemptStarted(at=START + 9.0, step="b", agent="scanner", key="k", timeout_s=1.0)
    early = AttemptStarted(at=START + 3.0, step="c", agent="scanner", key="k", timeout_s=1.0)
    scanner = counted(("r1", [accepted(), late, early])).agents()["scanner"]
    assert scanner.last_execution == "2023-11-14T22:13:29.000Z"
