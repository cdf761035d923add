"""The one writer of a journal in this process.

In: batches and tasks, from any thread, without waiting. Out: transactions: whatever has piled up while
the last one went to the disk is committed as one. Promises that every batch is answered exactly once,
after the commit or with the error that prevented it. The first error ends the writing, is given to
everything behind it and raised at every later call; nothing is ever dropped without a word.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Final, NamedTuple, TypeVar

import apsw

from misydsl.failures import JournalUnusable, MisyError
from misydsl.history.wire import to_rows
from misydsl.store import messages
from misydsl.store.connection import open_for_reading, open_for_writing, speaking_of
from misydsl.store.journal import Done
from misydsl.store.migrations import MIGRATIONS, schema_of
from misydsl.store.writerlock import WriterLock

T = TypeVar("T")
MemoRow = tuple[str, float, int, bytes]
"""`(key, at, run number, value)`."""
RunChange = tuple[str, float | None, int]
"""`(status, finished_at, run number)`."""

GROUP_LIMIT: Final = (
    4_096  # batches in one transaction, so that the first of them need not wait long
)

# One statement for a whole group: the interpreter's lock is let go once, not once a row. With a busy
# event loop every letting-go costs up to 5 ms, so row by row 1,000 facts a second are hard to reach.
_INSERT: Final = "INSERT INTO event (run, body) SELECT value ->> 0, value ->> 1 FROM json_each(?)"
_CHANGE: Final = "UPDATE run SET status = ?, finished_at = ? WHERE number = ?"
_FREE: Final = "DELETE FROM lease WHERE run = ?"  # a run that ended or paused needs no owner
INSERT_BLOB: Final = "INSERT OR IGNORE INTO blob (sha256, data) VALUES (?, ?)"

_MEMO: Final = "INSERT OR REPLACE INTO memo (key, at, run, value) VALUES (?, ?, ?, ?)"

_log = logging.getLogger("misydsl.store")


class Batch(NamedTuple):  # made once an append, at half the cost of a frozen dataclass
    """Events of one run, as they go into the table."""

    number: int
    texts: Sequence[str]
    done: Done | None = None
    changes: Sequence[RunChange] = ()
    blobs: Sequence[tuple[str, bytes]] = ()
    memos: Sequence[MemoRow] = ()


@dataclass(frozen=True, slots=True)
class _Task:
    """Something to do on the writer's connection, within its transaction."""

    work: Callable[[apsw.Connection], object]
    is_apart: bool = False
    """Whether it is done outside of any transaction, after the one it was queued for."""
    answer: Future[object] = field(default_factory=Future)


