"""Whether several processes may write one journal.

In: the path and the version of SQLite. Out: a lock held as long as this process writes. SQLite before
3.51.3 can corrupt a WAL file that two processes write (the WAL-reset bug), so such a process writes
alone: it locks the others out, old or new, and is itself locked out by any of them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import apsw

from misydsl.failures import JournalUnusable
from misydsl.store import messages

if sys.platform != "win32":
    import fcntl

SAFE_SQLITE: Final = (3, 51, 3)


class WriterLock:
    """Held from construction until `release`. Raises: JournalUnusable."""

    def __init__(self, path: Path, *, sqlite: str | None = None) -> None:
        version = apsw.sqlite_lib_version() if sqlite is None else sqlite
        is_safe = tuple(int(part) for part in version.split(".")) >= SAFE_SQLITE
        self._file: int | None = None
        if sys.platform == "win32":  # no such locks: only the safe versions may write there
            if not is_safe:
                raise JournalUnusable(messages.second_writer(path, version))
            return
        # a file of its own: closing any handle of the database would drop SQLite's own locks
        lock_path = path.with_name(f"{path.name}-writers")
        try:
            self._file = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as why:
            raise JournalUnusable(messages.failed(path, why)) from why
        try:
            fcntl.flock(self._file, (fcntl.LOCK_SH if is_safe else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError as why:
            self.release()
            raise JournalUnusable(messages.second_writer(path, version)) from why

    def release(self) -> None:
        """Let others write."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
