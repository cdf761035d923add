"""Status words, once.

In: nothing. Out: the words a run, a step (or one item of it) and an attempt can stand at, and which of
them are final. Every door, picture and table uses these and no others.
"""

from __future__ import annotations

from typing import Final, Literal

RunStatus = Literal["accepted", "running", "paused", "succeeded", "failed", "cancelled"]
StepStatus = Literal[
    "waiting",  # known, and not begun (or begun by an owner that stopped)
    "running",
    "retrying",  # an attempt failed and another one follows
    "asking",  # a person has to answer
    "succeeded",
    "skipped",  # `when` was false
    "failed",
    "blocked",  # a dependency failed, so it was never run
    "cancelled",
]
AttemptStatus = Literal[
    "running",
    "succeeded",
    "failed",
    "cancelled",
    "lost",  # its owner died before the end was recorded
]

RUN_FINAL: Final = frozenset({"succeeded", "failed", "cancelled"})
STEP_FINAL: Final = frozenset({"succeeded", "skipped", "failed", "blocked", "cancelled"})
STEP_DONE: Final = frozenset({"succeeded", "skipped"})  # ended, and dependants may use the value
