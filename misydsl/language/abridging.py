"""What a person can take in: the first fifty of what is wrong with a file, and how many more there are.

In: the diagnostics of one file in the order of its text, and how many errors were left out before. Out:
at most fifty errors and fifty warnings, no message longer than a screen, and after each kind one more that
counts the rest. Nothing is added where nothing is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from misydsl.diagnostics.diagnostic import Diagnostic
from misydsl.language.wording_text import more_errors, more_warnings

MOST_ERRORS: Final = 50  # what a person can take in; the rest is a number
LONGEST_WORDS: Final = 1_000  # characters of one message; a name in it may be of any length


def abridged(found: Sequence[Diagnostic], left_out: int = 0) -> tuple[Diagnostic, ...]:
    """The first of what was found, the errors and the warnings each, and how many more there are."""
    errors = [one for one in found if one.is_error]
    if len(found) <= MOST_ERRORS and not left_out:
        return tuple(map(_shortened, found))
    warnings = [one for one in found if not one.is_error]
    kept = sorted([*errors[:MOST_ERRORS], *warnings[:MOST_ERRORS]], key=lambda one: one.span)
    return (*map(_shortened, kept), *_counts(errors, warnings, left_out))


def _counts(
    errors: Sequence[Diagnostic], warnings: Sequence[Diagnostic], left_out: int
) -> Iterator[Diagnostic]:
    more = len(errors[MOST_ERRORS:]) + left_out
    if more:
        first = _first_left_out(errors)
        yield more_errors(first.source, first.span, more)
    if len(warnings) > MOST_ERRORS:
        first = _first_left_out(warnings)
        yield more_warnings(first.source, first.span, len(warnings) - MOST_ERRORS)


def _first_left_out(found: Sequence[Diagnostic]) -> Diagnostic:
    return found[min(MOST_ERRORS, len(found) - 1)]


def _shortened(one: Diagnostic) -> Diagnostic:
    title = one.fix.title if one.fix is not None else ""
    if all(len(words) <= LONGEST_WORDS for words in (one.message, one.help or "", title)):
        return one
    help_ = _cut(one.help) if one.help is not None else None
    fix = replace(one.fix, title=_cut(title)) if one.fix is not None else None
    return replace(one, message=_cut(one.message), help=help_, fix=fix)


def _cut(words: str) -> str:
    return words if len(words) <= LONGEST_WORDS else words[:LONGEST_WORDS] + "…"
