"""What a run is expected to come to.

In: made by the model. Out: `Expected`: the run's end, that of every step and round, which ends may be missing
because nothing says that they were begun, and who undoes what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from misydsl.failures import FailureKind
from misydsl.values import Value
from tests.simulation.oracle import Address

Status = Literal["succeeded", "failed", "skipped", "blocked"]


@dataclass(frozen=True)
class End:
    """What a step comes to; `kind` of a failure only where it can be known."""

    status: Status
    value: Value = None
    kind: FailureKind | None = None


SKIPPED: Final = End("skipped")
BLOCKED: Final = End("blocked")
UNKNOWN: Final = End("failed")


@dataclass(eq=False)
class Course:
    """One instance of a pipeline; an aftermath is one too, and undoes nothing."""

    address: Address
    around: Course | None
    defaults: Mapping[str, Value]
    is_aftermath: bool = False
    has_failed: bool = False


@dataclass(frozen=True)
class Entry:
    """An end that is expected, where, and whether it may be missing for what was never begun."""

    end: End
    course: Course
    may_miss: bool
    needs: tuple[Address, ...] = ()
    is_fan: bool = False


@dataclass
class Expected:
    """What must have happened."""

    end: End = UNKNOWN
    entries: dict[Address, Entry] = field(default_factory=dict)
    rounds: dict[Address, Value] = field(default_factory=dict)
    attempts: dict[Address, int] = field(default_factory=dict)
    """The most attempts a call may have."""
    undoable: dict[Address, Course] = field(default_factory=dict)
    handlers: list[tuple[Address, ...]] = field(default_factory=list)
    """Of each pipeline that ends, in this order."""
    inputs: dict[Address, Mapping[str, Value]] = field(default_factory=dict)

    def is_undone(self, address: Address) -> bool:
        """Whether a finished step is to be undone: a pipeline around it fails."""
        course: Course | None = self.undoable[address]
        while course is not None and not course.is_aftermath:
            if course.has_failed:
                return True
            course = course.around
        return False
