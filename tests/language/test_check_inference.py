"""Types of steps and pipelines, without a single annotation inside."""

from __future__ import annotations

import pytest

from misydsl.language.check import check_modules
from misydsl.relations import describe
from misydsl.types import ANY
from tests.language.checking import (
    AGENT,
    check,
    codes,
    in_pipeline,
    pipeline,
    step,
    step_type,
)


def test_a_step_has_the_type_of_its_agents_result() -> None:
    found = step_type('step s { call a(q: "x") }')
    assert found.startswith("{ text: string, ok: bool, score: float?")


def test_a_step_without_a_declared_result_is_any() -> None:
    assert step('step s { call vague(q: "x") }').type == ANY


def test_a_step_of_steps_has_the_type_of_its_return() -> None:
    body = 'step s {\n step d { call a(q: "x") }\n return { d: d.text, n: 1 }\n}'
    assert step_type(body) == "{ d: string, n: 1 }"


def test_for_makes_a_list_of_what_one_item_gives() -> None:
    assert step_type('step s for x in ["a"] { return length(x) }') == "list[int]"


def test_the_index_of_a_loop_is_an_int() -> None:
    assert step_type('step s for x, i in ["a"] { return i }') == "list[int]"


def test_the_loop_variable_of_an_unknown_list_is_any() -> None:
    assert step_type("step s for x in xs { return x.name }", parameters="xs: any") == "list[any]"


def test_the_loop_variable_of_an_empty_list_is_any() -> None:
    assert step_type("step s for x in [] { return x }") == "list[any]"


def test_when_without_else_may_be_null() -> None:
    assert step_type("step s when n > 1 { return n }", parameters="n: int") == "int?"


def test_when_with_a_last_else_is_one_of_both() -> None:
    body = 'step s when n > 1 { return n } else { return "none" }'
    assert step_type(body, parameters="n: int") == 'int | "none"'


def test_else_with_a_condition_alone_may_still_be_skipped() -> None:
    body = "step s when n > 2 { return n } else when n > 1 { return 0.5 }"
    assert step_type(body, parameters="n: int") == "float?"


def test_an_empty_list_in_else_adds_nothing_to_a_list() -> None:
    body = "step s when n > 1 { return xs } else { return [] }"
    assert step_type(body, parameters="n: int, xs: list[string]") == "list[string]"


def test_when_of_a_for_step_is_asked_for_each_item() -> None:
    body = "step s for x in xs when x > 1 { return x }"
    assert step_type(body, parameters="xs: list[int]") == "list[int?]"


def test_a_fallback_unites_with_the_result() -> None:
    body = 'step s {\n call a(q: "x")\n fallback { return error.status }\n}'
    assert step_type(body).endswith("| int | null")


def test_a_fallback_that_fits_the_result_changes_nothing() -> None:
    body = """step s {
      call human.approve(message: "x")
      fallback { return { approved: false, by: "timeout", comment: null } }
    }"""
    assert step_type(body) == "{ approved: bool, by: string?, comment: string? }"


def test_a_fallback_of_any_makes_the_result_any() -> None:
    body = 'step s {\n call a(q: "x")\n fallback { call vague(q: 1) }\n}'
    assert step(body).type == ANY


def test_previous_is_the_round_before_or_null() -> None:
    body = """step s repeat up to 3 {
      step d { call a(q: previous?.best ?? "start") }
      until d.ok
      return { best: d.text, before: previous }
    }"""
    assert step_type(body).startswith("{ best: string, before: ")


def test_a_declared_type_of_a_repeat_step_is_the_type_of_previous() -> None:
    body = """step s: { best: string } repeat up to 3 {
      until previous?.best == "x"
      return { best: previous?.best ?? "start" }
    }"""
    assert step_type(body) == "{ best: string }"


def test_previous_without_null_check_is_an_error() -> None:
    body = 'step s repeat up to 3 {\n until true\n return previous.x + "a"\n}'
    assert "E0505" not in codes(in_pipeline(body))  # nothing is known of it in the first look
    body = 'step s repeat up to 3 {\n until true\n return { x: "a", y: previous.x }\n}'
    assert codes(in_pipeline(body)) == ["E0505"]


def test_steps_may_be_used_before_they_are_defined() -> None:
    body = 'step s { return t.text }\nstep t { call a(q: "x") }'
    assert step_type(body) == "string"


def test_lets_and_steps_find_their_types_together() -> None:
    body = 'step s { return best }\nlet best = t.score ?? 0.5\nstep t { call a(q: "x") }'
    assert step_type(body) == "float"


def test_steps_of_a_circle_are_any_and_the_graph_tells_it() -> None:
    text = in_pipeline("step s { return t.x }\nstep t { return s.y }\nreturn s.z")
    assert codes(text) == []
    assert pipeline(text).result == ANY


def test_a_step_that_uses_itself_is_any() -> None:
    assert codes(in_pipeline("step s { return s.x }")) == []


def test_a_declared_step_type_is_what_others_see() -> None:
    body = "step s: { name: string } { call vague(q: 1) }\nstep t { return s.name }"
    assert step_type(body, "t") == "string"


def test_a_declared_type_gives_literals_their_meaning() -> None:
    body = 'step s: "low" | "high" { return "low" }\nstep t { return s == "high" }'
    assert step_type(body, "t") == "bool"


