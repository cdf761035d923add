"""Journals of a project: reading makes nothing, a lost file is opened anew, a project can be moved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import misydsl
from misydsl.failures import JournalUnusable, RunUnknown
from misydsl.metrics.frames import runs_frame
from misydsl.workspace import load, open_journal
from misydsl.workspace.binding import files_of, recorded_files
from misydsl.workspace.recorded import accepted_of
from misydsl.workspace.runs import find_run, resume
from tests.runner.theatre import PATIENCE_S

ONE = "misy 1\npipeline p() { return 1 }"
GATED = """misy 1
agent first() -> string
agent second() -> string
pipeline p() {
  step a { call first() }
  step b after a { call second() }
  return b
}
"""
AGENTS = """import pathlib
import misydsl

@misydsl.agent
def first() -> str:
    return "uno"

@misydsl.agent
def second() -> str:
    if not pathlib.Path(__file__).with_name("open").exists():
        raise RuntimeError("todavía no")
    return "dos"
"""


class TestReading:
    def test_an_empty_folder_has_no_runs_and_stays_empty(self, folder: Path) -> None:
        for table in (misydsl.runs(), misydsl.runs(folder), misydsl.runs("nada/diario.db")):
            assert list(table.columns) == list(runs_frame([]).columns)
            assert len(table) == 0
        assert len(misydsl.workspace.agents()) == 0
        with pytest.raises(RunUnknown, match="no run '2026'"):
            find_run("2026")
        with pytest.raises(RunUnknown):
            resume("2026")
        assert list(folder.iterdir()) == []

    def test_a_file_nobody_has_written_to_has_no_runs_either(self, folder: Path) -> None:
        (folder / "vacío.db").touch()
        assert len(misydsl.runs("vacío.db")) == 0
        assert (folder / "vacío.db").stat().st_size == 0

    def test_what_was_read_can_be_written_afterwards(self, folder: Path) -> None:
        load(ONE).run().journal.close()
        reading = open_journal(is_reading=True)
        assert len(reading.runs()) == 1
        assert open_journal() is reading
        assert load(ONE).run().status == "succeeded"
        assert len(reading.runs()) == 2
        reading.close()
        assert (folder / ".misy").is_dir()

    def test_a_journal_that_was_deleted_is_not_read_any_more(self, folder: Path) -> None:
        load(ONE).run()
        assert len(misydsl.runs()) == 1
        shutil.rmtree(folder / ".misy")
        assert len(misydsl.runs()) == 0
        load(ONE).run()
        assert len(misydsl.runs()) == 1
        open_journal().close()

    def test_a_path_that_no_journal_can_have_is_refused(self, folder: Path) -> None:
        for place in ("a\udcff.db", "/dev/null", folder / "a\0b.db"):
            with pytest.raises(JournalUnusable):
                misydsl.runs(place)


class TestFilesOfAgents:
    def test_those_of_the_project_are_recorded_from_there_and_others_absolutely(
        self, folder: Path
    ) -> None:
        journal = open_journal()
        inside, outside = folder / "sub" / "a.py", folder.parent / "b.py"
        recorded = recorded_files([inside, Path("c.py"), outside], journal)
        assert recorded == ("sub/a.py", "c.py", str(outside))
        assert files_of(recorded, journal) == (inside, folder / "c.py", outside)
        journal.close()

    def test_a_journal_elsewhere_takes_its_own_folder_for_the_project(self, folder: Path) -> None:
        journal = open_journal(folder / "diario.db")
        assert recorded_files([folder / "a.py"], journal) == ("a.py",)
        journal.close()

    def test_a_project_that_was_moved_as_a_whole_goes_on(self, folder: Path) -> None:
        (folder / "agents.py").write_text(AGENTS, "utf-8")
        (folder / "p.misy").write_text(GATED, "utf-8")
        run = load("p.misy").start(agent_files=["agents.py"])
        run.wait(PATIENCE_S)
        accepted = accepted_of(run.journal, run.id)
        assert accepted.agent_files == ("agents.py",)
        waiting = f"{run.id}-w"
        run.journal.accept(waiting, accepted)
        run.journal.close()
        moved = folder.rename(folder.with_name("mudado"))
        (moved / "open").touch()
        again = resume(waiting, journal=moved / ".misy" / "journal.db")
        assert again.wait(PATIENCE_S) == "succeeded"
        assert again.result == "dos"
        again.journal.close()
