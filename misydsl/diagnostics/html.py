"""Diagnostics as HTML: for notebooks, reports and pages.

In: diagnostics. Out: one `<pre>` with inline styles only, so that it survives an untrusted notebook
and a static export. Everything that came from a file is escaped. The box brings its own background,
so the contrast (at least 4.5:1) is the same in light and dark pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from misydsl.diagnostics.diagnostic import Diagnostic
from misydsl.diagnostics.layout import Piece, Role, closing, lay_out

_BOX = (
    "background:#fdfcfb;color:#1f2328;border-left:4px solid #c62828;padding:8px 12px;"
    "overflow-x:auto;font-family:ui-monospace,Menlo,Consolas,monospace;line-height:1.4"
)
_STYLES: Mapping[Role, str] = {
    "error": "color:#b3261e;font-weight:bold",
    "warning": "color:#7a4f00;font-weight:bold",
    "message": "font-weight:bold",
    "gutter": "color:#57606a",
    "fix": "color:#1a6b32",
}


def render_html(diagnostics: Sequence[Diagnostic]) -> str:
    """All diagnostics in one box, with the closing count."""
    blocks = [_block(diagnostic) for diagnostic in diagnostics]
    blocks.append(f"<b>{escape(closing(diagnostics))}</b>")
    return f'<pre style="{_BOX}">' + "\n\n".join(blocks) + "</pre>"


def _block(diagnostic: Diagnostic) -> str:
    mark = _STYLES[diagnostic.severity]
    lines = ("".join(_styled(piece, mark) for piece in line) for line in lay_out(diagnostic))
    return "\n".join(lines)


def _styled(piece: Piece, mark: str) -> str:
    style = mark if piece.role == "mark" else _STYLES.get(piece.role)
    text = escape(piece.text)
    return f'<span style="{style}">{text}</span>' if style else text
