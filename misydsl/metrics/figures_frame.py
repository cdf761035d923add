"""Figures per agent and per step as pandas DataFrames.

In: histories of one or many runs. Out: the rows of `summary` with fixed columns and dtypes; the same
numbers as the tables of the command line, because they are the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from misydsl.history.states import History
from misydsl.metrics.columns import Column, count, frame, number, text, time
from misydsl.metrics.summary import AgentFigures, StepFigures, agent_figures, step_figures

if TYPE_CHECKING:
    import pandas as pd

Figures = TypeVar("Figures", AgentFigures, StepFigures)


def agents_frame(histories: Iterable[History]) -> pd.DataFrame:
    """One row per agent that was called, by name.

    Columns: `agent` string · `calls` int64, steps, items and rounds that called it · `succeeded`,
    `failed` int64, calls that ended so · `attempts` int64 · `retries` int64, attempts after the first ·
    `success_rate` float64, 0 to 1, of the calls that ended · `mean_s`, `p50_s`, `p90_s`, `p99_s`
    float64, seconds of one attempt · `waited_s` float64, seconds queued behind limits, added up ·
    `lost_to_retries_s` float64, seconds from failed attempts to the next ones, added up · `last_at`
    datetime64[us, UTC], when the last attempt began.
    """
    rows = agent_figures(histories)
    return frame(
        rows,
        {
            "agent": (text, lambda row: row.agent),
            "calls": (count, lambda row: row.calls),
            "succeeded": (count, lambda row: row.succeeded),
            "failed": (count, lambda row: row.failed),
            **_tail(AgentFigures),
        },
    )


def step_figures_frame(histories: Iterable[History]) -> pd.DataFrame:
    """One row per pipeline and step over many runs: pipelines by name, steps in first-seen order.

    Columns: `pipeline`, `step` string · `agents` string, comma separated · `runs` int64 · `items`
    int64, a step outside of a `for` counts one a run · `succeeded`, `failed`, `skipped`, `blocked`
    int64, items that ended so · `attempts`, `retries` int64 · `success_rate` float64, 0 to 1, of
    succeeded and failed · `mean_s`, `p50_s`, `p90_s`, `p99_s` float64, seconds of an item from its
    start to its end · `waited_s`, `lost_to_retries_s` float64, seconds added up · `last_at`
    datetime64[us, UTC], when it last began.
    """
    rows = step_figures(histories)
    return frame(
        rows,
        {
            "pipeline": (text, lambda row: row.pipeline),
            "step": (text, lambda row: row.step),
            "agents": (text, lambda row: ", ".join(row.agents) or None),
            "runs": (count, lambda row: row.runs),
            "items": (count, lambda row: row.items),
            "succeeded": (count, lambda row: row.succeeded),
            "failed": (count, lambda row: row.failed),
            "skipped": (count, lambda row: row.skipped),
            "blocked": (count, lambda row: row.blocked),
            **_tail(StepFigures),
        },
    )


def _tail(_: type[Figures]) -> dict[str, tuple[Column, Callable[[Figures], object]]]:
    """The columns both have."""
    return {
        "attempts": (count, lambda row: row.attempts),
        "retries": (count, lambda row: row.retries),
        "success_rate": (number, lambda row: row.success_rate),
        "mean_s": (number, lambda row: row.spread.mean_s),
        "p50_s": (number, lambda row: row.spread.p50_s),
        "p90_s": (number, lambda row: row.spread.p90_s),
        "p99_s": (number, lambda row: row.spread.p99_s),
        "waited_s": (number, lambda row: row.waited_s),
        "lost_to_retries_s": (number, lambda row: row.lost_to_retries_s),
        "last_at": (time, lambda row: row.last_at),
    }
