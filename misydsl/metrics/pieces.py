"""What each step of a run was made of, as intervals: its calls, its items, the steps inside.

In: a history. Out: per step (and for the run itself) its `Piece`s in the order they ended. A step in a
`repeat` is one piece per round around it; what has not ended reaches to the last moment known.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from misydsl.history.states import Attempt, History, StepKey, StepState
from misydsl.metrics.items import Items

RUN: StepKey = ("", "")
_UNDO = "/:undo"
_OPEN = 1_000_000_000  # a number after all that have ended
_ROUNDS = 1_000  # a round inside of round n of another `repeat` counts from n · 1000 + 1


class Piece(NamedTuple):
    """A call of a step, or a step inside of it; times are Unix seconds."""

    key: StepKey
    begun: float
    """Where a call is concerned, when it began to queue."""
    ended: float
    attempt: Attempt | None = None
    is_item: bool = False
    """Whether it is one of the items of a `for`."""
    number: int = 0
    """The how-many-th end of the run it was, where two pieces ended at once."""


class Pieces:
    """The pieces of a run, by the step they belong to."""

    __slots__ = ("_inside", "_repeated", "last_at")

    def __init__(self, history: History, *, until: float | None = None) -> None:
        self.last_at = max(_last_at(history), until or 0.0)
        self._inside: dict[StepKey, list[Piece]] = {}
        self._repeated: set[StepKey] = set()
        begun = self._add_attempts(history)
        self._add_steps(history, begun)
        for pieces in self._inside.values():
            # of those that are open still, the one that has been so for longest is the last
            pieces.sort(key=lambda piece: (piece.ended, piece.number, -piece.begun))

    def inside(self, key: StepKey) -> Sequence[Piece]:
        """What the step (`RUN`: the run itself) was made of, in the order it ended."""
        return self._inside.get(key, ())

    def has_rounds(self, key: StepKey) -> bool:
        """Whether the steps inside of this one ran more than once."""
        return key in self._repeated

    def _add_attempts(self, history: History) -> dict[StepKey, float]:
        """Put the calls in their places; when each step's first call began to queue."""
        later: dict[StepKey, float] = {}
        for attempt in reversed(history.attempts):
            key = (attempt.step, attempt.item)
            begun = attempt.started_at - attempt.waited_s
            ended = attempt.ended_at
            if ended is None:  # open still, or lost: nobody knows when it ended
                state = history.steps.get(key)
                known = self.last_at if state is None else state.finished_at or self.last_at
                ended = max(attempt.started_at, later.get(key, known))
            pieces = self._inside.setdefault(key, [])
            pieces.append(Piece(key, begun, ended, attempt, number=-len(pieces)))
            later[key] = begun
        return later

    def _add_steps(self, history: History, first_calls: dict[StepKey, float]) -> None:
        items, round_ends = Items(history), _round_ends(history)
        for key, versions in _versions(history).items():
            parent, is_item = _parent(key, history, items)
            if len(versions) > 1:
                self._repeated.add(parent)
            free_from = float("-inf")
            for state in versions:
                ended = self.last_at if state.finished_at is None else state.finished_at
                begun = ended if state.started_at is None else state.started_at
                begun = max(min(begun, first_calls.get(key, begun)), free_from)
                # a state begins in the first round, also when it ends in a later one
                begun = max(begun, _latest(round_ends.get(parent, ()), ended))
                number = _OPEN if state.finished_at is None else state.ended
                piece = Piece(key, min(begun, ended), ended, None, is_item, number)
                self._inside.setdefault(parent, []).append(piece)
                free_from = ended


def _round_ends(history: History) -> dict[StepKey, list[float]]:
    """When the rounds of each `repeat` ended, in that order."""
    found: dict[StepKey, list[float]] = {}
    for state in history.earlier.values():
        if state.rounds and state.finished_at is not None:
            found.setdefault((state.step, state.item), []).append(state.finished_at)
    return {key: sorted(ends) for key, ends in found.items()}


def _latest(moments: Sequence[float], before: float) -> float:
    """The last of these moments before another one."""
    place = bisect_left(moments, before)
    return moments[place - 1] if place else float("-inf")


def _last_at(history: History) -> float:
    moments = [history.accepted_at or 0.0, history.started_at or 0.0, history.finished_at or 0.0]
    moments += [attempt.ended_at or attempt.started_at for attempt in history.attempts]
    moments += [one.finished_at or one.started_at or 0.0 for one in history.steps.values()]
    return max(moments)


def _versions(history: History) -> dict[StepKey, list[StepState]]:
    """How each step stood in each round around it, in that order; what never began is left out."""
    rounds: dict[StepKey, dict[int, StepState]] = {}
    for state in (*history.earlier.values(), *history.steps.values()):
        if state.started_at is None and state.finished_at is None:
            continue
        # the rounds of its own are one piece
        around = state.round // _ROUNDS if state.rounds else state.round
        known = rounds.setdefault((state.step, state.item), {}).get(around)
        if known is None or _ends(known) <= _ends(state):
            rounds[state.step, state.item][around] = state
    return {key: sorted(found.values(), key=_ends) for key, found in rounds.items()}


def _ends(state: StepState) -> float:
    return float("inf") if state.finished_at is None else state.finished_at


def _parent(key: StepKey, history: History, items: Items) -> tuple[StepKey, bool]:
    """The step around this one, and whether this is one of its items."""
    own = items.own(key)
    if own is not None:
        return own.fan, True
    for around in _around(key):
        if around in history.steps:
            return around, False
    return RUN, False


def _around(key: StepKey) -> Iterator[StepKey]:
    step, item = key
    if step.endswith(_UNDO):  # runs when its step is long over: it belongs to what is around that
        step = step.removesuffix(_UNDO)
    while "/" in step:
        step = step.rpartition("/")[0]
        yield step, item
