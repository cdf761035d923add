"""Types where values are bound: lets, prompts, steps, replies; and what a resume reads back."""

from __future__ import annotations

import datetime as dt

import pytest

from misydsl.history.events import StepFailed
from misydsl.relations import is_kept
from misydsl.runner.state import Finished
from misydsl.types import (
    ANY,
    DATE,
    DURATION,
    INT,
    NULL,
    STRING,
    Field,
    ListType,
    MapType,
    RecordType,
    Type,
    UnionType,
)
from misydsl.values import Duration, Value
from tests.runner.stage import Stage, stage

AGENTS = """misy 1
type Note = { text: string, score: float, at: date?, wait: duration? }
agent maybe() -> any
agent dated() -> { at: datetime, wait: duration }
agent b(q: string) -> string
"""
NOTE: Value = {"text": "x", "score": 1, "at": "2026-03-01", "wait": 2}


def played(body: str, reply: Value, more: str = "") -> Stage:
    """A run whose step `x` was answered."""
    text = f"{AGENTS}{more}pipeline p() {{\nstep x {{ call maybe() }}\n{body}\n}}"
    return stage(text).go().reply("x", reply)


def result(found: Stage) -> Value:
    assert isinstance(found.state.outcome, Finished), found.state.outcome
    return found.state.outcome.value


def failure(found: Stage) -> str:
    (failed,) = found.of(StepFailed)
    return failed.failure.message


def test_a_declared_let_holds_its_value_as_its_type_does() -> None:
    found = result(played("let n: Note = x\nreturn n", NOTE))
    assert found == {"text": "x", "score": 1.0, "at": dt.date(2026, 3, 1), "wait": Duration(2)}
    assert isinstance(found, dict)
    assert type(found["score"]) is float
    assert type(found["wait"]) is Duration


def test_absent_optional_fields_of_a_let_are_null() -> None:
    found = result(
        played('let n: Note = x\nreturn n.at ?? date("2026-01-01")', {"text": "x", "score": 2})
    )
    assert found == dt.date(2026, 1, 1)


def test_a_let_blames_whoever_gave_the_value_with_the_whole_path() -> None:
    found = played(
        "let n: list[Note] = x.notes[0].all\nstep y { return n }",
        {"notes": [{"all": [NOTE, {"text": "x", "score": "high"}]}]},
    )
    words = '`n`: x returned … at `.notes[0].all[1].score`: expected float, got "high"'
    assert words in failure(found)


def test_a_let_of_the_file_is_held_to_its_type() -> None:
    text = AGENTS + 'let n: Note = { text: "x", score: 1 }\npipeline p() { return n }'
    assert result(stage(text).go()) == {"text": "x", "score": 1.0, "at": None, "wait": None}


def test_an_input_of_a_prompt_is_held_to_its_type() -> None:
    prompt = 'prompt say(n: Note, more: string = "!") """${n.score}${more} ${n.at == null}"""\n'
    body = "step y { return say(n: x) }\nreturn y"
    assert result(played(body, {"text": "x", "score": 1}, prompt)) == "1.0! true"
    found = failure(played(body, {"text": "x"}, prompt))
    assert "`n` of `say`: x returned … at `.score`: expected float, got nothing" in found


def test_an_input_that_was_computed_has_no_producer() -> None:
    prompt = 'prompt say(n: list[int]) """${length(n)}"""\n'
    found = failure(played("step y { return say(n: [x, x]) }", "a", prompt))
    assert "`n` of `say`: the value at `[0]`: expected int" in found


def test_the_result_of_a_step_is_held_to_the_type_after_its_name() -> None:
    body = "step y: Note { return x }\nreturn y"
    assert result(played(body, {"text": "x", "score": 1}))["score"] == 1.0  # type: ignore[index,call-overload]
    assert "x returned … at `.score`" in failure(played(body, {"text": "x", "score": "no"}))


