"""Figures per agent, per step and per failure as pandas DataFrames.

In: histories of one or many runs, read one at a time. Out: the rows of `summary` with fixed columns and
dtypes; the same numbers as the tables of the command line, because they are the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, get_args

from misydsl.failures import FailureKind
from misydsl.history.states import History
from misydsl.metrics.columns import Column, count, frame, number, text, time, words
from misydsl.metrics.records import Figures, Record, record_of
from misydsl.metrics.summary import agent_figures, failure_figures, step_figures

if TYPE_CHECKING:
    import pandas as pd

_KINDS = words(get_args(FailureKind))
_SPREAD: Mapping[str, Column] = dict.fromkeys(
    ("mean_s", "p50_s", "p90_s", "p95_s", "p99_s", "max_s"), number
)
_AGENTS: Mapping[str, Column] = {
    "agent": text,
    **dict.fromkeys(("calls", "succeeded", "failed"), count),
    **dict.fromkeys(("attempts", "failed_attempts", "retries", "hedges"), count),
    **dict.fromkeys(("success_rate", "attempts_per_call"), number),
    **_SPREAD,
    **dict.fromkeys(("call_s", "waited_s", "lost_to_retries_s", "cost"), number),
    "tokens": count,
    **dict.fromkeys(("first_at", "last_at"), time),
    "top_failure": _KINDS,
}
_STEPS: Mapping[str, Column] = {
    **dict.fromkeys(("pipeline", "step", "agents"), text),
    **dict.fromkeys(("runs", "items", "succeeded", "failed", "skipped", "blocked"), count),
    **dict.fromkeys(("reused", "attempts", "retries"), count),
    "success_rate": number,
    **_SPREAD,
    **dict.fromkeys(("waited_s", "lost_to_retries_s", "cost"), number),
    "tokens": count,
    **dict.fromkeys(("first_at", "last_at"), time),
}
_FAILURES: Mapping[str, Column] = {
    "agent": text,
    "kind": _KINDS,
    "attempts": count,
    "share": number,
    "ended": count,
    **dict.fromkeys(("first_at", "last_at"), time),
    "message": text,
}


def agents_frame(histories: Iterable[History]) -> pd.DataFrame:
    """One row per agent that was called, by name.

    Columns: `agent` string · `calls` int64, steps, items and rounds that called it · `succeeded`,
    `failed` int64, calls that ended so · `attempts` int64 · `failed_attempts` int64 · `retries` int64,
    attempts after the first · `hedges` int64, attempts that were sent twice because they took long ·
    `success_rate` float64, 0 to 1, of the calls that ended · `attempts_per_call` float64 · `mean_s`,
    `p50_s`, `p90_s`, `p95_s`, `p99_s`, `max_s` float64, seconds of one attempt · `call_s` float64,
    seconds inside calls, added up · `waited_s` float64, seconds queued behind limits, added up ·
    `lost_to_retries_s` float64, seconds of failed attempts and of the waits after them, where another
    attempt followed · `cost` float64, `tokens` int64, as the replies said · `first_at`, `last_at`
    datetime64[us, UTC], when the first and the last attempt began · `top_failure` category, the
    commonest reason for an attempt to fail.
    """
    return figures_frame(agent_figures(histories), _AGENTS)


def step_figures_frame(histories: Iterable[History]) -> pd.DataFrame:
    """One row per pipeline and step over many runs: pipelines by name, steps in first-seen order.

    Columns: `pipeline`, `step` string · `agents` string, comma separated · `runs` int64 · `items`
    int64, a step outside of a `for` counts one a run · `succeeded`, `failed`, `skipped`, `blocked`
    int64, items that ended so · `reused` int64, items whose value was taken from elsewhere ·
    `attempts`, `retries` int64 · `success_rate` float64, 0 to 1, of succeeded and failed · `mean_s`,
    `p50_s`, `p90_s`, `p95_s`, `p99_s`, `max_s` float64, seconds of an item from its start to its end ·
    `waited_s`, `lost_to_retries_s` float64, seconds added up · `cost` float64, `tokens` int64 ·
    `first_at`, `last_at` datetime64[us, UTC], when it first and last began.
    """
    return figures_frame(step_figures(histories), _STEPS)


def failures_frame(histories: Iterable[History]) -> pd.DataFrame:
    """One row per agent and reason for an attempt to fail: agents by name, the commonest reason first.

    Columns: `agent` string · `kind` category · `attempts` int64, that failed so · `share` float64, 0
    to 1, of all attempts of the agent · `ended` int64, calls that had this as their last word ·
    `first_at`, `last_at` datetime64[us, UTC], when the first and last of them began · `message`
    string, what the last of them said.
    """
    return figures_frame(failure_figures(histories), _FAILURES)


def figures_table(kind: str, rows: Sequence[Figures]) -> pd.DataFrame:
    """Rows that were counted already: `agents`, `steps` or `failures`."""
    return figures_frame(rows, {"agents": _AGENTS, "steps": _STEPS, "failures": _FAILURES}[kind])


def figures_frame(rows: Sequence[Figures], columns: Mapping[str, Column]) -> pd.DataFrame:
    """Rows that were counted already, under the columns of one of the three kinds."""
    records = [record_of(row) for row in rows]
    return frame(records, {name: (made, _reader(name)) for name, made in columns.items()})


def _reader(name: str) -> Callable[[Record], object]:
    return partial(_value, name)


def _value(name: str, record: Record) -> object:
    return record[name]
