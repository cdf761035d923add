"""`misy metrics`, `misy compare` and the tables of `misy runs` and `misy show`, to the letter."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from msgspec import Raw
from msgspec.structs import replace

import misydsl
from misydsl.cli.main import main
from misydsl.failures import MisyError
from misydsl.history.events import AttemptFailed, Event, RunAccepted, RunFinished, RunOwned
from misydsl.workspace import open_journal
from tests.metrics.stories import START, accepted, failed_story, retried_scan, started

Misy = Any
DAY_S = 86_400
PLACE = ("--journal", "j.db")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A journal with three runs: one that failed, one that succeeded, one of another pipeline."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("MISY_HOME", raising=False)
    keep("r1-failed", failed_story())
    keep("r2-fine", fine())
    keep("r3-other", [accepted("otra"), started("x", "solo", 0.0)])
    return tmp_path


@pytest.fixture
def misy(capsys: pytest.CaptureFixture[str]) -> Misy:
    """`misy("metrics")` → code, out, err."""

    def call(*words: str) -> tuple[int, str, str]:
        code = main([*words, *PLACE])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def keep(run: str, events: list[Event]) -> None:
    journal = open_journal("j.db")
    first, *rest = events
    assert isinstance(first, RunAccepted)
    journal.accept(run, first, "p1")
    journal.append(run, rest)
    journal.flush()


def fine() -> list[Event]:
    """A day later: the same retry, and nothing after it."""
    told: list[Event] = [
        accepted(),
        RunOwned(at=START, owner="p1"),
        *retried_scan(),
        RunFinished(at=START + 3.5, status="succeeded", result=Raw(b'["a"]')),
    ]
    return [_a_day_later(event) for event in told]


def _a_day_later(event: Event) -> Event:
    if isinstance(event, AttemptFailed) and event.retry_at is not None:
        return replace(event, at=event.at + DAY_S, retry_at=event.retry_at + DAY_S)
    return replace(event, at=event.at + DAY_S)


def json_of(misy: Misy, *words: str) -> Any:
    code, out, err = misy(*words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_metrics_of_all_runs_read_like_this(misy: Misy) -> None:
    code, out, err = misy("metrics", "--pipeline", "viral")
    assert (code, err) == (0, "")
    assert (
        out
        == """\
2 runs

agents
agent    calls  success  attempts  retries    mean     p50    p90    p95    p99    max  in calls  waited   lost
scanner      2    100 %         4        2  750 ms  750 ms  1.0 s  1.0 s  1.0 s  1.0 s     3.0 s  500 ms  6.0 s
writer       2   50.0 %         2        0   1.5 s   1.5 s  1.9 s  1.9 s  2.0 s  2.0 s     3.0 s

steps
pipeline  step   runs  items  success  attempts  retries   mean    p50    p90    p95    p99    max  waited   lost
viral     scan      2      2    100 %         4        2  3.5 s  3.5 s  3.5 s  3.5 s  3.5 s  3.5 s  500 ms  6.0 s
viral     write     1      3   50.0 %         2        0  1.5 s  1.5 s  1.9 s  1.9 s  2.0 s  2.0 s
viral     post      1      1                  0        0

failures
agent    kind     attempts   share  ended  first                last                 latest words
scanner  timeout         2  50.0 %      0  2023-11-14 22:13:20  2023-11-15 22:13:20  no answer within 2s
writer   http            1  50.0 %      1  2023-11-14 22:13:23  2023-11-14 22:13:23  status 503
"""
    )


def test_metrics_of_one_run_have_its_critical_path(misy: Misy) -> None:
    _, out, _ = misy("metrics", "r1")
    assert out.startswith("run r1-failed\n")
    assert out.endswith("""\
