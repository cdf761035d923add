"""Places in a text of JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misydsl.pipeline.json_places import Places, Way, second_name
from misydsl.source import Span

TEXT = '\ufeff {"año": [1, {"x" : "y\\"z"}, []], "b": {}, "c": 12e400}'


def shown(text: str, span: Span) -> str:
    return text[span.start : span.end]


@pytest.mark.parametrize(
    ("way", "value", "name"),
    [
        ((), TEXT[2:], TEXT[2:]),
        (("año",), '[1, {"x" : "y\\"z"}, []]', '"año"'),
        (("año", 1, "x"), '"y\\"z"', '"x"'),
        (("año", 0), "1", "1"),
        (("b",), "{}", '"b"'),
        (("c",), "12e400", '"c"'),
        (("d",), "{", "{"),
        (("b", "d", "e"), "{", "{"),
        (("año", 7), "[", "["),
        (("año", 0, "x"), "1", "1"),
        (("año", "x"), "[", "["),
    ],
)
def test_a_value_and_its_name_are_found(way: Way, value: str, name: str) -> None:
    places = Places(TEXT)
    assert shown(TEXT, places.value(way)) == value
    assert shown(TEXT, places.name(way)) == name


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


def ways(
    value: object, way: tuple[str | int, ...] = ()
) -> list[tuple[tuple[str | int, ...], object]]:
    found = [(way, value)]
    parts = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for name, one in parts:
        found += ways(one, (*way, name))
    return found


@given(_values, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_the_span_of_every_value_reads_as_the_value(
    value: object, indent: str | int | None, is_ascii: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=is_ascii)
    places = Places(text)
    for way, part in ways(value):
        assert json.loads(shown(text, places.value(way))) == part
        if way and isinstance(way[-1], str):
            assert json.loads(shown(text, places.name(way))) == way[-1]
    assert second_name(text) is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ('{"a": 1, "a": 2}', 9),
        ('{"a": 1, "\\u0061": 2}', 9),
        ('[{"a": "a"}, {"a": ["a", "a"], "b": {"a": 1}, "b": 2}]', 46),
        ('{"a": {"b": ",", "b" : 2}}', 17),
    ],
)
def test_a_name_said_twice_is_found_at_its_second_place(text: str, at: int) -> None:
    found = second_name(text)
    assert found is not None
    assert found.start == at
    assert text[found.start] == text[found.end - 1] == '"'
