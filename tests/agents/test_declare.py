"""`@agent`: names, types, defaults and inputs of Python functions."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NewType, NotRequired, Optional, TypedDict, Union

import msgspec
import pytest

from misydsl.agents.annotations import builds, expression_of, note_of, type_of
from misydsl.agents.declare import (
    AgentDeclaration,
    AgentDeclarationInvalid,
    InputsRefused,
    agent,
    declared,
)
from misydsl.expressions.nodes import Literal as LiteralNode
from misydsl.pipeline.model import NO_SPAN
from misydsl.relations import describe
from misydsl.types import ANY
from misydsl.values import Duration, Value

Platform = Literal["tiktok", "instagram"]
UserId = NewType("UserId", str)


class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


class Draft(TypedDict):
    text: str
    tokens: NotRequired[int]


class Loose(TypedDict, total=False):
    text: str


@dataclass
class Trend:
    keyword: str
    score: float = 0.5
    tags: list[str] = field(default_factory=list)


class Point(msgspec.Struct):
    x: int
    y: int = 0


@dataclass
class Tree:
    children: list[Tree]


@agent("trend-scanner", pure=True, title="Escáner")
def scan(
    topic: str,
    platform: Platform = "tiktok",
    dateRange: str = "x",  # noqa: N803  # the contract's spelling
    max_n: int = 3,
) -> list[Trend]:
    """Busca tendencias."""
    return [Trend(topic, max_n), Trend(platform), Trend(dateRange)]


def test_a_declaration_says_what_the_function_is() -> None:
    assert isinstance(scan, AgentDeclaration)
    assert (scan.name, scan.title, scan.description) == (
        "trend-scanner",
        "Escáner",
        "Busca tendencias.",
    )
    assert scan.is_pure
    assert not scan.is_async
    shown = {one.name: describe(one.type) for one in scan.parameters}
    assert shown == {
        "topic": "string",
        "platform": '"tiktok" | "instagram"',
        "dateRange": "string",
        "max_n": "int",
    }
    assert [one.default for one in scan.parameters] == [
        None,
        LiteralNode(NO_SPAN, "tiktok"),
        LiteralNode(NO_SPAN, "x"),
        LiteralNode(NO_SPAN, 3),
    ]
    assert describe(scan.result).startswith("list[")


def test_a_declared_function_can_still_be_called() -> None:
    assert scan("moda", max_n=1) == [Trend("moda", 1), Trend("tiktok"), Trend("x")]


def test_a_bare_decorator_names_the_agent_after_the_function() -> None:
    @agent
    async def post_scheduler(platforms: list[str]) -> Any:
        return platforms

    assert post_scheduler.name == "post-scheduler"
    assert post_scheduler.is_async
    assert post_scheduler.result == ANY
    assert not post_scheduler.is_pure


@pytest.mark.parametrize(
    ("annotation", "shown"),
    [
        (str, "string"),
        (bool, "bool"),
        (None, "null"),
        (Any, "any"),
        (object, "any"),
        (dt.date, "date"),
        (dt.datetime, "datetime"),
        (Duration, "duration"),
        (Optional[int], "int?"),  # noqa: UP045  # the old spelling has to work too
        (Union[int, str], "int | string"),  # noqa: UP007  # as above
        (int | None, "int?"),
        (list, "list[any]"),
        (list[str], "list[string]"),
        (tuple[int, ...], "list[int]"),
        (tuple[int, str], "list[int | string]"),
        (Sequence[str], "list[string]"),
        (set[str], "list[string]"),
        (dict, "map[any]"),
        (dict[str, int], "map[int]"),
        (Mapping[str, bool], "map[bool]"),
        (Annotated[int, "how many"], "int"),
        (Literal["a", 1] | None, '"a" | 1 | null'),
        (Literal[Mood.GOOD], '"good"'),
        (Mood, '"good" | "bad"'),
        (UserId, "string"),
        (type[int], "any"),
        (bytes, "any"),
        ([1], "any"),
    ],
)
def test_an_annotation_means_a_type(annotation: object, shown: str) -> None:
    described = describe(type_of(annotation))
    assert sorted(described.split(" | ")) == sorted(shown.split(" | "))


@pytest.mark.parametrize(
    ("annotation", "fields"),
    [
        (Draft, {"text": "string", "tokens": "int?"}),
        (Loose, {"text": "string?"}),
        (Trend, {"keyword": "string", "score": "float?", "tags": "list[string]?"}),
        (Point, {"x": "int", "y": "int?"}),
    ],
)
def test_a_class_with_fields_is_a_record(annotation: object, fields: dict[str, str]) -> None:
    record = type_of(annotation)
    assert {one.name: describe(one.type) for one in record.fields} == fields  # type: ignore[union-attr]
    assert record.name == annotation.__name__  # type: ignore[attr-defined,union-attr]


def test_a_class_that_holds_itself_ends() -> None:
    assert describe(type_of(Tree))
    assert builds(list[Trend])
    assert not builds(list[str])


@pytest.mark.parametrize("value", [1, 1.5, "a", True, None, [1, "a"], {"a": [1]}, (1, 2)])
def test_a_default_that_json_can_say_is_an_expression(value: object) -> None:
    assert expression_of(value) is not None


@pytest.mark.parametrize("value", [object(), [object()], {"a": object()}, {1: 2}, b"x"])
def test_other_defaults_stay_with_the_function(value: object) -> None:
    assert expression_of(value) is None


def test_notes_describe_parameters() -> None:
    @agent
    def writer(prompt: Annotated[str, 3, "What to write"], model: Any = object) -> None:
        del prompt, model

    assert [one.description for one in writer.parameters] == ["What to write", None]
    assert note_of(str) is None
    assert describe(writer.parameters[1].type) == "any"
    assert writer.signature() == "prompt: string, model: any"


@pytest.mark.parametrize("name", ["max_n", "max-n"])
def test_hyphens_and_underscores_are_one(name: str) -> None:
    assert scan.arguments({"topic": "x", name: 4}) == {"topic": "x", "max_n": 4}


def test_camel_case_is_left_alone() -> None:
    assert scan.arguments({"topic": "x", "dateRange": "y"})["dateRange"] == "y"
    with pytest.raises(InputsRefused, match=r"no input `date_range`\. Did you mean `dateRange`\?"):
        scan.arguments({"topic": "x", "date_range": "y"})


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, "it needs `topic: string`"),
        ({"topic": 3}, "`topic`: expected string, got 3"),
        ({"topic": None}, "`topic`: expected string"),
        ({"topic": "a", "platform": "tik-tok"}, '`platform`: expected "tiktok" | "instagram"'),
        ({"topic": "a", "zzz": 1}, "it has no input `zzz`"),
    ],
)
def test_inputs_that_do_not_fit_are_refused_with_words(
    inputs: dict[str, Value], words: str
) -> None:
    with pytest.raises(InputsRefused) as refused:
        scan.arguments(inputs)
    assert words in str(refused.value)


def test_unknown_inputs_may_be_ignored_or_taken() -> None:
    assert scan.arguments({"topic": "x", "userId": 1}, ignore_unknown=True) == {"topic": "x"}

    @agent
    def anything(**others: object) -> object:
        return others

    assert anything.is_open
    assert anything.signature() == "..."
    assert anything.arguments({"any-name": 1}) == {"any-name": 1}


def test_null_for_an_input_with_a_default_means_the_default() -> None:
    assert scan.arguments({"topic": "x", "platform": None}) == {"topic": "x"}


def test_records_become_the_classes_that_are_asked_for() -> None:
    @agent
    def rank(trends: list[Trend], at: dt.datetime, mood: Mood, where: Point, draft: Draft) -> None:
        del trends, at, mood, where, draft

    arguments = rank.arguments(
        {
            "trends": [{"keyword": "ia"}],
            "at": "2026-01-01T00:00:00Z",
            "mood": "bad",
            "where": {"x": 1},
            "draft": {"text": "a"},
        }
    )
    assert arguments["trends"] == [Trend("ia")]
    assert arguments["at"] == dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert arguments["mood"] is Mood.BAD
    assert arguments["where"] == Point(1)
    with pytest.raises(InputsRefused, match=r"`trends`: at `\[0\]"):
        rank.arguments({"trends": [{}], "at": "2026-01-01T00:00:00Z", "mood": "bad"})


def test_parameters_that_only_have_a_position_cannot_be_inputs() -> None:
    def by_position(value: int, /) -> int:
        return value

    def by_many(*values: int) -> int:
        return len(values)

    for function in (by_position, by_many):
        with pytest.raises(AgentDeclarationInvalid, match="inputs come by name"):
            declared(function)


def test_an_annotation_that_means_nothing_is_refused() -> None:
    def broken(value: int) -> int:
        return value

    broken.__annotations__["value"] = "Nowhere"
    with pytest.raises(AgentDeclarationInvalid, match="annotations cannot be read"):
        declared(broken)


def test_an_object_that_can_be_called_is_an_agent_too() -> None:
    class Shout:
        def __call__(self, text: str) -> str:
            return text.upper()

    declaration = declared(Shout())
    assert declaration.name == "Shout"
    assert declaration.arguments({"text": "a"}) == {"text": "a"}
    with pytest.raises(AgentDeclarationInvalid, match="inputs cannot be read"):
        declared(type("Odd", (), {"__call__": 3})())


def test_a_declaration_can_go_by_another_name() -> None:
    assert declared(scan) is scan
    assert declared(scan, name="trend-scanner") is scan
    assert declared(scan, name="scanner").name == "scanner"
    assert declared(scan, name="scanner").function is scan.function
