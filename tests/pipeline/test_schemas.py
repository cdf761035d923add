"""Schemas of results: what they hold to, what is refused, and that nobody can make them cost much."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from misydsl.acceptance import Mismatch
from misydsl.pipeline.schemas import MOST_BYTES, SchemaInvalid, patterns_in, schema_check
from misydsl.values import Value


def check(schema: Any, value: Value) -> Value:
    return schema_check(json.dumps(schema))(value)


def test_a_value_that_fits_comes_back_itself() -> None:
    value: Value = {"guión": ["café"]}
    assert check({"required": ["guión"]}, value) is value
    assert schema_check("true")(7) == 7


def test_a_value_that_does_not_fit_is_told_with_its_place() -> None:
    schema = {"properties": {"posts": {"items": {"required": ["id"]}}}}
    with pytest.raises(Mismatch) as wrong:
        check(schema, {"posts": [{"id": 1}, {}]})
    assert wrong.value.path == ".posts[1]"


def test_what_is_said_of_a_large_value_is_short() -> None:
    with pytest.raises(Mismatch) as wrong:
        check({"type": "string"}, list(range(100_000)))
    assert len(str(wrong.value)) < 500


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "texto"}, "texto"),
        ({"pattern": "(a)\\1"}, "regex"),
        ({"pattern": "(?=a)"}, "regex"),
        ({"pattern": "\\p{L}{5000}"}, "regex"),
        ({"$ref": "https://example.com/x.json"}, "may not refer to another document"),
        ({"$ref": "file:///etc/passwd"}, "may not refer to another document"),
        ({"$ref": "otro.json"}, "otro.json"),
        ({"$schema": "https://example.com/own"}, "Unknown meta-schema"),
        ({"$ref": "#/definitions/nada"}, "nada"),
        ({"description": "x" * MOST_BYTES}, "at most"),
        ({"properties": {f"p{n}": {"pattern": "a"} for n in range(101)}}, "over 100 patterns"),
    ],
)
def test_what_is_no_schema_or_too_much_is_refused(schema: Any, words: str) -> None:
    with pytest.raises(SchemaInvalid, match=words):
        check(schema, None)


def test_references_that_unfold_into_millions_of_rules_are_refused() -> None:
    definitions: dict[str, Any] = {"d0": {"type": "string"}}
    for number in range(1, 12):
        before = {"$ref": f"#/definitions/d{number - 1}"}
        definitions[f"d{number}"] = {"properties": {f"p{one}": before for one in range(10)}}
    with pytest.raises(SchemaInvalid, match="rules"):
        check({"definitions": definitions, "$ref": "#/definitions/d11"}, None)


def test_references_in_a_very_long_row_are_refused() -> None:
    definitions: dict[str, Any] = {"d0": {"type": "string"}}
    for number in range(1, 150):
        definitions[f"d{number}"] = {"$ref": f"#/definitions/d{number - 1}"}
    with pytest.raises(SchemaInvalid, match="lead to each other"):
        check({"$defs": {}, "$ref": "#/definitions/d149", "definitions": definitions}, None)


def test_a_schema_may_refer_to_itself_and_into_lists() -> None:
    tree = {"items": {"$ref": "#"}, "allOf": [{"type": "array"}], "contains": {"$ref": "#/allOf/0"}}
    assert check({"items": {"$ref": "#"}}, [[[]]]) == [[[]]]
    with pytest.raises(Mismatch):
        check(tree, [[[1]]])


def test_names_in_references_may_be_escaped() -> None:
    schema = {"definitions": {"a/b~c": {"type": "string"}}, "$ref": "#/definitions/a~1b~0c"}
    with pytest.raises(Mismatch):
        check(schema, 1)


def test_a_hostile_pattern_takes_linear_time() -> None:
    begun = time.perf_counter()
    with pytest.raises(Mismatch):
        check({"pattern": "^(a+)+$"}, "a" * 100_000 + "!")
    assert time.perf_counter() - begun < 5


def test_patterns_are_counted_wherever_they_stand() -> None:
    schema: Value = {
        "pattern": "a",
        "allOf": [{"patternProperties": {"b": {}, "c": {"pattern": "d"}}}, True],
        "patternProperties": [],
    }
    assert patterns_in(schema) == 4
