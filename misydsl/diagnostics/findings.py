"""What was found wrong with a text, as a tuple that shows itself.

In: diagnostics. Out: `Findings`, in a notebook with carets and colours, in IPython as the same in plain text.
Everywhere else it is the tuple that it is.
"""

from __future__ import annotations

from typing import Protocol

from misydsl.diagnostics.diagnostic import Diagnostic


class Printer(Protocol):
    """What IPython prints with."""

    def text(self, obj: str) -> None:
        """Print a text."""
        ...


class Findings(tuple[Diagnostic, ...]):
    """Diagnostics in the order of the text; `()` when nothing is wrong."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        from misydsl.diagnostics.html import render_html

        return render_html(self) if self else None

    def _repr_pretty_(self, printer: Printer, _is_cycle: bool) -> None:
        from misydsl.diagnostics.plain import render_all

        printer.text(render_all(self) if self else "()")
