"""The words of this room.

In: the names on a circle, in order. Out: the messages and help of E0601 and E0602. A circle of
thousands of steps is shortened in the middle, so that it fits on a line.
"""

from __future__ import annotations

from collections.abc import Sequence

SHOWN_NAMES = 8  # as many names as fit on a terminal line

STEP_CIRCLE_HELP = "break the circle: one of them must not need the other"
SELF_HELP = "a step cannot use its own result"
PIPELINE_CIRCLE_HELP = "pipelines cannot be recursive: use `repeat up to …`"


def steps_wait(circle: Sequence[str]) -> str:
    """E0601; the circle ends with the name it begins with."""
    if len(circle) <= 2:
        return f"this step waits for itself: {circle_path(circle)}"
    return f"these steps wait for each other: {circle_path(circle)}"


def pipeline_calls_itself(circle: Sequence[str]) -> str:
    """E0602; the circle ends with the name it begins with."""
    message = f"the pipeline `{circle[0]}` ends up calling itself"
    return message if len(circle) <= 2 else f"{message}: {circle_path(circle)}"


def circle_path(names: Sequence[str]) -> str:
    """`s → t → s`, with the middle of a long one counted instead of named."""
    shown = list(names)
    if len(names) > SHOWN_NAMES + 1:
        left_out = len(names) - SHOWN_NAMES
        shown = [*names[: SHOWN_NAMES - 2], f"… {left_out} more …", *names[-2:]]
    return " → ".join(shown)
