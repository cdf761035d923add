"""What is wrong with a text: data only.

In: a code, words and a place. Out: `Diagnostic`, a value that passes collect and doors render. A
diagnostic is never raised inside the front end; `Fix` is a change a tool may apply without asking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from misydsl.source import Source, Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace what stands at `span` with `text`; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that is certain to be what was meant."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing wrong at one place, with one cause."""

    code: str
    message: str
    source: Source
    span: Span
    severity: Severity = "error"
    help: str | None = None
    fix: Fix | None = None

    @property
    def is_error(self) -> bool:
        """Whether the text cannot be used until this is mended."""
        return self.severity == "error"

    def __str__(self) -> str:
        place = self.source.position(self.span.start)
        line = f"{self.source.name}:{place.line}:{place.column}: {self.severity}[{self.code}]: "
        return line + self.message + (f"\n  = fix: {self.help}" if self.help else "")
