"""DataFrames: their columns and dtypes never depend on the data, and their rows say what happened."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pandas as pd
import pytest

from misydsl.history.fold import fold
from misydsl.history.states import History
from misydsl.metrics import figures_frame, frames
from misydsl.store.journal import RunSummary
from tests.metrics.stories import START, accepted, every_kind, failed_story, recorded, started

HISTORY = fold(recorded(failed_story()))
SUMMARIES = [
    RunSummary("r2", "viral", None, "running", "s1", START, None, 5, "p1", START),
    RunSummary("r1", "viral", "Análisis", "failed", "s1", START, START + 6.5, 5, None, None),
]
PAIRS: list[tuple[str, Callable[[], pd.DataFrame], Callable[[], pd.DataFrame]]] = [
    ("steps", lambda: frames.steps_frame(HISTORY), lambda: frames.steps_frame(History())),
    ("attempts", lambda: frames.attempts_frame(HISTORY), lambda: frames.attempts_frame(History())),
    (
        "events",
        lambda: frames.events_frame(recorded(every_kind())),
        lambda: frames.events_frame([]),
    ),
    ("runs", lambda: frames.runs_frame(SUMMARIES), lambda: frames.runs_frame([])),
    ("agents", lambda: frames.agents_frame([HISTORY]), lambda: frames.agents_frame([])),
    (
        "step_figures",
        lambda: frames.step_figures_frame([HISTORY]),
        lambda: frames.step_figures_frame([]),
    ),
]


@pytest.mark.parametrize(("name", "full", "empty"), PAIRS, ids=[name for name, _, _ in PAIRS])
def test_an_empty_frame_has_the_same_columns_and_dtypes(
    name: str, full: Callable[[], pd.DataFrame], empty: Callable[[], pd.DataFrame]
) -> None:
    assert len(full()) > 0
    assert len(empty()) == 0
    pd.testing.assert_series_equal(full().dtypes, empty().dtypes)


@pytest.mark.parametrize(("name", "full", "empty"), PAIRS, ids=[name for name, _, _ in PAIRS])
def test_dtypes_follow_the_names_of_the_columns(
    name: str, full: Callable[[], pd.DataFrame], empty: Callable[[], pd.DataFrame]
) -> None:
    for column, dtype in full().dtypes.items():
        if str(column).endswith("_s"):
            assert dtype == "float64", column
        if str(column).endswith("_at") or column == "at":
            assert str(dtype) == "datetime64[us, UTC]", column
        if column in ("run", "step", "item", "agent", "key", "session"):
            assert dtype == "string", column
        if column in ("status", "kind", "error_kind"):
            assert isinstance(dtype, pd.CategoricalDtype), column


@pytest.mark.parametrize(
    "function",
    [
        *(frames.steps_frame, frames.attempts_frame, frames.events_frame, frames.runs_frame),
        *(figures_frame.agents_frame, figures_frame.step_figures_frame),
    ],
)
def test_every_column_is_documented(function: Callable[..., pd.DataFrame]) -> None:
    arguments = {"steps_frame": History(), "attempts_frame": History()}
    made = function(arguments.get(function.__name__, []))
    for column in made.columns:
        assert f"`{column}`" in str(function.__doc__), column


def test_steps_have_a_row_per_step_and_item_in_first_seen_order() -> None:
    steps = frames.steps_frame(HISTORY)
    assert list(zip(steps["step"], steps["item"], steps["status"], strict=True)) == [
        ("scan", "", "succeeded"),
        ("write", "", "failed"),
        ("write", "0", "succeeded"),
        ("write", "1", "failed"),
        ("write", "2", "skipped"),
        ("post", "", "blocked"),
    ]
    assert steps["blocked_by"].iloc[5] == "write"
    assert steps["count"].iloc[1] == 3
    assert steps["done"].isna().tolist() == [True, False, True, True, True, True]
    assert steps["duration_s"].iloc[0] == pytest.approx(3.5)


def test_times_are_utc_to_the_microsecond() -> None:
    steps = frames.steps_frame(HISTORY)
    assert steps["started_at"].iloc[0] == pd.Timestamp(START, unit="s", tz="UTC")
    assert steps["finished_at"].iloc[0] == pd.Timestamp("2023-11-14T22:13:23.5Z")
    running = frames.steps_frame(fold(recorded([accepted(), started("scan", "scanner", 0.0)])))
    assert running["finished_at"].isna().all()


def test_attempts_come_in_the_order_they_began_with_their_failures() -> None:
    attempts = frames.attempts_frame(HISTORY)
    assert attempts["attempt"].tolist() == [1, 2, 1, 1]
    assert attempts["status"].tolist() == ["failed", "succeeded", "succeeded", "failed"]
    assert attempts["error_kind"].iloc[0] == "timeout"
    assert attempts["http_status"].iloc[3] == 503
    assert attempts["waited_s"].sum() == pytest.approx(0.25)


def test_events_come_in_journal_order_and_say_the_rest_in_words() -> None:
    events = frames.events_frame(recorded(every_kind()))
    assert events["seq"].is_monotonic_increasing
    assert set(events["detail"].dropna()) >= {
        "viral",
        "by p1",
        "resumed by p2",
        "3 items",
        "timeout: no answer within 2s",
        "blocked by write",
        "by ana",
        "Ctrl-C",
        "failed: status 503",
        "succeeded",
    }
    assert events["step"].isna().sum() == 7


def test_runs_keep_the_order_given_and_a_run_that_goes_on_has_no_duration() -> None:
    runs = frames.runs_frame(SUMMARIES)
    assert runs["run"].tolist() == ["r2", "r1"]
    assert pd.isna(runs["duration_s"].iloc[0])
    assert runs["duration_s"].iloc[1] == pytest.approx(6.5)


def test_agents_have_the_figures_of_the_summary() -> None:
    agents = frames.agents_frame([HISTORY]).set_index("agent")
    assert agents.loc["scanner", "lost_to_retries_s"] == pytest.approx(3.0)
    assert agents.loc["writer", "success_rate"] == 0.5
    assert agents["attempts"].sum() == len(frames.attempts_frame(HISTORY))


def test_steps_over_runs_name_their_agents() -> None:
    figures = frames.step_figures_frame([HISTORY, HISTORY]).set_index("step")
    assert figures.loc["write", "agents"] == "writer"
    assert figures["agents"].isna()["post"]
    assert figures.loc["scan", "runs"] == 2


def test_figures_without_frames_load_no_pandas() -> None:
    code = "import sys, misydsl.metrics.summary; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
