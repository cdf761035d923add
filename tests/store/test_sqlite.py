"""What only the journal on disk promises: durability, sharing, and clear words when it cannot."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from msgspec import Raw
from msgspec.structs import replace

from misydsl.failures import JournalUnusable, RunBusy
from misydsl.history.events import Event, RunFinished, StepFinished
from misydsl.history.fold import fold
from misydsl.store.connection import switch_to_wal
from misydsl.store.leases import Process
from misydsl.store.migrations import MIGRATIONS
from misydsl.store.sqlite import BLOB_BYTES, SqliteJournal
from misydsl.store.writerlock import WriterLock
from misydsl.store.writers import borrow, give_back
from tests.history.facts import accepted, ended, finished, owned, started

ROOT = Path(__file__).parents[2]


class StoppedClock:
    """Time passes when the test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    keeper = SqliteJournal(path)
    keeper.accept("r1", accepted())
    yield keeper
    keeper.close()


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Another process that keeps a journal; it prints what it has been told."""
    head = """
        import os, sys
        from pathlib import Path
        from misydsl.failures import MisyError
        from misydsl.store.sqlite import SqliteJournal
        from tests.history.facts import accepted, finished, owned
        journal = SqliteJournal(Path(sys.argv[1]))
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(head) + textwrap.dedent(code), *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def items_of(journal: SqliteJournal, run: str) -> list[str]:
    return [getattr(recorded.event, "item", "") for recorded in journal.read(run)][1:]


def raw_connection(path: Path) -> apsw.Connection:
    return apsw.Connection(str(path))


def test_everything_that_was_confirmed_survives_kill_9(path: Path) -> None:
    process = child(
        """
        journal.accept("r1", accepted())
        def told(item):
            def done(problem):
                if problem is None:
                    os.write(1, f"{item}\\n".encode())
            return done
        item = 0
        while True:
            journal.append("r1", [finished(3.0, item=str(item))], told(item))
            item += 1
            if item % 50 == 0:
                journal.flush()
        """,
        path,
    )
    assert process.stdout is not None
    confirmed = [int(process.stdout.readline()) for _ in range(2_000)]
    process.kill()
    confirmed += [
        int(line) for line in process.stdout.read().splitlines(keepends=True) if line[-1:] == "\n"
    ]
    process.stdout.close()
    process.wait()
    journal = SqliteJournal(path)
    found = items_of(journal, "r1")
    journal.close()
    assert confirmed == list(range(len(confirmed)))
    assert found == [str(item) for item in range(len(found))]
    assert len(found) >= len(confirmed)


def test_two_processes_append_to_their_runs_at_once(path: Path) -> None:
    SqliteJournal(path).close()
    code = """
        run = sys.argv[2]
        journal.accept(run, accepted())
        for item in range(400):
            journal.append(run, [finished(3.0, item=str(item))])
            if item % 10 == 0:
                journal.flush()
        journal.close()
    """
    processes = [child(code, path, run) for run in ("a", "b")]
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    journal = SqliteJournal(path)
    for run in ("a", "b"):
        assert items_of(journal, run) == [str(item) for item in range(400)]
    journal.close()


def test_a_fresh_file_may_be_opened_by_many_processes_at_once(path: Path) -> None:
    code = "journal.accept(sys.argv[2], accepted())\njournal.close()\n"
    processes = [child(code, path, run) for run in "abc"]
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    journal = SqliteJournal(path)
    assert {summary.run for summary in journal.runs()} == set("abc")
    journal.close()


def test_a_run_of_a_killed_process_can_be_taken_over_at_once(path: Path) -> None:
    code = """
        journal.accept("r1", accepted())
        journal.claim("r1", "them")
        print("mine", flush=True)
        sys.stdin.read()
    """
    process = child(code, path)
    assert process.stdout is not None
    assert process.stdout.readline() == "mine\n"
    journal = SqliteJournal(path)
    with pytest.raises(RunBusy, match=f"belongs to them .process {process.pid} on "):
        journal.claim("r1", "us")
    assert journal.find("r1").owner == "them"
    process.kill()
    process.communicate()
    assert journal.find("r1").owner is None
    journal.claim("r1", "us")
    assert journal.find("r1").owner == "us"
    journal.close()


