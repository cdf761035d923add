"""One writer per process and file, shared by every journal that is open on it.

In: a path. Out: its writer, made when first asked for and ended when the last one gives it back, or
at the interpreter's end. A forked child starts without writers: its parent's threads are not there,
and its parent's connections are left alone.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from pathlib import Path
from typing import Final

from misydsl.failures import MisyError
from misydsl.store.location import check_place
from misydsl.store.migrations import MIGRATIONS
from misydsl.store.writer import Writer

BUSY_TIMEOUT_S: Final = 60.0  # how long another process may hold the file; a commit takes 1–50 ms

_log = logging.getLogger("misydsl.store")


class _Writers:
    """The writers of this process and how many journals use each."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.by_path: dict[Path, Writer] = {}
        self.users: dict[Writer, int] = {}
        self.of_parent: list[Writer] = []

    def start_anew(self) -> None:
        """In a forked child: keep the parent's alive, unused, so that nothing closes their files."""
        self.of_parent += self.users
        self.lock = threading.Lock()
        self.by_path, self.users = {}, {}


_writers = _Writers()


def borrow(
    path: Path,
    *,
    busy_timeout_s: float = BUSY_TIMEOUT_S,
    migrations: tuple[str, ...] = MIGRATIONS,
) -> Writer:
    """The writer of this file; give it back. Raises: JournalUnusable."""
    place = path.resolve()
    with _writers.lock:
        writer = _writers.by_path.get(place)
        if writer is None or writer.wrong is not None or not writer.is_in_place():
            writer = Writer(place, busy_timeout_s=busy_timeout_s, migrations=migrations)
            _writers.by_path[place] = writer
        _writers.users[writer] = _writers.users.get(writer, 0) + 1
        return writer


def give_back(writer: Writer) -> None:
    """Use it no longer; the last user waits until everything is written. Raises: JournalUnusable."""
    with _writers.lock:
        _writers.users[writer] -= 1
        if _writers.users[writer]:
            writer_is_used = True
        else:
            writer_is_used = False
            del _writers.users[writer]
            if _writers.by_path.get(writer.path) is writer:
                del _writers.by_path[writer.path]
    if writer_is_used:
        writer.call(lambda _: None)
    else:
        writer.stop()


class Pen:
    """One journal's right to write: its writer, fetched when something is first written."""

    def __init__(self, path: Path, *, busy_timeout_s: float) -> None:
        self._path, self._busy_timeout_s = path, busy_timeout_s
        self._gate = threading.Lock()
        self._writer: Writer | None = None

    def writer(self) -> Writer:
        """The writer. Raises: JournalUnusable where none may write."""
        with self._gate:
            if self._writer is None:
                check_place(self._path)
                self._writer = borrow(self._path, busy_timeout_s=self._busy_timeout_s)
            return self._writer

    def flush(self) -> None:
        """Return when everything that was written is durable."""
        if self._writer is not None:
            self._writer.call(lambda _: None)

    def give_back(self) -> None:
        """Write no more. Raises: JournalUnusable when something could not be written."""
        writer, self._writer = self._writer, None
        if writer is not None:
            give_back(writer)


@atexit.register
def _stop_all() -> None:
    for writer in tuple(_writers.users):
        try:
            writer.stop()
        except MisyError as wrong:
            _log.error("%s", wrong)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_writers.start_anew)
