"""The wording of the store: where, why, and what to do.

In: facts about what went wrong. Out: sentences for exceptions. Nothing else in this room writes prose.
"""

from __future__ import annotations

import errno
import os
import shlex
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
    if type(why).__name__ == "NotADBError":
        return not_a_journal(path)
    reason = os.strerror(why.errno) if isinstance(why, OSError) and why.errno else why
    return f"the journal {shown_path(path)} cannot be used: {reason} ({_advice(why)})"


def folder_unusable(folder: Path, why: OSError) -> str:
    """No folder to keep the journal in."""
    return (
        f"no journal can be kept in {shown_path(folder)}: {why.strerror or why} "
        f"({_folder_cure(why)}choose another one with --journal or MISY_HOME)"
    )


def folder_missing(folder: Path, *, is_taken: bool) -> str:
    """The folder a journal was asked for in is not there."""
    shown = shown_path(folder)
    if is_taken:
        return f"no journal can be kept in {shown}: it is no folder (choose another path)"
    made = shlex.join(["mkdir", "-p", shown])
    return f"no journal can be kept in {shown}: there is no such folder (make it: {made})"


def missing(path: Path) -> str:
    """Somebody wants to read a journal that is not there."""
    return f"there is no journal {shown_path(path)} (the first run makes it; is the path right?)"


def not_a_file(path: Path, *, is_folder: bool) -> str:
    """A folder or a device where the file should be."""
    kind = "a folder" if is_folder else "a device, not a file"
    cure = "name the file in it" if is_folder else "choose the path of a file"
    return f"{shown_path(path)} cannot be a journal: it is {kind} ({cure})"


def not_utf8(path: Path) -> str:
    """A name that the database cannot be given."""
    return (
        f"the journal {shown_path(path)} cannot be used: its path is not UTF-8 text "
        "(rename the folder, or choose another path with --journal or MISY_HOME)"
    )


def not_writable(path: Path) -> str:
    """Read-only for us."""
    return (
        f"the journal {shown_path(path)} may only be read here, so no run can be recorded in it "
        "(make it writable, or choose another one with --journal or MISY_HOME)"
    )


def not_readable(path: Path) -> str:
    """Not ours to see."""
    return f"the journal {shown_path(path)} may not be read here (ask its owner for the right)"


def changes_unread(path: Path) -> str:
    """The newest facts are in the `-wal`, which only somebody who may write can bring in."""
    return (
        f"the journal {shown_path(path)} cannot be read from a read-only place: its newest facts "
        f"are still in {path.name}-wal (copy {path.name} and {path.name}-wal to a folder of yours "
        "and read it there, or let its owner run `misy runs` once)"
    )


def older(path: Path, found: int, known: int) -> str:
    """Written by an older version, in a place that may only be read."""
    return (
        f"the journal {shown_path(path)} has schema {found} and this version reads {known}; "
        "it would be brought up, but it may only be read here (copy it to a folder of yours)"
    )


def shown_path(path: Path) -> str:
    """The path as one would type it from here, as text that can be printed: odd bytes as U+FFFD."""
    try:
        here = Path.cwd()
    except OSError:  # the working folder is gone
        here = path
    shown = path.relative_to(here) if path.is_relative_to(here) and path != here else path
    return os.fsencode(shown).decode("utf-8", errors="replace")


def on_network(path: Path, file_system: str) -> str:
    """Locks of network file systems cannot be trusted."""
    return (
        f"the journal {path} would lie on a network file system ({file_system}), where a database "
        "file can be corrupted by its writers (keep it on a local disk: --journal or MISY_HOME)"
    )


def not_a_journal(path: Path) -> str:
    """A database or file of somebody else."""
    shown = shown_path(path)
    return f"{shown} is not a journal of MisyDSL, and is left as it is (choose another path)"


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


def _folder_cure(why: OSError) -> str:
    if _is_full(why):
        return "make room on the disk, or "
    return "make the folder writable, or " if isinstance(why, PermissionError) else ""


def _is_full(why: BaseException) -> bool:
    if isinstance(why, OSError):
        return why.errno in (errno.ENOSPC, errno.EDQUOT)
    return type(why).__name__ == "FullError"


def _advice(why: BaseException) -> str:
    if _is_full(why):
        return "make room on the disk; what was not confirmed is not recorded"
    if isinstance(why, OSError) and why.errno in (errno.ENAMETOOLONG, errno.ENOENT, errno.ELOOP):
        return "choose another path"
    match type(why).__name__:
        case "BusyError" | "LockedError":
            return "another process has held it for too long; is one of them stopped?"
        case "CorruptError":
            return "the file is damaged; restore a copy, or move it away and begin a new one"
        case "ReadOnlyError" | "PermissionsError" | "CantOpenError" | "AuthError":
            return "check who may write the file and its folder"
        case "PermissionError":
            return "check who may write the file and its folder"
        case _:
            return "check the disk; what was not confirmed is not recorded"
