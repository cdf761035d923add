"""The journal on disk: one SQLite file, for as many processes as want to read and write it.

In: what every journal takes. Out: durable facts: WAL, `synchronous=FULL`, and one writer thread per
process and file that commits whatever has piled up. `append` encodes the events and returns; a value
that cannot be written is refused there, to the caller, and hurts nobody else. Values over 256 kB are
stored once, by their hash. Whoever only reads makes nothing: the writer is fetched for the first write.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.failures import JournalUnusable, RunBusy, RunUnknown
from misydsl.history.events import Event, Recorded, RunAccepted
from misydsl.history.wire import to_text
from misydsl.store import messages, ownership
from misydsl.store.aside import BLOB_BYTES, set_aside
from misydsl.store.collecting import NEXT_NUMBER, OldRun, give_room_back, remove_run, remove_unnamed
from misydsl.store.journal import Collected, Command, Done, Memo, RunSummary
from misydsl.store.leases import Lease, Process, is_alive, this_process
from misydsl.store.location import default_journal_path, reading_access
from misydsl.store.migrations import MIGRATIONS
from misydsl.store.reading import Reader
from misydsl.store.summaries import RESULT_FACTS, RUN_FACTS, change_of
from misydsl.store.writer import INSERT_BLOB, Batch, MemoRow, RunChange, Writer, identity_of
from misydsl.store.writers import BUSY_TIMEOUT_S, Pen

if TYPE_CHECKING:
    import apsw

__all__ = ["BLOB_BYTES", "SqliteJournal", "default_journal_path"]

_ACCEPT: Final = """
    INSERT INTO run (number, id, pipeline, title, session, accepted_at, steps, status)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


class SqliteJournal:
    """Keeps facts in a file; with `is_reading` it must be there, if only to be read.

    Raises: JournalUnusable.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock = SYSTEM_CLOCK,
        process: Process | None = None,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
        is_reading: bool = False,
    ) -> None:
        self.path = path.absolute()
        self._clock, self._process = clock, process or this_process()
        self._pid = os.getpid()
        self._is_closed = False
        self._numbers: dict[str, int] = {}
        self._beats: dict[str, Future[None]] = {}
        self._pen = Pen(self.path, busy_timeout_s=busy_timeout_s)
        if not is_reading:
            self.prepare_writing()
        try:
            self._reader = Reader(self.path, is_living=self._is_living)
            if _is_older(self._reader, self.path):
                self.prepare_writing()
            self._identity = identity_of(self.path)
        except BaseException:
            self._pen.give_back()
            raise

    def prepare_writing(self) -> Writer:
        """The writer, fetched now at the latest. Raises: JournalUnusable where none may write."""
        return self._pen.writer()

    def accept(
        self, run: str, event: RunAccepted, owner: str | None = None, also: Sequence[Event] = ()
    ) -> None:
        """Record a new run; durable when it returns. Raises: RunBusy for an id that exists."""
        self._check()
        if not self.is_in_place:
            raise JournalUnusable(messages.gone(self.path))
        status = next((found[0] for fact in also if (found := change_of(fact))), "accepted")
        row = (run, event.pipeline, event.title, event.session, event.at, event.steps, status)
        blobs: list[tuple[str, bytes]] = []
        bodies = [to_text(set_aside(fact, blobs)) for fact in (event, *also)]

        def work(connection: apsw.Connection) -> int:
            number = _accepted(connection, row, bodies, blobs)
            if owner is not None:
                self._own(connection, number, run, owner)
            return number

        self._numbers[run] = self.prepare_writing().call(work)

    def append(self, run: str, events: Sequence[Event], done: Done | None = None) -> None:
        """Queue events of one run; raises `JournalUnusable` when the writer has died."""
        number = self._number(run)
        texts: list[str] = []
        changes: list[RunChange] = []
        blobs: list[tuple[str, bytes]] = []
        memos: list[MemoRow] = []
        for event in events:
            text = to_text(event)
            if len(text) > BLOB_BYTES // 4:  # a character is four bytes at most
                text = to_text(set_aside(event, blobs))
            if isinstance(event, RESULT_FACTS) and event.memo is not None:
                memos.append((event.memo, event.at, number, bytes(event.value)))
            if isinstance(event, RUN_FACTS) and (change := change_of(event)):
                changes.append((*change, number))
            texts.append(text)
        self.prepare_writing().put(Batch(number, texts, done, changes, blobs, memos))

    def recall(self, key: str) -> Memo | None:
        """The newest committed result that a fact filed under this `memo`; None when there is none."""
        self._check()
        return self._reader.memo(key)

    def flush(self) -> None:
        """Return when everything appended so far is durable; raises what prevented it."""
        self._check()
        self._pen.flush()

    def read(self, run: str, *, after: int = 0) -> Iterator[Recorded]:
        """A run's committed events with `seq > after`, in order, none missing."""
        return self._reader.events(run, self._number(run), after=after)

    def read_all(
        self, *, after: int, limit: int, run: str | None = None, is_whole: bool = False
    ) -> list[Recorded]:
        """Committed events of all runs (or of one) with `seq > after`; none only at the end."""
        self._check()
        number = None if run is None else self._number(run)
        return self._reader.page(number, after=after, limit=limit, is_whole=is_whole)

    def runs(self, *, limit: int | None = None) -> list[RunSummary]:
        """Newest first; `owner` is None where the one on record has died."""
        self._check()
        return self._reader.summaries(limit=limit)

    def find(self, prefix: str) -> RunSummary:
        """The run of this id or unambiguous beginning of one; raises `RunUnknown`."""
        self._check()
        found = self._reader.summaries_like(prefix) if prefix else []
        if len(found) > 1:
            runs = sorted(summary.run for summary in found)[:5]
            raise RunUnknown(messages.run_ambiguous(prefix, runs))
        if not found:
            raise RunUnknown(messages.run_unknown(prefix))
        return found[0]

    def claim(self, run: str, owner: str) -> None:
        """Own a run until `release`; raises `RunBusy` while another living process owns it."""
        number = self._number(run)
        self.prepare_writing().call(lambda writing: self._own(writing, number, run, owner))
        self._beats.pop(run, None)

    def heartbeat(self, run: str, owner: str) -> None:
        """Say that the owner lives, without waiting.

        Raises: RunBusy once the last one found that another process has taken the run over.
        """
        number, now = self._number(run), self._clock.wall()
        last = self._beats.get(run)
        if last is not None and last.done():
            last.result()
        self._beats[run] = self.prepare_writing().start(
            lambda writing: ownership.beat(writing, number, run=run, owner=owner, now=now)
        )

    def release(self, run: str, owner: str) -> None:
        """Own it no longer."""
        number = self._number(run)
        self.prepare_writing().call(lambda writing: ownership.give_up(writing, number, owner=owner))

    def command(self, run: str, verb: str, body: bytes = b"{}") -> int:
        """Leave a command for the owner, durably; returns its `seq`."""
        row = (self._number(run), verb, body.decode())
        return self.prepare_writing().call(lambda writing: _left(writing, row))

    def commands(self, run: str, *, after: int = 0) -> list[Command]:
        """Commands left for a run."""
        return self._reader.commands(run, self._number(run), after=after)

    def version(self) -> int:
        """A number that changes when anything was committed, by anybody; cheap to ask."""
        self._check()
        return self._reader.version()

    def collect(self, before: float, *, is_dry_run: bool = False) -> Collected:
        """Forget the final runs that ended before this moment: a short transaction for each."""
        self._check()
        old = self._reader.old(before)
        if is_dry_run:
            return Collected(tuple(one.run for one in old), *self._reader.weight(old))
        return _removed(self.prepare_writing(), old, before)

    @property
    def is_in_place(self) -> bool:
        """Whether the file is still the one that was opened."""
        return identity_of(self.path) == self._identity

    @property
    def is_closed(self) -> bool:
        """Whether it can no longer be used."""
        return self._is_closed

    def close(self) -> None:
        """Write everything down and stop; raises what prevented it."""
        was_closed, self._is_closed = self._is_closed, True
        if was_closed or os.getpid() != self._pid:  # the parent's file is the parent's to close
            return
        self._reader.close()
        self._pen.give_back()

    def _number(self, run: str) -> int:
        self._check()
        number = self._numbers.get(run)
        if number is None:
            number = self._reader.number(run)
            if number is None:
                raise RunUnknown(messages.run_unknown(run))
            self._numbers[run] = number
        return number

    def _own(self, writing: apsw.Connection, number: int, run: str, owner: str) -> None:
        now = self._clock.wall()
        ownership.take(writing, number, run=run, owner=owner, here=self._process, now=now)

    def _is_living(self, lease: Lease) -> bool:
        return is_alive(lease, self._process, now=self._clock.wall())

    def _check(self) -> None:
        if self._is_closed:
            raise JournalUnusable(messages.closed(self.path))
        if os.getpid() != self._pid:
            raise JournalUnusable(messages.forked(self.path))


