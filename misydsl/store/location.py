"""Where a journal lies, and whether that place is fit for one.

In: the environment and the file a pipeline was read from. Out: a path whose folder exists, is ours to
write and lies on a local disk. Raises `JournalUnusable` with where, why and what to do.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from misydsl.failures import JournalUnusable
from misydsl.store import messages

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
    home = environment.get("MISY_HOME")
    if home:
        folder = Path(home).expanduser()
    else:
        place = Path.cwd() if beside is None else beside
        folder = (place if place.is_dir() else place.parent) / ".misy"
    prepare_folder(folder)
    return folder / FILE_NAME


def prepare_folder(folder: Path) -> None:
    """Make the folder, for the owner's eyes only and invisible to git. Raises: JournalUnusable."""
    if folder.is_dir():
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as why:
        raise JournalUnusable(messages.folder_unusable(folder, why)) from why


def check_place(path: Path) -> None:
    """Raises JournalUnusable when the folder is missing, not writable or on the network."""
    folder = path.parent
    if not folder.is_dir():
        raise JournalUnusable(messages.folder_unusable(folder, FileNotFoundError("no such folder")))
    if not os.access(folder, os.W_OK | os.X_OK):
        why = PermissionError(13, "it is not writable")
        raise JournalUnusable(messages.folder_unusable(folder, why))
    file_system = network_file_system(folder.resolve(), mounts=_mounts())
    if file_system is not None:
        raise JournalUnusable(messages.on_network(path, file_system))


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
