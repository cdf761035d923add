"""Journals: which file keeps the facts.

In: a path, or the file a pipeline came from. Out: one open journal per path and process.
`$MISY_HOME` moves the default place. Whoever only reads makes neither folder nor file: where no journal
is, there are no runs.
"""

from __future__ import annotations

import atexit
import os
import threading
from pathlib import Path

from misydsl.store.journal import Journal
from misydsl.store.location import file_at, journal_place, prepare_folder
from misydsl.store.memory import MemoryJournal
from misydsl.store.sqlite import SqliteJournal

_open: dict[tuple[int, Path], SqliteJournal] = {}
_lock = threading.Lock()

JournalPlace = Journal | Path | str | None
"""A journal, the path of one, or None for the default place."""


def open_journal(
    place: JournalPlace = None, *, beside: Path | None = None, is_reading: bool = False
) -> Journal:
    """The journal at a path, or the default one beside a file; raises `JournalUnusable`.

    With `is_reading` nothing is made: an empty journal in memory stands for one that is not there, and
    one that may only be read is read. Such a journal can still be written where that is allowed.
    """
    if place is not None and not isinstance(place, Path | str):
        return place
    path = journal_place(beside) if place is None else Path(place)
    path = file_at(path)
    if is_reading and _is_nothing(path):
        return MemoryJournal()
    if not is_reading and place is None:
        prepare_folder(path.parent)
    with _lock:
        journal = _opened(path, is_reading=is_reading)
    if not is_reading:
        journal.prepare_writing()
    return journal


def _is_nothing(path: Path) -> bool:
    """Whether no journal is there, or one that nobody has written to yet."""
    return not path.exists() or not path.stat().st_size


def _opened(path: Path, *, is_reading: bool) -> SqliteJournal:
    """The journal of this process on a file; a new one where it was closed, deleted or replaced."""
    key = (os.getpid(), path.resolve())
    known = _open.get(key)
    if known is None or known.is_closed or not known.is_in_place:
        # opened with the new one in place: a journal on a deleted file says so to its own users
        _open[key] = SqliteJournal(key[1], is_reading=is_reading)
    return _open[key]


def _close_all() -> None:
    for (pid, _), journal in list(_open.items()):
        if pid == os.getpid():
            journal.close()


atexit.register(_close_all)