critical path
step   item   time   share  in calls  failed  to retry  engine
scan         3.5 s  58.3 %    500 ms   1.0 s     2.0 s
write  1     2.5 s  41.7 %             2.0 s            500 ms
""")
    found = json_of(misy, "metrics", "r1")
    assert (found["runs"], found["run"]) == (1, "r1-failed")
    assert sum(one["duration_s"] for one in found["critical_path"]) == pytest.approx(6.0)
    assert found["critical_path"][0] == {
        "step": "scan",
        "item": "",
        "part": "failed call",
        "agent": "scanner",
        "attempt": 1,
        "started_at": "2023-11-14T22:13:20.000Z",
        "duration_s": 1.0,
    }


def test_the_json_has_the_names_and_numbers_of_the_data_frames(misy: Misy) -> None:
    found = json_of(misy, "metrics", "-n", "2", "--pipeline", "viral")
    agents = misydsl.agents("j.db", pipeline="viral")  # type: ignore[operator]  # a room that is called
    assert list(found["agents"][0]) == list(agents.columns)
    for name in ("calls", "p95_s", "attempts_per_call", "lost_to_retries_s"):
        assert [row[name] for row in found["agents"]] == agents[name].tolist()
    assert found["agents"][0]["first_at"] == "2023-11-14T22:13:20.000Z"
    assert [row["kind"] for row in found["failures"]] == ["timeout", "http"]


def test_one_agent_can_be_asked_for(misy: Misy) -> None:
    found = json_of(misy, "metrics", "--agent", "writer")
    assert [row["agent"] for row in found["agents"]] == ["writer"]
    assert [row["step"] for row in found["steps"]] == ["write"]
    assert [row["agent"] for row in found["failures"]] == ["writer"]
    assert json_of(misy, "metrics", "--agent", "nadie")["agents"] == []


def test_one_kind_of_figures_can_be_asked_for(misy: Misy) -> None:
    assert set(json_of(misy, "metrics", "--of", "failures")) == {"runs", "failures"}
    _, out, _ = misy("metrics", "--of", "steps")
    assert "steps" in out
    assert "agents\n" not in out


@pytest.mark.parametrize(
    ("since", "runs"),
    [("2023-11-15", 1), ("2023-11-14T00:00:00Z", 3), ("7d", 0), ("90000d", 3)],
)
def test_runs_since_a_moment_are_counted(misy: Misy, since: str, runs: int) -> None:
    assert json_of(misy, "metrics", "--since", since)["runs"] == runs
    assert len(json_of(misy, "runs", "--since", since)["runs"]) == runs


def test_what_says_no_time_is_told(misy: Misy) -> None:
    code, _, err = misy("metrics", "--since", "ayer")
    assert code == 2
    assert "“ayer” says no time: use 7d, 12h, 30m or a day such as 2026-03-01" in err


def test_one_run_is_not_chosen_among_many(misy: Misy) -> None:
    code, _, err = misy("metrics", "r1", "--since", "7d")
    assert code == 2
    assert "RUN is one run" in err


def test_csv_is_one_table_with_a_head(misy: Misy) -> None:
    code, out, err = misy("metrics", "--format", "csv", "--pipeline", "viral")
    assert (code, err) == (0, "")
    rows = list(csv.DictReader(out.splitlines()))
    assert [row["agent"] for row in rows] == ["scanner", "writer"]
    assert rows[0]["top_failure"] == "timeout"
    _, out, _ = misy("metrics", "--format", "csv", "--of", "failures", "--pipeline", "otra")
    assert out == "agent,kind,attempts,share,ended,first_at,last_at,message\n"


@pytest.mark.parametrize("name", ["f.csv", "f.json", "f.txt", "f.parquet"])
def test_the_name_of_a_file_says_how_to_write_it(misy: Misy, folder: Path, name: str) -> None:
    code, out, err = misy("metrics", "--pipeline", "viral", "--out", name)
    assert (code, out) == (0, "")
    assert err in (f"written: {name}\n", "")
    data = (folder / name).read_bytes()
    match name:
        case "f.csv":
            assert data.startswith(b"agent,calls,")
        case "f.json":
            assert json.loads(data)["runs"] == 2
        case "f.txt":
            assert data.startswith(b"2 runs\n")
        case _:
            assert pd.read_parquet(folder / name)["agent"].tolist() == ["scanner", "writer"]


def test_a_parquet_file_needs_a_place_and_its_package(
    misy: Misy, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = misy("metrics", "--format", "parquet")
    assert code == 2
    assert "say where with --out FILE" in err
    monkeypatch.setattr("misydsl.metrics.parquet.find_spec", lambda _: None)
    code, _, err = misy("metrics", "--out", "f.parquet")
    assert code == 2
    assert "pip install 'misydsl[parquet]'" in err


def test_a_file_that_cannot_be_written_is_told(misy: Misy) -> None:
    code, _, err = misy("metrics", "--out", "nowhere/f.csv")
    assert code == 2
    assert "nowhere/f.csv cannot be written" in err


def test_two_runs_are_compared_like_this(misy: Misy) -> None:
    code, out, err = misy("compare", "r1", "r2")
    assert (code, err) == (0, "")
    assert (
        out
        == """\
