"""Reading a journal while others write it.

In: questions. Out: facts, runs and commands. Every thread reads through a connection of its own, in
pages, so that no reader holds back the writer, and each page is one row made by the database: the
interpreter's lock is let go once a page, not once an event. A journal that may only be read is read
without leaving a trace.
"""

from __future__ import annotations

import json
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Raw

from misydsl.failures import JournalUnusable
from misydsl.history.events import Recorded
from misydsl.history.wire import from_page
from misydsl.store import messages
from misydsl.store.aside import brought_back
from misydsl.store.collecting import OldRun, Weight, old_runs, unnamed_bytes, weight_of
from misydsl.store.connection import open_for_reading, speaking_of
from misydsl.store.journal import Command, Memo, RunSummary
from misydsl.store.leases import Lease
from misydsl.store.location import is_text, reading_access
from misydsl.store.migrations import schema_of

if TYPE_CHECKING:
    import apsw

_PAGE_BYTES: Final = 1_000_000  # what a page should weigh: some milliseconds of work
_PAGE_OF_ALL_BYTES: Final = 4_000_000
_PAGE_EVENTS: Final = (64, 4_096)  # the first page, before weights are known, and the most

_PAGE: Final = """
    SELECT max(seq), count(*), '[' || group_concat(
        '{"seq":' || seq || ',"run":' || json_quote(?2) || ',"event":' || body || '}', ','
    ) || ']'
    FROM (SELECT seq, body FROM event WHERE run = ?1 AND seq > ?3 ORDER BY seq LIMIT ?4)
"""
# Of all runs. Whoever writes holds the file alone from its first seq to its commit, so a page that
# was read never grows in the middle. The weight is summed up so that a page of heavy facts is short.
_PAGE_OF_ALL: Final = """
    SELECT '[' || group_concat(
        '{{"seq":' || seq || ',"run":' || json_quote(id) || ',"event":' || body || '}}', ','
        ORDER BY seq
    ) || ']'
    FROM (
        SELECT seq, run, body, sum(octet_length(body)) OVER (ORDER BY seq) - octet_length(body) AS above
        FROM (SELECT seq, run, body FROM event WHERE {condition} ORDER BY seq LIMIT ?3)
    ) AS fact JOIN run ON run.number = fact.run
    WHERE above < ?4
"""
_OF_ALL: Final = _PAGE_OF_ALL.format(condition="?1 IS NULL AND seq > ?2")
_OF_ONE: Final = _PAGE_OF_ALL.format(condition="run = ?1 AND seq > ?2")
# %!.17g: SQLite prints a number with 15 digits by itself, which rounds times to 10 µs
_SUMMARIES: Final = """
    SELECT json_group_array(json_array(
        id, pipeline, title, status, session, format('%!.17g', accepted_at),
        iif(finished_at IS NULL, NULL, format('%!.17g', finished_at)), steps,
        owner, host, machine, pid, began, format('%!.17g', heartbeat_at)
    )) FROM (
        SELECT run.*, owner, host, machine, pid, began, heartbeat_at
        FROM run LEFT JOIN lease ON lease.run = run.number
        WHERE {condition} ORDER BY run.number DESC LIMIT ?
    )
"""
_COMMANDS: Final = """
    SELECT json_group_array(json_array(seq, verb, body)) FROM (
        SELECT seq, verb, body FROM command WHERE run = ? AND seq > ? ORDER BY seq
    )
"""


class _SummaryRow(NamedTuple):
    """What `_SUMMARIES` selects, in its order; the last five only mean anything with an owner."""

    run: str
    pipeline: str
    title: str | None
    status: str
    session: str
    accepted_at: str
    finished_at: str | None
    steps: int
    owner: str | None
    host: str
    machine: str
    pid: int
    began: str
    heartbeat_at: str


