"""Where a run stands, as rows."""

from __future__ import annotations

import pytest
from msgspec import Raw

from misydsl.history.events import (
    ApprovalAsked,
    AttemptFailed,
    AttemptStarted,
    Event,
    FallbackBegun,
    FanOut,
    GroupStarted,
    RunFinished,
    RunOwned,
    RunPaused,
    StepBlocked,
    StepFailed,
    StepFinished,
    StepSkipped,
)
from misydsl.history.states import StepState
from misydsl.history.status import StepStatus
from misydsl.render.run_rows import (
    RunView,
    StepRow,
    counted,
    fitting,
    is_over,
    reason_of,
    took,
    view_of,
)
from tests.graph.pipelines import AGENTS, FAILED, accepted, graph_of, history_of

GRAPH = graph_of(
    AGENTS
    + """pipeline p "Título" (xs: list[string]) {
  step out for x in xs {
    step first { call a(q: x) }
    return first
  }
  step last { call a(q: "1") }
}
"""
)


def seen(*events: Event, now: float = 10.0) -> RunView:
    return view_of(GRAPH, history_of(accepted(), *events), now=now)


def row(path: str, *events: Event, now: float = 10.0) -> StepRow:
    return next(one for one in seen(*events, now=now).rows if one.path == path)


def begun(step: str, item: str = "", attempt: int = 1) -> AttemptStarted:
    return AttemptStarted(
        at=1.0, step=step, item=item, agent="a", key="k", timeout_s=30, attempt=attempt
    )


def test_a_run_that_has_not_begun_is_all_waiting() -> None:
    view = seen()
    assert (view.done, view.failed, view.total, view.share) == (0, 0, 2, 0.0)
    assert [one.status for one in view.rows] == ["waiting", "waiting", "waiting"]
    assert [one.depth for one in view.rows] == [0, 1, 0]
    assert not is_over(view)


def test_a_wait_before_another_attempt_counts_down() -> None:
    failing = AttemptFailed(at=2.0, step="last", failure=FAILED, duration_s=1.0, retry_at=14.0)
    assert row("last", begun("last"), failing).note.startswith("next attempt in 4 s: ")
    assert row("last", begun("last"), failing, now=14.0).note.startswith("next attempt now: ")


def test_items_are_summed_up_in_the_row_of_their_loop() -> None:
    events = (
        FanOut(at=1.0, step="out", item="", count=3),
        begun("out/first", "0"),
        StepFinished(at=2.0, step="out/first", item="0", attempts=1, agent="a", reused="cache r-1"),
        begun("out/first", "1"),
        StepFailed(at=3.0, step="out/first", item="1", failure=FAILED, attempts=1),
        begun("out/first", "2"),
        AttemptFailed(
            at=4.0, step="out/first", item="2", failure=FAILED, duration_s=1.0, retry_at=12.0
        ),
    )
    first = row("out/first", *events)
    assert "1 retrying, next attempt in 2 s" in first.note
    assert f"[1] {FAILED.message}" in first.note
    assert "1 reused" in first.note
    assert first.attempts == 3
    assert seen(*events).reused == 1


def test_a_duration_goes_on_until_the_step_ends() -> None:
    assert row("last", begun("last")).duration_s == 9.0
    assert row("last", begun("last")).is_going_on
    ended = row("last", begun("last"), StepFinished(at=3.0, step="last", attempts=1, agent="a"))
    assert ended.duration_s == 2.0
    assert row("last", StepBlocked(at=2.0, step="last", by="out")).duration_s is None


def test_the_clock_stops_when_the_run_ends_or_pauses() -> None:
    finished = seen(begun("last"), RunFinished(at=5.0, status="failed", failure=FAILED), now=99.0)
    owned = RunOwned(at=0.5, owner="o")
    paused = seen(owned, begun("last"), RunPaused(at=4.0, reason="you"), now=99.0)
    assert finished.elapsed_s < 6.0
    assert paused.elapsed_s < 6.0
    assert is_over(finished)
    assert is_over(paused)


def test_a_loop_counts_by_its_items_on_the_bar() -> None:
    events = (
        FanOut(at=1.0, step="out", item="", count=4),
        GroupStarted(at=1.0, step="out", item="0"),
        StepFinished(at=2.0, step="out", item="0"),
    )
    assert seen(*events).share == pytest.approx(0.125)


def test_what_asks_fails_or_runs_is_kept_when_there_is_not_room_for_all() -> None:
    statuses: list[StepStatus] = ["succeeded", "waiting", "failed", "running", "asking"]
    rows = [
        StepRow(f"s{number}", "", 0, status, "", 0, None, is_going_on=False, note="")
        for number, status in enumerate(statuses)
    ]
    kept, hidden = fitting(rows, 3)
    assert [one.path for one in kept] == ["s2", "s3", "s4"]
    assert hidden == 2
    assert fitting(rows, 5) == (rows, 0)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (StepState("s", status="waiting"), "not begun"),
        (StepState("s", status="asking"), "waits for a person"),
        (StepState("s", status="running", agent="a"), "calls a"),
        (StepState("s", status="running"), "at work"),
        (StepState("s", status="skipped"), "skipped: its `if` was false"),
        (StepState("s", status="blocked", blocked_by="x"), "not run, because x failed"),
        (StepState("s", status="failed", failure=FAILED), FAILED.sentence()),
        (StepState("s", status="succeeded"), "ran"),
        (StepState("s", status="succeeded", agent="a", attempts=2), "called a, 2 attempts"),
        (
            StepState("s", status="succeeded", agent="b", fallback=1, turned_by=(FAILED,)),
            f"called b; turned to fallback 1 because {FAILED.message}",
        ),
        (
            StepState("s", status="succeeded", reused="cache r-1"),
            "not called: an equal call had been made before (cache r-1)",
        ),
        (
            StepState("s", status="succeeded", reused="r-1"),
            "not called: taken over from run r-1, nothing it depends on changed",
        ),
    ],
)
def test_every_state_has_its_reason(state: StepState, words: str) -> None:
    assert reason_of(state) == words


def test_notes_say_who_is_called_and_what_is_asked() -> None:
    asked = ApprovalAsked(at=1.0, step="last", question=Raw(b'{"message":"?"}'))
    assert row("last", begun("last")).note == "calls a"
    assert row("last", asked).note == "waits for a person"
    assert row("last", StepSkipped(at=1.0, step="last")).note == "skipped: its `if` was false"
    turned = FallbackBegun(at=2.0, step="last", failure=FAILED, number=1)
    ended = StepFinished(at=3.0, step="last", attempts=1, agent="b")
    assert "turned to fallback 1" in row("last", begun("last"), turned, ended).note
    failed = StepFailed(at=3.0, step="last", failure=FAILED)
    assert row("last", begun("last"), failed).note == FAILED.message
    assert row("last", begun("last"), ended).note == ""


def test_durations_and_counts_are_words() -> None:
    times = [took(one) for one in (None, 0.0124, 2.84, 125.0, 7_500.0)]
    assert times == ["", "12 ms", "2.8 s", "2 min 05 s", "2 h 5 min"]
    assert [counted(one, "retry", "retries") for one in (1, 2)] == ["1 retry", "2 retries"]
