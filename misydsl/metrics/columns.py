"""Columns of DataFrames: one way to make each kind, the same when there are no rows.

In: Python lists. Out: pandas arrays: texts as `string`, counts as `int64` or nullable `Int64`,
durations as `float64` seconds, times as `datetime64[us, UTC]`, words of a closed list as `category`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
import pandas as pd

Row = TypeVar("Row")
Series: TypeAlias = "pd.Series[Any]"  # the element type differs from column to column
Column = Callable[[Iterable[object]], Series]
DataFrame: TypeAlias = pd.DataFrame  # for rooms that return frames and do not import pandas
TIME_DTYPE = "datetime64[us, UTC]"


def frame(
    rows: Sequence[Row], columns: Mapping[str, tuple[Column, Callable[[Row], object]]]
) -> pd.DataFrame:
    """One line per row, the columns in the order of the mapping."""
    made = {name: column(read(row) for row in rows) for name, (column, read) in columns.items()}
    return pd.DataFrame(made, columns=list(columns))


def text(values: Iterable[object]) -> Series:
    """Texts; missing is NA."""
    return pd.Series(list(values), dtype="string")


def count(values: Iterable[object]) -> Series:
    """Numbers that are always there: `int64`."""
    return pd.Series(list(values), dtype="int64")


def maybe_count(values: Iterable[object]) -> Series:
    """Numbers that may be missing: `Int64`."""
    return pd.Series(list(values), dtype="Int64")


def flag(values: Iterable[object]) -> Series:
    """Yes or no, always known: `bool`."""
    return pd.Series(list(values), dtype="bool")


def maybe_flag(values: Iterable[object]) -> Series:
    """Yes or no, where that is known: `boolean`."""
    return pd.Series(list(values), dtype="boolean")


def anything(values: Iterable[object]) -> Series:
    """Values as they are, lists and records too: `object`."""
    listed = list(values)
    made = np.empty(len(listed), dtype=object)
    for place, value in enumerate(listed):  # an assignment at once would take lists apart
        made[place] = value
    return pd.Series(made, dtype=object)


def number(values: Iterable[object]) -> Series:
    """Seconds and shares: `float64`, missing is NaN."""
    return pd.Series(list(values), dtype="float64")


def time(values: Iterable[object]) -> Series:
    """Unix seconds as times in UTC, missing is NaT."""
    seconds = np.array([np.nan if value is None else value for value in values], dtype="float64")
    known = np.isfinite(seconds)
    micros = np.zeros(len(seconds), dtype="int64")
    micros[known] = np.round(seconds[known] * 1e6).astype("int64")
    stamps = micros.astype("datetime64[us]")
    stamps[~known] = np.datetime64("NaT")
    return pd.Series(pd.DatetimeIndex(stamps).tz_localize("UTC"), dtype=TIME_DTYPE)


def words(allowed: Sequence[str]) -> Column:
    """Words of a closed list, in its order; missing is NaN."""
    dtype = pd.CategoricalDtype(list(allowed))

    def column(values: Iterable[object]) -> Series:
        return pd.Series(pd.Categorical(list(values), dtype=dtype))

    return column
