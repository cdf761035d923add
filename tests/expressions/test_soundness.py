"""What the checker lets through has a value of the type it said, or a clear error."""

from __future__ import annotations

from hypothesis import event, given, settings

from misydsl.acceptance import acceptor
from misydsl.expressions.evaluate import EvaluationError, compile_expression
from misydsl.expressions.frames import Names
from misydsl.expressions.infer import infer
from misydsl.expressions.nodes import Expression
from misydsl.expressions.printer import to_text
from misydsl.expressions.problems import Problem
from misydsl.expressions.scope import TypeScope
from misydsl.relations import optional
from misydsl.types import ANY, INT, STRING, Field, ListType, RecordType, Type
from misydsl.values import Value
from tests.expressions.test_printer_and_names import EXPRESSIONS

TYPES: dict[str, Type] = {
    "a": INT,
    "trend-scan": ListType(STRING),
    "título": RecordType((Field("a", INT), Field("step", optional(STRING)))),
    "step": optional(STRING),
    "error": ANY,
}
VALUES: list[Value] = [3, ["x", "y"], {"a": 1, "step": None}, None, {"a": [1], "step": {"a": 2}}]


@settings(max_examples=400)
@given(EXPRESSIONS)
def test_a_checked_expression_has_a_value_of_its_type(expression: Expression) -> None:
    problems: list[Problem] = []
    type_ = infer(expression, TypeScope(TYPES), problems)
    if any(not problem.code.startswith("W") for problem in problems):
        event("has problems")
        return
    names = Names()
    for name in TYPES:
        names.declare(name)
    code = compile_expression(expression, names)
    frame = names.new_frame()
    frame.values[: len(VALUES)] = VALUES
    try:
        value = code(frame)
    except EvaluationError as error:
        event(f"has no value: {error.code}")
        assert error.is_placed
        return
    event("has a value")
    assert acceptor(type_)(value) == value, to_text(expression)
