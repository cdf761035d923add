"""Two runs side by side."""

from __future__ import annotations

import pytest
from msgspec import Raw
from msgspec.structs import replace

from misydsl.history.events import Event, RunFinished, StepFinished
from misydsl.history.fold import fold
from misydsl.history.states import History
from misydsl.metrics.comparison import COMPARED, ComparedRun, compared_steps
from misydsl.metrics.comparison_frame import comparison_frame
from tests.metrics.stories import START, accepted, failed_story, recorded, retried_scan, started


def finished(value: str = '["a"]', *, extra: bool = False) -> History:
    """`scan` succeeds after one retry; its value is given."""
    events: list[Event] = [accepted(), *retried_scan()]
    scan = events[-1]
    assert isinstance(scan, StepFinished)
    events[-1] = replace(scan, value=Raw(value.encode()))
    if extra:
        events += [started("new", "b", 3.5), StepFinished(at=START + 4.5, step="new")]
    events.append(RunFinished(at=START + 5, status="succeeded", result=Raw(value.encode())))
    return fold(recorded(events))


def side(history: History, **digests: str) -> ComparedRun:
    return ComparedRun(history, digests)


def test_steps_of_either_run_are_told_once() -> None:
    table = comparison_frame(side(finished(extra=True)), side(fold(recorded(failed_story()))))
    assert table["step"].tolist() == ["scan", "new", "write", "post"]
    rows = table.set_index("step")
    assert rows.loc["scan", "ratio"] == pytest.approx(1.0)
    assert rows.loc["scan", "delta_s"] == pytest.approx(0.0)
    assert rows["status_b"].isna()["new"]
    assert rows["status_a"].isna()["write"]
    assert rows.loc["write", "status_b"] == "failed"
    assert rows.loc["write", "items_b"] == 3
    assert rows.loc["write", "attempts_b"] == 2
    assert rows.loc["post", "status_b"] == "blocked"
    assert rows["duration_b_s"].isna()["post"]


def test_values_are_compared_and_not_their_spelling() -> None:
    same = comparison_frame(side(finished('{"a": 1, "b": 2}')), side(finished('{"b":2,"a":1}')))
    assert same["same_result"].tolist() == [True]
    assert same.attrs["same_result"] is True
    other = comparison_frame(side(finished("1")), side(finished("2")))
    assert other["same_result"].tolist() == [False]
    assert other.attrs["same_result"] is False


def test_results_are_only_compared_where_both_ended_well() -> None:
    table = comparison_frame(side(finished()), side(fold(recorded(failed_story()))))
    assert table.set_index("step")["same_result"].isna()["write"]
    assert table.attrs["same_result"] is None


def test_a_changed_source_is_told_where_it_is_known() -> None:
    a, b = finished(extra=True), finished(extra=True)
    table = comparison_frame(side(a, scan="1", new="1"), side(b, scan="2", new="1"))
    assert table["source_changed"].tolist() == [True, False]
    assert comparison_frame(side(a), side(b))["source_changed"].isna().all()


def test_the_runs_as_wholes_stand_in_the_attributes() -> None:
    table = comparison_frame(side(finished()), side(finished()))
    assert table.attrs["a"] == {
        "run": "r1",
        "pipeline": "viral",
        "status": "succeeded",
        "duration_s": 5.0,
        "attempts": 2,
        "cost": 0.0,
        "tokens": 0,
    }


def test_columns_are_documented_and_do_not_depend_on_the_data() -> None:
    full = comparison_frame(side(finished()), side(fold(recorded(failed_story()))))
    empty = comparison_frame(side(History()), side(History()))
    assert dict(full.dtypes) == dict(empty.dtypes)
    assert list(full.columns) == list(COMPARED)
    assert compared_steps(side(History()), side(History())) == []
    for column in full.columns:
        assert f"`{column}`" in str(comparison_frame.__doc__), column
