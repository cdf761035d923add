"""The critical path covers a run without a gap, and says what its time went to."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from msgspec import Raw

from misydsl.failures import Failure
from misydsl.history.events import (
    ApprovalAsked,
    AttemptFailed,
    Event,
    FallbackBegun,
    FanOut,
    GroupStarted,
    RoundFinished,
    RunFinished,
    RunOwned,
    RunPaused,
    StepBlocked,
    StepFailed,
    StepFinished,
)
from misydsl.history.fold import fold
from misydsl.history.states import History
from misydsl.metrics.critical import Stretch, absences_of, critical_stretches
from misydsl.metrics.critical_frame import PART_COLUMNS, critical_frame
from misydsl.metrics.critical_steps import critical_steps
from misydsl.metrics.waits import Waits
from tests.metrics.random_runs import Drawn, fans, graphs
from tests.metrics.stories import (
    START,
    accepted,
    failed_story,
    recorded,
    retried_scan,
    started,
)

REFUSED = Failure("http", "status 503", status=503)


def told(stretches: Sequence[Stretch]) -> list[tuple[str, str, str, float]]:
    """Step, item, part and seconds, rounded."""
    return [(one.step, one.item, one.part, round(one.duration_s, 3)) for one in stretches]


def done(step: str, at: float, duration_s: float = 0.0, **more: object) -> StepFinished:
    attempts = 1 if duration_s else 0
    return StepFinished(
        at=START + at, step=step, value=Raw(b"1"), attempts=attempts, duration_s=duration_s,
        agent="a" if attempts else None, **more,  # type: ignore[arg-type]  # test data
    )  # fmt: skip


def ended(at: float) -> RunFinished:
    return RunFinished(at=START + at, status="succeeded", result=Raw(b"1"))


def path_of(
    events: Sequence[Event], waits: Waits | None = None
) -> list[tuple[str, str, str, float]]:
    facts = recorded(events)
    return told(critical_stretches(fold(facts), waits or Waits(), absences=absences_of(facts)))


@given(graphs())
def test_the_path_covers_the_whole_run_without_a_gap(drawn: Drawn) -> None:
    history = drawn.history
    stretches = critical_stretches(history, drawn.waits)
    assert stretches[0].begun == history.accepted_at
    assert stretches[-1].ended == history.finished_at
    assert all(one.ended == other.begun for one, other in pairwise(stretches))
    assert sum(one.duration_s for one in stretches) == pytest.approx(history.duration_s, abs=1e-5)


@given(graphs(gaps=False))
def test_where_no_time_is_lost_the_path_is_a_chain_of_needs(drawn: Drawn) -> None:
    stretches = critical_stretches(drawn.history, drawn.waits)
    assert {one.part for one in stretches if one.duration_s > 1e-5} <= {
        *("call", "failed call", "retry wait", "queue wait"),
    }
    steps = critical_steps(stretches)
    assert drawn.needs[steps[0].step] == frozenset()
    for before, after in pairwise(steps):
        assert before.step in drawn.needs[after.step]


@given(fans())
def test_the_path_through_a_for_is_a_chain_of_its_items(drawn: Drawn) -> None:
    history = drawn.history
    stretches = critical_stretches(history, drawn.waits)
    assert sum(one.duration_s for one in stretches) == pytest.approx(history.duration_s, abs=1e-5)
    items = [row.item for row in critical_steps(stretches)]
    assert len(set(items)) == len(items)
    assert not any(one.part == "engine" and one.duration_s > 0.01 for one in stretches)


@given(graphs())
def test_rows_add_up_to_the_run_and_parts_to_rows(drawn: Drawn) -> None:
    table = critical_frame("r1", critical_stretches(drawn.history, drawn.waits))
    assert table["duration_s"].sum() == pytest.approx(drawn.history.duration_s, abs=1e-5)
    assert table["share"].sum() == pytest.approx(1.0)
    parts = table[list(PART_COLUMNS.values())].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(table["duration_s"].to_numpy())
    assert table["started_at"].is_monotonic_increasing


def test_retries_and_queues_are_told_apart() -> None:
    events: list[Event] = [
        accepted(),
        started("scan", "scanner", 0.5, waited_s=0.4),
        *retried_scan()[1:],
        ended(3.6),
    ]
    assert path_of(events) == [
        ("", "", "engine", 0.1),
        ("scan", "", "queue wait", 0.4),
        ("scan", "", "failed call", 0.5),
        ("scan", "", "retry wait", 2.0),
        ("scan", "", "call", 0.5),
        ("", "", "engine", 0.1),
    ]


def test_what_failed_and_what_it_blocked_end_on_the_path() -> None:
    waits = Waits({"write": frozenset({"scan"}), "post": frozenset({"write"})})
    assert [one[:3] for one in path_of(failed_story(), waits)] == [
        ("scan", "", "failed call"),
        ("scan", "", "retry wait"),
        ("scan", "", "call"),
        ("write", "1", "failed call"),
        ("", "", "engine"),
    ]


def test_steps_inside_of_steps_are_followed() -> None:
    events: list[Event] = [
        accepted(),
        GroupStarted(at=START, step="g"),
        started("g/a", "a", 0.0),
        done("g/a", 1.0, 1.0),
        started("g/b", "a", 1.0),
        done("g/b", 3.0, 2.0),
        done("g", 3.0),
        ended(3.0),
    ]
    waits = Waits({"g": frozenset(), "g/b": frozenset({"g/a"})})
    assert path_of(events, waits) == [("g/a", "", "call", 1.0), ("g/b", "", "call", 2.0)]


def test_each_round_of_a_repeat_is_on_the_path() -> None:
    events: list[Event] = [accepted(), GroupStarted(at=START, step="again")]
    for number in (1, 2, 3):
        at = (number - 1) * 3.0
        events += [
            started("again/a", "a", at, round=number),
            done("again/a", at + 1.0, 1.0, round=number),
            started("again/b", "a", at + 1.0, round=number),
            done("again/b", at + 3.0, 2.0, round=number),
            RoundFinished(at=START + at + 3.0, step="again", round=number, value=Raw(b"1")),
        ]
    events += [done("again", 9.0, rounds=3), ended(9.0)]
    waits = Waits({"again": frozenset(), "again/b": frozenset({"again/a"})})
    assert (
        path_of(events, waits)
        == [
            ("again/a", "", "call", 1.0),
            ("again/b", "", "call", 2.0),
        ]
        * 3
    )


def test_a_repeated_call_is_followed_round_by_round() -> None:
    events: list[Event] = [accepted()]
    for number in (1, 2):
        events += [
            started("again", "a", number - 1.0, round=number),
            RoundFinished(
                at=START + number,
                step="again",
                round=number,
                value=Raw(b"1"),
                attempts=1,
                duration_s=1.0,
                agent="a",
            ),
        ]
    events += [done("again", 2.0, rounds=2), ended(2.0)]
    assert path_of(events) == [("again", "", "call", 1.0)] * 2


def test_a_group_without_steps_is_the_engines_time() -> None:
    events: list[Event] = [accepted(), GroupStarted(at=START, step="g"), ended(2.0)]
    assert path_of(events) == [("g", "", "engine", 2.0)]


def test_a_fallback_comes_after_the_call_that_failed() -> None:
    events: list[Event] = [
        accepted(),
        started("s", "a", 0.0),
        AttemptFailed(at=START + 1.0, step="s", failure=REFUSED, duration_s=1.0),
        FallbackBegun(at=START + 1.0, step="s", failure=REFUSED, number=1),
        started("s/:fallback", "b", 1.0),
        done("s/:fallback", 3.0, 2.0),
        done("s", 3.0),
        ended(3.0),
    ]
    assert path_of(events) == [
        ("s", "", "failed call", 1.0),
        ("s/:fallback", "", "call", 2.0),
    ]


def test_handlers_come_after_the_steps() -> None:
    events: list[Event] = [
        accepted(),
        started("a", "a", 0.0),
        done("a", 1.0, 1.0),
        GroupStarted(at=START + 1.0, step=":on-finish"),
        started(":on-finish/bye", "a", 1.0),
        done(":on-finish/bye", 2.0, 1.0),
        done(":on-finish", 2.0),
        ended(2.0),
    ]
    assert path_of(events) == [("a", "", "call", 1.0), (":on-finish/bye", "", "call", 1.0)]


def test_an_undo_comes_after_what_failed_later() -> None:
    events: list[Event] = [
        accepted(),
        started("a", "a", 0.0),
        done("a", 1.0, 1.0),
        started("b", "a", 1.0),
        AttemptFailed(at=START + 3.0, step="b", failure=REFUSED, duration_s=2.0),
        StepFailed(at=START + 3.0, step="b", failure=REFUSED, attempts=1),
        started("a/:undo", "a", 3.0),
        done("a/:undo", 7.0, 4.0),
        RunFinished(at=START + 7.0, status="failed", failure=REFUSED),
    ]
    waits = Waits({"a": frozenset(), "b": frozenset({"a"})})
    assert path_of(events, waits) == [
        ("a", "", "call", 1.0),
        ("b", "", "failed call", 2.0),
        ("a/:undo", "", "call", 4.0),
    ]


def test_the_time_a_person_took_is_named() -> None:
    events: list[Event] = [
        accepted(),
        ApprovalAsked(at=START, step="ok", question=Raw(b"{}")),
        done("ok", 60.0),
        ended(60.0),
    ]
    waits = Waits(questions=frozenset({"ok"}))
    assert path_of(events, waits) == [("ok", "", "person", 60.0)]


def test_time_without_an_owner_is_named() -> None:
    events: list[Event] = [
        accepted(),
        RunOwned(at=START, owner="p1"),
        started("a", "a", 0.0),
        done("a", 1.0, 1.0),
        RunPaused(at=START + 1.0, reason="Ctrl-C"),
        RunOwned(at=START + 101.0, owner="p2", is_resume=True),
        started("b", "a", 101.0),
        done("b", 103.0, 2.0),
        ended(103.0),
    ]
    assert path_of(events, Waits({"b": frozenset({"a"})})) == [
        ("a", "", "call", 1.0),
        ("", "", "stopped", 100.0),
        ("b", "", "call", 2.0),
    ]


def test_a_call_that_was_lost_with_its_owner_is_followed_by_the_next_one() -> None:
    events: list[Event] = [
        accepted(),
        RunOwned(at=START, owner="p1"),
        started("a", "a", 0.0),
        StepBlocked(at=START + 1.0, step="x", by="y"),
        RunOwned(at=START + 11.0, owner="p2", is_resume=True),
        started("a", "a", 11.0, attempt=2),
        done("a", 12.0, 1.0),
        ended(12.0),
    ]
    assert path_of(events) == [
        ("a", "", "failed call", 1.0),
        ("a", "", "stopped", 10.0),
        ("a", "", "call", 1.0),
    ]


def test_a_run_that_goes_on_is_told_up_to_the_last_moment_known() -> None:
    events: list[Event] = [
        accepted(),
        started("a", "a", 0.0),
        done("a", 1.0, 1.0),
        started("b", "a", 1.0),
        started("c", "a", 5.0),
    ]
    found = path_of(events, Waits({"b": frozenset({"a"})}))
    assert found == [("a", "", "call", 1.0), ("b", "", "call", 4.0)]


def test_a_run_that_goes_on_can_be_told_up_to_now() -> None:
    history = fold(recorded([accepted(), started("a", "a", 0.0)]))
    (stretch,) = critical_stretches(history, Waits(), until=START + 9.0)
    assert (stretch.step, stretch.part, stretch.duration_s) == ("a", "call", 9.0)


def test_items_with_slashes_in_their_keys_stay_apart() -> None:
    events: list[Event] = [
        accepted(),
        FanOut(at=START, step="f", item="", count=2, keys=("x", "x/y")),
        GroupStarted(at=START, step="f", item="x"),
        GroupStarted(at=START, step="f", item="x/y"),
        started("f/s", "a", 0.0, item="x"),
        started("f/s", "a", 0.0, item="x/y"),
        done("f/s", 1.0, 1.0, item="x"),
        done("f", 1.0, item="x"),
        done("f/s", 2.0, 2.0, item="x/y"),
        done("f", 2.0, item="x/y"),
        done("f", 2.0),
        ended(2.0),
    ]
    assert path_of(events) == [("f/s", "x/y", "call", 2.0)]


def test_a_run_that_was_never_accepted_has_no_path() -> None:
    assert critical_stretches(History(), Waits()) == []
    assert critical_frame("r", []).empty


def test_a_run_without_steps_is_all_engine() -> None:
    table = critical_frame(
        "r1", critical_stretches(fold(recorded([accepted(), ended(2.0)])), Waits())
    )
    assert len(table) == 1
    assert table["step"].isna().all()
    assert table["engine_s"].iloc[0] == pytest.approx(2.0)


def test_a_failed_step_without_a_call_ends_at_once() -> None:
    events: list[Event] = [
        accepted(),
        StepFailed(at=START + 1.0, step="s", failure=Failure("evaluation", "no")),
        ended(1.0),
    ]
    assert path_of(events) == [("", "", "engine", 1.0)]


def test_dtypes_do_not_depend_on_the_data() -> None:
    full = critical_frame("r1", critical_stretches(fold(recorded(failed_story())), Waits()))
    assert dict(full.dtypes) == dict(critical_frame("r", []).dtypes)
    for column in full.columns:
        assert f"`{column}`" in str(critical_frame.__doc__), column
        if str(column).endswith("_s"):
            assert full[column].dtype == "float64"
    assert str(full["started_at"].dtype) == "datetime64[us, UTC]"
    assert isinstance(full, pd.DataFrame)


def test_of_an_unknown_program_the_times_alone_are_followed() -> None:
    assert [one[:3] for one in path_of(failed_story())] == [
        ("scan", "", "failed call"),
        ("scan", "", "retry wait"),
        ("scan", "", "call"),
        ("write", "1", "failed call"),
        ("", "", "engine"),
    ]


def test_a_step_that_needs_nothing_waited_for_nothing() -> None:
    events: list[Event] = [
        accepted(),
        started("a", "a", 0.0),
        done("a", 1.0, 1.0),
        started("b", "a", 1.5),
        done("b", 3.0, 1.5),
        ended(3.0),
    ]
    known = Waits({"a": frozenset(), "b": frozenset()})
    assert path_of(events, known) == [("", "", "engine", 1.5), ("b", "", "call", 1.5)]
