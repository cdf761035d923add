"""A process that works on a run and kills itself with SIGKILL at a chosen write to the journal.

Run as `python -m tests.journeys.killed JOURNAL FILE WRITE MOMENT`: begins the run of the file, or goes on with
the one in the journal, and dies `before` or `after` its WRITE-th commit (0: not at all). Prints the status.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import misydsl
from misydsl.store.sqlite import SqliteJournal
from misydsl.store.writer import Writer


def main(journal_path: str, file: str, write: int, moment: str) -> None:
    """Work on the run."""
    commit = Writer._commit
    count = 0

    def dying(self: Writer, *work: Any) -> Any:
        nonlocal count
        count += 1
        if count == write and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = commit(self, *work)
        if count == write:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    Writer._commit = dying  # type: ignore[assignment]
    journal = SqliteJournal(Path(journal_path))
    known = journal.runs()
    if known:
        run = misydsl.resume(known[0].run, journal=journal)
    else:
        run = misydsl.load(Path(file), "p").start(journal=journal)
    run.wait()
    print(run.status)
    journal.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