def test_an_owner_on_another_machine_is_dead_after_fifteen_silent_seconds(path: Path) -> None:
    clock = StoppedClock()
    far = SqliteJournal(path, clock=clock, process=Process("far", "another-boot", 1, "1"))
    here = SqliteJournal(path, clock=clock)
    far.accept("r1", accepted())
    far.claim("r1", "them")
    clock.now += 14.0
    far.heartbeat("r1", "them")
    far.flush()
    clock.now += 14.0
    with pytest.raises(RunBusy, match="on far, last heard of 14 s ago"):
        here.claim("r1", "us")
    assert here.find("r1").heartbeat_at == 1_014.0
    clock.now += 1.0
    assert here.find("r1").owner is None
    here.claim("r1", "us")
    with pytest.raises(RunBusy, match="them no longer owns"):
        _beat_twice(far)
    far.close()
    here.close()


def _beat_twice(journal: SqliteJournal) -> None:
    journal.heartbeat("r1", "them")
    journal.flush()
    journal.heartbeat("r1", "them")


def test_a_forked_child_is_told_to_open_the_journal_anew(path: Path) -> None:
    process = child(
        """
        journal.accept("r1", accepted())
        journal.append("r1", [owned()])
        if (pid := os.fork()) == 0:
            try:
                journal.append("r1", [owned()])
            except MisyError as refusal:
                print(refusal, flush=True)
            journal.close()
            again = SqliteJournal(Path(sys.argv[1]))
            again.accept("of-child", accepted())
            again.close()
            os._exit(0)
        _, code = os.waitpid(pid, 0)
        journal.append("r1", [finished(3.0)])
        journal.close()
        sys.exit(code)
        """,
        path,
    )
    said, _ = process.communicate()
    assert process.returncode == 0
    assert "before this process was forked; open it again" in said
    journal = SqliteJournal(path)
    assert [type(recorded.event).__name__ for recorded in journal.read("r1")] == [
        "RunAccepted",
        "RunOwned",
        "StepFinished",
    ]
    assert journal.find("of-child").run == "of-child"
    journal.close()


def test_what_was_appended_is_written_even_when_nobody_closes(path: Path) -> None:
    code = """
        journal.accept("r1", accepted())
        for item in range(1_000):
            journal.append("r1", [finished(3.0, item=str(item))])
    """
    process = child(code, path)
    process.communicate()
    assert process.returncode == 0
    journal = SqliteJournal(path)
    assert len(items_of(journal, "r1")) == 1_000
    journal.close()


def test_a_journal_is_there_when_it_is_opened_again(journal: SqliteJournal, path: Path) -> None:
    journal.append("r1", [owned(), ended(9.0)])
    journal.close()
    again = SqliteJournal(path)
    assert fold(again.read("r1")).status == "succeeded"
    again.append("r1", [owned()])
    again.close()


def test_journals_on_one_file_share_a_writer_until_the_last_is_closed(
    journal: SqliteJournal, path: Path
) -> None:
    other = SqliteJournal(path)
    before = other.version()
    journal.append("r1", [owned()])
    journal.close()
    assert other.version() != before
    other.append("r1", [finished(3.0)])
    other.flush()
    assert len(list(other.read("r1"))) == 3
    other.close()


