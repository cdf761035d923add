"""Two runs side by side, step by step, without pandas.

In: two histories, and a digest per step of each program. Out: one row per step that either of them has:
how it ended, how long it took, whether it gave the same and was written the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from msgspec import Raw

from misydsl.history.states import History, StepState
from misydsl.history.status import RunStatus, StepStatus
from misydsl.metrics.summary import without_fan_outs
from misydsl.values import decode_json

_TELLING: Sequence[StepStatus] = (
    *("running", "retrying", "asking", "waiting", "failed", "cancelled", "blocked"),
    *("succeeded", "skipped"),
)


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One side of a comparison; `digests` has a digest per path of a step, empty where unknown."""

    history: History
    digests: Mapping[str, str]

    def totals(self) -> dict[str, object]:
        """The run as a whole, for `DataFrame.attrs`."""
        history = self.history
        status: RunStatus = history.status
        return {
            "run": history.id,
            "pipeline": history.pipeline,
            "status": status,
            "duration_s": history.duration_s,
            "attempts": len(history.attempts),
            "cost": sum(attempt.cost for attempt in history.attempts),
            "tokens": sum(attempt.tokens for attempt in history.attempts),
        }


@dataclass(frozen=True, slots=True)
class Side:
    """What one step came to in one run."""

    status: StepStatus | None = None
    duration_s: float | None = None
    items: int = 0
    attempts: int = 0
    cost: float = 0.0
    values: Mapping[str, Raw | None] | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class ComparedStep:
    """The same step on both sides."""

    step: str
    a: Side
    b: Side

    @property
    def delta_s(self) -> float | None:
        """Seconds that b took longer."""
        if self.a.duration_s is None or self.b.duration_s is None:
            return None
        return self.b.duration_s - self.a.duration_s

    @property
    def ratio(self) -> float | None:
        """How many times as long b took."""
        if self.a.duration_s is None or self.b.duration_s is None or not self.a.duration_s:
            return None
        return self.b.duration_s / self.a.duration_s

    @property
    def is_same_result(self) -> bool | None:
        """Whether every item gave the same value; None unless both ended well."""
        if self.a.values is None or self.b.values is None:
            return None
        return _are_equal(self.a.values, self.b.values)

    @property
    def is_changed(self) -> bool | None:
        """Whether it is written differently; None where that is not known."""
        if self.a.digest is None or self.b.digest is None:
            return None
        return self.a.digest != self.b.digest


COMPARED: Mapping[str, Callable[[ComparedStep], str | int | float | bool | None]] = {
    "step": lambda row: row.step,
    "status_a": lambda row: row.a.status,
    "status_b": lambda row: row.b.status,
    "duration_a_s": lambda row: row.a.duration_s,
    "duration_b_s": lambda row: row.b.duration_s,
    "delta_s": lambda row: row.delta_s,
    "ratio": lambda row: row.ratio,
    "items_a": lambda row: row.a.items,
    "items_b": lambda row: row.b.items,
    "attempts_a": lambda row: row.a.attempts,
    "attempts_b": lambda row: row.b.attempts,
    "cost_a": lambda row: row.a.cost,
    "cost_b": lambda row: row.b.cost,
    "same_result": lambda row: row.is_same_result,
    "source_changed": lambda row: row.is_changed,
}
"""The columns of a comparison, in order; the DataFrame and the JSON have the same."""


def compared_steps(a: ComparedRun, b: ComparedRun) -> list[ComparedStep]:
    """Every step of either run: those of `a` in first-seen order, then what only `b` has."""
    one, other = _sides(a), _sides(b)
    return [
        ComparedStep(step, one.get(step, Side()), other.get(step, Side()))
        for step in dict.fromkeys((*one, *other))
    ]


def totals(a: ComparedRun, b: ComparedRun) -> dict[str, object]:
    """The runs as wholes, under `a` and `b`, and whether their results are the same."""
    return {"a": a.totals(), "b": b.totals(), "same_result": _same_result(a, b)}


def _same_result(a: ComparedRun, b: ComparedRun) -> bool | None:
    if a.history.result is None or b.history.result is None:
        return None
    return _are_equal({"": a.history.result}, {"": b.history.result})


def _sides(run: ComparedRun) -> dict[str, Side]:
    states: defaultdict[str, list[StepState]] = defaultdict(list)
    for state in run.history.steps.values():
        states[state.step].append(state)
    return {step: _side(found, run.digests.get(step)) for step, found in states.items()}


def _side(states: Sequence[StepState], digest: str | None) -> Side:
    items = without_fan_outs(states)
    statuses = {state.status for state in states}
    is_done = statuses <= {"succeeded", "skipped"}
    return Side(
        status=next(word for word in _TELLING if word in statuses),
        duration_s=_wall_s(states),
        items=len(items),
        attempts=sum(state.attempts for state in items),
        cost=sum(state.cost for state in items),
        values={state.item: state.value for state in items} if is_done else None,
        digest=digest,
    )


def _wall_s(states: Sequence[StepState]) -> float | None:
    """Seconds from the first start to the last end; one step alone keeps its own, exact figure."""
    ran = [one for one in states if one.status not in ("blocked", "skipped", "waiting")]
    if len(ran) == 1:
        return ran[0].duration_s
    starts = [one.started_at for one in ran if one.started_at is not None]
    ends = [one.finished_at for one in ran if one.finished_at is not None]
    return max(0.0, max(ends) - min(starts)) if starts and ends else None


def _are_equal(a: Mapping[str, Raw | None], b: Mapping[str, Raw | None]) -> bool:
    """Whether the values are the same, whatever the spelling of their JSON."""
    return a.keys() == b.keys() and all(_is_equal(value, b[item]) for item, value in a.items())


def _is_equal(a: Raw | None, b: Raw | None) -> bool:
    if a is None or b is None or bytes(a) == bytes(b):
        return a is b or (a is not None and b is not None)
    return decode_json(bytes(a)) == decode_json(bytes(b))
