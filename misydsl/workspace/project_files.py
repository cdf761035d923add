"""The files of a project, found again cheaply.

In: a folder. Out: the paths of its `.misy` files, in the order of their paths, and whether any folder was written
since the last look. A folder is listed again when its date says so; a date so young that another change could
still get the same one is not trusted.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MOST_FILES: Final = 2_000
MOST_FOLDERS: Final = 5_000
SUFFIX: Final = ".misy"
PASSED_OVER: Final = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})
SETTLING_S: Final = (
    0.1  # the kernel dates files by its tick, which is at most 10 ms; some disks by more
)

Mark = tuple[int, int, int]
"""What changes when a file or folder is written."""


def mark_of(path: Path, now: float) -> Mark | None:
    """The mark; None where there is none, or it is too young to be trusted."""
    try:
        found = path.stat()
    except OSError:
        return None
    is_young = abs(now - found.st_mtime) < SETTLING_S
    return None if is_young else (found.st_mtime_ns, found.st_size, found.st_ino)


@dataclass(frozen=True, slots=True)
class _Listing:
    """What stood in one folder."""

    mark: Mark | None
    files: tuple[Path, ...]
    folders: tuple[Path, ...]


class ProjectFiles:
    """Belongs to one project, which asks from one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self.is_partial = False
        """Whether there are more files or folders than are looked at."""
        self._folder = folder
        self._listings: dict[Path, _Listing] = {}

    def look(self, now: float) -> tuple[bool, tuple[Path, ...]]:
        """Whether a folder changed since the last look, and the files; near folders come before far ones."""
        listings: dict[Path, _Listing] = {}
        waiting, files, has_moved = deque([self._folder]), list[Path](), False
        while waiting and len(listings) < MOST_FOLDERS:
            folder = waiting.popleft()
            before = self._listings.get(folder)
            mark = mark_of(folder, now)
            is_same = before is not None and mark is not None and before.mark == mark
            listing = before if before is not None and is_same else self._listed(folder, mark)
            has_moved |= not is_same
            listings[folder] = listing
            files += listing.files
            waiting += listing.folders
        self._listings = listings
        self.is_partial = bool(waiting) or len(files) > MOST_FILES
        return has_moved, tuple(sorted(files[:MOST_FILES], key=lambda path: path.parts))

    def _listed(self, folder: Path, mark: Mark | None) -> _Listing:
        try:
            with os.scandir(folder) as found:
                entries = sorted((one for one in found), key=lambda one: one.name)
        except OSError:  # it went away, or is not ours to read
            return _Listing(mark, (), ())
        kinds = [(Path(one.path), self._kind(one)) for one in entries]
        files = tuple(path for path, kind in kinds if kind == "file")
        return _Listing(mark, files, tuple(path for path, kind in kinds if kind == "folder"))

    def _kind(self, entry: os.DirEntry[str]) -> str | None:
        """`file` or `folder` for what belongs to the project."""
        if entry.name.startswith("."):
            return None
        try:
            if entry.is_dir(follow_symlinks=False):
                return None if entry.name in PASSED_OVER else "folder"
            if not entry.name.endswith(SUFFIX) or not stat.S_ISREG(entry.stat().st_mode):
                return None
            is_outside = entry.is_symlink() and not self._holds(Path(entry.path))
        except (OSError, RuntimeError):  # a link to nowhere, or to itself
            return None
        return None if is_outside else "file"

    def _holds(self, path: Path) -> bool:
        return path.resolve().is_relative_to(self._folder)