a  ✗ failed in 6.0 s: Análisis  run r1-failed
b  ✓ succeeded in 3.5 s: Análisis  run r2-fine
results: not on both sides

step   state a      state b      time a  time b    b - a  b / a  attempts a  attempts b  result
scan   ✓ succeeded  ✓ succeeded   3.5 s   3.5 s  +0.0 ms   1.00           2           2  same
write  ✗ failed                   2.0 s                                   2
post   ⊘ blocked
"""
    )


def test_a_comparison_has_the_names_of_its_data_frame(misy: Misy, folder: Path) -> None:
    found = json_of(misy, "compare", "r1", "r2")
    table = misydsl.compare("r1", "r2", journal="j.db")
    assert list(found["steps"][0]) == list(table.columns)
    assert found["a"]["run"] == table.attrs["a"]["run"] == "r1-failed"
    misy("compare", "r1", "r2", "--out", "difference.csv")
    rows = list(csv.DictReader((folder / "difference.csv").read_text("utf-8").splitlines()))
    assert [row["step"] for row in rows] == ["scan", "write", "post"]
    misy("compare", "r1", "r2", "--out", "difference.json")
    assert json.loads((folder / "difference.json").read_text("utf-8")) == found
    misy("compare", "r1", "r2", "--out", "difference.txt")
    assert "results: " in (folder / "difference.txt").read_text("utf-8")


def test_a_run_that_is_not_there_cannot_be_compared(misy: Misy) -> None:
    code, _, err = misy("compare", "r1", "r9")
    assert code == 2
    assert "r9" in err


def test_a_timeline_is_shown_as_text(misy: Misy) -> None:
    code, out, err = misy("show", "r1", "--timeline")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "Análisis · failed · 6.0 s"
    assert out.splitlines()[2].startswith("* scan ")
    assert out.splitlines()[-1].startswith("█ call   ✗ failed   ─ waits to retry")


def test_a_shown_run_has_its_critical_path(misy: Misy) -> None:
    _, out, _ = misy("show", "r1")
    assert "critical path\nstep   item   time   share" in out


def test_runs_can_be_chosen(misy: Misy) -> None:
    assert [row["runId"] for row in json_of(misy, "runs", "--pipeline", "otra")["runs"]] == [
        "r3-other"
    ]
    _, out, _ = misy("runs", "--pipeline", "nada")
    assert out == "no such runs: misy runs lists all of them\n"


def test_tables_over_runs_take_the_same_words(folder: Path) -> None:
    assert misydsl.runs("j.db", pipeline="viral")["run"].tolist() == ["r2-fine", "r1-failed"]
    assert misydsl.runs("j.db", since="2023-11-15")["run"].tolist() == ["r2-fine"]
    agents = misydsl.agents("j.db", agent="writer")  # type: ignore[operator]  # a room that is called
    assert agents["agent"].tolist() == ["writer"]
    with pytest.raises(MisyError, match="says no time"):
        misydsl.runs("j.db", since="3MB")
