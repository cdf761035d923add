"""What the checker found in one file, as diagnostics.

In: findings (a code, words, what to write instead) and where they are. Out: diagnostics of that file.
A place is told the same thing once. While a report is `hushed` nothing is kept: that is how a block is
looked at just to learn its type.
"""

from __future__ import annotations

import sys
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from misydsl.diagnostics.diagnostic import Diagnostic, Edit, Fix, Severity
from misydsl.source import Source, Span


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong, in words; the place is given when it is reported."""

    code: str
    message: str
    help: str | None = None
    replacement: str | None = None
    """What certainly should stand at the place instead."""
    insertion: str | None = None
    """What certainly is missing right before the place."""
    removal: Span | None = None
    """What certainly should not be there."""
    severity: Severity = "error"


class Report:
    """Collects the diagnostics of one source."""

    def __init__(
        self,
        source: Source,
        already: Sequence[Diagnostic] = (),
        *,
        shift: int = 0,
        left_out: int = 0,
    ) -> None:
        self.source = source
        self._shift = shift
        self._found: list[Diagnostic] = []
        self._told: set[tuple[str, Span, str]] = set()
        self._is_hushed = False
        self._broken_at: list[int] = []
        self.left_out = left_out
        """How many errors of the text the reader has counted only; the last of `already` says so."""
        self._silent_from = already[-1].span.start if left_out else sys.maxsize
        for diagnostic in already[:-1] if left_out else already:
            self.keep(diagnostic)

    def add(self, span: Span, finding: Finding, *, fix: Fix | None = None) -> None:
        """Keep a finding; `fix` for a change that is more than writing something else at `span`."""
        span = self.place(span)
        key = (finding.code, span, finding.message)
        if self._is_hushed or key in self._told or span.start >= self._silent_from:
            return
        self._told.add(key)
        if fix is None:
            fix = _fix(finding, span, self.place)
        self._found.append(
            Diagnostic(
                code=finding.code,
                message=finding.message,
                source=self.source,
                span=span,
                severity=finding.severity,
                help=finding.help,
                fix=fix,
            )
        )

    def retell(
        self, places: Collection[Span], code: str, finding: Finding, *, fix: Fix | None
    ) -> None:
        """Say in one finding, with what is known now, what an earlier pass told at these places."""
        starts = {self.place(span).start for span in places}
        if not any(self.begins_broken(Span(start, start)) for start in starts):
            return  # nothing was told: no need to look through all that was
        told = [one for one in self._found if one.code == code and one.span.start in starts]
        if self._is_hushed or not told:
            return
        self._found = [one for one in self._found if one not in told]
        self.add(told[0].span, finding, fix=fix)

    def place(self, span: Span) -> Span:
        """Where a span is in the source, when its text was read with something before it."""
        last = len(self.source.text)
        start, end = (min(max(offset - self._shift, 0), last) for offset in span)
        return Span(start, end) if self._shift else span

    def keep(self, diagnostic: Diagnostic) -> None:
        """Take over what an earlier pass found; what it could not read counts as broken."""
        self._found.append(diagnostic)
        if diagnostic.is_error:
            insort(self._broken_at, diagnostic.span.start)

    @property
    def is_hushed(self) -> bool:
        """Whether findings are being thrown away."""
        return self._is_hushed

    @contextmanager
    def hushed(self) -> Iterator[None]:
        """Keep nothing meanwhile."""
        before, self._is_hushed = self._is_hushed, True
        try:
            yield
        finally:
            self._is_hushed = before

    def is_broken(self, span: Span) -> bool:
        """Whether the text at `span` could not be read in full, so that what is missing may be there."""
        after = bisect_left(self._broken_at, span.start)
        return after < len(self._broken_at) and self._broken_at[after] <= span.end

    def begins_broken(self, span: Span) -> bool:
        """Whether something wrong with the text was told of this very place."""
        after = bisect_left(self._broken_at, span.start)
        return after < len(self._broken_at) and self._broken_at[after] == span.start

    @property
    def began_broken(self) -> bool:
        """Whether the file could not be read in full."""
        return bool(self._broken_at)

    @property
    def has_errors(self) -> bool:
        """Whether anything was found that keeps the file from being used."""
        return any(one.is_error for one in self._found)

    def in_source_order(self) -> tuple[Diagnostic, ...]:
        """Everything found, by place."""
        return tuple(sorted(self._found, key=lambda one: (one.span.start, one.span.end, one.code)))


def _fix(finding: Finding, span: Span, place: Callable[[Span], Span]) -> Fix | None:
    """The change a finding is certain of."""
    if finding.replacement is not None:
        return Fix(f"write `{finding.replacement}`", (Edit(span, finding.replacement),))
    if finding.removal is not None:
        return Fix(finding.help or "remove it", (Edit(place(finding.removal), ""),))
    if finding.insertion is not None:
        missing = finding.insertion.strip()
        return Fix(
            f"write `{missing}` before it", (Edit(Span(span.start, span.start), finding.insertion),)
        )
    return None