def test_a_large_value_is_stored_once_and_beside_the_events(
    journal: SqliteJournal, path: Path
) -> None:
    large = b'"' + b"x" * BLOB_BYTES + b'"'
    result: Event = RunFinished(9.0, status="succeeded", result=finished(1.0, value=large).value)
    just_not = finished(2.0, value=b'"' + b"x" * (BLOB_BYTES - 2) + b'"')
    facts: list[Event] = [finished(1.0, value=large), just_not, accepted(), result]
    journal.append("r1", facts)
    journal.flush()
    assert [recorded.event for recorded in journal.read("r1")][1:] == facts
    raw = raw_connection(path)
    assert raw.execute("SELECT count(*) FROM blob").get == 1
    sizes = (
        "SELECT group_concat(length(body) > 200000, ' ') FROM (SELECT * FROM event ORDER BY seq)"
    )
    assert raw.execute(sizes).get == "0 0 1 0 0"
    raw.close()


def test_a_large_input_without_a_place_for_a_name_stays_in_its_fact(
    journal: SqliteJournal,
) -> None:
    fact = accepted(pipeline="p" * (BLOB_BYTES + 1))
    journal.append("r1", [fact])
    journal.flush()
    assert list(journal.read("r1"))[1].event == fact


def test_large_inputs_are_stored_beside_their_facts_and_equal_ones_once(
    journal: SqliteJournal, path: Path
) -> None:
    large = Raw(b'{"texto": "' + "ñ".encode() * BLOB_BYTES + b'"}')
    begun = [replace(started(float(at), item=str(at)), inputs=large) for at in range(3)]
    whole = replace(accepted(), inputs=large)
    journal.accept("r2", whole)
    journal.append("r2", begun)
    journal.flush()
    assert [recorded.event for recorded in journal.read("r2")] == [whole, *begun]
    raw = raw_connection(path)
    assert raw.execute("SELECT count(*) FROM blob").get == 1
    assert raw.execute("SELECT max(length(body)) FROM event").get < 1_000
    raw.close()


def test_a_file_that_is_deleted_during_a_run_is_told_to_whoever_writes(path: Path) -> None:
    journal = SqliteJournal(path)
    journal.accept("r1", accepted())
    path.unlink()
    answers: list[BaseException | None] = []
    journal.append("r1", [owned()], answers.append)
    with pytest.raises(JournalUnusable, match="deleted or replaced while it was open"):
        journal.flush()
    assert [str(answer)[-13:] for answer in answers] == ["open it again"]
    with pytest.raises(JournalUnusable, match="deleted or replaced"):
        journal.close()


def test_a_full_disk_is_told_with_what_to_do(path: Path) -> None:
    journal = SqliteJournal(path)
    journal.accept("r1", accepted())
    writer = journal.prepare_writing()
    pages = writer.call(lambda connection: int(connection.pragma("page_count")))
    writer.call(lambda connection: connection.pragma("max_page_count", pages + 1))
    journal.append("r1", [finished(1.0, value=b'"' + b"x" * 50_000 + b'"')])
    with pytest.raises(JournalUnusable, match="make room on the disk; what was not confirmed"):
        journal.flush()
    with pytest.raises(JournalUnusable, match="make room on the disk"):
        journal.close()


def test_a_value_that_is_gone_is_named(journal: SqliteJournal, path: Path) -> None:
    journal.append("r1", [finished(1.0, value=b'"' + b"x" * BLOB_BYTES + b'"')])
    journal.flush()
    raw = raw_connection(path)
    raw.execute("DELETE FROM blob")
    raw.close()
    with pytest.raises(JournalUnusable, match="has lost the value"):
        list(journal.read("r1"))


def test_facts_can_be_looked_up_by_kind_step_and_item_and_never_changed(
    journal: SqliteJournal, path: Path
) -> None:
    journal.append("r1", [finished(1.0, step="a/ñ", item="3/0"), ended(2.0)])
    journal.flush()
    raw = raw_connection(path)
    rows = list(raw.execute("SELECT kind, step, item FROM event ORDER BY seq"))
    assert rows[1:] == [("step-finished", "a/ñ", "3/0"), ("run-finished", "", "")]
    with pytest.raises(apsw.ConstraintError, match="only ever appended"):
        raw.execute("UPDATE event SET body = '{}'")
    raw.close()


