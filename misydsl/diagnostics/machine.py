"""Diagnostics as plain data: for JSON on the command line, REST and editors.

In: a diagnostic. Out: a dictionary of texts and ints. Lines and columns count from 1 in code points;
`end_line` and `end_column` are just past the last character. `help` and `fix` only when there are any.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict

from misydsl.diagnostics.diagnostic import Diagnostic, Fix
from misydsl.source import Source


class EditDict(TypedDict):
    """Replace the text of a range; an empty range inserts."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class FixDict(TypedDict):
    """A change that may be applied without asking."""

    title: str
    edits: list[EditDict]


class DiagnosticDict(TypedDict):
    """One diagnostic, as machines read it."""

    code: str
    severity: str
    message: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    help: NotRequired[str]
    fix: NotRequired[FixDict]


def as_dict(diagnostic: Diagnostic) -> DiagnosticDict:
    """The diagnostic as JSON-ready data."""
    start = diagnostic.source.position(diagnostic.span.start)
    end = diagnostic.source.position(diagnostic.span.end)
    found = DiagnosticDict(
        code=diagnostic.code,
        severity=diagnostic.severity,
        message=diagnostic.message,
        file=diagnostic.source.name,
        line=start.line,
        column=start.column,
        end_line=end.line,
        end_column=end.column,
    )
    if diagnostic.help:
        found["help"] = diagnostic.help
    if diagnostic.fix:
        found["fix"] = _fix(diagnostic.fix, diagnostic.source)
    return found


def _fix(fix: Fix, source: Source) -> FixDict:
    edits: list[EditDict] = []
    for edit in fix.edits:
        start, end = source.position(edit.span.start), source.position(edit.span.end)
        edits.append(
            EditDict(
                line=start.line,
                column=start.column,
                end_line=end.line,
                end_column=end.column,
                text=edit.text,
            )
        )
    return FixDict(title=fix.title, edits=edits)