def _is_older(reader: Reader, path: Path) -> bool:
    """Whether the file has to be brought up. Raises: JournalUnusable where that is not allowed."""
    found = reader.schema()
    if found == len(MIGRATIONS):
        return False
    if reading_access(path) != "shared":
        raise JournalUnusable(messages.older(path, found, len(MIGRATIONS)))
    return True


def _accepted(
    connection: apsw.Connection,
    row: tuple[object, ...],
    bodies: Sequence[str],
    blobs: Sequence[tuple[str, bytes]],
) -> int:
    """Write a run's row and its first facts; the number of the run. Raises: RunBusy."""
    if connection.execute("SELECT 1 FROM run WHERE id = ?", (row[0],)).get:
        raise RunBusy(messages.run_exists(str(row[0])))
    number = int(connection.execute(NEXT_NUMBER).get)
    connection.execute(_ACCEPT, (number, *row))
    connection.executemany(INSERT_BLOB, blobs)
    facts = [(number, body) for body in bodies]
    connection.executemany("INSERT INTO event (run, body) VALUES (?, ?)", facts)
    return number


def _removed(writer: Writer, old: Sequence[OldRun], before: float) -> Collected:
    """Remove runs, a transaction each, then the values nobody names; what went."""
    removals = [partial(remove_run, old=one, before=before) for one in old]
    weights = [writer.call(removal) for removal in removals]
    gone = [(one.run, weight) for one, weight in zip(old, weights, strict=True) if weight]
    values_bytes = writer.call(remove_unnamed)
    writer.call(give_room_back, is_apart=True)
    facts_bytes = sum(weight.size_bytes for _, weight in gone)
    events = sum(weight.events for _, weight in gone)
    return Collected(tuple(run for run, _ in gone), events, facts_bytes + values_bytes)


def _left(connection: apsw.Connection, command: tuple[int, str, str]) -> int:
    connection.execute("INSERT INTO command (run, verb, body) VALUES (?, ?, ?)", command)
    return connection.last_insert_rowid()