def test_the_file_is_in_wal_mode_and_for_its_owner_alone(
    journal: SqliteJournal, path: Path
) -> None:
    raw = raw_connection(path)
    assert raw.pragma("journal_mode") == "wal"
    raw.close()
    assert path.stat().st_mode & 0o077 == 0


def test_the_first_error_is_given_to_everybody_behind_it(path: Path) -> None:
    journal = SqliteJournal(path, busy_timeout_s=0.02)
    journal.accept("r1", accepted())
    answers: list[BaseException | None] = []
    raw = raw_connection(path)
    raw.execute("BEGIN IMMEDIATE")
    journal.append("r1", [owned()], answers.append)
    with pytest.raises(JournalUnusable, match="held it for too long"):
        journal.flush()
    raw.execute("ROLLBACK")
    raw.close()
    (answer,) = answers
    assert isinstance(answer, JournalUnusable)
    with pytest.raises(JournalUnusable, match="held it for too long"):
        journal.append("r1", [owned()])
    again = SqliteJournal(path)
    again.append("r1", [owned(7.0)])
    again.flush()
    assert [recorded.event for recorded in again.read("r1")][1:] == [owned(7.0)]
    again.close()
    with pytest.raises(JournalUnusable, match="held it for too long"):
        journal.close()


def test_an_error_in_the_middle_of_a_group_leaves_none_of_it(
    journal: SqliteJournal, path: Path
) -> None:
    raw = raw_connection(path)
    raw.execute(
        "CREATE TRIGGER t BEFORE INSERT ON event WHEN new.item = '7' BEGIN SELECT raise(ABORT, 'no room'); END"
    )
    raw.close()
    answers: list[BaseException | None] = []
    journal.append("r1", [finished(1.0, item=str(i)) for i in range(9)], answers.append)
    with pytest.raises(JournalUnusable, match="no room"):
        journal.close()
    assert [type(answer) for answer in answers] == [JournalUnusable]
    again = SqliteJournal(path)
    assert items_of(again, "r1") == []
    again.close()


def test_a_done_that_raises_is_logged_and_hurts_nobody(
    journal: SqliteJournal, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_problem: BaseException | None) -> None:
        raise RuntimeError("the loop is closed")

    answers: list[BaseException | None] = []
    with caplog.at_level(logging.ERROR, logger="misydsl.store"):
        journal.append("r1", [owned()], broken)
        journal.append("r1", [finished(3.0)], answers.append)
        journal.flush()
    assert answers == [None]
    assert "the loop is closed" in caplog.text


def test_waiting_inside_a_done_is_refused_instead_of_hanging(journal: SqliteJournal) -> None:
    refusals: list[JournalUnusable] = []

    def waits(_problem: BaseException | None) -> None:
        try:
            journal.flush()
        except JournalUnusable as refusal:
            refusals.append(refusal)

    journal.append("r1", [owned()], waits)
    journal.flush()
    assert len(refusals) == 1
    assert "inside a `done`" in str(refusals[0])


def test_a_deleted_file_is_noticed_before_a_run_is_lost_in_it(
    journal: SqliteJournal, path: Path
) -> None:
    path.unlink()
    with pytest.raises(JournalUnusable, match="deleted or replaced"):
        journal.accept("r2", accepted())
    again = SqliteJournal(path)
    again.accept("r2", accepted())
    assert [summary.run for summary in again.runs()] == ["r2"]
    again.close()


