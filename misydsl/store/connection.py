"""Opening a journal file.

In: a path. Out: an apsw connection in WAL mode with `synchronous=FULL` and the newest schema, for the
one writer of this process, or a connection that only reads. Every error of the database leaves this
room as `JournalUnusable`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

from misydsl.failures import JournalUnusable
from misydsl.store import messages
from misydsl.store.location import Access
from misydsl.store.migrations import MIGRATIONS, migrate

READ_TIMEOUT_S: Final = 10.0  # a reader only ever waits for another process's crash recovery
_WAL_TRIES: Final = 200  # the switch to WAL does not wait by itself: 200 × 10 ms


@contextmanager
def speaking_of(path: Path) -> Iterator[None]:
    """Turns errors of the database into JournalUnusable with where, why and what to do."""
    try:
        yield
    except (apsw.Error, OSError) as why:
        raise JournalUnusable(messages.failed(path, why)) from why


def open_for_writing(
    path: Path, *, busy_timeout_s: float, migrations: tuple[str, ...] = MIGRATIONS
) -> apsw.Connection:
    """The connection of the one writer; makes the file if there is none. Raises: JournalUnusable."""
    with speaking_of(path):
        if not path.exists():
            path.touch(mode=0o600)
        connection = apsw.Connection(str(path))
        try:
            connection.set_busy_timeout(int(busy_timeout_s * 1000))
            # only has an effect before the first table: what is removed can be given back later
            connection.pragma("auto_vacuum", "incremental")
            migrate(connection, path, migrations=migrations)
            switch_to_wal(connection)
            connection.pragma("synchronous", "FULL")
        except BaseException:
            connection.close()
            raise
    return connection


def open_for_reading(path: Path, *, access: Access = "shared") -> apsw.Connection:
    """A connection that cannot write, to a file that is there. Raises: JournalUnusable."""
    with speaking_of(path):
        connection = apsw.Connection(*_address(path, access))
        try:
            return _looked_at(connection)
        except apsw.CantOpenError as why:
            connection.close()
            if access == "shared":
                raise
            raise JournalUnusable(messages.changes_unread(path)) from why
        except BaseException:
            connection.close()
            raise


def _looked_at(connection: apsw.Connection) -> apsw.Connection:
    connection.set_busy_timeout(int(READ_TIMEOUT_S * 1000))
    connection.pragma("query_only", "on")
    connection.pragma("schema_version")  # what cannot be read says so here
    return connection


def _address(path: Path, access: Access) -> tuple[str, int]:
    """What SQLite is told to open, and how."""
    if access == "shared":
        # not READONLY: a reader of a WAL file takes part in its shared memory
        return str(path), apsw.SQLITE_OPEN_READWRITE
    asks = "immutable=1" if access == "frozen" else "mode=ro"
    return f"{path.as_uri()}?{asks}", apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI


def switch_to_wal(connection: apsw.Connection, *, tries: int = _WAL_TRIES) -> None:
    """Write ahead from now on; waits while other processes are in the way."""
    for tries_left in reversed(range(tries)):
        try:
            connection.pragma("journal_mode", "wal")
        except apsw.BusyError:
            if not tries_left:
                raise
            time.sleep(0.01)
        else:
            return
