"""Pieces of static HTML: chips, tables, folded parts, pictures.

In: texts and numbers. Out: HTML with inline styles only, which is what survives a saved notebook that is
opened elsewhere. Colours are those of the page, or a surface that brings its own ink (at least 4.5:1).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from misydsl.render.text import clean
from misydsl.render.theme import LIGHT, SIGNS

TEXT: Final = (
    "font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:13px;line-height:1.5"
)
_CELL: Final = "padding:1px 12px 1px 0;text-align:{};vertical-align:top;border:0;background:none"
_PRE: Final = (
    "white-space:pre-wrap;overflow-wrap:anywhere;margin:4px 0;padding:6px 8px;border-radius:5px;"
    "background:#f3f4f6;color:#111827;font-size:12px;max-height:300px;overflow:auto"
)
_LOOKS: Final = {"accepted": "waiting", "paused": "cancelled", "lost": "cancelled"}


def chip(status: str) -> str:
    """A status word on its colour, with its glyph."""
    look = _LOOKS.get(status, status)
    sign = next((sign for name, sign in SIGNS.items() if name == look), None)
    if sign is None:
        return escape(status)
    tone = LIGHT.tones[look]
    style = (
        f"background:{tone.fill};color:{tone.ink};border:1px solid {tone.line};"
        "border-radius:9px;padding:0 7px;white-space:nowrap"
    )
    return f'<span style="{style}">{sign.glyph} {escape(status)}</span>'


def picture(svg: str, alternative: str) -> str:
    """A drawing as an image by its data: inline SVG is taken out when a notebook is shown elsewhere."""
    data = b64encode(svg.encode()).decode()
    words = escape(clean(alternative), quote=True)
    fits = "max-width:100%;max-height:640px"  # seen whole, without scrolling
    return f'<div><img alt="{words}" src="data:image/svg+xml;base64,{data}" style="{fits}"/></div>'


def folded(title: str, inside: str, *, is_open: bool = False) -> str:
    """A part that opens by a click, without any script."""
    state = " open" if is_open else ""
    return (
        f'<details{state} style="margin:4px 0"><summary>{escape(title)}</summary>{inside}</details>'
    )


def preformatted(text: str) -> str:
    """A text as it is."""
    return f'<pre style="{_PRE}">{escape(text)}</pre>'


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> str:
    """Rows of cells that are HTML already, under heads that are texts."""
    sides = ["right" if head in right else "left" for head in heads]
    styles = [f' style="{_CELL.format(side)}"' for side in sides]
    first = "".join(
        f"<th{one}>{escape(head)}</th>" for one, head in zip(styles, heads, strict=True)
    )
    lines = "".join(
        "<tr>"
        + "".join(f"<td{one}>{cell}</td>" for one, cell in zip(styles, row, strict=True))
        + "</tr>"
        for row in rows
    )
    return f'<table style="{TEXT};border-collapse:collapse"><tr>{first}</tr>{lines}</table>'


def word(text: str) -> str:
    """A text on one line, clean and escaped."""
    return escape(clean(text))