def test_an_older_schema_is_brought_up_and_a_newer_one_refused(
    journal: SqliteJournal, path: Path
) -> None:
    journal.append("r1", [owned()])
    journal.close()
    newer = (*MIGRATIONS, "CREATE TABLE note (text TEXT); INSERT INTO note VALUES ('hi')")
    give_back(borrow(path, migrations=newer))
    give_back(borrow(path, migrations=newer))
    raw = raw_connection(path)
    assert raw.execute("SELECT count(*) FROM note").get == 1
    assert raw.execute("SELECT count(*) FROM event").get == 2
    raw.close()
    with pytest.raises(JournalUnusable, match="has schema 2 and this version knows 1"):
        SqliteJournal(path)


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    journal: SqliteJournal, path: Path
) -> None:
    journal.close()
    broken = (*MIGRATIONS, "CREATE TABLE note (text TEXT); INSERT INTO nowhere VALUES (1)")
    with pytest.raises(JournalUnusable, match="nowhere"):
        borrow(path, migrations=broken)
    again = SqliteJournal(path)
    assert again.find("r1").run == "r1"
    again.close()


def _someone_elses_database(path: Path) -> None:
    raw = raw_connection(path)
    raw.execute("CREATE TABLE theirs (x)")
    raw.close()


def _with_an_application_id(path: Path) -> None:
    raw = raw_connection(path)
    raw.execute("PRAGMA application_id = 7")
    raw.close()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _text(path: Path) -> None:
    path.write_text("Querido diario: hoy nada. " * 100)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_someone_elses_database, "not a journal of MisyDSL"),
        (_with_an_application_id, "not a journal of MisyDSL"),
        (_text, "not a journal of MisyDSL"),
        (Path.mkdir, "it is a folder"),
        (_pipe, "it is a device, not a file"),
    ],
)
def test_what_is_not_a_journal_is_refused_and_left_as_it_is(
    path: Path, make: Callable[[Path], None], words: str
) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(JournalUnusable, match=words):
        SqliteJournal(path)
    assert (path.read_bytes() if path.is_file() else b"") == before
    assert list(path.parent.iterdir()) == [path]  # nothing of ours is left beside it