def test_the_reply_to_a_step_is_held_to_the_type_after_its_name() -> None:
    text = AGENTS + "pipeline p() { step s: Note { call maybe() }\nreturn s }"
    found = result(stage(text).go().reply("s", NOTE))
    assert isinstance(found, dict)
    assert found["at"] == dt.date(2026, 3, 1)
    wrong = stage(text).go().reply("s", {"text": 3})
    assert "maybe returned … at `.text`: expected string, got 3" in failure(wrong)
    plain = stage(text).go().reply("s", 3)
    assert "maybe returned …: expected Note, got 3" in failure(plain)


def test_each_item_of_a_loop_is_held_to_the_type_after_its_name() -> None:
    text = (
        AGENTS + "pipeline p() { step s: list[Note] for _ in range(2) { call maybe() }\nreturn s }"
    )
    found = stage(text).go().reply("s", NOTE, "0").reply("s", NOTE, "1")
    assert [one["at"] for one in result(found)] == [dt.date(2026, 3, 1)] * 2  # type: ignore[union-attr,index,call-overload]


def test_a_step_that_is_skipped_is_null_whatever_its_type() -> None:
    text = AGENTS + "pipeline p(b: bool) { step s: Note? when b { call maybe() }\nreturn s }"
    assert result(stage(text, b=False).go()) is None


def test_an_error_in_a_prompt_of_another_file_is_placed_at_the_call(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    monkeypatch.chdir(folder)
    (folder / "say.md").write_text("one\ntwo\n${10 / n}\n", encoding="utf-8")
    text = (
        AGENTS
        + 'prompt say(n: int) from "./say.md"\npipeline p(n: int) {\n  step y { return say(n) }\n}'
    )
    found = failure(stage(text, n=0).go())
    assert "in the prompt `say`" in found
    assert "line 8" in found


# What a resume reads back


def again(text: str, found: Stage) -> Stage:
    """The same run, taken up by another owner after everything that was recorded."""
    return stage(text, past=found.facts).go()


VALUES = [
    '{ d: date("2026-03-01"), t: datetime("2026-03-01T10:00:00Z"), w: 90s, p: 20%, r: 3/s, z: 5MB }',
    "[1, 2.5, 3]",
    "if length(run.id) > 1 then 3s else null",
    'if length(run.id) > 1 then date("2026-03-01") else "never"',
    "[1, 3s]",
    '[date("2026-03-01"), datetime("2026-03-01T10:00:00Z")]',
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("annotation", ["", ": any"])
def test_a_value_is_the_same_before_and_after_a_resume(value: str, annotation: str) -> None:
    text = f"{AGENTS}pipeline p() {{ step y{annotation} {{ return {value} }}\nreturn [y] }}"
    first = stage(text).go()
    before, after = result(first), result(again(text, first))
    assert before == after
    assert repr(before) == repr(after)


@pytest.mark.parametrize("annotation", ["", ": any", ": { at: datetime, wait: duration }"])
def test_a_reply_is_the_same_before_and_after_a_resume(annotation: str) -> None:
    text = f"{AGENTS}pipeline p() {{ step y{annotation} {{ call dated() }}\nreturn [y] }}"
    first = stage(text).go().reply("y", {"at": "2026-03-01T10:00:00Z", "wait": "3s"})
    assert repr(result(first)) == repr(result(again(text, first)))


@pytest.mark.parametrize(
    ("type_", "is_so"),
    [
        (ANY, False),
        (DATE, True),
        (UnionType((DATE, NULL)), True),
        (UnionType((DATE, STRING)), False),
        (UnionType((INT, STRING, NULL)), True),
        (ListType(ANY), False),
        (MapType(DURATION), True),
        (RecordType((Field("a", DURATION),)), True),
        (RecordType((), is_open=True), False),
        (UnionType((ListType(ANY), STRING)), False),
    ],
)
def test_which_types_json_keeps(type_: Type, is_so: bool) -> None:
    assert is_kept(type_) is is_so
