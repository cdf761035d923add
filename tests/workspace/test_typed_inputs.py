"""Inputs from the command line: read by type, and wrong ones get a caret."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from misydsl.acceptance import read_text
from misydsl.diagnostics.diagnostic import Diagnostic
from misydsl.diagnostics.plain import render_plain
from misydsl.expressions.nodes import Literal
from misydsl.failures import MisyError, SourceInvalid
from misydsl.pipeline.model import Parameter
from misydsl.source import Span
from misydsl.types import (
    ANY,
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INT,
    NULL,
    PERCENT,
    RATE,
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
from misydsl.values import Duration, Value
from misydsl.workspace.samples import sample_text
from misydsl.workspace.typed_inputs import COMMAND_LINE, read_inputs

PLATFORM = UnionType((LiteralType("tiktok"), LiteralType("instagram")))
OPTIONAL_INT = UnionType((INT, NULL))


def parameter(name: str, wanted: Type, *, has_default: bool = False) -> Parameter:
    return Parameter(name, wanted, Literal(Span(0, 0), "x") if has_default else None)


def read(parameters: list[Parameter], *given: str, params_file: Path | None = None) -> object:
    words = ["run", "viral.misy", *(word for text in given for word in ("-p", text))]
    return read_inputs("viral", parameters, given=given, params_file=params_file, words=words)


def wrong(
    parameters: list[Parameter], *given: str, params_file: Path | None = None
) -> tuple[Diagnostic, ...]:
    with pytest.raises(SourceInvalid) as caught:
        read(parameters, *given, params_file=params_file)
    return caught.value.diagnostics


@pytest.mark.parametrize(
    ("wanted", "text", "value"),
    [
        (STRING, "inteligencia artificial", "inteligencia artificial"),
        (STRING, "a=b", "a=b"),
        (STRING, "", ""),
        (STRING, "3", "3"),
        (INT, "7", 7),
        (FLOAT, "0.5", 0.5),
        (BOOL, "true", True),
        (DURATION, "30s", Duration(30)),
        (PLATFORM, "tiktok", "tiktok"),
        (ListType(STRING), '["á", "b"]', ["á", "b"]),
        (OPTIONAL_INT, "null", None),
        (OPTIONAL_INT, "4", 4),
    ],
)
def test_a_value_is_read_by_the_declared_type(wanted: Type, text: str, value: Value) -> None:
    assert read([parameter("x", wanted)], f"x={text}") == {"x": value}


def test_hyphens_and_underscores_are_one() -> None:
    assert read([parameter("max-posts", INT)], "max_posts=3") == {"max-posts": 3}


def test_a_wrong_value_names_the_parameter_its_type_and_a_right_example() -> None:
    (diagnostic,) = wrong([parameter("days", INT)], "days=abc")
    assert render_plain(diagnostic) == (
        'error[E0501]: `days`: expected int (like 3), got "abc"\n'
        "  ┌ the command line:1:29\n"
        "1 │ misy run viral.misy -p days=abc\n"
        "  │                             ^^^\n"
        "  = fix: for example: -p days=3"
    )


@pytest.mark.parametrize(
    ("value", "marked"), [("two weeks", "two weeks"), ("it's", """'days=it'"'"'s'""")]
)
def test_a_value_is_marked_inside_its_quotes_where_it_stands_there(value: str, marked: str) -> None:
    (diagnostic,) = wrong([parameter("days", INT)], f"days={value}")
    assert diagnostic.source.text[slice(*diagnostic.span)] == marked


def test_an_unknown_parameter_gets_the_name_that_was_meant_and_only_one_error() -> None:
    (diagnostic,) = wrong([parameter("topic", STRING)], "topc=ia")
    assert diagnostic.code == "E0305"
    assert diagnostic.message == "`viral` has no input `topc`. Did you mean `topic`?"
    assert diagnostic.help == "it takes: topic"
    assert diagnostic.source.text[slice(*diagnostic.span)] == "topc"


def test_an_input_for_a_pipeline_that_takes_none_is_refused() -> None:
    (diagnostic,) = wrong([], "topic=ia")
    assert diagnostic.help == "it takes none: leave it out"


def test_every_missing_input_is_named_with_a_way_to_give_it() -> None:
    days = parameter("days", INT)
    first, second = wrong([parameter("topic", STRING), days, parameter("n", OPTIONAL_INT)])
    assert first.message == "`viral` needs `topic: string`"
    assert (first.help, second.help) == ("add -p topic=text", "add -p days=3")
    assert first.source.name == COMMAND_LINE


def test_inputs_with_a_default_or_null_may_be_left_out() -> None:
    assert read([parameter("a", STRING, has_default=True), parameter("b", OPTIONAL_INT)]) == {}


def test_all_problems_are_told_at_once() -> None:
    found = wrong([parameter("a", INT), parameter("b", INT)], "a=x", "c=1")
    assert [one.code for one in found] == ["E0501", "E0305", "E0306"]


def test_giving_an_input_twice_is_an_error() -> None:
    (diagnostic,) = wrong([parameter("a", INT)], "a=1", "a=2")
    assert diagnostic.code == "E0307"
    assert diagnostic.source.text[diagnostic.span.start :] == "a=2"


def test_inputs_come_from_a_file_and_the_command_line_wins(tmp_path: Path) -> None:
    path = tmp_path / "inputs.json"
    path.write_text('{"topic": "energía", "days": 7}', encoding="utf-8")
    parameters = [parameter("topic", STRING), parameter("days", INT)]
    assert read(parameters, "days=9", params_file=path) == {"topic": "energía", "days": 9}


def test_a_wrong_value_in_the_file_is_marked_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "inputs.json"
    path.write_text('{\n  "days": "x"\n}', encoding="utf-8")
    (diagnostic,) = wrong([parameter("days", INT)], params_file=path)
    assert diagnostic.source.name == str(path)
    assert diagnostic.source.position(diagnostic.span.start) == (2, 3)


@pytest.mark.parametrize("text", ["[1]", "3", '"x"'])
def test_a_file_must_hold_an_object(tmp_path: Path, text: str) -> None:
    path = tmp_path / "inputs.json"
    path.write_text(text)
    found = wrong([parameter("days", INT, has_default=True)], params_file=path)
    assert [one.message for one in found] == ["this must be a JSON object with the inputs `days`"]


def test_a_file_that_is_not_json_is_a_diagnostic(tmp_path: Path) -> None:
    path = tmp_path / "inputs.json"
    path.write_text("{days: 3}")
    found = wrong([parameter("days", INT, has_default=True)], params_file=path)
    assert found[0].message.startswith("the file of inputs cannot be read: ")


def test_where_a_file_stops_being_json_is_marked_after_accents_too(tmp_path: Path) -> None:
    path = tmp_path / "inputs.json"
    path.write_text('{\n  "días": NaN\n}', encoding="utf-8")
    (found,) = wrong([parameter("días", FLOAT, has_default=True)], params_file=path)
    line, column = found.source.position(found.span.start)
    assert (line, found.source.text.splitlines()[1][column - 1]) == (2, "N")


def test_a_byte_order_mark_before_the_json_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "inputs.json"
    path.write_text('{"days": 3}', encoding="utf-8-sig")
    assert read([parameter("days", INT)], params_file=path) == {"days": 3}


def test_a_wrong_choice_is_told_what_there_is_to_choose() -> None:
    (found,) = wrong([parameter("platform", PLATFORM)], "platform=x")
    assert found.help == "it is one of tiktok, instagram; for example: -p platform=tiktok"
    (found,) = wrong([parameter("days", OPTIONAL_INT)], "days=x")
    assert found.help == "for example: -p days=3"


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MisyError, match="cannot be read"):
        read([], params_file=tmp_path / "missing.json")


@pytest.mark.parametrize(
    "wanted",
    [
        *(STRING, INT, FLOAT, BOOL, NULL, DURATION, SIZE, RATE, PERCENT, DATE, DATETIME, URL, ANY),
        *(PLATFORM, OPTIONAL_INT, ListType(INT), MapType(FLOAT), UnionType((INT, STRING))),
        RecordType((Field("name", STRING), Field("days", ListType(DURATION)))),
    ],
)
def test_the_example_of_every_type_is_right(wanted: Type) -> None:
    (typed,) = shlex.split(sample_text(wanted))
    read_text(typed, wanted)


def test_the_example_of_a_list_survives_the_shell() -> None:
    (typed,) = shlex.split(sample_text(ListType(STRING)))
    assert json.loads(typed) == ["text"]


def test_a_device_without_an_end_is_not_read() -> None:
    with pytest.raises(MisyError, match="/dev/zero cannot be read: it is a device, not a file"):
        read([], params_file=Path("/dev/zero"))
