"""Forgetting: runs that ended long ago go, and their room comes back.

In: how long runs are kept, as a literal of the language. Out: what went, or with a dry run would go. Runs
that are not final are never touched; others may read and write meanwhile.
"""

from __future__ import annotations

from typing import Final

from misydsl.clock import SYSTEM_CLOCK
from misydsl.failures import MisyError
from misydsl.store.journal import Collected
from misydsl.values import Duration, parse_measure
from misydsl.workspace.journals import JournalPlace, open_journal

FORGET_AFTER: Final = "30d"


def forget(
    keep: str = FORGET_AFTER, *, journal: JournalPlace = None, is_dry_run: bool = False
) -> Collected:
    """Forget the runs that ended longer ago than `keep`. Raises: MisyError for what is no time."""
    kept = parse_measure(keep)
    if not isinstance(kept, Duration):
        raise MisyError(f"a time is needed, such as 12h or 30d, not “{keep}”")
    keeper = open_journal(journal, is_reading=is_dry_run)
    return keeper.collect(SYSTEM_CLOCK.wall() - kept, is_dry_run=is_dry_run)
