"""Small texts that would be much work, found in review: ids that are alike, schemas that lead back to themselves."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from misydsl.acceptance import Mismatch
from misydsl.pipeline.json_names import names_of
from misydsl.pipeline.schemas import schema_check
from misydsl.values import Value

QUICKLY_S = 5.0  # each took minutes, or would never have ended


def _branching(back: dict[str, Any]) -> dict[str, Any]:
    inner = {"properties": {"x": back}}
    return {"anyOf": [{**inner, "required": ["y"]}, {**inner, "required": ["z"]}]}


SCHEMAS: dict[str, dict[str, Any]] = {
    "ref": {
        "$defs": {"a": _branching({"$ref": "#/$defs/a"})},
        "$ref": "#/$defs/a",
    },
    "root": _branching({"$ref": "#"}),
    "dynamic": {"$dynamicAnchor": "n", **_branching({"$dynamicRef": "#n"})},
    "recursive": {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "$recursiveAnchor": True,
        **_branching({"$recursiveRef": "#"}),
    },
    "two": {
        "$defs": {
            "a": _branching({"$ref": "#/$defs/b"}),
            "b": _branching({"$ref": "#/$defs/a"}),
        },
        "$ref": "#/$defs/a",
    },
}


def _nested(depth: int) -> Value:
    value: Value = {}
    for _ in range(depth):
        value = {"x": value}
    return value


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_that_leads_back_in_two_ways_is_no_endless_work(name: str) -> None:
    check = schema_check(json.dumps(SCHEMAS[name]))
    began = time.perf_counter()
    with pytest.raises(Mismatch):
        check(_nested(60))
    assert time.perf_counter() - began < QUICKLY_S


def test_of_a_tree_that_is_not_deep_it_is_told_where_it_does_not_fit() -> None:
    node = {"properties": {"name": {"type": "string"}, "children": {"items": {"$ref": "#"}}}}
    check = schema_check(json.dumps(node))
    good: Value = {"name": "a", "children": [{"name": "b", "children": []}]}
    assert check(good) == good
    with pytest.raises(Mismatch) as wrong:
        check({"name": "a", "children": [{"name": 1}]})
    assert "children[0].name" in str(wrong.value)


def test_thousands_of_ids_that_look_alike_get_their_names_in_no_time() -> None:
    ids = ["!" * (number % 100 + 1) + "a" + " " * (number // 100) for number in range(10_000)]
    began = time.perf_counter()
    names = names_of(ids)
    assert len({*names.values()}) == len(ids)
    assert time.perf_counter() - began < QUICKLY_S
