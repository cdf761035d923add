"""Who owns a run, and whether they still live.

In: the process that asks, and the lease somebody left. Out: alive or not. On this machine the answer
is exact: the process of that id exists and began when the lease says. Of other machines only the
heartbeat is known, and one younger than 15 s counts as alive.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SILENCE_S: Final = 15.0  # three heartbeats of 5 s may be lost before an owner counts as dead

_PROC = Path("/proc")  # where Linux tells of processes; elsewhere there is none


@dataclass(frozen=True, slots=True)
class Process:
    """A process, so that it cannot be taken for a later one with the same number."""

    host: str
    machine: str
    """The boot and process namespace: process ids mean something within the same one."""
    pid: int
    began: str
    """When it began, in the kernel's own words; empty where the kernel does not say."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One row: who owns a run."""

    owner: str
    host: str
    machine: str
    pid: int
    began: str
    heartbeat_at: float


def this_process() -> Process:
    """The process that asks."""
    pid = os.getpid()
    return Process(
        host=socket.gethostname(), machine=_machine(), pid=pid, began=process_began(pid) or ""
    )


def process_began(pid: int) -> str | None:
    """When a process of this machine began; None when there is none, empty when nobody knows."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        return None if (_PROC / "self" / "stat").exists() else _asked_by_signal(pid)
    except OSError:  # it ended while it was read
        return None
    # the name, in brackets, may hold anything; state is the 3rd field and start time the 22nd
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in ("Z", "X") else fields[19]


def is_alive(
    lease: Lease,
    here: Process,
    *,
    now: float,
    began: Callable[[int], str | None] = process_began,
) -> bool:
    """Whether the owner of a lease may still be working."""
    is_heard = now - lease.heartbeat_at < SILENCE_S
    if lease.machine != here.machine:
        return is_heard
    found = began(lease.pid)
    if found is None:
        return False
    return found == lease.began if lease.began else is_heard


def _machine() -> str:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {(_PROC / 'self/ns/pid').readlink()}"
    except OSError:  # not Linux
        return socket.gethostname()


def _asked_by_signal(pid: int) -> str | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except OSError:  # it lives, and belongs to somebody else
        return ""
    return ""
