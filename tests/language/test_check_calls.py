"""Calls and their inputs."""

from __future__ import annotations

import pytest

from misydsl.expressions.nodes import Argument, Reference, Spread
from misydsl.relations import describe
from tests.language.checking import (
    AGENT,
    codes,
    diagnostics,
    in_pipeline,
    mended,
    pipeline,
    step,
    step_type,
    strict_diagnostics,
    written,
)


def test_a_pun_is_written_out() -> None:
    found = step("step s { call a(q) }", parameters="q: string").block.call
    assert found is not None
    (argument,) = found.arguments
    assert isinstance(argument, Argument)
    assert argument.name == "q"
    assert isinstance(argument.value, Reference)
    assert argument.value.name == "q"


def test_the_target_keeps_its_local_name() -> None:
    text = """
import { writer as author } from "./agents.misy"
pipeline p() {
  step s { call author() }
  return s
}
"""
    call = pipeline(text, agents_misy="agent writer() -> string\n").block.steps[0].block.call
    assert call is not None
    assert call.target == "author"


def test_defaults_and_optional_inputs_may_be_left_out() -> None:
    text = "agent b(x: int = 1, y: string?)\npipeline p() {\n step s { call b() }\n return s\n}\n"
    assert codes(text) == []


def test_an_input_of_any_has_to_be_given() -> None:
    assert codes(in_pipeline("step s { call vague() }")) == ["E0306"]


def test_a_misspelt_input_is_not_missing_as_well() -> None:
    text = "agent b(topic: string)\npipeline p() {\n step s { call b(topc: 1) }\n}\n"
    assert codes(text) == ["E0305"]


def test_a_bare_value_gets_the_name_of_the_one_input_that_is_missing() -> None:
    text = in_pipeline("step s { call a(topic, n: 2) }", "topic: string")
    assert codes(text) == ["E0311"]
    assert "call a(q: topic, n: 2)" in mended(text)


def test_an_open_agent_takes_inputs_that_are_not_declared() -> None:
    text = "agent b(x: int, ...)\npipeline p() {\n step s { call b(x: 1, y: 2, z: nope) }\n}\n"
    assert codes(text) == ["E0201"]


def test_the_inputs_of_an_unknown_agent_are_looked_at_too() -> None:
    assert codes(in_pipeline("step s { call c(x: nope) }\nreturn s.y.z")) == ["E0303", "E0201"]


def test_a_spread_of_a_record_gives_its_fields() -> None:
    body = "step s { call a(...base) }"
    assert codes(in_pipeline(body, "base: { q: string, n: int }")) == []
    assert codes(in_pipeline(body, "base: { n: int }")) == ["E0306"]
    assert codes(in_pipeline(body, "base: { q: int }")) == ["E0501"]
    assert codes(in_pipeline(body, "base: { q: string, other: int }")) == []


def test_a_spread_of_something_unknown_may_give_anything() -> None:
    body = "step s { call a(...base) }"
    assert codes(in_pipeline(body, "base: any")) == []
    assert codes(in_pipeline(body, "base: map[string]")) == []
    assert codes(in_pipeline(body, "base: { n: int, ... }")) == []


def test_a_named_input_after_a_spread_is_no_double() -> None:
    body = 'step s { call a(...base, q: "x") }'
    assert codes(in_pipeline(body, "base: { q: string }")) == []
    call = step(body, parameters="base: { q: string }").block.call
    assert call is not None
    assert isinstance(call.arguments[0], Spread)


def test_only_records_can_be_spread_into_inputs() -> None:
    assert codes(in_pipeline("step s { call a(...base) }", "base: list[int]")) == ["E0501"]


def test_an_input_given_twice_is_told_at_the_second() -> None:
    (found,) = diagnostics(in_pipeline('step s { call a(q: "x", q: nope.y) }'))[:1]
    assert found.code == "E0307"
    assert written(found) == "q: nope.y"


def test_a_person_is_asked_like_an_agent() -> None:
    body = """step s { call human.approve(message: "ok?", to: "#sre", show: { a: 1 }, options: ["y"]) }
    step t { return s.by ?? s.comment }"""
    assert step_type(body, "t") == "string?"
    assert codes(in_pipeline("step s { call human.approve() }")) == ["E0306"]
    assert codes(in_pipeline('step s { call human.approve(mesage: "x") }')) == ["E0305"]


def test_human_has_only_one_thing_to_call() -> None:
    (found,) = diagnostics(in_pipeline('step s { call human.aprove(message: "x") }'))
    assert found.code == "E0303"
    assert "human.approve" in found.message


def test_a_pipeline_is_called_like_an_agent() -> None:
    text = f"""{AGENT}
pipeline p(topic: string, n: int = 2) {{
  step s {{ call a(q: topic, n) }}
  return s.text
}}
pipeline outer() {{
  step s {{ call p(topic: "x") }}
  step t {{ call p(n: "x") }}
  return s
}}
"""
    assert codes(text) == ["E0306", "E0501"]


def test_the_result_of_a_called_pipeline_is_its_return() -> None:
    text = f"""{AGENT}
pipeline inner() {{ step s {{ call a(q: "x") }}
  return s.tags
}}
pipeline p() {{ step s {{ call inner() }}
  return first(s)
}}
"""
    assert describe(pipeline(text).result) == "string?"


@pytest.mark.parametrize(
    "value",
    [
        "secret.KEY",
        "[secret.KEY]",
        "{ key: secret.KEY }",
        'if true then secret.KEY else "x"',
        "keys",
        "keys.main",
    ],
)
def test_a_secret_is_never_sent_as_input(value: str) -> None:
    body = f"let keys = {{ main: secret.MAIN }}\nstep s {{ call vague(q: {value}) }}"
    assert codes(in_pipeline(body)) == ["E0701"]


def test_a_secret_is_not_told_as_a_wrong_type() -> None:
    assert codes(in_pipeline("step s { call a(q: secret.KEY) }")) == ["E0701"]
    assert codes(in_pipeline("step s { call a(...{ q: secret.KEY }) }")) == ["E0701"]


def test_secrets_go_into_auth_and_headers() -> None:
    text = """
agent b() {
  url: "http://localhost:1"
  auth: { bearer: secret.KEY }
  headers: { "X-Key": secret.KEY, accept: "text/plain" }
}
"""
    assert codes(text) == []


def test_a_secret_may_not_come_back() -> None:
    assert codes(in_pipeline("step s { return secret.KEY }\nreturn s")) == ["E0703"]


def test_strict_tells_where_any_goes_into_a_typed_input() -> None:
    text = in_pipeline(
        "step v { call vague(q: 1) }\nstep s { call a(q: v.text, n: 2) }\nstep t { call vague(q: v) }"
    )
    assert codes(text) == []
    (found,) = strict_diagnostics(text)
    assert found.code == "E0516"
    assert written(found) == "v.text"


def test_strict_asks_for_the_type_of_a_step_that_is_any() -> None:
    text = in_pipeline("step v { call vague(q: 1) }\nstep s { call a(q: v) }")
    (found,) = strict_diagnostics(text)
    assert (found.code, found.help) == ("E0516", "step v: string { … }")
