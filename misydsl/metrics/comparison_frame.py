"""Two runs side by side as a DataFrame.

In: both sides of a comparison. Out: one row per step with fixed columns and dtypes, and the runs as wholes
in `attrs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, get_args

from misydsl.history.status import StepStatus
from misydsl.metrics.columns import Column, count, frame, maybe_flag, number, text, words
from misydsl.metrics.comparison import COMPARED, ComparedRun, compared_steps, totals

if TYPE_CHECKING:
    import pandas as pd

_KINDS: Mapping[str, Column] = {
    "step": text,
    **dict.fromkeys(("status_a", "status_b"), words(get_args(StepStatus))),
    **dict.fromkeys(("duration_a_s", "duration_b_s", "delta_s", "ratio"), number),
    **dict.fromkeys(("items_a", "items_b", "attempts_a", "attempts_b"), count),
    **dict.fromkeys(("cost_a", "cost_b"), number),
    **dict.fromkeys(("same_result", "source_changed"), maybe_flag),
}


def comparison_frame(a: ComparedRun, b: ComparedRun) -> pd.DataFrame:
    """One row per step of either run: those of `a` in first-seen order, then what only `b` has.

    Columns: `step` string · `status_a`, `status_b` category, NA where a run does not have the step; of a
    step with many items the most telling one · `duration_a_s`, `duration_b_s` float64, seconds from its
    first start to its last end · `delta_s` float64, b minus a · `ratio` float64, b over a · `items_a`,
    `items_b` int64 · `attempts_a`, `attempts_b` int64 · `cost_a`, `cost_b` float64 · `same_result`
    boolean, whether every item gave the same value, NA unless both ended well · `source_changed`
    boolean, whether the step, or something it uses, is written differently; NA where it is not known.

    `attrs` holds the runs as wholes under `a` and `b` (`run`, `pipeline`, `status`, `duration_s`,
    `attempts`, `cost`, `tokens`), and `same_result` for their results.
    """
    columns = {name: (_KINDS[name], read) for name, read in COMPARED.items()}
    made = frame(compared_steps(a, b), columns)
    made.attrs.update(totals(a, b))
    return made