class Reader:
    """Reads one journal file, from any thread."""

    def __init__(self, path: Path, *, is_living: Callable[[Lease], bool]) -> None:
        self._path = path
        self._is_living = is_living
        self._own = threading.local()
        self._all: weakref.WeakSet[apsw.Connection] = weakref.WeakSet()
        self._gate = threading.Lock()
        self._watch = self._open()

    def schema(self) -> int:
        """The schema of the file, 0 for an empty one. Raises: JournalUnusable for no journal."""
        with speaking_of(self._path):
            return schema_of(self._watch, self._path)

    def number(self, run: str) -> int | None:
        """The number the run has in this file; None when it is not here."""
        with speaking_of(self._path):
            found = self._connection().execute("SELECT number FROM run WHERE id = ?", (run,)).get
        return None if found is None else int(found)

    def events(self, run: str, number: int, *, after: int) -> Iterator[Recorded]:
        """The run's events with `seq > after`, in order, large values brought back in."""
        size = _PAGE_EVENTS[0]
        while True:
            with speaking_of(self._path):
                row = self._connection().execute(_PAGE, (number, run, after, size)).get
                last, count, text = row
                if not count:
                    return
                page = from_page(text)
            # one by one: a page of facts may name far more than a page of values
            yield from map(self._whole, page)
            after = last
            size = max(16, min(_PAGE_EVENTS[1], _PAGE_BYTES * count // len(text)))

    def page(self, number: int | None, *, after: int, limit: int, is_whole: bool) -> list[Recorded]:
        """Events of all runs, or of the one with this number, after a `seq`; some where there are any."""
        query = _OF_ALL if number is None else _OF_ONE
        with speaking_of(self._path):
            text = self._connection().execute(query, (number, after, limit, _PAGE_OF_ALL_BYTES)).get
        page = [] if text is None else from_page(text)
        return [self._whole(recorded) for recorded in page] if is_whole else page

    def summaries(self, *, limit: int | None) -> list[RunSummary]:
        """Newest first."""
        return self._summaries("true", (), limit=-1 if limit is None else limit)

    def summaries_like(self, prefix: str) -> list[RunSummary]:
        """Runs whose id begins so, at most six; the run of exactly this id alone, if there is one."""
        if not is_text(prefix):  # what no database can hold is no id
            return []
        exact = self._summaries("id = ?", (prefix,), limit=1)
        return exact or self._summaries("substr(id, 1, length(?1)) = ?1", (prefix,), limit=6)

    def commands(self, run: str, number: int, *, after: int) -> list[Command]:
        """Commands left for a run."""
        with speaking_of(self._path):
            text = self._connection().execute(_COMMANDS, (number, after)).get
        return [
            Command(seq=seq, run=run, verb=verb, body=body.encode())
            for seq, verb, body in json.loads(text)
        ]

    def memo(self, key: str) -> Memo | None:
        """The newest result of equal calls."""
        query = "SELECT at, run.id, value FROM memo JOIN run ON run.number = memo.run WHERE key = ?"
        with speaking_of(self._path):
            row = self._connection().execute(query, (key,)).get
        return None if row is None else Memo(*row)

    def old(self, before: float) -> list[OldRun]:
        """Final runs that ended before this moment, oldest first."""
        with speaking_of(self._path):
            return old_runs(self._connection(), before)

    def weight(self, old: list[OldRun]) -> Weight:
        """The facts of these runs and the values that only they name."""
        with speaking_of(self._path):
            connection = self._connection()
            weights = [weight_of(connection, one.number) for one in old]
            values = unnamed_bytes(connection, json.dumps([one.number for one in old]))
        events = sum(one.events for one in weights)
        return Weight(events, values + sum(one.size_bytes for one in weights))

    def version(self) -> int:
        """Changes with every commit of anybody: one connection for all threads, so one answer."""
        with self._gate, speaking_of(self._path):
            return int(self._watch.pragma("data_version"))

    def close(self) -> None:
        """Close what every thread opened."""
        with self._gate:
            for connection in tuple(self._all):
                connection.close()

    def _summaries(
        self, condition: str, arguments: tuple[str, ...], *, limit: int
    ) -> list[RunSummary]:
        query = _SUMMARIES.format(condition=condition)
        with speaking_of(self._path):
            text = self._connection().execute(query, (*arguments, limit)).get
        return [self._summary(_SummaryRow(*row)) for row in json.loads(text)]

    def _summary(self, row: _SummaryRow) -> RunSummary:
        lease = None
        if row.owner is not None:
            heard = float(row.heartbeat_at)
            lease = Lease(row.owner, row.host, row.machine, row.pid, row.began, heard)
        if lease is not None and not self._is_living(lease):
            lease = None
        return RunSummary(
            run=row.run,
            pipeline=row.pipeline,
            title=row.title,
            status=row.status,
            session=row.session,
            accepted_at=float(row.accepted_at),
            finished_at=None if row.finished_at is None else float(row.finished_at),
            steps=row.steps,
            owner=lease.owner if lease else None,
            heartbeat_at=lease.heartbeat_at if lease else None,
        )

    def _whole(self, recorded: Recorded) -> Recorded:
        whole = brought_back(recorded.event, self._blob)
        if whole is recorded.event:
            return recorded
        return Recorded(recorded.seq, recorded.run, whole)

    def _blob(self, name: str) -> Raw:
        with speaking_of(self._path):
            query = "SELECT data FROM blob WHERE sha256 = ?"
            found = self._connection().execute(query, (name,)).get
        if found is None:
            raise JournalUnusable(messages.value_missing(self._path, name))
        return Raw(found)

    def _connection(self) -> apsw.Connection:
        connection: apsw.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._open()
        return connection

    def _open(self) -> apsw.Connection:
        connection = open_for_reading(self._path, access=reading_access(self._path))
        self._all.add(connection)
        return connection
