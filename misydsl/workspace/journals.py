"""Journals: which file keeps the facts, and what it knows.

In: a path, or the file a pipeline came from. Out: one open journal per path and process, and tables over
everything in it. `$MISY_HOME` moves the default place.
"""

from __future__ import annotations

import atexit
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from misydsl.store.journal import Journal
from misydsl.store.location import FILE_NAME
from misydsl.store.sqlite import SqliteJournal, default_journal_path

if TYPE_CHECKING:
    from misydsl.metrics.columns import DataFrame

_open: dict[tuple[int, Path], SqliteJournal] = {}
_lock = threading.Lock()

JournalPlace = Journal | Path | str | None
"""A journal, the path of one, or None for the default place."""


def open_journal(place: JournalPlace = None, *, beside: Path | None = None) -> Journal:
    """The journal at a path, or the default one beside a file; raises `JournalUnusable`."""
    if place is not None and not isinstance(place, Path | str):
        return place
    path = Path(place) if place is not None else default_journal_path(beside)
    if path.is_dir():  # as `misy --journal FOLDER` has it
        path /= FILE_NAME
    key = (os.getpid(), path.resolve())
    with _lock:
        if key not in _open or _open[key].is_closed:
            _open[key] = SqliteJournal(key[1])
        return _open[key]


def runs(journal: JournalPlace = None, *, limit: int | None = None) -> DataFrame:
    """One row per run, newest first; columns as in `misydsl.metrics.frames.runs_frame`."""
    from misydsl.metrics.frames import runs_frame

    return runs_frame(open_journal(journal).runs(limit=limit))


def agents(journal: JournalPlace = None, *, limit: int | None = None) -> DataFrame:
    """One row per agent over the newest `limit` runs (all by default): calls, retries, success, times.

    Columns as in `misydsl.metrics.frames.agents_frame`.
    """
    from misydsl.history.fold import fold
    from misydsl.metrics.frames import agents_frame

    keeper = open_journal(journal)
    return agents_frame([fold(keeper.read(one.run)) for one in keeper.runs(limit=limit)])


def _close_all() -> None:
    for (pid, _), journal in list(_open.items()):
        if pid == os.getpid():
            journal.close()


atexit.register(_close_all)
