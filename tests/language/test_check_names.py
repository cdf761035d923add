"""Names: what they may be, what they hide, where they are seen."""

from __future__ import annotations

import pytest

from misydsl.expressions.functions import FUNCTIONS
from tests.language.checking import AGENT, codes, diagnostics, in_pipeline, written


def test_a_step_may_be_called_like_the_agent_it_calls() -> None:
    assert codes(in_pipeline('step a { call a(q: "x") }\nreturn a.text')) == []


def test_a_block_may_not_hide_a_let_or_prompt_of_the_file() -> None:
    text = f'{AGENT}\nlet tone = "x"\npipeline p(tone: string) {{ return tone }}\n'
    assert codes(text) == ["E0204"]
    text = (
        f'{AGENT}\nprompt hi(x: string) """${{x}}"""\npipeline p() {{ let hi = 1\n return hi }}\n'
    )
    assert codes(text) == ["E0204"]


def test_a_prompt_may_not_hide_a_let_of_the_file() -> None:
    assert codes('let tone = "x"\nprompt hi(tone: string) """${tone}"""\n') == ["E0204"]


def test_an_agents_inputs_hide_nothing_because_nothing_sees_them() -> None:
    assert codes('let tone = "x"\nagent b(tone: string, error: string, run: int)\n') == []


def test_two_blocks_side_by_side_may_use_the_same_names() -> None:
    body = (
        "step s for x in [1] { let y = x\n return y }\nstep t for x in [2] { let y = x\n return y }"
    )
    assert codes(in_pipeline(body)) == []


def test_a_loop_variable_may_not_hide_a_step() -> None:
    body = "step x { return 1 }\nstep s for x in [1] { return x }"
    assert codes(in_pipeline(body)) == ["E0204"]


def test_the_two_variables_of_a_loop_need_two_names() -> None:
    assert codes(in_pipeline("step s for x, x in [1] { return x }")) == ["E0202"]


def test_an_inner_step_may_not_be_called_like_the_one_around_it() -> None:
    body = "step s {\n step s { return 1 }\n return 2\n}"
    assert codes(in_pipeline(body)) == ["E0204"]


@pytest.mark.parametrize("name", ["env", "secret", "run", "human", "previous", "error"])
def test_the_implicit_names_cannot_be_declared(name: str) -> None:
    assert codes(in_pipeline(f"let {name} = 1")) == ["E0205"]
    assert codes(in_pipeline(f"step {name} {{ return 1 }}")) == ["E0205"]


def test_a_let_may_be_called_like_a_function_and_a_prompt_may_not() -> None:
    assert "length" in FUNCTIONS
    assert codes(in_pipeline("let length = 3\nreturn length + length([1])")) == []
    assert codes('prompt length(x: string) """${x}"""\n') == ["E0205"]


def test_the_second_of_two_steps_with_one_name_is_checked_too() -> None:
    body = "step s { return 1 }\nstep s { return unknown }"
    assert codes(in_pipeline(body)) == ["E0202", "E0201"]


def test_one_error_for_a_name_that_is_unknown_in_one_expression() -> None:
    assert codes(in_pipeline("return [topc, topc.x, topc + 1]")) == ["E0201"]


def test_a_hidden_step_is_named_by_the_outermost_step_that_hides_it_from_here() -> None:
    body = """step outer {
      step middle {
        step inner { return 1 }
        return inner
      }
      step beside { return inner }
      return middle
    }
    step far { return inner }"""
    found = diagnostics(in_pipeline(body))
    assert [one.code for one in found] == ["E0605", "E0605"]
    assert "`inner` is inside `middle`" in found[0].message
    assert "`inner` is inside `outer`" in found[1].message


def test_a_step_in_an_else_or_a_handler_is_hidden_too() -> None:
    body = """step s when true { return 1 } else {
      step inner { return 2 }
      return inner
    }
    return inner"""
    assert codes(in_pipeline(body)) == ["E0605"]


def test_names_of_a_block_that_could_not_be_read_are_not_called_unknown() -> None:
    text = "agent b x: string\npipeline p() {\n step s { call b(x: 1) }\n return s.y\n}\n"
    assert [code for code in codes(text) if not code.startswith("E01")] == []


def test_of_a_thousand_unknown_names_fifty_are_told() -> None:
    body = "\n".join(f"step s{i} {{ return missing{i} }}" for i in range(1000))
    assert codes(in_pipeline(body)) == ["E0201"] * 50 + ["E0119"]


def test_the_place_of_a_double_name_is_the_later_one() -> None:
    (found,) = diagnostics("type T = int\ntype T = string\n")
    assert written(found) == "T"
    assert found.source.position(found.span.start) == (2, 6)


def test_an_alias_may_be_used_before_it_is_defined() -> None:
    assert codes("type A = list[B]\ntype B = { c: C }\ntype C = int\nlet x: A = [{ c: 1 }]\n") == []


def test_a_chain_of_ten_thousand_aliases_is_not_too_long() -> None:
    lines = [f"type T{i} = T{i + 1}" for i in range(10_000)]
    assert codes("\n".join([*lines, "type T10000 = int", ""])) == []


def test_a_type_that_doubles_again_and_again_is_refused_before_it_fills_the_memory() -> None:
    lines = [f"type T{i} = {{ a: T{i + 1}, b: T{i + 1} }}" for i in range(40)]
    found = codes("\n".join([*lines, "type T40 = int", "let x: T0 = 1", ""]))
    assert "E0212" in found
    assert len(found) < 10


def test_a_let_uses_lets_and_prompts_in_any_order() -> None:
    text = 'let a = hi(x: b)\nprompt hi(x: string) """${x} ${c}"""\nlet b = c\nlet c = "z"\n'
    assert codes(text) == []


def test_a_let_and_a_prompt_that_need_each_other_are_a_circle() -> None:
    assert codes('let a = hi(x: "b")\nprompt hi(x: string) """${x} ${a}"""\n') == ["E0601"]


def test_a_long_circle_is_shortened_in_the_middle() -> None:
    lines = [f"let a{i} = a{(i + 1) % 20}" for i in range(20)]
    (found,) = diagnostics("\n".join(lines) + "\n")
    assert "… 13 more …" in found.message
