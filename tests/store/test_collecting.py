"""Forgetting old runs: what goes, what stays, and that others may work meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Raw
from msgspec.structs import replace

from misydsl.failures import RunUnknown
from misydsl.history.events import RunPaused
from misydsl.history.fold import fold
from misydsl.store.journal import Collected, Journal
from misydsl.store.memory import MemoryJournal
from misydsl.store.sqlite import BLOB_BYTES, SqliteJournal
from tests.history.facts import accepted, ended, finished, owned, started


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    keeper: Journal = (
        MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "journal.db")
    )
    yield keeper
    keeper.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def write_run(journal: Journal, run: str, *, ends_at: float | None, value: bytes = b"1") -> None:
    journal.accept(run, accepted())
    journal.append(run, [owned(), finished(3.0, value=value)])
    if ends_at is not None:
        journal.append(run, [ended(ends_at)])
    journal.flush()


def runs_of(journal: Journal) -> list[str]:
    return [summary.run for summary in journal.runs()]


def test_runs_that_ended_before_the_moment_go_with_their_events(journal: Journal) -> None:
    write_run(journal, "old", ends_at=99.0)
    write_run(journal, "new", ends_at=100.0)
    before = journal.version()
    collected = journal.collect(100.0)
    assert (collected.runs, collected.events) == (("old",), 4)
    assert collected.size_bytes > 100
    assert runs_of(journal) == ["new"]
    assert journal.version() != before
    with pytest.raises(RunUnknown):
        journal.find("old")
    assert fold(journal.read("new")).status == "succeeded"


def test_a_dry_run_says_the_same_and_touches_nothing(journal: Journal) -> None:
    write_run(journal, "old", ends_at=99.0, value=b'"' + b"x" * BLOB_BYTES + b'"')
    write_run(journal, "new", ends_at=200.0)
    before = journal.version()
    told = journal.collect(100.0, is_dry_run=True)
    assert journal.version() == before
    assert runs_of(journal) == ["new", "old"]
    assert fold(journal.read("old")).status == "succeeded"
    assert journal.collect(100.0) == told


def test_what_is_not_final_is_never_touched(journal: Journal) -> None:
    write_run(journal, "running", ends_at=None)
    journal.accept("accepted", accepted())
    write_run(journal, "paused", ends_at=None)
    journal.append("paused", [RunPaused(5.0, reason="Ctrl-C")])
    journal.flush()
    assert journal.collect(1e12) == Collected((), 0, 0)
    assert runs_of(journal) == ["paused", "accepted", "running"]


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
def test_every_final_run_may_go(journal: Journal, status: str) -> None:
    journal.accept("r", accepted())
    journal.append("r", [ended(5.0, status)])
    journal.flush()
    assert journal.collect(6.0).runs == ("r",)


def test_a_run_whose_results_an_unfinished_one_builds_on_stays_until_that_one_ends(
    journal: Journal,
) -> None:
    write_run(journal, "base", ends_at=9.0)
    journal.accept("retry", replace(accepted(), base="base", why="retry --failed"))
    journal.append("retry", [owned(), replace(finished(3.0), reused="base")])
    journal.flush()
    assert journal.collect(100.0).runs == ()
    journal.append("retry", [ended(200.0)])
    journal.flush()
    assert journal.collect(100.0).runs == ("base",)
    assert fold(journal.read("retry")).status == "succeeded"


def test_an_id_may_be_given_again_and_a_cursor_meets_no_seq_twice(journal: Journal) -> None:
    write_run(journal, "r", ends_at=9.0)
    last = max(recorded.seq for recorded in journal.read("r"))
    journal.collect(100.0)
    write_run(journal, "r", ends_at=10.0)
    assert min(recorded.seq for recorded in journal.read("r")) > last


def test_what_a_removed_run_left_for_equal_calls_goes_with_it(journal: Journal) -> None:
    for run, keys in (("old", ("a", "b")), ("new", ("b",))):
        journal.accept(run, accepted())
        journal.append(run, [replace(finished(3.0, step=key), memo=key) for key in keys])
        journal.append(run, [ended(9.0 if run == "old" else 300.0)])
    journal.flush()
    assert journal.recall("a") is not None
    assert journal.collect(100.0).runs == ("old",)
    assert journal.recall("a") is None
    kept = journal.recall("b")
    assert kept is not None
    assert kept.run == "new"


def test_values_that_others_name_stay(path: Path) -> None:
    journal = SqliteJournal(path)
    shared = b'"' + b"s" * BLOB_BYTES + b'"'
    own = b'"' + b"o" * BLOB_BYTES + b'"'
    write_run(journal, "old", ends_at=9.0, value=own)
    journal.accept("kept", accepted())
    call = replace(started(2.0), inputs=Raw(shared))
    journal.append("kept", [call, finished(3.0, value=shared)])
    write_run(journal, "old-too", ends_at=9.0, value=shared)
    told = journal.collect(100.0, is_dry_run=True)
    assert journal.collect(100.0) == told
    assert told.size_bytes == pytest.approx(len(own), abs=5_000)
    assert [recorded.event for recorded in journal.read("kept")][1] == call
    assert stored_values(journal) == 1
    journal.close()


def stored_values(journal: SqliteJournal) -> int:
    writer = journal.prepare_writing()
    return writer.call(lambda connection: int(connection.execute("SELECT count(*) FROM blob").get))


def test_the_file_shrinks(path: Path) -> None:
    journal = SqliteJournal(path)
    for number in range(20):
        value = b'"' + str(number).encode() * (BLOB_BYTES // 2) + b'"'
        write_run(journal, f"r{number}", ends_at=9.0, value=value)
    journal.prepare_writing().call(
        lambda connection: connection.pragma("wal_checkpoint", "truncate"), is_apart=True
    )
    before = path.stat().st_size
    collected = journal.collect(100.0)
    assert collected.size_bytes > 20 * BLOB_BYTES // 2
    assert path.stat().st_size < before - 20 * BLOB_BYTES // 2
    assert path.with_name("journal.db-wal").stat().st_size == 0
    journal.close()


def test_others_read_and_write_while_it_goes_on(path: Path) -> None:
    journal, other = SqliteJournal(path), SqliteJournal(path)
    for number in range(5):
        write_run(journal, f"old{number}", ends_at=9.0)
    write_run(other, "new", ends_at=None)
    reading = other.read("old3")
    next(reading)
    assert len(journal.collect(100.0).runs) == 5
    other.append("new", [ended(300.0)])
    other.flush()
    assert runs_of(other) == ["new"]
    assert len(list(reading)) == 3  # what a reader holds in its hand it keeps
    assert list(other.read("old3")) == []
    journal.close()
    other.close()


def test_a_number_of_a_removed_run_is_not_given_to_another_one(path: Path) -> None:
    journal, other = SqliteJournal(path), SqliteJournal(path)
    write_run(journal, "old", ends_at=9.0)
    assert len(list(other.read("old"))) == 4
    journal.collect(100.0)
    write_run(journal, "new", ends_at=None)
    assert list(other.read("old")) == []
    journal.close()
    other.close()


def test_a_run_that_somebody_else_removed_first_is_not_counted(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, other = SqliteJournal(path), SqliteJournal(path)
    write_run(journal, "old", ends_at=9.0)
    found = journal._reader.old(100.0)
    assert other.collect(100.0).runs == ("old",)
    monkeypatch.setattr(journal._reader, "old", lambda _before: found)
    assert journal.collect(100.0) == Collected((), 0, 0)
    journal.close()
    other.close()
