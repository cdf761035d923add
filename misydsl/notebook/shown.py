"""Things that show themselves in a cell, each with a plain twin.

In: texts and diagnostics. Out: objects that Jupyter displays. Everything that a person, a file or an agent
wrote is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from IPython.display import display

from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.html import render_html
from misydsl.diagnostics.plain import render_all

_PRE = "font-family:ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;margin:0"


def show(thing: object) -> None:
    """Display something in the cell."""
    display(thing)  # type: ignore[no-untyped-call]  # IPython's has no types


class Shown:
    """HTML, and the same as text."""

    def __init__(self, html: str, plain: str) -> None:
        self._html, self._plain = html, plain

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return self._plain


def text_shown(text: str) -> Shown:
    """A text as it is."""
    return Shown(f'<pre style="{_PRE}">{escape(text)}</pre>', text)


def diagnostics_shown(diagnostics: Sequence[Diagnostic]) -> Shown:
    """Diagnostics with carets; a word when there are none."""
    if not diagnostics:
        return text_shown("nothing is wrong")
    return Shown(render_html(diagnostics), render_all(diagnostics))


def resume_words(run: str) -> str:
    """How a run goes on whose name the interrupted cell never came to bind."""
    return f'run = misydsl.find_run("{run}"), and run.resume() completes it'
