"""What functions return, as values of a run."""

from __future__ import annotations

import datetime as dt
import enum
from collections import OrderedDict, UserList
from dataclasses import dataclass
from decimal import Decimal

import msgspec
import numpy as np
import pandas as pd
import pytest

from misydsl.agents.results import ResultUnusable, plain
from misydsl.values import Duration, Secret, Size


class Word(str):
    __slots__ = ()


class Level(enum.IntEnum):
    HIGH = 3


@dataclass
class Trend:
    name: str
    score: object


class Point(msgspec.Struct):
    x: int


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (Word("ñ"), "ñ"),
        (Level.HIGH, 3),
        (Duration(1.5), 1.5),
        (Size(3), 3),
        (Decimal("1.5"), 1.5),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (dt.datetime(2026, 1, 2, tzinfo=dt.UTC), "2026-01-02T00:00:00Z"),
        ((1, [2.0]), [1, [2.0]]),
        ({"b", "a"}, ["a", "b"]),
        (OrderedDict(a=1), {"a": 1}),
        (UserList([1]), [1]),
        (Trend("a", Trend("b", None)), {"name": "a", "score": {"name": "b", "score": None}}),
        (Point(1), {"x": 1}),
        (np.float64(1.5), 1.5),
        (np.int64(3), 3),
        (np.bool_(True), True),  # noqa: FBT003  # the value itself
        (np.array([1, 2]), [1, 2]),
        (np.array([[1.0]]), [[1.0]]),
        (pd.Timestamp("2026-01-02", tz="UTC"), "2026-01-02T00:00:00Z"),
        (pd.Series([1, 2]), [1, 2]),
    ],
)
def test_a_value_with_an_obvious_form_gets_it(value: object, expected: object) -> None:
    result = plain(value)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": [1, object()]}, r"at `\.a\[1\]`: an object has no JSON"),
        (float("nan"), "nan has no JSON"),
        ({"a": np.float64("inf")}, r"at `\.a`: inf has no JSON"),
        (Duration("inf"), "inf has no JSON"),
        ({1: 2}, "the key 1 is not text"),
        (b"bytes", "a bytes has no JSON"),
        (Secret("K", "text"), "a Secret has no JSON"),
        (pd.NaT, "a missing time has no JSON|has no JSON"),
        (Trend, "a type has no JSON"),
        ({"a": ["ñ", "\ud83d"]}, r"at `\.a\[1\]`: the text has half a character .U\+D83D."),
        ({"\udcff": 1}, r"half a character .U\+DCFF."),
        (Word("\udcff"), r"half a character .U\+DCFF."),
    ],
)
def test_what_has_no_json_is_refused_with_its_path(value: object, words: str) -> None:
    with pytest.raises(ResultUnusable, match=words):
        plain(value)


def test_a_result_without_end_is_refused() -> None:
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(ResultUnusable, match="deeper than 100 levels"):
        plain(circle)


def test_the_result_is_a_copy() -> None:
    inner = [1]
    copied = plain({"a": inner})
    inner.append(2)
    assert copied == {"a": [1]}
