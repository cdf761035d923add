"""Forecasts as DataFrames.

In: what the engine foresees. Out: DataFrames whose columns, dtypes and order never depend on the data.
Seconds are `_s` columns; NA is what only a run will know.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from misydsl.metrics.columns import Column, flag, frame, maybe_count, number, text
from misydsl.runner.foresight.amounts import Number
from misydsl.runner.foresight.foreseen import AgentForecast, Foreseen, StepForecast

if TYPE_CHECKING:
    from misydsl.metrics.columns import DataFrame

_LARGEST = 2**63 - 1


def steps_frame(facts: Foreseen) -> DataFrame:
    """One row per step and per block that runs besides one, in the order of the tree.

    Columns: `step` string, the path of its name · `title` string · `role` string: step, else, fallback,
    undo, on failure, on finish · `kind` string: call, pipeline, steps, value, approval · `target` string, the
    agents or pipelines it calls · `is_conditional` bool, only the run knows whether it is done · `items`
    Int64, of its `for`, NA where only the run counts them · `last_items` Int64, `median_items` float64, in past
    runs · `rounds` Int64, of its `repeat`, at most · `times` Int64, how often it is done in the run, at
    most · `calls` Int64, different calls of its own, at most · `requests` Int64, attempts, hedged ones twice,
    at most · `attempts` Int64, of one call · `timeout_s` float64, of one attempt · `item_s`, `longest_s`,
    `likely_s` float64, seconds of one item at most, of all at most, of all likely · `cache_hits`,
    `cache_misses` Int64 · `cache` string, the same in words.
    """
    return frame(
        facts.steps,
        {
            "step": (text, lambda row: row.path),
            "title": (text, lambda row: row.title),
            "role": (text, lambda row: row.role),
            "kind": (text, lambda row: ", ".join(row.kinds) or None),
            "target": (text, lambda row: ", ".join(row.targets) or None),
            "is_conditional": (flag, lambda row: row.is_conditional),
            "items": (maybe_count, lambda row: row.items),
            "last_items": (maybe_count, lambda row: row.last_items),
            "median_items": (number, lambda row: row.median_items),
            "rounds": (maybe_count, lambda row: row.rounds),
            "times": (maybe_count, lambda row: _whole(row.times.known)),
            "calls": (maybe_count, lambda row: _whole(row.calls.known)),
            "requests": (maybe_count, lambda row: _whole(row.requests.known)),
            "attempts": (maybe_count, lambda row: _whole(row.attempts)),
            "timeout_s": (number, lambda row: row.timeout_s),
            "item_s": (number, lambda row: row.item_s),
            "longest_s": (number, lambda row: row.longest_s),
            "likely_s": (number, lambda row: row.likely_s),
            **_CACHE,
        },
    )


def agents_frame(facts: Foreseen) -> DataFrame:
    """One row per agent, in the order they are met.

    Columns: `agent` string · `place` string, where a run would call it, without credentials · `origin`
    string: bound, environment, declared, default · `source` string, the file or variable that says so ·
    `concurrency` Int64, calls open at once · `rate_per_s` float64 · `calls`, `requests` Int64, at most.
    """
    return frame(
        facts.agents,
        {
            "agent": (text, lambda row: row.name),
            "place": (text, lambda row: row.where.place),
            "origin": (text, lambda row: row.where.origin),
            "source": (text, lambda row: row.where.source or None),
            "concurrency": (maybe_count, lambda row: row.concurrency),
            "rate_per_s": (number, lambda row: row.rate_per_s),
            "calls": (maybe_count, _most),
            "requests": (maybe_count, lambda row: _whole(row.requests.most)),
        },
    )


def _most(row: AgentForecast) -> int | None:
    return _whole(row.calls.most)


def _whole(value: Number | None) -> int | None:
    return None if value is None else min(int(value), _LARGEST)


_CACHE: dict[str, tuple[Column, Callable[[StepForecast], object]]] = {
    "cache_hits": (maybe_count, lambda row: row.cache and row.cache.hits),
    "cache_misses": (maybe_count, lambda row: row.cache and row.cache.misses),
    "cache": (text, lambda row: row.cache and row.cache.words),
}
