"""The journal on disk: one SQLite file, for as many processes as want to read and write it.

In: what every journal takes. Out: durable facts: WAL, `synchronous=FULL`, and one writer thread per
process and file that commits whatever has piled up. `append` encodes the events and returns; a value
that cannot be written is refused there, to the caller, and hurts nobody else. Values over 256 kB are
stored once, by their hash.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.failures import JournalUnusable, RunBusy, RunUnknown
from misydsl.history.events import (
    NULL_RAW,
    Event,
    Recorded,
    RunAccepted,
    RunFinished,
    StepFinished,
)
from misydsl.history.wire import to_text
from misydsl.store import messages, ownership
from misydsl.store.journal import Command, Done, RunSummary
from misydsl.store.leases import Lease, Process, is_alive, this_process
from misydsl.store.location import check_place, default_journal_path
from misydsl.store.reading import Reader
from misydsl.store.summaries import RUN_FACTS, change_of
from misydsl.store.writer import Batch, RunChange
from misydsl.store.writers import BUSY_TIMEOUT_S, borrow, give_back

if TYPE_CHECKING:
    import apsw

__all__ = ["BLOB_BYTES", "SqliteJournal", "default_journal_path"]

BLOB_BYTES: Final = 256_000  # from here on a value is kept beside the events, once
_ACCEPT: Final = """
    INSERT INTO run (id, pipeline, title, status, session, accepted_at, steps)
    VALUES (?, ?, ?, 'accepted', ?, ?, ?)
"""


class SqliteJournal:
    """Keeps facts in a file; the folder must exist. Raises: JournalUnusable."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock = SYSTEM_CLOCK,
        process: Process | None = None,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> None:
        path = path.absolute()
        check_place(path)
        self.path = path
        self._clock = clock
        self._process = this_process() if process is None else process
        self._pid = os.getpid()
        self._is_closed = False
        self._numbers: dict[str, int] = {}
        self._beats: dict[str, Future[None]] = {}
        self._writer = borrow(path, busy_timeout_s=busy_timeout_s)
        try:
            self._reader = Reader(path, is_living=self._is_living)
        except BaseException:
            give_back(self._writer)
            raise

    def accept(self, run: str, event: RunAccepted, owner: str | None = None) -> None:
        """Record a new run; durable when it returns. Raises: RunBusy for an id that exists."""
        self._check()
        if not self._writer.is_in_place():
            raise JournalUnusable(messages.gone(self.path))
        row = (run, event.pipeline, event.title, event.session, event.at, event.steps)
        body = to_text(event)

        def work(connection: apsw.Connection) -> int:
            if connection.execute("SELECT 1 FROM run WHERE id = ?", (run,)).get:
                raise RunBusy(messages.run_exists(run))
            connection.execute(_ACCEPT, row)
            number = connection.last_insert_rowid()
            connection.execute("INSERT INTO event (run, body) VALUES (?, ?)", (number, body))
            if owner is not None:
                here, now = self._process, self._clock.wall()
                ownership.take(connection, number, run=run, owner=owner, here=here, now=now)
            return number

        self._numbers[run] = self._writer.call(work)

    def append(self, run: str, events: Sequence[Event], done: Done | None = None) -> None:
        """Queue events of one run; raises `JournalUnusable` when the writer has died."""
        number = self._number(run)
        texts: list[str] = []
        changes: list[RunChange] = []
        blobs: list[tuple[str, bytes]] = []
        for event in events:
            text = to_text(event)
            if len(text) > BLOB_BYTES // 4:  # a character is four bytes at most
                text = _set_aside(event, blobs) or text
            if isinstance(event, RUN_FACTS) and (change := change_of(event)):
                changes.append((*change, number))
            texts.append(text)
        self._writer.put(Batch(number, texts, done, changes, blobs))

    def flush(self) -> None:
        """Return when everything appended so far is durable; raises what prevented it."""
        self._check()
        self._writer.call(lambda _: None)

    def read(self, run: str, *, after: int = 0) -> Iterator[Recorded]:
        """A run's committed events with `seq > after`, in order, none missing."""
        return self._reader.events(run, self._number(run), after=after)

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
        number, now = self._number(run), self._clock.wall()
        self._writer.call(
            lambda connection: ownership.take(
                connection, number, run=run, owner=owner, here=self._process, now=now
            )
        )
        self._beats.pop(run, None)

    def heartbeat(self, run: str, owner: str) -> None:
        """Say that the owner lives, without waiting.

        Raises: RunBusy once the last one found that another process has taken the run over.
        """
        number, now = self._number(run), self._clock.wall()
        last = self._beats.get(run)
        if last is not None and last.done():
            last.result()
        self._beats[run] = self._writer.start(
            lambda connection: ownership.beat(connection, number, run=run, owner=owner, now=now)
        )

    def release(self, run: str, owner: str) -> None:
        """Own it no longer."""
        number = self._number(run)
        self._writer.call(lambda connection: ownership.give_up(connection, number, owner=owner))

    def command(self, run: str, verb: str, body: bytes = b"{}") -> int:
        """Leave a command for the owner, durably; returns its `seq`."""
        row = (self._number(run), verb, body.decode())

        def work(connection: apsw.Connection) -> int:
            connection.execute("INSERT INTO command (run, verb, body) VALUES (?, ?, ?)", row)
            return connection.last_insert_rowid()

        return self._writer.call(work)

    def commands(self, run: str, *, after: int = 0) -> list[Command]:
        """Commands left for a run."""
        return self._reader.commands(run, self._number(run), after=after)

    def version(self) -> int:
        """A number that changes when anything was committed, by anybody; cheap to ask."""
        self._check()
        return self._reader.version()

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be read or written here any more."""
        return self._is_closed

    def close(self) -> None:
        """Write everything down and stop; raises what prevented it."""
        if self._is_closed:
            return
        self._is_closed = True
        if os.getpid() != self._pid:  # the file belongs to the parent, which will close it
            return
        self._reader.close()
        give_back(self._writer)

    def _number(self, run: str) -> int:
        self._check()
        number = self._numbers.get(run)
        if number is None:
            number = self._reader.number(run)
            if number is None:
                raise RunUnknown(messages.run_unknown(run))
            self._numbers[run] = number
        return number

    def _is_living(self, lease: Lease) -> bool:
        return is_alive(lease, self._process, now=self._clock.wall())

    def _check(self) -> None:
        if self._is_closed:
            raise JournalUnusable(messages.closed(self.path))
        if os.getpid() != self._pid:
            raise JournalUnusable(messages.forked(self.path))


def _set_aside(event: Event, blobs: list[tuple[str, bytes]]) -> str | None:
    """Put a large value among the blobs; the fact's text with its name instead, if it has one."""
    match event:
        case StepFinished(value=value) | RunFinished(result=value) if len(value) > BLOB_BYTES:
            large = bytes(value)
        case _:
            return None
    name = hashlib.sha256(large).hexdigest()
    blobs.append((name, large))
    if isinstance(event, StepFinished):
        return to_text(replace(event, value=NULL_RAW, blob=name))
    return to_text(replace(event, result=NULL_RAW, blob=name))
