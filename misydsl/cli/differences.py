"""What differs between a run and another one of the same pipeline: results and steps.

In: two histories. Out: `Differences`, as lines for people and as data. A step or item is named when its status
or its value differs, or when it is in one of the two only; what is equal is only counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from misydsl.cli.facts import Data, result_of
from misydsl.cli.screen import pretty
from misydsl.cli.tables import clipped
from misydsl.history.states import History, StepState
from misydsl.values import decode_json

MOST_TOLD = 60  # lines; a person reads no more, and the JSON form has all of them
_NOTHING = "(not there)"


@dataclass(frozen=True, slots=True)
class StepDifference:
    """One step or item that is not the same; a side is None where it is not there."""

    step: str
    item: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Differences:
    """All that differs."""

    before: History
    after: History
    steps: tuple[StepDifference, ...]
    equal: int

    @property
    def is_same(self) -> bool:
        """Whether both ended the same way, with the same result."""
        same = self.before.status == self.after.status
        return same and result_of(self.before) == result_of(self.after)

    def as_data(self) -> Data:
        """JSON-ready."""
        return {
            "before": self.before.id,
            "after": self.after.id,
            "same": self.is_same,
            "status": [self.before.status, self.after.status],
            "result": [result_of(self.before), result_of(self.after)],
            "equalSteps": self.equal,
            "steps": [
                {"step": one.step, "item": one.item, "before": one.before, "after": one.after}
                for one in self.steps
            ],
        }


def differences_of(before: History, after: History) -> Differences:
    """The steps of two histories side by side, in the order of the first, then of the second."""
    addresses = dict.fromkeys([*before.steps, *after.steps])
    found = []
    for step, item in addresses:
        sides = [_side(one.steps.get((step, item))) for one in (before, after)]
        if sides[0] != sides[1]:
            found.append(StepDifference(step, item, *sides))
    return Differences(before, after, tuple(found), len(addresses) - len(found))


def told(found: Differences, *, paint: Callable[[str], str]) -> list[str]:
    """The differences as lines; `paint` is for what is only counted."""
    lines = [""]
    for one in found.steps[:MOST_TOLD]:
        where = f"{one.step}[{one.item}]" if one.item else one.step
        lines += [
            f"  {where}",
            f"    - {clipped(one.before or _NOTHING, 160)}",
            f"    + {clipped(one.after or _NOTHING, 160)}",
        ]
    more = len(found.steps) - MOST_TOLD
    lines += [paint(f"  … {more} more differ")] if more > 0 else []
    return [*lines, paint(f"  {found.equal} steps are equal")]


def _side(state: StepState | None) -> str | None:
    if state is None:
        return None
    if state.status == "succeeded" and state.value is not None and state.count is None:
        return f"succeeded: {_compact(bytes(state.value))}"
    if state.failure is not None:
        return f"{state.status}: {state.failure.kind}: {state.failure.message}"
    return state.status


def _compact(value: bytes) -> str:
    """JSON on one line, whatever the agent's own spaces."""
    return " ".join(pretty(decode_json(value)).split())
