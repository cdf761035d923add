"""Values of steps: as they came, and taken apart."""

from __future__ import annotations

import pandas as pd
from msgspec import Raw

from misydsl.history.events import Event, FanOut, GroupStarted, StepFinished, StepSkipped
from misydsl.history.fold import fold
from misydsl.history.states import History
from misydsl.metrics.results import results_frame
from tests.metrics.stories import START, accepted, recorded


def gave(step: str, value: str, item: str = "") -> StepFinished:
    return StepFinished(at=START, step=step, item=item, value=Raw(value.encode()))


STORY: list[Event] = [
    accepted(),
    gave("list", '[{"name":"á","n":1},{"name":"ñ","tags":["x"]},7]'),
    gave("record", '{"n":2,"name":"é"}'),
    gave("text", '"hola"'),
    StepSkipped(at=START, step="skipped"),
    FanOut(at=START, step="each", item="", count=2, keys=("uno", "a/b")),
    GroupStarted(at=START, step="each", item="uno"),
    gave("each/inner", "1", "uno"),
    gave("each", "[1,2]", "uno"),
    gave("each", "3", "a/b"),
    gave("each", "[[1,2],3]"),
]
HISTORY = fold(recorded(STORY))


def test_values_stand_as_they_came() -> None:
    table = results_frame(HISTORY).set_index(["step", "item"])
    assert table.loc[("record", ""), "value"] == {"n": 2, "name": "é"}
    assert table.loc[("each", ""), "value"] == [[1, 2], 3]
    assert table.loc[("text", ""), "value"] == "hola"
    assert table.loc[("skipped", ""), "value"] is None
    assert table.loc[("skipped", ""), "status"] == "skipped"


def test_items_have_their_key_and_their_place() -> None:
    table = results_frame(HISTORY).set_index(["step", "item"])
    assert table.loc[("each", "a/b"), "key"] == "a/b"
    assert table.loc[("each", "a/b"), "index"] == 1
    assert table.loc[("each/inner", "uno"), "key"] == "uno"
    assert table.loc[("text", ""), "key"] is pd.NA


def test_taken_apart_a_list_has_a_row_per_element_and_a_record_a_column_per_field() -> None:
    table = results_frame(HISTORY, explode=True)
    listed = table[table["step"] == "list"]
    assert listed["element"].tolist() == [0, 1, 2]
    assert listed["value.name"].tolist() == ["á", "ñ", None]
    assert listed["value.tags"].tolist() == [None, ["x"], None]
    assert listed["value"].iloc[2] == 7
    assert table[table["step"] == "record"]["value.n"].tolist() == [2]


def test_taken_apart_a_for_stands_there_with_its_items_alone() -> None:
    table = results_frame(HISTORY, explode=True)
    each = table[table["step"] == "each"]
    assert list(zip(each["item"], each["element"].astype(object), each["value"], strict=True)) == [
        ("uno", 0, 1),
        ("uno", 1, 2),
        ("a/b", pd.NA, 3),
    ]


def test_columns_do_not_depend_on_the_data() -> None:
    full, empty = results_frame(HISTORY), results_frame(History())
    assert dict(full.dtypes) == dict(empty.dtypes)
    assert full["value"].dtype == object
    exploded = results_frame(History(), explode=True)
    assert list(exploded.columns) == [*empty.columns, "element"]
    for column in exploded.columns:
        assert f"`{column}`" in str(results_frame.__doc__), column
