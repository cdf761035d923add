"""The critical path: what the whole duration of a run was spent on, without a gap.

In: a history, who waits for whom, and when nobody worked on the run. Out: `Stretch`es in the order of
time, each beginning where the one before it ends, from the acceptance of the run to its end (or to the
last thing known). Found backward from the end: what ended last, then what that waited for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from misydsl.history.events import Recorded, RunOwned
from misydsl.history.states import Attempt, History, StepKey
from misydsl.metrics.pieces import RUN, Piece, Pieces
from misydsl.metrics.waits import Waits

Part = Literal[
    "call",  # inside a call that gave the value, or is still open
    "failed call",  # inside a call that failed
    "queue wait",  # behind limits: concurrency, rate, breaker
    "retry wait",  # from a failed call to the next one
    "person",  # somebody was asked
    "stopped",  # nobody worked on the run
    "engine",  # none of these: expressions, the journal, the engine itself
]
_CLOCK_S = 0.001  # what began within a millisecond of an end may have waited for it


@dataclass(frozen=True, slots=True)
class Stretch:
    """Time on the critical path, spent in one way; `step` is empty between steps."""

    begun: float
    ended: float
    part: Part
    step: str = ""
    item: str = ""
    agent: str | None = None
    attempt: int | None = None

    @property
    def duration_s(self) -> float:
        """How long it took."""
        return self.ended - self.begun


@dataclass(frozen=True, slots=True)
class Absence:
    """Time in which nobody worked on the run."""

    begun: float
    ended: float


def critical_stretches(
    history: History,
    waits: Waits,
    *,
    absences: Sequence[Absence] = (),
    until: float | None = None,
) -> list[Stretch]:
    """What the run's duration was spent on, in order; empty for a run that was never accepted.

    A run that goes on is told up to `until`, else up to the last thing known.
    """
    if history.accepted_at is None:
        return []
    pieces = Pieces(history, until=until)
    begun = history.accepted_at
    ended = max(begun, pieces.last_at if history.finished_at is None else history.finished_at)
    backward = list(_Sweep(pieces, waits).within(RUN, begun, ended))
    forward = [one for one in reversed(backward) if one.ended > one.begun]
    return [one for stretch in forward for one in _without(stretch, absences)]


def absences_of(recorded: Iterable[Recorded]) -> list[Absence]:
    """When nobody worked on a run: from a pause, or an owner's last word, to the next owner."""
    found: list[Absence] = []
    last_at: float | None = None
    for one in recorded:
        event = one.event
        if isinstance(event, RunOwned) and event.is_resume and last_at is not None:
            found.append(Absence(last_at, event.at))
        last_at = event.at
    return found


class _Sweep:
    """Walks backward in time through what a step is made of."""

    __slots__ = ("_pieces", "_waits")

    def __init__(self, pieces: Pieces, waits: Waits) -> None:
        self._pieces, self._waits = pieces, waits

    def within(self, key: StepKey, begun: float, ended: float) -> Iterator[Stretch]:
        """The stretches between two moments inside a step, the last one first, without a gap."""
        inside = self._pieces.inside(key)
        if not inside:
            yield self._alone(key, begun, ended)
            return
        cursor, later = ended, None
        place = _last(inside, len(inside), ended + _CLOCK_S)
        while place is not None and cursor > begun:
            piece, before = inside[place], self._before(inside, place, key)
            piece_ends = min(max(piece.ended, begun), cursor)
            piece_begins = min(max(piece.begun, begun), piece_ends)
            if before is not None:  # in a later round, it began when what it waits for was there
                piece_begins = min(max(piece_begins, inside[before].ended), piece_ends)
            yield _gap(piece.attempt, later, piece_ends, cursor)
            yield from self._piece(piece, piece_begins, piece_ends)
            cursor, later, place = piece_begins, piece.attempt, before
        yield Stretch(begun, cursor, "engine")

    def _piece(self, piece: Piece, begun: float, ended: float) -> Iterator[Stretch]:
        if piece.attempt is None:
            yield from self.within(piece.key, begun, ended)
            return
        attempt = piece.attempt
        called = min(max(attempt.started_at, begun), ended)
        yield _stretch(attempt, called, ended, _part_of(attempt))
        yield _stretch(attempt, begun, called, "queue wait")

    def _alone(self, key: StepKey, begun: float, ended: float) -> Stretch:
        """A step that called nothing: a value, something reused, or a question."""
        step, item = key
        part: Part = "person" if step in self._waits.questions else "engine"
        return Stretch(begun, ended, part, step, item)

    def _before(self, inside: Sequence[Piece], place: int, key: StepKey) -> int | None:
        """The place of what this piece waited for, always an earlier one; None when it was ready."""
        piece = inside[place]
        needs = self._waits.needs.get(piece.key[0])
        is_step = piece.attempt is None and not piece.is_item
        if is_step and needs:
            earlier = range(place - 1, -1, -1)
            return next((one for one in earlier if inside[one].key[0] in needs), None)
        if is_step and needs is not None and not self._pieces.has_rounds(key):
            return None
        # calls, items and handlers follow each other; of unknown programs only times are known
        return _last(inside, place, piece.begun + _CLOCK_S)


def _last(inside: Sequence[Piece], before: int, at: float) -> int | None:
    """The place of the last piece that had ended by then, among the first so many."""
    for place in range(before - 1, -1, -1):
        if inside[place].ended <= at:
            return place
    return None


def _gap(earlier: Attempt | None, later: Attempt | None, begun: float, ended: float) -> Stretch:
    """What lies behind a piece: the wait for the next attempt, or the engine."""
    if earlier is None:
        return Stretch(begun, ended, "engine")
    is_retried = later is not None and later.attempt > 1 and later.round == earlier.round
    part: Part = "retry wait" if is_retried and earlier.status == "failed" else "engine"
    return _stretch(earlier, begun, ended, part)


def _part_of(attempt: Attempt) -> Part:
    return "failed call" if attempt.status in ("failed", "lost") else "call"


def _stretch(attempt: Attempt, begun: float, ended: float, part: Part) -> Stretch:
    return Stretch(begun, ended, part, attempt.step, attempt.item, attempt.agent, attempt.attempt)


def _without(stretch: Stretch, absences: Sequence[Absence]) -> Iterator[Stretch]:
    """The stretch, with the time in which nobody was there told apart."""
    cursor = stretch.begun
    for absence in absences:
        begun, ended = max(absence.begun, cursor), min(absence.ended, stretch.ended)
        if begun < ended:
            yield from _unless_empty(replace(stretch, begun=cursor, ended=begun))
            yield replace(stretch, begun=begun, ended=ended, part="stopped")
            cursor = ended
    yield from _unless_empty(replace(stretch, begun=cursor))


def _unless_empty(stretch: Stretch) -> Iterator[Stretch]:
    if stretch.ended > stretch.begun:
        yield stretch
