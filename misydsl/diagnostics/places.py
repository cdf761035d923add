"""Which file a diagnostic is about, for tools that look at a whole project.

In: a source and the folder the tool stands in. Out: the file's way from there with `/`, or as a relative
URI. A text that is in no file keeps its name.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from misydsl.source import Source


def relative_path(source: Source, base: Path) -> str:
    """The way from `base` to the source's file; absolute when the file is somewhere else."""
    if source.path is None:
        return source.name
    path = source.path.absolute()
    try:
        return path.relative_to(base.absolute()).as_posix()
    except ValueError:
        return path.as_posix()


def relative_uri(source: Source, base: Path) -> str:
    """The same as a URI reference: blanks, accents and `:` are written as percent codes."""
    return quote(relative_path(source, base))
