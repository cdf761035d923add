"""Figures per agent and step: counted by hand in the stories, computed here."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misydsl.history.events import Event, RunAccepted, RunOwned, StepFinished
from misydsl.history.fold import fold
from misydsl.metrics.summary import (
    Spread,
    Tally,
    agent_figures,
    failure_figures,
    spread,
    step_figures,
    tally_of,
)
from tests.metrics.random_runs import Drawn, fans, graphs
from tests.metrics.stories import (
    START,
    accepted,
    failed_story,
    recorded,
    retried_scan,
    started,
)


def test_a_retried_call_is_one_call_with_two_attempts() -> None:
    (scanner,) = agent_figures([fold(recorded([accepted(), *retried_scan()]))])
    assert (scanner.agent, scanner.calls, scanner.attempts, scanner.retries) == ("scanner", 1, 2, 1)
    assert (scanner.succeeded, scanner.failed, scanner.success_rate) == (1, 0, 1.0)


def test_time_lost_to_retries_is_from_the_failed_attempt_to_the_next() -> None:
    (scanner,) = agent_figures([fold(recorded([accepted(), *retried_scan()]))])
    assert scanner.lost_to_retries_s == pytest.approx(3.0)
    assert scanner.waited_s == pytest.approx(0.25)
    assert scanner.last_at == START + 3.0


def test_durations_of_an_agent_are_those_of_single_attempts() -> None:
    (scanner,) = agent_figures([fold(recorded([accepted(), *retried_scan()]))])
    assert scanner.spread.mean_s == pytest.approx(0.75)
    assert scanner.spread.p50_s == pytest.approx(0.75)
    assert scanner.spread.p90_s == pytest.approx(0.95)


def test_agents_are_sorted_and_added_up_over_runs() -> None:
    history = fold(recorded(failed_story()))
    scanner, writer = agent_figures([history, history])
    assert (scanner.agent, writer.agent) == ("scanner", "writer")
    assert (writer.calls, writer.succeeded, writer.failed) == (4, 2, 2)
    assert writer.success_rate == 0.5


def test_a_call_that_is_still_open_neither_succeeded_nor_failed() -> None:
    (agent,) = agent_figures([fold(recorded([accepted(), started("scan", "scanner", 0.0)]))])
    assert (agent.calls, agent.succeeded, agent.failed, agent.success_rate) == (1, 0, 0, None)
    assert agent.spread == Spread()


def test_a_call_that_waits_for_its_next_attempt_has_not_failed() -> None:
    waiting = agent_figures([fold(recorded([accepted(), *retried_scan()[:2]]))])
    assert (waiting[0].failed, waiting[0].success_rate) == (0, None)


def test_time_in_which_nobody_owned_the_run_is_not_lost_to_retries() -> None:
    events: list[Event] = [
        accepted(),
        started("scan", "scanner", 0.0),
        RunOwned(at=START + 900, owner="p2", is_resume=True),
        started("scan", "scanner", 900.0, attempt=2),
    ]
    (agent,) = agent_figures([fold(recorded(events))])
    assert agent.lost_to_retries_s == 0


def test_each_round_of_a_repeat_is_a_call_of_its_own() -> None:
    events: list[Event] = [
        accepted(),
        started("s", "a", 0.0, round=1),
        started("s", "a", 1.0, round=2),
    ]
    (agent,) = agent_figures([fold(recorded(events))])
    assert (agent.calls, agent.retries) == (2, 0)


def test_items_of_a_for_count_one_by_one_and_the_for_itself_does_not() -> None:
    rows = step_figures([fold(recorded(failed_story()))])
    write = next(row for row in rows if row.step == "write")
    assert (write.items, write.succeeded, write.failed, write.skipped) == (3, 1, 1, 1)
    assert write.success_rate == 0.5
    assert write.spread.mean_s == pytest.approx(1.5)
    assert write.agents == ("writer",)


def test_a_for_without_items_is_counted_itself() -> None:
    from misydsl.history.events import FanOut

    events: list[Event] = [
        accepted(),
        FanOut(at=START, step="write", item="", count=0),
        StepFinished(at=START, step="write"),
    ]
    (write,) = step_figures([fold(recorded(events))])
    assert (write.items, write.succeeded) == (1, 1)


def test_steps_come_pipeline_by_pipeline_in_the_order_they_were_seen() -> None:
    viral = fold(recorded(failed_story()))
    events: list[Event] = [accepted("alpha"), started("z", "a", 0.0), started("b", "a", 0.0)]
    rows = step_figures([viral, fold(recorded(events)), viral])
    assert [(row.pipeline, row.step) for row in rows] == [
        ("alpha", "z"),
        ("alpha", "b"),
        ("viral", "scan"),
        ("viral", "write"),
        ("viral", "post"),
    ]
    assert rows[2].runs == 2
    assert rows[4].blocked == 2
    assert rows[4].spread == Spread()


def test_nothing_gives_no_rows() -> None:
    only_accepted: list[RunAccepted] = [accepted()]
    assert agent_figures([]) == []
    assert step_figures([fold(recorded(only_accepted))]) == []


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=50))
def test_percentiles_are_those_of_the_inclusive_method(durations: list[float]) -> None:
    found = spread(durations)
    cuts = statistics.quantiles(durations, n=100, method="inclusive")
    assert found.p50_s == pytest.approx(cuts[49])
    assert found.p90_s == pytest.approx(cuts[89])
    assert found.p95_s == pytest.approx(cuts[94])
    assert found.max_s == max(durations)
    assert found.p99_s == pytest.approx(cuts[98])
    assert found.mean_s == pytest.approx(statistics.fmean(durations))


def test_a_wait_in_which_nobody_owned_the_run_is_not_lost_to_retries() -> None:
    events: list[Event] = [
        accepted(),
        *retried_scan()[:2],  # fails at 1 s, due again at 3 s
        RunOwned(at=START + 900, owner="p2", is_resume=True),
        started("scan", "scanner", 900.0, attempt=2),
    ]
    (agent,) = agent_figures([fold(recorded(events))])
    assert agent.lost_to_retries_s == pytest.approx(3.0)


def test_failures_are_counted_by_reason_the_commonest_first() -> None:
    history = fold(recorded(failed_story()))
    scanner, writer = failure_figures([history, history])
    assert (scanner.agent, scanner.kind, scanner.attempts, scanner.ended) == (
        *("scanner", "timeout", 2, 0),
    )
    assert (writer.kind, writer.ended, writer.message) == ("http", 2, "status 503")
    assert (scanner.first_at, scanner.last_at) == (START, START)
    (agent,) = agent_figures([fold(recorded([accepted(), *retried_scan()]))])
    assert (agent.top_failure, agent.failed_attempts) == ("timeout", 1)


@given(st.lists(st.one_of(graphs(), fans()), max_size=4))
def test_sums_agree_whatever_the_runs(drawn: list[Drawn]) -> None:
    histories = [one.history for one in drawn]
    tally = tally_of(histories)
    attempts = [attempt for history in histories for attempt in history.attempts]
    assert tally.runs == len(histories)
    assert sum(row.attempts for row in tally.agents()) == len(attempts)
    assert sum(row.attempts for row in tally.steps()) == len(attempts)
    failed = [attempt for attempt in attempts if attempt.status == "failed"]
    assert sum(row.attempts for row in tally.failures()) == len(failed)
    assert sum(row.failed_attempts for row in tally.agents()) == len(failed)
    called = sum(attempt.duration_s or 0.0 for attempt in attempts)
    assert sum(row.call_s for row in tally.agents()) == pytest.approx(called)
    waited = sum(attempt.waited_s for attempt in attempts)
    assert sum(row.waited_s for row in tally.agents()) == pytest.approx(waited)
    for row in tally.agents():
        assert row.calls == row.succeeded + row.failed
        assert row.attempts == row.calls + row.retries
        assert row.lost_to_retries_s >= 0
    lost = sum(row.lost_to_retries_s for row in tally.agents())
    assert sum(row.lost_to_retries_s for row in tally.steps()) == pytest.approx(lost)


@given(st.lists(st.one_of(graphs(), fans()), min_size=1, max_size=4))
def test_adding_run_by_run_is_adding_at_once(drawn: list[Drawn]) -> None:
    histories = [one.history for one in drawn]
    tally = Tally()
    for history in histories:
        tally.add(history)
    assert tally.agents() == agent_figures(histories)
    assert tally.failures() == failure_figures(iter(histories))
