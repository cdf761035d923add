"""Applying what diagnostics are certain of.

In: a source and diagnostics of it. Out: `Mended`: the new text, what was mended, and what has to wait for
another look because its place was changed already. A fix is applied whole or not at all; nothing here reads
or writes files.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from misydsl.diagnostics.diagnostic import Diagnostic, Edit
from misydsl.source import Source


@dataclass(frozen=True, slots=True)
class Mended:
    """A text after some fixes."""

    text: str
    applied: tuple[Diagnostic, ...]
    waiting: tuple[Diagnostic, ...]
    """Diagnostics with a fix whose place another fix changed."""


def mend(source: Source, diagnostics: Iterable[Diagnostic]) -> Mended:
    """The text of the source with every fix that touches no other; of two that do, the first."""
    taken: list[Edit] = []
    applied: list[Diagnostic] = []
    waiting: list[Diagnostic] = []
    for one in diagnostics:
        if one.fix is None or one.source.text != source.text or one.source.name != source.name:
            continue
        edits = tuple(dict.fromkeys(one.fix.edits))
        if _is_apart(edits, taken):
            for edit in edits:
                insort(taken, edit, key=lambda known: known.span)
            applied.append(one)
        else:
            waiting.append(one)
    return Mended(edited(source.text, taken), tuple(applied), tuple(waiting))


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits that do not overlap."""
    parts: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda one: one.span):
        parts += [text[done : edit.span.start], edit.text]
        done = edit.span.end
    return "".join([*parts, text[done:]])


def _is_apart(edits: Iterable[Edit], taken: list[Edit]) -> bool:
    """Whether edits touch neither each other nor those that are taken, which are in order."""
    ordered = sorted(edits, key=lambda one: one.span)
    own = all(
        one.span.end <= other.span.start and one.span != other.span
        for one, other in pairwise(ordered)
    )
    return own and not any(_touches(edit, taken) for edit in ordered)


def _touches(edit: Edit, taken: list[Edit]) -> bool:
    """Whether a taken edit stands at the same place, even at its edge: their order would be unclear."""
    place = bisect_left(taken, edit.span, key=lambda known: known.span)
    beside = taken[max(place - 1, 0) : place + 1]
    return any(
        edit.span.start <= one.span.end and one.span.start <= edit.span.end for one in beside
    )
