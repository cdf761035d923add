"""DataFrames: their columns and dtypes never depend on the data, and their rows say what happened."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from msgspec import Raw
from msgspec.structs import replace

from misydsl.failures import Failure, MisyError
from misydsl.history.events import (
    ApprovalAsked,
    AttemptHedged,
    Event,
    FallbackBegun,
    PipelineFailing,
    RoundFinished,
    StepFinished,
)
from misydsl.history.fold import fold
from misydsl.history.states import History
from misydsl.metrics import figures_frame, frames, parquet
from misydsl.metrics.figures import AgentFigures, FailureFigures, StepFigures
from misydsl.metrics.parquet import write_parquet
from misydsl.metrics.records import Figures, names_of
from misydsl.metrics.summary import tally_of
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
        "failures",
        lambda: frames.failures_frame([HISTORY]),
        lambda: frames.failures_frame([]),
    ),
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
        figures_frame.failures_frame,
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


def test_dtypes_of_a_running_run_are_those_of_every_other() -> None:
    running = fold(recorded([accepted(), started("scan", "scanner", 0.0)]))
    for make in (frames.steps_frame, frames.attempts_frame):
        assert (
            dict(make(running).dtypes) == dict(make(HISTORY).dtypes) == dict(make(History()).dtypes)
        )


def test_items_know_their_key_their_place_and_what_their_calls_took() -> None:
    steps = frames.steps_frame(HISTORY)
    assert steps["key"].tolist()[2:5] == ["0", "1", "2"]
    assert steps["index"].tolist()[2:5] == [0, 1, 2]
    assert steps["key"].isna().tolist() == [True, True, False, False, False, True]
    scan = steps.iloc[0]
    assert scan["call_s"] == pytest.approx(1.5)
    assert scan["lost_to_retries_s"] == pytest.approx(3.0)
    assert steps["call_s"].sum() == pytest.approx(
        frames.attempts_frame(HISTORY)["duration_s"].sum()
    )


def test_attempts_say_when_the_next_one_was_due() -> None:
    attempts = frames.attempts_frame(HISTORY)
    assert attempts["retry_at"].iloc[0] == pd.Timestamp(START + 3, unit="s", tz="UTC")
    assert attempts["retry_at"].isna().tolist() == [False, True, True, True]
    assert attempts["is_hedged"].dtype == bool


def test_failures_say_how_often_since_when_and_what_was_said_last() -> None:
    failures = frames.failures_frame([HISTORY, HISTORY]).set_index("agent")
    assert failures["kind"].tolist() == ["timeout", "http"]
    assert failures["attempts"].tolist() == [2, 2]
    assert failures["ended"].tolist() == [0, 2]
    assert failures["share"].tolist() == [0.5, 0.5]
    assert failures.loc["writer", "message"] == "status 503"


def test_figures_that_were_counted_make_the_same_table() -> None:
    tally = tally_of([HISTORY])
    pd.testing.assert_frame_equal(
        figures_frame.figures_table("agents", tally.agents()), frames.agents_frame([HISTORY])
    )


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        (AgentFigures, frames.agents_frame),
        (StepFigures, frames.step_figures_frame),
        (FailureFigures, frames.failures_frame),
    ],
)
def test_records_have_the_names_of_the_columns(
    kind: type[Figures], make: Callable[[list[History]], pd.DataFrame]
) -> None:
    assert names_of(kind) == list(make([HISTORY]).columns)


def test_a_table_survives_a_parquet_file(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    table = frames.steps_frame(HISTORY)
    write_parquet(table, tmp_path / "steps.parquet")
    read = pd.read_parquet(tmp_path / "steps.parquet")
    assert read["started_at"].tolist() == table["started_at"].tolist()
    assert str(read["status"].dtype) == "category"


def test_parquet_without_its_package_or_its_folder_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = frames.runs_frame(SUMMARIES)
    with pytest.raises(MisyError, match="cannot be written"):
        write_parquet(table, tmp_path / "nowhere" / "runs.parquet")
    monkeypatch.setattr(parquet, "find_spec", lambda _: None)
    with pytest.raises(MisyError, match=r"misydsl\[parquet\]"):
        write_parquet(table, tmp_path / "runs.parquet")


def test_every_kind_of_event_has_its_words() -> None:
    asked = Failure("http", "status 500")
    events: list[Event] = [
        replace(accepted(), base="r0", why="retry --failed"),
        AttemptHedged(at=START, step="s"),
        FallbackBegun(at=START, step="s", failure=asked, number=2),
        RoundFinished(at=START, step="s", round=3),
        ApprovalAsked(at=START, step="s", question=Raw(b"{}")),
        PipelineFailing(at=START, failure=asked),
        StepFinished(at=START, step="s", reused="cache"),
        StepFinished(at=START, step="s"),
    ]
    assert frames.events_frame(recorded(events))["detail"].fillna("").tolist() == [
        "viral, retry --failed of r0",
        "sent once more",
        "fallback 2 after http: status 500",
        "round 3",
        "a person is asked",
        "http: status 500",
        "taken from cache",
        "",
    ]
