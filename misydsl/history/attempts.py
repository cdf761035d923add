"""The calls of a run, as a history grows.

In: starts and ends, in journal order. Out: `Attempt`s in the order they began. At most one attempt of
a step (or item) is open at a time; a second start means that the first one's end was never recorded.
"""

from __future__ import annotations

from msgspec.structs import replace

from misydsl.failures import Failure
from misydsl.history.events import AttemptStarted
from misydsl.history.states import Attempt, StepKey
from misydsl.history.status import AttemptStatus


class AttemptLog:
    """Attempts so far, and which of them are open."""

    __slots__ = ("_attempts", "_open")

    def __init__(self) -> None:
        self._attempts: list[Attempt] = []
        self._open: dict[StepKey, int] = {}

    def is_open(self, key: StepKey) -> bool:
        """Whether a call of this step is on its way."""
        return key in self._open

    def start(self, event: AttemptStarted) -> None:
        """A call begins."""
        key = (event.step, event.item)
        self.end(key, "lost")
        self._open[key] = len(self._attempts)
        self._attempts.append(
            Attempt(
                step=event.step,
                item=event.item,
                round=event.round,
                attempt=event.attempt,
                agent=event.agent,
                key=event.key,
                started_at=event.at,
                waited_s=event.waited_s,
            )
        )

    def hedge(self, key: StepKey) -> None:
        """The open call of this step was sent once more."""
        place = self._open.get(key)
        if place is not None:
            self._attempts[place] = replace(self._attempts[place], is_hedged=True)

    def end(
        self,
        key: StepKey,
        status: AttemptStatus,
        *,
        at: float | None = None,
        duration_s: float | None = None,
        failure: Failure | None = None,
        retry_at: float | None = None,
        cost: float = 0.0,
        tokens: int = 0,
    ) -> None:
        """The open call of this step, if there is one, ended so."""
        place = self._open.pop(key, None)
        if place is None:
            return
        self._attempts[place] = replace(
            self._attempts[place],
            status=status,
            ended_at=at,
            duration_s=duration_s,
            failure=failure,
            retry_at=retry_at,
            cost=cost,
            tokens=tokens,
        )

    def end_all(self, status: AttemptStatus, *, at: float | None) -> None:
        """Every open call ended so."""
        for key in tuple(self._open):
            self.end(key, status, at=at)

    def all(self) -> tuple[Attempt, ...]:
        """In the order they began."""
        return tuple(self._attempts)
