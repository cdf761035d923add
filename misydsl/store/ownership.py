"""Leases in the journal file: one row a run.

In: the writer's connection, within its transaction. Out: a run owned, kept or given up. Raises
`RunBusy` while somebody else who lives owns the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from misydsl.failures import RunBusy
from misydsl.store import messages
from misydsl.store.leases import Lease, Process, is_alive

if TYPE_CHECKING:
    import apsw

_FIND = "SELECT owner, host, machine, pid, began, heartbeat_at FROM lease WHERE run = ?"
_TAKE = """
    INSERT OR REPLACE INTO lease (run, owner, host, machine, pid, began, heartbeat_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_BEAT = "UPDATE lease SET heartbeat_at = ? WHERE run = ? AND owner = ?"
_GIVE_UP = "DELETE FROM lease WHERE run = ? AND owner = ?"


def take(
    connection: apsw.Connection, number: int, *, run: str, owner: str, here: Process, now: float
) -> None:
    """Own the run; takes it over from an owner that died. Raises: RunBusy."""
    row = connection.execute(_FIND, (number,)).fetchone()
    if row is not None:
        lease = Lease(*row)
        if lease.owner != owner and is_alive(lease, here, now=now):
            raise RunBusy(messages.run_busy(run, lease, age_s=now - lease.heartbeat_at))
    values = (number, owner, here.host, here.machine, here.pid, here.began, now)
    connection.execute(_TAKE, values)


def beat(connection: apsw.Connection, number: int, *, run: str, owner: str, now: float) -> None:
    """Say that the owner lives. Raises: RunBusy when it owns the run no longer."""
    connection.execute(_BEAT, (now, number, owner))
    if not connection.changes():
        raise RunBusy(messages.lease_lost(run, owner))


def give_up(connection: apsw.Connection, number: int, *, owner: str) -> None:
    """Own it no longer; nothing happens to somebody else's lease."""
    connection.execute(_GIVE_UP, (number, owner))
