"""Forgetting old runs from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from misydsl.cli.main import main
from misydsl.workspace import load, open_journal
from tests.metrics.stories import accepted

ONE = "misy 1\npipeline p() { return 1 }"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one run that ended and one that did not."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MISY_HOME", raising=False)
    run = load(ONE).run()
    run.journal.accept("abierta", accepted())
    pictures = tmp_path / ".misy" / "runs"
    pictures.mkdir()
    (pictures / f"{run.id}.svg").write_text("<svg/>")
    (pictures / "abierta.svg").write_text("<svg/>")
    return tmp_path


def runs() -> list[str]:
    return [row.run for row in open_journal(is_reading=True).runs()]


def test_young_runs_stay(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gc"]) == 0
    assert capsys.readouterr().out == "nothing to forget: no run ended more than 30d ago\n"
    assert len(runs()) == 2
    open_journal().close()


def test_a_dry_run_says_what_would_go_and_touches_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = runs()
    assert main(["gc", "--keep", "0s", "--dry-run"]) == 0
    told, last = capsys.readouterr().out.splitlines()
    assert told == before[1]
    assert last.startswith("would be forgotten: 1 run with 3 events, ")
    assert runs() == before
    assert len(list((project / ".misy" / "runs").iterdir())) == 2
    open_journal().close()


def test_what_went_is_told_and_its_picture_with_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = runs()[1]
    assert main(["gc", "--keep", "0s", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["runs"], told["events"], told["dry_run"]) == ([gone], 3, False)
    assert told["size_bytes"] > 100
    assert runs() == ["abierta"]
    assert [one.name for one in (project / ".misy" / "runs").iterdir()] == ["abierta.svg"]
    assert main(["gc", "--keep", "0s"]) == 0
    assert "nothing to forget" in capsys.readouterr().out
    open_journal().close()


def test_many_are_told_by_the_first_and_a_count(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(22):
        load(ONE).run()
    assert main(["gc", "--keep", "0ms"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2] == "… and 3 more"
    assert lines[-1].startswith("✓ forgotten: 23 runs with 69 events, ")
    assert lines[-1].endswith("kB freed")
    open_journal().close()


def test_a_picture_that_stays_is_no_failure(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = project / ".misy" / "runs" / f"{runs()[1]}.svg"
    picture.unlink()
    picture.mkdir()
    assert main(["gc", "--keep", "0s"]) == 0
    assert "a picture could not be removed" in capsys.readouterr().err
    open_journal().close()


@pytest.mark.parametrize("keep", ["30", "mucho", "-1d", "30MiB", ""])
def test_a_time_that_is_none_is_refused(
    project: Path, keep: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["gc", f"--keep={keep}"]) == 2
    assert f"a time is needed, such as 12h or 30d, not “{keep}”" in capsys.readouterr().err
    assert len(runs()) == 2
    open_journal().close()


def test_where_nothing_was_recorded_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MISY_HOME", raising=False)
    assert main(["gc"]) == 2
    assert "no run was recorded here" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
