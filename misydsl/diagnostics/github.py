"""Diagnostics as workflow commands, which GitHub shows at the lines of a pull request.

In: diagnostics and the folder the workflow stands in. Out: one line each, `::error file=…,line=…::words`.
Whatever a file holds, no text in it can end a command or begin another.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from misydsl.diagnostics.catalogue import title
from misydsl.diagnostics.diagnostic import Diagnostic
from misydsl.diagnostics.places import relative_path


def render_github(diagnostics: Sequence[Diagnostic], *, base: Path) -> str:
    """A line for each diagnostic; an empty text when there are none."""
    return "\n".join(_command(diagnostic, base) for diagnostic in diagnostics)


def _command(diagnostic: Diagnostic, base: Path) -> str:
    start = diagnostic.source.position(diagnostic.span.start)
    end = diagnostic.source.position(max(diagnostic.span.end, diagnostic.span.start))
    properties = {
        "file": relative_path(diagnostic.source, base),
        "line": str(start.line),
        "endLine": str(end.line),
    }
    if start.line == end.line:  # columns are only understood within a line; the last one is marked
        properties["col"] = str(start.column)
        properties["endColumn"] = str(max(end.column - 1, start.column))
    properties["title"] = f"{diagnostic.code} {title(diagnostic.code)}"
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    words = diagnostic.message + (f"\nfix: {diagnostic.help}" if diagnostic.help else "")
    return f"::{diagnostic.severity} {written}::{_data(words)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