def test_a_damaged_file_is_reported_and_not_read_as_something_else(
    journal: SqliteJournal, path: Path
) -> None:
    journal.append("r1", [finished(1.0, item=str(i)) for i in range(3_000)])
    journal.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 3)
        file.write(b"\xa5" * (size // 3))
    damaged = SqliteJournal(path)
    with pytest.raises(JournalUnusable, match=r"journal\.db"):
        list(damaged.read("r1"))
    damaged.close()


def test_an_empty_file_becomes_a_journal(path: Path) -> None:
    path.touch()
    journal = SqliteJournal(path)
    assert journal.runs() == []
    journal.close()


def test_an_old_sqlite_writes_alone(path: Path) -> None:
    old = WriterLock(path, sqlite="3.51.2")
    for version in ("3.51.2", "3.51.3"):
        with pytest.raises(JournalUnusable, match=r"SQLite 3\.51\.3 is the first that is safe"):
            WriterLock(path, sqlite=version)
    old.release()
    first, second = WriterLock(path, sqlite="3.51.3"), WriterLock(path, sqlite="3.100.0")
    with pytest.raises(JournalUnusable, match="another process"):
        WriterLock(path, sqlite="3.46.1")
    first.release()
    second.release()
    second.release()
    WriterLock(path, sqlite="3.46.1").release()


def test_a_writer_that_is_locked_out_leaves_nothing_behind(path: Path) -> None:
    old = WriterLock(path, sqlite="3.51.2")
    with pytest.raises(JournalUnusable, match="another process"):
        SqliteJournal(path)
    assert not path.exists()
    old.release()
    SqliteJournal(path).close()


def test_every_thread_reads_for_itself(journal: SqliteJournal) -> None:
    journal.append("r1", [finished(1.0, item=str(i)) for i in range(500)])
    journal.flush()
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.append(len(list(journal.read("r1")))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [501] * 4


def test_a_reader_in_the_middle_does_not_hold_back_the_writer(journal: SqliteJournal) -> None:
    journal.append("r1", [finished(1.0, item=str(i)) for i in range(500)])
    journal.flush()
    reading = journal.read("r1")
    next(reading)
    journal.append("r1", [ended(9.0)])
    journal.flush()
    assert list(reading)[-1].event == ended(9.0)


def test_a_reader_that_cannot_be_opened_gives_the_writer_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_path: Path, *, access: str) -> apsw.Connection:
        raise JournalUnusable(f"no more descriptors for {access} reading")

    monkeypatch.setattr("misydsl.store.reading.open_for_reading", refused)
    with pytest.raises(JournalUnusable, match="no more descriptors"):
        SqliteJournal(path)
    WriterLock(path, sqlite="3.46.1").release()


def test_a_lock_file_that_cannot_be_made_is_reported(path: Path) -> None:
    path.with_name("journal.db-writers").mkdir()
    with pytest.raises(JournalUnusable, match=r"journal\.db cannot be used"):
        SqliteJournal(path)


def test_switching_to_wal_waits_for_another_process(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = raw_connection(path)
    raw.execute("CREATE TABLE theirs (x)")
    raw.execute("BEGIN IMMEDIATE")
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            raw.execute("ROLLBACK")

    monkeypatch.setattr("misydsl.store.connection.time.sleep", wait)
    ours = raw_connection(path)
    switch_to_wal(ours, tries=10)
    assert ours.pragma("journal_mode") == "wal"
    assert len(waits) == 3
    ours.close()
    raw.close()


def test_switching_to_wal_gives_up_in_the_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = raw_connection(path)
    raw.execute("CREATE TABLE theirs (x)")
    raw.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("misydsl.store.connection.time.sleep", lambda _: None)
    ours = raw_connection(path)
    with pytest.raises(apsw.BusyError):
        switch_to_wal(ours, tries=3)
    ours.close()
    raw.close()


def test_large_values_stay_names_when_all_runs_are_read(tmp_path: Path) -> None:
    value = b'"' + b"x" * 300_000 + b'"'
    with closing(SqliteJournal(tmp_path / "journal.db")) as journal:
        journal.accept("r1", accepted())
        journal.append("r1", [finished(3.0, value=value)])
        journal.flush()
        event = journal.read_all(after=0, limit=10)[-1].event
    assert isinstance(event, StepFinished)
    assert event.blob is not None
    assert bytes(event.value) == b"null"


def test_a_page_of_heavy_facts_is_short_and_never_empty(tmp_path: Path) -> None:
    value = b'"' + b"x" * 200_000 + b'"'
    with closing(SqliteJournal(tmp_path / "journal.db")) as journal:
        journal.accept("r1", accepted())
        journal.append("r1", [finished(3.0, item=str(i), value=value) for i in range(60)])
        journal.flush()
        sizes, after = [], 0
        while page := journal.read_all(after=after, limit=1_000):
            sizes.append(len(page))
            after = page[-1].seq
    assert sum(sizes) == 61
    assert max(sizes) < 30


_WRITE_MUCH = """
import sys
from pathlib import Path
from misydsl.store.sqlite import SqliteJournal
from tests.history.facts import accepted, finished
journal = SqliteJournal(Path(sys.argv[1]))
for number in range(20):
    run = f"{sys.argv[2]}-{number}"
    journal.accept(run, accepted())
    for i in range(20):
        journal.append(run, [finished(3.0, item=str(i))])
journal.close()
"""


@pytest.mark.slow
def test_nothing_is_ever_committed_below_a_seq_that_was_read(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    with closing(SqliteJournal(path)) as journal:
        writers = [
            subprocess.Popen([sys.executable, "-c", _WRITE_MUCH, str(path), name], cwd=ROOT)
            for name in ("a", "b", "c")
        ]
        followed, after = [], 0
        while True:
            is_last = all(writer.poll() is not None for writer in writers)
            page = journal.read_all(after=after, limit=50)
            followed += page
            after = page[-1].seq if page else after
            if is_last and not page:
                break
        assert [writer.returncode for writer in writers] == [0, 0, 0]
        assert followed == journal.read_all(after=0, limit=10_000)
    assert len(followed) == 3 * 20 * 21
