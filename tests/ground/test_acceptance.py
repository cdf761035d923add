"""Whether values from outside are of their type, and what they become."""

from __future__ import annotations

import datetime as dt
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misydsl.acceptance import Mismatch, accept_anything, acceptor, read_text
from misydsl.relations import optional, unite
from misydsl.types import (
    ANY,
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INT,
    NOTHING,
    NULL,
    PERCENT,
    RATE,
    SECRET,
    SIZE,
    STRING,
    URL,
    Field,
    ListType,
    LiteralType,
    MapType,
    RecordType,
    Type,
    UnionType,
)
from misydsl.values import Duration, Percent, Rate, Secret, Size, Value
from tests.ground.kinds import TYPES, json_of

REPORT = RecordType(
    (
        Field(
            "trends", ListType(RecordType((Field("score", FLOAT), Field("peak", optional(DATE)))))
        ),
        Field("note", optional(STRING)),
    )
)


@given(st.data())
def test_what_is_made_for_a_type_is_accepted_and_stays_accepted(data: st.DataObject) -> None:
    type_ = data.draw(TYPES)
    value = cast("Value", data.draw(json_of(type_)))
    accepted = acceptor(type_)(value)
    assert acceptor(type_)(accepted) == accepted


def test_any_is_the_identity() -> None:
    assert acceptor(ANY) is accept_anything
    value: Value = {"a": [1]}
    assert accept_anything(value) is value
    assert acceptor(ListType(ANY))([value]) == [value]


def test_fields_are_filled_converted_and_kept() -> None:
    reply: Value = {"trends": [{"score": 1, "extra": True}]}
    accepted = acceptor(REPORT)(reply)
    assert accepted == {
        "trends": [{"score": 1.0, "extra": True, "peak": None}],
        "note": None,
    }
    assert reply == {"trends": [{"score": 1, "extra": True}]}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (
            {"trends": [{"score": 1}, {"score": "high"}]},
            'at `.trends[1].score`: expected float, got "high"',
        ),
        ({"trends": [{}]}, "at `.trends[0].score`: expected float, got nothing"),
        (
            {"trends": {}},
            "at `.trends`: expected list[{ score: float, peak: date? }], got an empty object",
        ),
        ([], "got a list of 0"),
        ({"trends": [{"score": 1, "peak": "2026-02-30"}]}, "at `.trends[0].peak`"),
    ],
)
def test_a_mismatch_names_the_path_and_both_sides(value: Value, words: str) -> None:
    with pytest.raises(Mismatch) as caught:
        acceptor(REPORT)(value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("wanted", "value", "expected"),
    [
        (DURATION, "1h30m", Duration(5400)),
        (DURATION, 90, Duration(90)),
        (SIZE, "1KiB", Size(1024)),
        (SIZE, 10, Size(10)),
        (RATE, "10/s", Rate(10)),
        (PERCENT, "20%", Percent(0.2)),
        (FLOAT, 3, 3.0),
        (FLOAT, Percent(0.5), 0.5),
        (DATE, "2026-03-01", dt.date(2026, 3, 1)),
        (DATETIME, "2026-03-01T10:00:00Z", dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)),
        (URL, "http://x/y", "http://x/y"),
        (unite(FLOAT, INT), 3, 3),
        (unite(DURATION, STRING), "30s", "30s"),
        (optional(DATE), None, None),
    ],
)
def test_texts_and_numbers_become_what_the_type_says(
    wanted: Type, value: Value, expected: Value
) -> None:
    accepted = acceptor(wanted)(value)
    assert accepted == expected
    assert type(accepted) is type(expected)


@pytest.mark.parametrize(
    ("wanted", "value"),
    [
        (INT, True),
        (INT, 3.0),
        (INT, 2**63),
        (BOOL, 1),
        (FLOAT, True),
        (FLOAT, 10**400),
        (STRING, 3),
        (NULL, 0),
        (LiteralType(True), 1),
        (LiteralType("x"), "y"),
        (DURATION, "10/s"),
        (DURATION, True),
        (DURATION, 1e300),
        (SIZE, -1),
        (SIZE, "30s"),
        (URL, "localhost"),
        (URL, "http://a b"),
        (DATE, 3),
        (DATETIME, 3),
        (SECRET, "text"),
        (NOTHING, 1),
        (MapType(INT), {"a b": "x"}),
        (MapType(INT), []),
        (optional(DATE), "never"),
        (unite(LiteralType("x"), ListType(INT)), ["y"]),
    ],
)
def test_nothing_is_coerced(wanted: Type, value: Value) -> None:
    with pytest.raises(Mismatch):
        acceptor(wanted)(value)


def test_a_choice_is_told_by_what_there_is_to_choose() -> None:
    network = UnionType((LiteralType("tiktok"), LiteralType("año")), name="Network")
    for value in ("tik", 3):
        with pytest.raises(Mismatch, match=r'expected "tiktok" \| "año", got'):
            acceptor(network)(value)


def test_the_closest_alternative_of_a_union_tells_what_is_wrong() -> None:
    wanted = unite(REPORT, RecordType((Field("error", STRING),)))
    with pytest.raises(Mismatch) as caught:
        acceptor(wanted)({"trends": [{"score": "high"}]})
    assert caught.value.path == ".trends[0].score"


def test_a_path_with_an_odd_name_is_quoted_and_long_values_are_cut() -> None:
    with pytest.raises(Mismatch) as caught:
        acceptor(MapType(INT))({"a b": "x" * 500})
    assert caught.value.path == '["a b"]'
    assert len(caught.value.got) <= 70


def test_values_without_json_are_named_by_their_kind() -> None:
    secret = Secret("KEY", "hush")
    assert acceptor(SECRET)(secret) is secret
    strangers: list[tuple[Value, str]] = [(secret, "a secret"), (float("nan"), "nan")]
    for value, words in strangers:
        with pytest.raises(Mismatch, match=words):
            acceptor(STRING)(value)


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("tecnología", STRING, "tecnología"),
        ("3", STRING, "3"),
        ("3", INT, 3),
        ("1_000", INT, 1000),
        ("3", FLOAT, 3.0),
        ("true", BOOL, True),
        ("30s", DURATION, Duration(30)),
        ("y", unite(LiteralType("x"), LiteralType("y")), "y"),
        ("2", unite(LiteralType(1), LiteralType(2)), 2),
        ("[1, 2]", ListType(INT), [1, 2]),
        ('{"trends": []}', REPORT, {"trends": [], "note": None}),
        ("null", optional(STRING), None),
        ("x", optional(STRING), "x"),
        ("[1]", ANY, [1]),
        ("hola", ANY, "hola"),
        ("2026-03-01", DATE, dt.date(2026, 3, 1)),
    ],
)
def test_a_parameter_is_read_by_its_type(text: str, wanted: Type, expected: Value) -> None:
    assert read_text(text, wanted) == expected


@pytest.mark.parametrize(
    ("text", "wanted", "words"),
    [
        ("many", INT, 'expected int (like 3), got "many"'),
        ("yes", BOOL, "bool (true or false)"),
        ("30", ListType(INT), "list[int] (as JSON)"),
        ("30sec", DURATION, "duration (like 30s)"),
        ("z", unite(LiteralType("x"), LiteralType("y")), 'expected "x" | "y", got "z"'),
        ("\udcff", INT, "int"),
    ],
)
def test_a_wrong_parameter_is_told_with_an_example(text: str, wanted: Type, words: str) -> None:
    with pytest.raises(Mismatch) as caught:
        read_text(text, wanted)
    assert words in str(caught.value)
