"""Where the files of a project come from.

In: the key of a file (its path from the project's root, with `/`) and what an `import` says. Out: the key
that is meant, or a `Refusal`, and the file's `Source`. A shelf never looks outside its root and never
asks the network: from the folder of a project (`DiskShelf`), or from texts in memory, as when a recorded
run is loaded again (`TextShelf`).
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Protocol

from misydsl.diagnostics.diagnostic import Diagnostic
from misydsl.source import Source


class Refusal(Enum):
    """Why an import is not even looked for."""

    ADDRESS = "it names a network address"
    ABSOLUTE = "it starts at the root of the disk"
    OUTSIDE = "it leaves the project"
    HOMELESS = "it stands in a text that has no folder"
    FOLDER = "it is a folder"
    NO_FILE = "it is a pipe or a device"
    LINK = "it is a link that leads out of the project"
    UNREADABLE = "it is there and cannot be read"


Loaded = tuple[Source, tuple[Diagnostic, ...]]


class Shelf(Protocol):
    """Anything that gives files by key."""

    def load(self, key: str, name: str) -> Loaded | Refusal | None:
        """The file, called `name` in messages, and what is wrong with its bytes; None without one."""

    def identity(self, key: str) -> object:
        """What is equal for two keys of the same file, as when one is a link to the other."""

    def neighbours(self, key: str) -> Iterable[str]:
        """The names of the files that stand in the same folder as `key`."""


def target_key(importer: str, written: str, *, has_folder: bool = True) -> str | Refusal:
    """The key that `from "written"` means in the file `importer`."""
    if "://" in written:
        return Refusal.ADDRESS
    if not has_folder:
        return Refusal.HOMELESS
    if written.startswith(("/", "\\", "~")) or written[1:2] == ":":
        return Refusal.ABSOLUTE
    key = posixpath.normpath(posixpath.join(posixpath.dirname(importer), written))
    return Refusal.OUTSIDE if key.startswith("..") else key


def shown_name(importer: str, written: str) -> str:
    """A file as the reader of the one called `importer` would call it."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(importer), written))


class DiskShelf:
    """The files below one folder; a link that leads out of it is not followed."""

    def __init__(self, root: Path, read: Callable[[Path, str], Loaded]) -> None:
        self._root = root
        self._read = read

    def load(self, key: str, name: str) -> Loaded | Refusal | None:
        """The file, None when it is not there, or why it is not read."""
        path = self._root / key
        try:
            if not path.resolve().is_relative_to(self._root.resolve()):
                return Refusal.LINK
            if path.is_dir():
                return Refusal.FOLDER
            if path.exists() and not path.is_file():
                return Refusal.NO_FILE
            return self._read(path, name)
        except FileNotFoundError:
            return None
        except OSError:
            return Refusal.UNREADABLE if _is_there(path) else None
        except (ValueError, RuntimeError):  # a NUL in the path; links that go round in a circle
            return None

    def identity(self, key: str) -> object:
        """The file itself, whatever links lead to it; the key where there is none."""
        try:
            found = (self._root / key).stat()
        except (OSError, ValueError):
            return key
        return (found.st_dev, found.st_ino)

    def neighbours(self, key: str) -> Iterable[str]:
        """The `.misy` files beside it, in the order of the alphabet."""
        try:
            return sorted(path.name for path in (self._root / key).parent.glob("*.misy"))
        except (OSError, ValueError):
            return ()


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder on the way that may not be looked into
        return True


class TextShelf:
    """Texts by key; what is not there does not exist."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def load(self, key: str, name: str) -> Loaded | None:
        """The text of that key."""
        text = self._texts.get(key)
        return None if text is None else (Source(name, text), ())

    def identity(self, key: str) -> object:
        """Texts are what their keys are."""
        return key

    def neighbours(self, key: str) -> Iterable[str]:
        """The keys of the same folder."""
        folder = posixpath.dirname(key)
        found = (one for one in self._texts if posixpath.dirname(one) == folder)
        return sorted(posixpath.basename(one) for one in found)
