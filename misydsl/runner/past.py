"""The past of a run: what earlier owners recorded, by address.

In: a `History`. Out: `Past`, which the state machine asks before it begins anything. An address is the
path of a step, its item and the round of the `repeat` it stands in, so nothing that happened in one round
is taken for another's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from misydsl.failures import Failure
from misydsl.history.fold import History
from misydsl.history.states import Attempt, StepState
from misydsl.history.status import STEP_FINAL

Address = tuple[str, str, int]
"""Step, item, round."""


@dataclass(frozen=True, slots=True)
class Made:
    """Attempts of one call: how many were begun, and how many of them are known to have failed."""

    begun: int = 0
    failed: int = 0
    retry_at: float | None = None
    """When the next one is due, after a failure that may be retried."""


NONE_MADE: Final = Made()


@dataclass(frozen=True, slots=True)
class Past:
    """What is settled, and how far the rest had come."""

    steps: Mapping[Address, StepState] = field(default_factory=dict)
    made: Mapping[Address, Made] = field(default_factory=dict)
    failing: Mapping[Address, Failure] = field(default_factory=dict)
    ends: int = 0
    attempts: tuple[Attempt, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.steps) or bool(self.failing)

    def inside(self, address: Address) -> Iterator[Attempt]:
        """The attempts made by a pipeline, known by the step that called it (`""`: the run's own)."""
        step, item, _ = address
        for one in self.attempts:
            if not step or (one.step.startswith(f"{step}/") and _is_inside(one.item, item)):
                yield one

    def due(self, step: str, item: str, round_: int) -> float:
        """When the next attempt of a call is due; 0 when it is not its first owner's to wait."""
        made = self.made.get((step, item, round_))
        return 0.0 if made is None or made.retry_at is None else made.retry_at


NO_PAST: Final = Past()


def _is_inside(item: str, around: str) -> bool:
    return not around or item == around or item.startswith(f"{around}/")


def past_of(history: History) -> Past:
    """The past that a history tells."""
    latest = {(one.step, one.item, one.round): one for one in history.steps.values()}
    # a `repeat` between two rounds stands at the one that is over, whose own end is an earlier one
    latest = {
        address: one
        for address, one in latest.items()
        if one.status in STEP_FINAL or address not in history.earlier
    }
    made: dict[Address, Made] = {}
    for attempt in history.attempts:
        address = (attempt.step, attempt.item, attempt.round)
        before = made.get(address, NONE_MADE)
        has_failed = attempt.status == "failed"
        made[address] = Made(before.begun + 1, before.failed + has_failed, attempt.retry_at)
    every = chain(history.earlier.values(), history.steps.values())
    return Past(
        steps={**history.earlier, **latest},
        made=made,
        failing=history.failing,
        attempts=history.attempts,
        ends=max((one.ended for one in every), default=0),
    )
