"""Strict JSON and measures as texts."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misydsl.values import (
    BYTES,
    Duration,
    JsonInvalid,
    JsonUnwritable,
    Percent,
    Rate,
    Secret,
    Size,
    Value,
    decode_json,
    duration_text,
    encode_json,
    measure_text,
    moment_text,
    parse_date,
    parse_datetime,
    parse_measure,
    rate_text,
    size_text,
)
from tests.ground.kinds import JSON


@given(JSON)
def test_what_is_written_reads_back_the_same(value: Value) -> None:
    assert decode_json(encode_json(value)) == value


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        value = decode_json(data)
    except JsonInvalid as error:
        assert error.message
    else:
        assert decode_json(encode_json(value)) == value


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b'{"a":1', "too early"),
        (b'["\xff"]', "not UTF-8"),
        (b'["\xc0\x80"]', "not UTF-8"),
        (b'"\\ud800"', "surrogate"),
        (b'"\\ud800x"', "surrogate"),
        (b"NaN", "invalid character"),
        (b"[Infinity]", "invalid character"),
        (b"[1e999]", "out of range"),
        (b"1 2", "trailing"),
        (b"\xef\xbb\xbf1", "invalid character"),
        (b"[" * 100_000, "deeper than 100"),
        (b"[" * 100_000 + b"]" * 100_000, "deeper than 100"),
        (b"[" * 101 + b"]" * 101, "deeper than 100"),
        (b'{"a":{"b":1,"b":1}}', 'the name "b" is twice'),
        (b'{"a" :1,"a" :2}', 'the name "a" is twice'),
        (b'{"a"\n:1,"a":2}', 'the name "a" is twice'),
        (b'[{"\\u0061":1,"a":2}]', 'the name "a" is twice'),
    ],
)
def test_what_readers_could_understand_differently_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(JsonInvalid, match=words):
        decode_json(data)


def test_colons_and_quotes_inside_texts_are_no_names() -> None:
    assert decode_json(b'{"a":"x\\":y","b":["\\":"]}') == {"a": 'x":y', "b": ['":']}


def test_a_hundred_levels_are_read_and_memoryviews_too() -> None:
    assert decode_json(memoryview(b"[" * 100 + b"]" * 100))


def test_an_error_knows_its_byte() -> None:
    with pytest.raises(JsonInvalid) as caught:
        decode_json(b'["ok", "\xff"]')
    assert caught.value.offset == 8


def test_measures_and_dates_are_written_as_json_has_them() -> None:
    value: Value = [
        Duration(90),
        Percent(0.2),
        Rate(10),
        Size(5),
        dt.date(2026, 3, 1),
        dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC),
        "ñ",
        None,
    ]
    written = '[90.0,0.2,10.0,5,"2026-03-01","2026-03-01T10:00:00Z","ñ",null]'
    assert encode_json(value).decode() == written


@pytest.mark.parametrize(
    "value",
    [math.nan, [None, math.inf], {"a": -math.inf}, Duration(math.inf), "\ud800", {"k": [object()]}],
)
def test_what_json_cannot_hold_is_not_written(value: Value) -> None:
    with pytest.raises(JsonUnwritable):
        encode_json(value)


def test_a_secret_is_never_written_nor_shown() -> None:
    secret = Secret("TOKEN", "s3cr3t")
    with pytest.raises(JsonUnwritable) as caught:
        encode_json({"key": secret})
    assert "s3cr3t" not in str(caught.value) + repr(secret) + str(secret)
    assert secret.reveal() == "s3cr3t"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500ms", Duration(0.5)),
        ("1h30m", Duration(5400)),
        ("1_000s", Duration(1000)),
        ("1.5s", Duration(1.5)),
        ("20%", Percent(0.2)),
        ("10/s", Rate(10)),
        ("120/m", Rate(2)),
        ("64MiB", Size(64 * 2**20)),
        ("10MB", Size(10**7)),
        ("0.5kB", Size(500)),
        ("7B", Size(7)),
    ],
)
def test_measures_are_read_as_in_the_language(text: str, value: float) -> None:
    measure = parse_measure(text)
    assert type(measure) is type(value)
    assert measure == value


@pytest.mark.parametrize("text", ["30sec", "", "s", "1h 30m", "-3s", "5Mi", "%", "1e3s", "9" * 200])
def test_what_is_no_measure_is_none(text: str) -> None:
    assert parse_measure(text) is None


def test_every_unit_of_size_is_read() -> None:
    for unit, size in BYTES.items():
        assert parse_measure(f"3{unit}") == 3 * size


@given(st.integers(0, 10**12))
def test_durations_and_sizes_read_back_as_they_were(number: int) -> None:
    duration, size = Duration(number / 1000), Size(number)
    read = parse_measure(measure_text(duration))
    assert read is not None
    assert math.isclose(read, duration)
    assert parse_measure(measure_text(size)) == size


@given(st.integers(1, 10**6), st.sampled_from([1, 60, 3600]))
def test_rates_and_percents_read_back_as_they_were(number: int, per: int) -> None:
    rate, share = Rate(number / per), Percent(number / 1000)
    for measure in (rate, share):
        read = parse_measure(measure_text(measure))
        assert read is not None
        assert math.isclose(read, measure)


def test_measures_are_written_in_the_units_people_use() -> None:
    assert duration_text(5400) == "1h30m"
    assert duration_text(0.25) == "250ms"
    assert duration_text(0) == "0s"
    assert duration_text(-90) == "-1m30s"
    assert duration_text(0.0001) == "0.0001s"
    assert rate_text(100 / 60) == "100/m"
    assert rate_text(1 / 7) == "0.14285714285714285/s"
    assert size_text(0) == "0B"
    assert measure_text(Percent(0.125)) == "12.5%"


def test_dates_exist_and_moments_have_a_zone() -> None:
    assert parse_date("2026-02-28") == dt.date(2026, 2, 28)
    assert parse_date("2026-02-30") is None
    assert parse_date("20260228") is None
    assert parse_datetime("2026-03-01T10:00") == dt.datetime(2026, 3, 1, 10, tzinfo=dt.UTC)
    assert parse_datetime("2026-03-01 25:00") is None
    assert parse_datetime("2026-03-01") is None
    moment = parse_datetime("2026-03-01T10:00:00+02:00")
    assert moment is not None
    assert moment_text(moment) == "2026-03-01T10:00:00+02:00"
