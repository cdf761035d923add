"""Diagnostics for a terminal: the plain shape with ANSI colours.

In: diagnostics. Out: text with colour codes. Whether a stream wants colours is the door's question;
without colours use `plain`. The text between the codes is exactly what `plain` gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from misydsl.diagnostics.diagnostic import Diagnostic
from misydsl.diagnostics.layout import Piece, Role, closing, lay_out

_RESET = "\x1b[0m"
# The eight base colours only: they follow the theme of the terminal, light or dark.
_COLOURS: Mapping[Role, str] = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "message": "\x1b[1m",
    "gutter": "\x1b[34m",
    "fix": "\x1b[32m",
}


def render_terminal(diagnostic: Diagnostic) -> str:
    """One diagnostic with colours."""
    mark = _COLOURS[diagnostic.severity]
    lines = ("".join(_coloured(piece, mark) for piece in line) for line in lay_out(diagnostic))
    return "\n".join(lines)


def render_all_terminal(diagnostics: Sequence[Diagnostic]) -> str:
    """All of them with colours, and the closing count."""
    rendered = [render_terminal(diagnostic) for diagnostic in diagnostics]
    return "\n\n".join([*rendered, f"\x1b[1m{closing(diagnostics)}{_RESET}"])


def _coloured(piece: Piece, mark: str) -> str:
    colour = mark if piece.role == "mark" else _COLOURS.get(piece.role)
    return f"{colour}{piece.text}{_RESET}" if colour else piece.text
