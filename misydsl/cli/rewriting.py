"""Changing people's files: what would change as a diff, and the change itself.

In: names, texts before and after. Out: unified diffs, files written whole or not at all. Texts keep their
bytes: UTF-8, no other line breaks than they had.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from misydsl.cli.screen import Screen

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")


def differences(name: str, before: str, after: str, *, why: str) -> Iterator[str]:
    """A unified diff; a last line without a line break is marked as `diff` and `patch` know it."""
    names = (f"{name} (as it is)", f"{name} ({why})")
    for line in difflib.unified_diff(_LINE.findall(before), _LINE.findall(after), *names):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def write_out(screen: Screen, text: str) -> None:
    """A file's text on the output, byte for byte: no other encoding, no other line breaks."""
    if isinstance(screen.out, io.TextIOWrapper):
        screen.out.flush()
        screen.out.buffer.write(text.encode("utf-8"))
        screen.out.buffer.flush()
    else:
        screen.out.write(text)


def replace_file(path: Path, text: str) -> None:
    """Write beside a file and rename, its permissions kept. Raises: OSError."""
    path = path.resolve()  # a link stays a link
    if not os.access(path, os.W_OK):
        raise PermissionError(13, "it may not be changed")
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode("utf-8"))
        shutil.copymode(path, temporary)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