def test_what_a_declared_type_does_not_hold_is_told_where_it_is_written() -> None:
    assert codes(in_pipeline('step s: { a: int } { return { a: "x" } }')) == ["E0501"]


def test_a_pipelines_result_is_its_return() -> None:
    found = pipeline(in_pipeline('step s { call a(q: "x") }\nreturn s.text'))
    assert describe(found.result) == "string"


def test_a_pipeline_without_return_gives_null() -> None:
    assert describe(pipeline(in_pipeline("")).result) == "null"


def test_a_called_pipeline_is_typed_before_its_callers() -> None:
    text = f"""{AGENT}
pipeline outer() {{
  step s {{ call p(topic: "x") }}
  return s.words
}}
pipeline p(topic: string) {{
  step d {{ call a(q: topic) }}
  return {{ words: split(d.text, " ") }}
}}
"""
    assert describe(pipeline(text, "outer").result) == "list[string]"


def test_pipelines_that_call_each_other_are_any_and_the_graph_tells_it() -> None:
    text = """
pipeline p() {
  step s { call q() }
  return s.x
}
pipeline q() {
  step s { call p() }
  return s.y
}
"""
    assert codes(text) == []
    assert pipeline(text).result == ANY


def test_a_declared_result_holds_in_a_circle_too() -> None:
    text = "pipeline p() -> string {\n step s { call p() }\n return s\n}"
    assert codes(text) == []


@pytest.mark.parametrize(
    ("condition", "use"),
    [
        ("score != null", "score > 0.5"),
        ("not (score == null)", "score > 0.5"),
        ("score != null and score > 1", "score > 0.5"),
    ],
)
def test_when_narrows_inside_the_block(condition: str, use: str) -> None:
    body = f"step s when {condition} {{ return {use} }}"
    assert codes(in_pipeline(body, "score: float?")) == []


def test_when_narrows_the_else_the_other_way() -> None:
    body = "step s when score == null { return 0.0 } else { return score + 1 }"
    assert step_type(body, parameters="score: float?") == "float"


def test_each_else_knows_that_the_ones_before_did_not_hold() -> None:
    body = (
        "step s when a == null { return 0 } else when b == null { return a } else { return a + b }"
    )
    assert step_type(body, parameters="a: int?, b: int?") == "int"


def test_narrowing_reaches_nested_steps_and_fallbacks() -> None:
    body = """step s when name != null {
      step d {
        call a(q: name)
        fallback { return { text: name, ok: false, score: null, tags: [], kind: "x" } }
      }
      return d.text
    }"""
    assert codes(in_pipeline(body, "name: string?")) == []


def test_in_undo_the_steps_name_is_its_result() -> None:
    body = """step s {
      call a(q: "x")
      undo { call a(q: s.text) }
    }"""
    assert codes(in_pipeline(body)) == []


def test_in_undo_of_a_for_step_its_name_is_the_result_of_the_item() -> None:
    body = """step s for x in ["a"] {
      call a(q: x)
      undo { call a(q: "${s.text} of ${x}") }
    }"""
    assert codes(in_pipeline(body)) == []


def test_in_on_failure_steps_may_have_no_result() -> None:
    body = """step s { call a(q: "x") }
    on failure { step t { call a(q: s.text) } }"""
    assert codes(in_pipeline(body)) == ["E0505"]
    body = """step s { call a(q: "x") }
    on failure { step t { call a(q: "${s?.text ?? ""} ${error.message} ${error.step}") } }"""
    assert codes(in_pipeline(body)) == []


def test_error_is_not_there_in_on_finish() -> None:
    body = "on finish { step t { call a(q: error.message) } }"
    assert codes(in_pipeline(body)) == ["E0201"]


def test_the_key_of_a_loop_sees_its_variables_and_other_settings_do_not() -> None:
    body = "step s for x, i in xs {\n call a(q: x)\n key: x\n}"
    assert codes(in_pipeline(body, "xs: list[string]")) == []
    body = "step s for x, i in xs {\n call a(q: x)\n concurrency: i\n}"
    assert codes(in_pipeline(body, "xs: list[string]")) == ["E0201"]


def test_namespaces_have_their_types() -> None:
    body = """step s { return {
      a: env.HOME ?? "x", b: run.id, c: run.session, d: run.shared, e: run.started
    } }"""
    assert step_type(body) == "{ a: string, b: string, c: string, d: any, e: datetime }"


def test_nested_rounds_are_looked_at_once_more_not_twice_each() -> None:
    depth = 40
    opened = "".join(f"step s{i} repeat up to 2 {{\n" for i in range(depth))
    closed = "".join(
        f"until true\nreturn s{i + 1} ?? previous\n}}\n" for i in range(depth - 2, -1, -1)
    )
    text = in_pipeline(f"{opened}until true\nreturn previous\n}}\n{closed}return s0")
    assert codes(text) == []  # 2^40 looks would never end


def test_types_of_whole_expressions_can_be_asked_for() -> None:
    text = in_pipeline('step s { call a(q: "x", n: 1 + 2) }')
    checked = check_modules({"m": text}, "m", with_types=True)
    found = {text[span.start : span.end]: describe(type_) for span, type_ in checked.types}
    assert found["1 + 2"] == "int"
    assert check(text).types == ()
