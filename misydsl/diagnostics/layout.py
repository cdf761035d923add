"""The shape of a diagnostic, once for every renderer.

In: a `Diagnostic`. Out: lines of `Piece`s, each a text with the role it plays. Plain text joins them,
the terminal colours them, HTML wraps them; so the three can never disagree about where a caret goes.
The shape: `severity[CODE]: message`, the place, the line, the caret line, `= fix: …`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple

from misydsl.diagnostics.cells import printable
from misydsl.diagnostics.diagnostic import Diagnostic
from misydsl.diagnostics.excerpt import excerpt

Role = Literal["error", "warning", "message", "gutter", "place", "code", "mark", "fix"]


class Piece(NamedTuple):
    """A text and the role it plays."""

    role: Role
    text: str


Line = tuple[Piece, ...]


def lay_out(diagnostic: Diagnostic) -> list[Line]:
    """The lines of one diagnostic, first the message, last the fix if there is one."""
    shown = excerpt(diagnostic.source, diagnostic.span)
    number = str(shown.line)
    blank = " " * len(number)
    place = f"{printable(diagnostic.source.name)}:{shown.line}:{shown.column}"
    mark = "^" * shown.width + ("…" if shown.goes_on else "")
    return [
        *_message(diagnostic),
        (Piece("gutter", f"{blank} ┌ "), Piece("place", place)),
        (Piece("gutter", f"{number} │ ".rstrip()), *_code(shown.text)),
        (Piece("gutter", f"{blank} │ "), Piece("mark", shown.margin + mark)),
        *_fix(diagnostic, blank),
    ]


def closing(diagnostics: Iterable[Diagnostic]) -> str:
    """How many errors and warnings there were: `2 errors, 1 warning`, or `no problems`."""
    counts = Counter(diagnostic.severity for diagnostic in diagnostics)
    words = [
        f"{counts[severity]} {severity}" + ("" if counts[severity] == 1 else "s")
        for severity in ("error", "warning")
        if counts[severity]
    ]
    return ", ".join(words) or "no problems"


def _message(diagnostic: Diagnostic) -> list[Line]:
    head = Piece(diagnostic.severity, f"{diagnostic.severity}[{diagnostic.code}]")
    first, *rest = diagnostic.message.splitlines() or [""]
    return [
        (head, Piece("message", f": {printable(first)}")),
        *((Piece("message", f"  {printable(line)}"),) for line in rest),
    ]


def _code(text: str) -> Line:
    return (Piece("code", f" {text}"),) if text else ()


def _fix(diagnostic: Diagnostic, blank: str) -> list[Line]:
    if not diagnostic.help:
        return []
    head = f"{blank} = fix: "
    first, *rest = diagnostic.help.splitlines()
    return [
        (Piece("gutter", f"{blank} = "), Piece("fix", f"fix: {printable(first)}")),
        *((Piece("fix", " " * len(head) + printable(line)),) for line in rest),
    ]
