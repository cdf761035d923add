"""The wording of the store: where, why, and what to do.

In: facts about what went wrong. Out: sentences for exceptions. Nothing else in this room writes prose.
"""

from __future__ import annotations

from pathlib import Path

from misydsl.store.leases import Lease


def run_unknown(run: str) -> str:
    """No run of that id."""
    return f"no run {run!r} in this journal (`misy runs` lists them)"


def run_ambiguous(prefix: str, runs: list[str]) -> str:
    """Several runs begin like that."""
    return f"several runs begin with {prefix!r}: {', '.join(runs)}; write more of the id"


def run_exists(run: str) -> str:
    """A run is accepted once."""
    return f"run {run} is in this journal already; every run needs an id of its own"


def run_busy(run: str, lease: Lease, *, age_s: float) -> str:
    """Somebody else works on it."""
    return (
        f"run {run} belongs to {lease.owner} (process {lease.pid} on {lease.host}, "
        f"last heard of {max(0.0, age_s):.0f} s ago); cancel it there, or wait for it to end"
    )


def run_busy_here(run: str, owner: str) -> str:
    """Somebody else in this process works on it."""
    return f"run {run} belongs to {owner}, in this process; cancel it there, or wait for it to end"


def lease_lost(run: str, owner: str) -> str:
    """Somebody took the run over."""
    return f"{owner} no longer owns run {run}: it was silent too long and another process took over"


def closed(path: Path | str) -> str:
    """Used after `close`."""
    return f"the journal {path} has been closed; open it again"


def forked(path: Path | str) -> str:
    """Used in a child of the process that opened it."""
    return f"the journal {path} was opened before this process was forked; open it again here"


def inside_done(path: Path | str) -> str:
    """A `done` callback waits for the thread it runs in."""
    return f"the journal {path} was asked to wait inside a `done` callback; do that elsewhere"


def value_missing(path: Path, name: str) -> str:
    """A fact names a stored value that is not there."""
    return f"the journal {path} has lost the value {name}; restore a copy of the file"


def gone(path: Path) -> str:
    """The file was removed or replaced under an open journal."""
    return f"the journal {path} was deleted or replaced while it was open; open it again"


def failed(path: Path, why: BaseException) -> str:
    """The database says no."""
    return f"the journal {path} cannot be used: {why} ({_advice(why)})"


def folder_unusable(folder: Path, why: OSError) -> str:
    """No folder to keep the journal in."""
    return (
        f"no journal can be kept in {folder}: {why.strerror or why} "
        "(make the folder writable, or choose another one with --journal or MISY_HOME)"
    )


def on_network(path: Path, file_system: str) -> str:
    """Locks of network file systems cannot be trusted."""
    return (
        f"the journal {path} would lie on a network file system ({file_system}), where a database "
        "file can be corrupted by its writers (keep it on a local disk: --journal or MISY_HOME)"
    )


def not_a_journal(path: Path) -> str:
    """A database or file of somebody else."""
    return f"{path} is not a journal of MisyDSL, and is left as it is (choose another path)"


def newer(path: Path, found: int, known: int) -> str:
    """Written by a newer version."""
    return (
        f"the journal {path} has schema {found} and this version knows {known}; "
        "a newer MisyDSL has written it: update this one, or choose another path"
    )


def second_writer(path: Path, sqlite: str) -> str:
    """SQLite before 3.51.3 can corrupt a file with two writing processes."""
    return (
        f"another process is writing the journal {path}, and with the SQLite of one of the two "
        f"(here: {sqlite}) two writers can corrupt it: SQLite 3.51.3 is the first that is safe "
        "(close the other process, or update the `apsw` package on both sides)"
    )


def _advice(why: BaseException) -> str:
    match type(why).__name__:
        case "FullError":
            return "make room on the disk; what was not confirmed is not recorded"
        case "BusyError" | "LockedError":
            return "another process has held it for too long; is one of them stopped?"
        case "NotADBError":
            return "it is not a database; choose another path"
        case "CorruptError":
            return "the file is damaged; restore a copy, or move it away and begin a new one"
        case "ReadOnlyError" | "PermissionsError" | "CantOpenError" | "AuthError":
            return "check who may write the file and its folder"
        case _:
            return "check the disk; what was not confirmed is not recorded"
