"""Reading a journal where nothing can be written, and reading without leaving a trace."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import apsw
import pytest

from misydsl.failures import JournalUnusable
from misydsl.history.fold import fold
from misydsl.store.location import reading_access
from misydsl.store.sqlite import SqliteJournal
from tests.history.facts import accepted, ended, finished, owned


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "diario.db"
    journal = SqliteJournal(path)
    journal.accept("r1", accepted())
    journal.append("r1", [owned(), finished(3.0), ended(9.0)])
    journal.close()
    path.with_name("diario.db-writers").unlink()
    return path


@pytest.fixture
def read_only(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on nothing may be written, not even by root, who may write everywhere."""
    assert path.exists()
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)


@pytest.mark.usefixtures("read_only")
def test_a_journal_in_a_read_only_folder_is_read_and_nothing_is_made(path: Path) -> None:
    assert reading_access(path) == "frozen"
    before = path.read_bytes()
    journal = SqliteJournal(path, is_reading=True)
    assert fold(journal.read("r1")).status == "succeeded"
    assert [summary.run for summary in journal.runs()] == ["r1"]
    assert list(path.parent.iterdir()) == [path]
    journal.close()
    assert path.read_bytes() == before


@pytest.mark.usefixtures("read_only")
def test_writing_there_is_refused_when_it_is_tried(path: Path) -> None:
    journal = SqliteJournal(path, is_reading=True)
    with pytest.raises(JournalUnusable, match=r"it is not writable .make the folder writable"):
        journal.command("r1", "cancel")
    assert journal.find("r1").status == "succeeded"
    journal.close()


def test_a_journal_others_write_is_read_from_a_read_only_place_up_to_the_newest_fact(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = SqliteJournal(path)
    writing.accept("r2", accepted())
    writing.flush()
    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)
    assert reading_access(path) == "read-only"
    reading = SqliteJournal(path, is_reading=True)
    assert [summary.run for summary in reading.runs()] == ["r2", "r1"]
    reading.close()
    writing.close()


def test_newest_facts_that_cannot_be_brought_in_are_told_with_what_to_do(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = SqliteJournal(path)
    writing.accept("r2", accepted())
    copy = path.parent / "copia" / path.name
    copy.parent.mkdir()
    for name in (path.name, f"{path.name}-wal"):
        shutil.copy(path.with_name(name), copy.with_name(name))
    writing.close()

    def no_shared_memory(*_: object, **__: object) -> apsw.Connection:
        raise apsw.CantOpenError("unable to open database file")

    monkeypatch.setattr(os, "access", lambda _path, mode: not mode & os.W_OK)
    monkeypatch.setattr("misydsl.store.connection._looked_at", no_shared_memory)
    with pytest.raises(JournalUnusable, match=r"still in diario\.db-wal .copy diario\.db and"):
        SqliteJournal(copy, is_reading=True)


def test_reading_makes_no_lock_and_writing_makes_it_when_it_begins(path: Path) -> None:
    lock = path.with_name("diario.db-writers")
    journal = SqliteJournal(path, is_reading=True)
    assert fold(journal.read("r1")).status == "succeeded"
    journal.flush()
    assert not lock.exists()
    journal.accept("r2", accepted())
    assert lock.exists()
    assert [summary.run for summary in journal.runs()] == ["r2", "r1"]
    journal.close()


def test_a_reader_sees_what_another_one_writes(path: Path) -> None:
    reading = SqliteJournal(path, is_reading=True)
    before = reading.version()
    writing = SqliteJournal(path)
    writing.accept("r2", accepted())
    assert reading.version() != before
    assert reading.find("r2").status == "accepted"
    writing.close()
    reading.close()


def test_reading_makes_no_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalUnusable, match=r"there is no journal .*nada\.db"):
        SqliteJournal(tmp_path / "nada.db", is_reading=True)
    assert list(tmp_path.iterdir()) == []


def test_what_may_not_be_read_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    with pytest.raises(JournalUnusable, match="may not be read here"):
        SqliteJournal(path, is_reading=True)


def test_on_a_network_file_system_a_closed_journal_is_read_and_an_open_one_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("misydsl.store.location._mounts", lambda: "s:/ / nfs4 rw 0 0\n")
    reading = SqliteJournal(path, is_reading=True)
    assert reading.find("r1").status == "succeeded"
    reading.close()
    path.with_name("diario.db-wal").write_bytes(b"facts that are not in the file yet")
    with pytest.raises(JournalUnusable, match=r"on a network file system .nfs4"):
        SqliteJournal(path, is_reading=True)


@pytest.mark.usefixtures("read_only")
def test_an_empty_file_in_a_read_only_place_cannot_become_a_journal(tmp_path: Path) -> None:
    (tmp_path / "vacio.db").touch()
    with pytest.raises(JournalUnusable, match="has schema 0 and this version reads 1"):
        SqliteJournal(tmp_path / "vacio.db", is_reading=True)


def test_a_database_of_somebody_else_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "suya.db"
    raw = apsw.Connection(str(path))
    raw.execute("CREATE TABLE theirs (x)")
    raw.close()
    with pytest.raises(JournalUnusable, match="not a journal of MisyDSL"):
        SqliteJournal(path, is_reading=True)
    assert list(tmp_path.iterdir()) == [path]