class Writer:
    """A thread with the only connection of this process that writes to this file."""

    def __init__(
        self, path: Path, *, busy_timeout_s: float, migrations: tuple[str, ...] = MIGRATIONS
    ) -> None:
        self.path = path
        self.wrong: JournalUnusable | None = None
        _refuse_others(path, migrations)
        self._lock = WriterLock(path)
        try:
            self._connection = open_for_writing(
                path, busy_timeout_s=busy_timeout_s, migrations=migrations
            )
        except BaseException:
            self._lock.release()
            raise
        self.identity = identity_of(path)
        self._queue: SimpleQueue[Batch | _Task | None] = SimpleQueue()
        self._gate = threading.Lock()
        self._is_open = True
        self._thread = threading.Thread(
            target=self._work, name=f"misydsl journal {path.name}", daemon=True
        )
        self._thread.start()

    def put(self, batch: Batch) -> None:
        """Queue a batch; raises JournalUnusable when nothing can be written any more."""
        with self._gate:  # nothing may slip in behind the end
            self._check()
            self._queue.put(batch)

    def start(self, work: Callable[[apsw.Connection], T], *, is_apart: bool = False) -> Future[T]:
        """Queue a task; the answer comes after its commit. A MisyError of the task is its own."""
        task = _Task(work, is_apart)
        with self._gate:
            self._check()
            self._queue.put(task)
        return task.answer  # type: ignore[return-value]  # a Task answers what its work answers

    def call(self, work: Callable[[apsw.Connection], T], *, is_apart: bool = False) -> T:
        """Do a task and wait until it is durable."""
        if threading.current_thread() is self._thread:
            raise JournalUnusable(messages.inside_done(self.path))
        return self.start(work, is_apart=is_apart).result()

    def is_in_place(self) -> bool:
        """Whether the file that is written is still the one at the path."""
        return identity_of(self.path) == self.identity

    def stop(self) -> None:
        """Write down what is queued and end the thread. Raises what prevented it."""
        with self._gate:
            if self._is_open:
                self._is_open = False
                self._queue.put(None)
        self._thread.join()
        if self.wrong is not None:
            raise self.wrong

    def _check(self) -> None:
        if self.wrong is not None:
            raise self.wrong
        if not self._is_open:
            raise JournalUnusable(messages.closed(self.path))

    def _work(self) -> None:
        is_last = False
        while not is_last:
            group, is_last = self._gather()
            self._settle(group)
        try:
            self._connection.close()
        except apsw.Error as why:
            self.wrong = self.wrong or JournalUnusable(messages.failed(self.path, why))
        finally:
            self._lock.release()

    def _gather(self) -> tuple[list[Batch | _Task], bool]:
        """Everything that has piled up, but at least one thing; and whether the end was among it."""
        first = self._queue.get()
        group = [first, *(self._queue.get() for _ in range(min(self._queue.qsize(), GROUP_LIMIT)))]
        return [wanted for wanted in group if wanted is not None], None in group

    def _settle(self, group: list[Batch | _Task]) -> None:
        batches = [wanted for wanted in group if isinstance(wanted, Batch)]
        tasks = [wanted for wanted in group if isinstance(wanted, _Task)]
        answers: list[Callable[[], None]] = []
        if self.wrong is None:
            try:
                answers = self._commit(batches, tasks)
            except Exception as why:  # noqa: BLE001  # whatever it is, everybody behind it is told
                self.wrong = self._rolled_back(why)
        for batch in batches:
            self._tell(batch)
        if self.wrong is None:
            for answer in answers:
                answer()
            return
        for task in tasks:
            task.answer.set_exception(self.wrong)

    def _commit(self, batches: list[Batch], tasks: list[_Task]) -> list[Callable[[], None]]:
        if not batches and not tasks:
            return []
        if not self.is_in_place():  # what is written to a deleted file is lost without a word
            raise JournalUnusable(messages.gone(self.path))
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        blobs = [blob for batch in batches for blob in batch.blobs]
        if blobs:
            connection.executemany(INSERT_BLOB, blobs)
        if rows := [(batch.number, text) for batch in batches for text in batch.texts]:
            connection.execute(_INSERT, (to_rows(rows),))
        memos = [memo for batch in batches for memo in batch.memos]
        if memos:
            connection.executemany(_MEMO, memos)
        changes = [change for batch in batches for change in batch.changes]
        if changes:
            connection.executemany(_CHANGE, changes)
            ended = [(number,) for status, _, number in changes if status != "running"]
            connection.executemany(_FREE, ended)
        answers = [self._done_by(task) for task in tasks if not task.is_apart]
        connection.execute("COMMIT")
        return [*answers, *(self._done_apart(task) for task in tasks if task.is_apart)]

    def _done_by(self, task: _Task) -> Callable[[], None]:
        """Do the task; its answer is given after the commit. Its own refusal undoes it alone."""
        try:
            with self._connection:
                result = task.work(self._connection)
        except MisyError as refusal:
            own = refusal
            return lambda: task.answer.set_exception(own)
        return lambda: task.answer.set_result(result)

    def _done_apart(self, task: _Task) -> Callable[[], None]:
        try:
            result = task.work(self._connection)
        except apsw.Error as why:  # nothing was being written, so nothing is lost
            refusal = JournalUnusable(messages.failed(self.path, why))
            return lambda: task.answer.set_exception(refusal)
        return lambda: task.answer.set_result(result)

    def _rolled_back(self, why: Exception) -> JournalUnusable:
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except apsw.Error as worse:
                _log.error("journal %s: rollback failed: %s", self.path, worse)
        if isinstance(why, JournalUnusable):
            return why
        wrong = JournalUnusable(messages.failed(self.path, why))
        wrong.__cause__ = why
        return wrong

    def _tell(self, batch: Batch) -> None:
        if batch.done is None:
            return
        try:
            batch.done(self.wrong)
        except BaseException:  # noqa: BLE001
            # a `done` that raises is its owner's mistake; other runs must not lose their writer
            _log.exception("journal %s: a `done` callback raised", self.path)


def _refuse_others(path: Path, migrations: tuple[str, ...]) -> None:
    """Raises JournalUnusable for a file that is no journal, before anything is made beside it."""
    if not path.exists() or not path.stat().st_size:
        return
    connection = open_for_reading(path)
    try:
        with speaking_of(path):
            schema_of(connection, path, newest=len(migrations))
    finally:
        connection.close()


def identity_of(path: Path) -> tuple[int, int] | None:
    """The file itself, whatever its name: `(device, inode)`; None when there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  # the same as Path.stat, at half the time
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
