"""Calls of a run: which attempts belong together, and what retrying cost.

In: a history. Out: `Call`s in the order they began, each with all its attempts. Time in which nobody
owned the run is never counted as lost to retries.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from misydsl.history.states import Attempt, History
from misydsl.history.status import STEP_FINAL


class Call(NamedTuple):
    """The attempts of one step (item, round) at one agent, and whether more may come."""

    tries: Sequence[Attempt]
    is_open: bool

    @property
    def is_failed(self) -> bool:
        """Whether it ended in failure."""
        return self.tries[-1].status == "failed" and not self.is_open

    @property
    def lost_to_retries_s(self) -> float:
        """Failed attempts that others followed, and the waits in between."""
        return sum(
            max(0.0, _again_at(attempt, following) - attempt.started_at)
            for attempt, following in pairwise(self.tries)
            if attempt.status == "failed"
        )


def calls_of(history: History) -> list[Call]:
    """Every call of a run, in the order they began."""
    calls: dict[tuple[str, str, int, str], list[Attempt]] = {}
    for attempt in history.attempts:
        key = (attempt.step, attempt.item, attempt.round, attempt.agent)
        calls.setdefault(key, []).append(attempt)
    return [Call(tries, is_open=_is_open(history, tries[-1])) for tries in calls.values()]


def calls_by_step(calls: Iterable[Call]) -> dict[str, list[Call]]:
    """The same calls, step by step."""
    found: dict[str, list[Call]] = {}
    for call in calls:
        found.setdefault(call.tries[0].step, []).append(call)
    return found


def _is_open(history: History, last: Attempt) -> bool:
    """Whether another attempt may follow this last one: then the call has not failed yet."""
    state = history.steps.get((last.step, last.item))
    return state is not None and state.status not in STEP_FINAL and state.round == last.round


def _again_at(attempt: Attempt, following: Attempt) -> float:
    """When the next attempt began, or would have if somebody had been there to begin it."""
    if attempt.retry_at is None:
        return following.started_at
    return min(following.started_at, attempt.retry_at + following.waited_s)
