"""The critical path as a DataFrame: a row per step on it, and what its time went to.

In: stretches without a gap. Out: rows whose durations add up to the run's, with a column for each way
in which time was spent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from misydsl.metrics.columns import count, frame, number, text, time
from misydsl.metrics.critical import Part, Stretch
from misydsl.metrics.critical_steps import CriticalStep, critical_steps

if TYPE_CHECKING:
    import pandas as pd

PART_COLUMNS: Mapping[Part, str] = {
    "call": "call_s",
    "failed call": "failed_s",
    "retry wait": "retry_wait_s",
    "queue wait": "queue_wait_s",
    "person": "person_s",
    "stopped": "stopped_s",
    "engine": "engine_s",
}


def critical_frame(run: str, stretches: Sequence[Stretch]) -> pd.DataFrame:
    """One row per step on the critical path, in the order of time; durations add up to the run's.

    Columns: `run` string · `step` string, the path of its name, NA when no step was run · `item` string,
    empty outside of a `for` · `agent` string · `attempts` int64, on the path · `started_at`,
    `finished_at` datetime64[us, UTC], of its time on the path · `duration_s` float64, seconds on the
    path · `call_s` float64, seconds in calls that gave a value · `failed_s` float64, seconds in calls
    that failed · `retry_wait_s` float64, seconds between a failed call and the next · `queue_wait_s`
    float64, seconds behind limits · `person_s` float64, seconds until somebody answered · `stopped_s`
    float64, seconds in which nobody worked on the run · `engine_s` float64, seconds for everything
    else, with the time before the step · `share` float64, 0 to 1, of the run's duration.
    """
    rows = critical_steps(stretches)
    whole = sum(row.duration_s for row in rows)
    return frame(
        rows,
        {
            "run": (text, lambda _: run),
            "step": (text, lambda row: row.step or None),
            "item": (text, lambda row: row.item),
            "agent": (text, lambda row: row.agent),
            "attempts": (count, lambda row: len(row.attempts)),
            "started_at": (time, lambda row: row.begun),
            "finished_at": (time, lambda row: row.ended),
            "duration_s": (number, lambda row: row.duration_s),
            **{name: (number, _reader(part)) for part, name in PART_COLUMNS.items()},
            "share": (number, lambda row: row.duration_s / whole if whole else 0.0),
        },
    )


def _reader(part: Part) -> Callable[[CriticalStep], object]:
    return partial(_seconds, part)


def _seconds(part: Part, row: CriticalStep) -> float:
    return row.parts.get(part, 0.0)
