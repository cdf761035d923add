"""Every built-in function of the language, by name.

In: the functions by subject: text, lists, numbers, data. Out: `FUNCTIONS`. `failures(step)` is here for
its type and documentation only: its argument is a step, not a value, so checker and evaluator read it
themselves.
"""

from __future__ import annotations

from typing import Final

from misydsl.expressions.functions_data import DATA_FUNCTIONS
from misydsl.expressions.functions_lists import LIST_FUNCTIONS
from misydsl.expressions.functions_numbers import NUMBER_FUNCTIONS
from misydsl.expressions.functions_text import TEXT_FUNCTIONS
from misydsl.expressions.limits import EvaluatorMisused
from misydsl.expressions.signature import LIST, Function, Parameter
from misydsl.relations import optional
from misydsl.types import ANY, INT, STRING, Field, ListType, RecordType
from misydsl.values import Value

FAILURE: Final = RecordType(
    (
        Field("index", INT),
        Field("item", ANY),
        Field(
            "error",
            RecordType(
                (
                    Field("message", STRING),
                    Field("kind", STRING),
                    Field("status", optional(INT)),
                )
            ),
        ),
    )
)
"""One element of `failures(step)`."""


def _never_called(step: Value) -> Value:
    raise EvaluatorMisused(f"failures({step}) is compiled, never called")


FAILURES: Final = Function(
    name="failures",
    parameters=(Parameter("step", optional(LIST)),),
    result=ListType(FAILURE),
    body=_never_called,
    summary="The items of a `for` step that failed: where, what, why.",
    example=("length(failures(scripts))", "1"),
)

FUNCTIONS: Final[dict[str, Function]] = {
    function.name: function
    for function in (
        *TEXT_FUNCTIONS,
        *LIST_FUNCTIONS,
        *NUMBER_FUNCTIONS,
        *DATA_FUNCTIONS,
        FAILURES,
    )
}
