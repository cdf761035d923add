"""The critical path step by step, without pandas.

In: stretches without a gap. Out: one row per step on the path, in the order of time, whose durations add
up to the run's. Time between two steps is the engine's: it counts for the step that follows, at the end
of the run for the last one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from misydsl.metrics.critical import Part, Stretch


@dataclass(slots=True)
class CriticalStep:
    """One step on the critical path, and the seconds it is to blame for."""

    step: str
    item: str
    begun: float
    ended: float
    agent: str | None = None
    attempts: set[int] = field(default_factory=set)
    parts: dict[Part, float] = field(default_factory=dict)

    @property
    def duration_s(self) -> float:
        """How much longer the run took because of it."""
        return sum(self.parts.values())

    def add(self, stretch: Stretch) -> None:
        """One more stretch of its time."""
        self.ended = stretch.ended
        self.agent = stretch.agent or self.agent
        self.parts[stretch.part] = self.parts.get(stretch.part, 0.0) + stretch.duration_s
        if stretch.attempt is not None:
            self.attempts.add(stretch.attempt)


def critical_steps(stretches: Iterable[Stretch]) -> list[CriticalStep]:
    """The stretches step by step, in the order of time."""
    found: list[CriticalStep] = []
    between: list[Stretch] = []
    for one in stretches:
        if not one.step:
            between.append(one)
            continue
        if between or not found or (found[-1].step, found[-1].item) != (one.step, one.item):
            begun = between[0].begun if between else one.begun
            found.append(CriticalStep(one.step, one.item, begun, one.ended))
        for stretch in (*between, one):
            found[-1].add(stretch)
        between.clear()
    if between:
        if not found:
            found.append(CriticalStep("", "", between[0].begun, between[-1].ended))
        for stretch in between:
            found[-1].add(stretch)
    return found
