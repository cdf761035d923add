"""Diagnostics as plain text: what files, logs, pipes and tests get.

In: diagnostics. Out: text in the shape people see everywhere, without colours and without a trailing
newline. Never raises, whatever bytes the source holds, and every character is safe to print.
"""

from __future__ import annotations

from collections.abc import Sequence

from misydsl.diagnostics.diagnostic import Diagnostic
from misydsl.diagnostics.layout import closing, lay_out


def render_plain(diagnostic: Diagnostic) -> str:
    """One diagnostic: message, place, line, caret and fix."""
    lines = ("".join(piece.text for piece in line) for line in lay_out(diagnostic))
    return "\n".join(lines)


def render_all(diagnostics: Sequence[Diagnostic]) -> str:
    """All of them in the given order, a blank line between, and a closing line with the count."""
    rendered = [render_plain(diagnostic) for diagnostic in diagnostics]
    return "\n\n".join([*rendered, closing(diagnostics)])
