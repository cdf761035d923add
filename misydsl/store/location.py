"""Where a journal lies, and whether that place is fit for one.

In: the environment and the file a pipeline was read from. Out: a path whose folder exists, is ours to
write and lies on a local disk; or, for somebody who only reads, how it can be read without a trace.
Raises `JournalUnusable` with where, why and what to do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from misydsl.failures import JournalUnusable
from misydsl.store import messages

FOLDER_NAME: Final = ".misy"
FILE_NAME: Final = "journal.db"

# their locks or shared memory do not hold between machines, which SQLite's WAL depends on
_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "ncpfs", "gfs2", "ocfs2"}
    | {f"fuse.{name}" for name in ("sshfs", "glusterfs", "ceph", "s3fs", "davfs2", "rclone")}
)


def default_journal_path(
    beside: Path | None = None, *, environment: Mapping[str, str] = os.environ
) -> Path:
    """`$MISY_HOME/journal.db`, else `.misy/journal.db` beside the file; the folder is made."""
    path = journal_place(beside, environment=environment)
    prepare_folder(path.parent)
    return path


def journal_place(
    beside: Path | None = None, *, environment: Mapping[str, str] = os.environ
) -> Path:
    """The default path, whether or not there is anything; nothing is made."""
    home = environment.get("MISY_HOME")
    if home:
        return Path(home).expanduser() / FILE_NAME
    place = Path.cwd() if beside is None else beside
    return (place if place.is_dir() else place.parent) / FOLDER_NAME / FILE_NAME


def file_at(place: Path) -> Path:
    """The journal that a path means: of a folder, the file in it. Raises: JournalUnusable."""
    _check_text(place)
    try:
        path = place / FILE_NAME if place.is_dir() else place
    except OSError as why:
        raise JournalUnusable(messages.failed(place, why)) from why
    check_file(path)
    return path


def prepare_folder(folder: Path) -> None:
    """Make the folder, for the owner's eyes only and invisible to git. Raises: JournalUnusable."""
    _check_text(folder)
    try:
        if folder.is_dir():
            return
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except (FileExistsError, NotADirectoryError) as why:
        raise JournalUnusable(messages.folder_missing(folder, is_taken=True)) from why
    except OSError as why:
        raise JournalUnusable(messages.folder_unusable(folder, why)) from why


def check_place(path: Path) -> None:
    """Raises JournalUnusable when the folder is missing, not writable or on the network."""
    check_file(path)
    folder = path.parent
    if not folder.is_dir():
        raise JournalUnusable(messages.folder_missing(folder, is_taken=folder.exists()))
    if not os.access(folder, os.W_OK | os.X_OK):
        why = PermissionError(13, "it is not writable")
        raise JournalUnusable(messages.folder_unusable(folder, why))
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        raise JournalUnusable(messages.not_writable(path))
    file_system = network_file_system(folder.resolve(), mounts=_mounts())
    if file_system is not None:
        raise JournalUnusable(messages.on_network(path, file_system))


def check_file(path: Path) -> None:
    """Raises JournalUnusable for a path that no journal can have: a folder, a device, odd bytes."""
    _check_text(path)
    try:
        is_there, is_file = path.exists(), path.is_file()
    except OSError as why:
        raise JournalUnusable(messages.failed(path, why)) from why
    if is_there and not is_file:
        raise JournalUnusable(messages.not_a_file(path, is_folder=path.is_dir()))


Access = Literal["shared", "read-only", "frozen"]
"""How a reader opens a file: beside writers, without touching anything, or as one that never changes."""


def reading_access(path: Path) -> Access:
    """How the journal can be read from here. Raises: JournalUnusable when that is impossible.

    A reader of a WAL file needs the shared memory beside it. Where it cannot be made (a read-only
    folder, file or disk; a network file system), a file without a `-wal` is read as it stands.
    """
    check_file(path)
    folder = path.parent
    if not path.exists():
        raise JournalUnusable(messages.missing(path))
    if not os.access(path, os.R_OK):
        raise JournalUnusable(messages.not_readable(path))
    file_system = network_file_system(folder.resolve(), mounts=_mounts())
    is_ours = os.access(folder, os.W_OK | os.X_OK) and os.access(path, os.W_OK)
    if is_ours and file_system is None:
        return "shared"
    wal = path.with_name(f"{path.name}-wal")
    if not wal.exists() or not wal.stat().st_size:
        return "frozen"
    if file_system is not None:
        raise JournalUnusable(messages.on_network(path, file_system))
    return "read-only"


def is_text(word: str) -> bool:
    """Whether the database can be given it: UTF-8, without NUL; names of files may be neither."""
    return "\0" not in word and word.encode(errors="ignore").decode() == word


def _check_text(path: Path) -> None:
    if not is_text(str(path)):
        raise JournalUnusable(messages.not_utf8(path))


def network_file_system(folder: Path, *, mounts: str) -> str | None:
    """The network file system a folder lies on, by the kernel's table of mounts; else None."""
    best, found = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = PurePosixPath(_unescaped(fields[1]))
        # a later mount on the same point hides the earlier one
        if len(point.parts) >= best and folder.is_relative_to(point):
            best, found = len(point.parts), fields[2]
    return found if found in _NETWORK else None


def _unescaped(point: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), point)


def _mounts() -> str:
    try:
        return Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux: unknown counts as local
        return ""
