"""Lets are evaluated once and when needed; prompts are functions to text."""

from __future__ import annotations

import pytest

from misydsl.expressions.evaluate import (
    EvaluationError,
    compile_expression,
    compile_prompt,
    render_prompt,
)
from misydsl.expressions.frames import UNSET, Frame, Names, PromptCode
from misydsl.expressions.limits import EvaluatorMisused, Limits, limited
from misydsl.expressions.nodes import Literal
from misydsl.source import Span
from misydsl.values import Value
from tests.expressions.reading import read


def prompt(home: Names, frame: Frame | None, text: str, /, **parameters: str | None) -> PromptCode:
    pairs = tuple((name, read(t) if t is not None else None) for name, t in parameters.items())
    return compile_prompt(pairs, read(text), home, frame)


def test_a_let_is_evaluated_on_first_use_and_remembered() -> None:
    names = Names()
    source = names.declare("source")
    slot = names.declare_let("doubled", read("[source, source]"))
    code = compile_expression(read("doubled"), names)
    frame = names.new_frame()
    frame.values[source] = 1
    assert frame.values[slot] is UNSET
    first = code(frame)
    frame.values[source] = 2
    assert code(frame) is first
    assert repr(UNSET) == "UNSET"


def test_a_let_of_an_outer_block_belongs_to_the_outer_frame() -> None:
    outer = Names()
    outer.declare("base")
    outer.declare_let("plus", read("base + length([x for x in range(3)])"))
    inner = Names(outer)
    inner.declare_let("more", read("plus + 1"))
    code = compile_expression(read("more + plus"), inner)
    frame = outer.new_frame()
    frame.values[0] = 10
    assert code(inner.new_frame(frame)) == 27
    assert frame.values[1] == 13


def test_order_of_lets_is_free() -> None:
    names = Names()
    names.declare_let("a", read("b + 1"))
    names.declare_let("b", read("1"))
    assert compile_expression(read("a"), names)(names.new_frame()) == 2


def test_an_error_of_a_let_is_remembered_and_raised_where_it_is_read() -> None:
    names = Names()
    names.declare("zero")
    names.declare_let("broken", read("1 / zero"))
    code = compile_expression(read("broken"), names)
    frame = names.new_frame()
    frame.values[0] = 0
    for _ in range(2):
        with pytest.raises(EvaluationError, match="division by zero"):
            code(frame)
        frame.values[0] = 1


def test_a_let_that_was_read_too_early_can_be_read_later() -> None:
    names = Names()
    step = names.declare("step")
    names.declare_let("text", read("step"))
    code = compile_expression(read("text"), names)
    frame = names.new_frame()
    with pytest.raises(EvaluatorMisused):
        code(frame)
    frame.values[step] = "done"
    assert code(frame) == "done"


def test_a_long_chain_over_an_unfinished_step_waits_for_whoever_needs_it() -> None:
    names = Names()
    step = names.declare("step")
    names.declare_let("v0", read("step"))
    for number in range(30):
        names.declare_let(f"v{number + 1}", read(f"if true then 7 else v{number}"))
    frame = names.new_frame()
    assert compile_expression(read("v30"), names)(frame) == 7
    frame.values[step] = 1
    assert compile_expression(read("v0"), names)(frame) == 1


@pytest.mark.parametrize("first", ["a", "b", "a + c"])
def test_lets_that_need_each_other_are_a_defect_of_the_caller(first: str) -> None:
    names = Names()
    names.declare_let("a", read("b"))
    names.declare_let("b", read("a"))
    names.declare_let("c", read("1"))
    with pytest.raises(EvaluatorMisused):
        compile_expression(read(first), names)(names.new_frame())


def test_a_let_that_reaches_itself_through_a_prompt_is_caught() -> None:
    names = Names()
    names.declare_let("a", read("shout()"))
    frame = names.new_frame()
    names.prompts["shout"] = prompt(names, frame, '"${a}"')
    with pytest.raises(EvaluatorMisused, match="its own value"):
        compile_expression(read("a"), names)(frame)


def test_a_prompt_is_called_by_name_with_puns_and_defaults() -> None:
    names = Names()
    names.declare_let("brand", read('"misy"'))
    frame = names.new_frame()
    names.prompts["greet"] = prompt(
        names, frame, '"${greeting} ${name} (${brand})"', name=None, greeting='"hola"'
    )
    inner = Names(names)
    inner.declare("name")
    code = compile_expression(read("greet(name)"), inner)
    item = inner.new_frame(frame)
    item.values[0] = "Ana"
    assert code(item) == "hola Ana (misy)"
    code = compile_expression(read('greet(name: "Eva", greeting: "hi")'), inner)
    assert code(item) == "hi Eva (misy)"


def test_an_optional_parameter_is_null_when_it_is_not_given() -> None:
    code = prompt(Names(), None, 'note ?? "none"', note=None)
    assert render_prompt(code, {}) == "none"
    assert render_prompt(code, {"note": "x"}) == "x"


def test_a_prompt_may_be_declared_after_its_caller() -> None:
    names = Names()
    code = compile_expression(read("later()"), names)
    frame = names.new_frame()
    names.prompts["later"] = prompt(names, frame, '"now"')
    assert code(frame) == "now"


def test_prompts_that_call_prompts_stay_within_one_limit() -> None:
    names = Names()
    frame = names.new_frame()
    names.prompts["p0"] = prompt(names, frame, '""')
    for number in range(40):
        names.prompts[f"p{number + 1}"] = prompt(
            names, frame, f'"${{p{number}()}}${{p{number}()}}"'
        )
    with limited(Limits(steps=5000)), pytest.raises(EvaluationError, match="5,000 steps"):
        compile_expression(read("p40()"), names)(frame)


def test_prompts_are_not_nested_without_end() -> None:
    names = Names()
    frame = names.new_frame()
    names.prompts["again"] = prompt(names, frame, '"${again()}"')
    with pytest.raises(EvaluationError, match="over 64 levels"):
        compile_expression(read("again()"), names)(frame)


def test_an_error_inside_a_prompt_has_the_place_inside_it() -> None:
    names = Names()
    frame = names.new_frame()
    names.prompts["bad"] = prompt(names, frame, '"${1 / 0}"')
    with pytest.raises(EvaluationError, match="division by zero") as caught:
        compile_expression(read("bad()"), names)(frame)
    assert caught.value.is_placed


def test_the_body_of_a_prompt_is_a_text() -> None:
    code = compile_prompt((), Literal(Span(0, 1), 3), Names(), None)
    with pytest.raises(EvaluatorMisused):
        render_prompt(code, {})


def test_a_variable_of_a_comprehension_does_not_outlive_it() -> None:
    names = Names()
    names.declare("x")
    code = compile_expression(read("[[x for x in [1]], x]"), names)
    frame = names.new_frame()
    frame.values[0] = "outer"
    assert code(frame) == [[1], "outer"]
    expected: Value = names.size
    assert expected == 2
