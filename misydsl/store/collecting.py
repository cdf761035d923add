"""Forgetting old runs: which, and what that frees.

In: a connection to the journal file and a moment. Out: the final runs that ended before it, measured or
removed with their facts, and the stored values nobody names any more. A run that is not final is never
touched, nor one whose results such a run still builds on. Each function is one transaction of its
caller, so that other writers only ever wait for a short while.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from misydsl.history.status import RUN_FINAL

if TYPE_CHECKING:
    import apsw

LAST_RUN: Final = "last-run"  # the key in `meta`: run numbers up to here were used once

_IS_OLD: Final = """
    status IN (SELECT value FROM json_each(?2)) AND finished_at < ?1 AND id NOT IN (
        SELECT body ->> '$.base' FROM event
        WHERE body ->> '$.base' IS NOT NULL AND seq IN (
            SELECT min(seq) FROM event WHERE run IN (
                SELECT number FROM run WHERE status NOT IN (SELECT value FROM json_each(?2))
            ) GROUP BY run
        )
    )
"""
_OLD: Final = "SELECT number, id FROM run WHERE {is_old} ORDER BY number"
_STILL_OLD: Final = "SELECT 1 FROM run WHERE number = ?3 AND id = ?4 AND {is_old}"
_WEIGHT: Final = "SELECT count(*), coalesce(sum(octet_length(body)), 0) FROM event WHERE run = ?"
# most facts name nothing: looking for the letters first is far quicker than reading the JSON
_IS_UNNAMED: Final = """
    sha256 NOT IN (
        SELECT coalesce(body ->> '$.blob', '') FROM event
        WHERE run NOT IN (SELECT value FROM json_each(?1)) AND instr(body, '"blob":"')
        UNION ALL
        SELECT coalesce(body ->> '$.inputs_blob', '') FROM event
        WHERE run NOT IN (SELECT value FROM json_each(?1)) AND instr(body, '"inputs_blob":"')
    )
"""
_UNNAMED: Final = "SELECT coalesce(sum(length(data)), 0) FROM blob WHERE {is_unnamed}"
_REMOVE_UNNAMED: Final = "DELETE FROM blob WHERE {is_unnamed}"
_REMOVALS: Final = (
    "DELETE FROM event WHERE run = ?",
    "DELETE FROM command WHERE run = ?",
    "DELETE FROM lease WHERE run = ?",
    "DELETE FROM memo WHERE run = ?",
    "DELETE FROM run WHERE number = ?",
)
_REMEMBER: Final = "INSERT OR REPLACE INTO meta (key, value) VALUES ('last-run', ?)"
NEXT_NUMBER: Final = """
    SELECT 1 + max(
        coalesce((SELECT max(number) FROM run), 0),
        coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'last-run'), 0)
    )
"""
"""The number of the next run: never one that a removed run had, which others may remember."""

_STATUSES: Final = json.dumps(sorted(RUN_FINAL))


class OldRun(NamedTuple):
    """A run that may go."""

    number: int
    run: str


class Weight(NamedTuple):
    """What goes, or went."""

    events: int
    size_bytes: int


def old_runs(connection: apsw.Connection, before: float) -> list[OldRun]:
    """Final runs that ended before this moment, oldest first."""
    query = _OLD.format(is_old=_IS_OLD)
    return [OldRun(*row) for row in connection.execute(query, (before, _STATUSES))]


def weight_of(connection: apsw.Connection, number: int) -> Weight:
    """The facts of one run."""
    return Weight(*connection.execute(_WEIGHT, (number,)).get)


def unnamed_bytes(connection: apsw.Connection, without: str = "[]") -> int:
    """How large the values are that no fact names; facts of `without`, a JSON list of run numbers, aside."""
    return int(connection.execute(_UNNAMED.format(is_unnamed=_IS_UNNAMED), (without,)).get)


def remove_run(connection: apsw.Connection, old: OldRun, before: float) -> Weight | None:
    """Remove a run with its facts; None when it is no longer old, or gone already."""
    query = _STILL_OLD.format(is_old=_IS_OLD)
    if connection.execute(query, (before, _STATUSES, *old)).get is None:
        return None
    weight = weight_of(connection, old.number)
    used = int(connection.execute(NEXT_NUMBER).get) - 1
    connection.execute(_REMEMBER, (str(used),))
    for removal in _REMOVALS:
        connection.execute(removal, (old.number,))
    return weight


def remove_unnamed(connection: apsw.Connection) -> int:
    """Remove the values that no fact names; their bytes."""
    if connection.execute("SELECT 1 FROM blob LIMIT 1").get is None:
        return 0
    freed = unnamed_bytes(connection)
    connection.execute(_REMOVE_UNNAMED.format(is_unnamed=_IS_UNNAMED), ("[]",))
    return freed


def give_room_back(connection: apsw.Connection) -> None:
    """Let the file shrink; outside of a transaction. Does what it can while others read and write."""
    connection.pragma("incremental_vacuum")
    connection.pragma("wal_checkpoint", "truncate")
