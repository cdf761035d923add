"""Tables over many runs of a journal.

In: a journal, and which of its runs: the newest so many, those of a pipeline, those since a moment. Out:
DataFrames, or the tally they are made of. Runs are read one after the other and only sums are kept, so
a journal of ten thousand runs takes seconds and hardly any memory.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from misydsl.clock import SYSTEM_CLOCK
from misydsl.failures import MisyError, RunUnknown
from misydsl.history.fold import fold
from misydsl.history.states import History
from misydsl.store.journal import Journal, RunSummary
from misydsl.values import Duration, parse_date, parse_datetime, parse_measure
from misydsl.workspace.journals import JournalPlace, open_journal

if TYPE_CHECKING:
    from misydsl.metrics.columns import DataFrame

Since = str | dt.timedelta | dt.datetime | None
"""How far back: `7d`, `12h`, a day `2026-03-01`, a moment, or all (None)."""


def runs(
    journal: JournalPlace = None,
    *,
    limit: int | None = None,
    since: Since = None,
    pipeline: str | None = None,
) -> DataFrame:
    """One row per run, newest first; columns as in `misydsl.metrics.frames.runs_frame`.

    Raises: `MisyError` for a `since` that says no time.
    """
    from misydsl.metrics.frames import runs_frame

    keeper = open_journal(journal, is_reading=True)
    return runs_frame(summaries(keeper, limit=limit, since=since, pipeline=pipeline))


def agents(
    journal: JournalPlace = None,
    *,
    limit: int | None = None,
    since: Since = None,
    pipeline: str | None = None,
    agent: str | None = None,
) -> DataFrame:
    """One row per agent over all runs, or the newest `limit`: calls, retries, success, times.

    Columns as in `misydsl.metrics.figures_frame.agents_frame`. Raises: `MisyError` for a `since` that
    says no time.
    """
    from misydsl.metrics.figures_frame import agents_frame

    keeper = open_journal(journal, is_reading=True)
    chosen = summaries(keeper, limit=limit, since=since, pipeline=pipeline)
    made = agents_frame(histories(keeper, chosen))
    return made if agent is None else made[made["agent"] == agent].reset_index(drop=True)


def summaries(
    journal: Journal,
    *,
    limit: int | None = None,
    since: Since = None,
    pipeline: str | None = None,
) -> Sequence[RunSummary]:
    """Runs that were accepted since then, newest first; `limit` counts what is left."""
    earliest = moment_of(since)
    # A pipeline's newest runs may stand behind many others, so then all are looked through.
    rows = journal.runs(limit=limit if pipeline is None and earliest is None else None)
    chosen = [
        row
        for row in rows
        if pipeline in (None, row.pipeline) and (earliest is None or row.accepted_at >= earliest)
    ]
    return chosen if limit is None else chosen[:limit]


def histories(journal: Journal, chosen: Sequence[RunSummary]) -> Iterator[History]:
    """What happened in each of these runs, one at a time; runs forgotten meanwhile are left out."""
    for row in chosen:
        try:
            yield fold(journal.read(row.run))
        except RunUnknown:
            continue


def moment_of(since: Since) -> float | None:
    """The moment as Unix seconds; None for all time. Raises: `MisyError` for what says no time."""
    match since:
        case None:
            return None
        case dt.datetime():
            return (since if since.tzinfo else since.astimezone()).timestamp()
        case dt.timedelta():
            return SYSTEM_CLOCK.wall() - since.total_seconds()
        case str():
            return _spoken(since)


def _spoken(since: str) -> float:
    measure = parse_measure(since)
    if isinstance(measure, Duration):
        return SYSTEM_CLOCK.wall() - measure
    moment = parse_datetime(since)
    if moment is not None:
        return moment.timestamp()
    day = parse_date(since)
    if day is not None:  # a day begins where the person is
        return dt.datetime.combine(day, dt.time()).astimezone().timestamp()
    raise MisyError(f"“{since}” says no time: use 7d, 12h, 30m or a day such as 2026-03-01")
