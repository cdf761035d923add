"""The value of an expression.

In: an expression and the names of its block. Out: a closure from a frame to a value, compiled once and
called for every step and item. Only the nodes of this language are compiled, never Python text; what
has no value raises `EvaluationError` with the place, and cost is limited whatever the input is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from misydsl.expressions.code_access import chain_code
from misydsl.expressions.code_calls import apply_code, render
from misydsl.expressions.code_composed import comprehension_code, list_code, record_code
from misydsl.expressions.code_names import reference_code
from misydsl.expressions.code_operators import (
    binary_code,
    conditional_code,
    text_code,
    unary_code,
)
from misydsl.expressions.compilation import Code, Compilation, entire
from misydsl.expressions.frames import Frame, InputMismatch, Names, PromptCode
from misydsl.expressions.limits import EvaluationError, EvaluatorMisused, metered
from misydsl.expressions.nodes import (
    Apply,
    Binary,
    Broken,
    Comprehension,
    Conditional,
    Index,
    ListOf,
    Literal,
    Member,
    RecordOf,
    Reference,
    Text,
    Unary,
)
from misydsl.headroom import with_headroom

if TYPE_CHECKING:
    from collections.abc import Mapping

    from misydsl.acceptance import Acceptor
    from misydsl.expressions.nodes import Expression
    from misydsl.values import Value

__all__ = [
    "Code",
    "EvaluationError",
    "PromptCode",
    "compile_expression",
    "compile_prompt",
    "render_prompt",
]


def compile_expression(expression: Expression, names: Names) -> Code:
    """The code of an expression; call it with a frame of `names`.

    Raises: `EvaluationError` from the code, never anything else for a checked expression.
    """
    return with_headroom(lambda: entire(expression, names, _code_of))


def compile_prompt(
    parameters: tuple[tuple[str, Expression | None], ...],
    text: Expression,
    home: Names,
    home_frame: Frame | None,
    *,
    accept: Mapping[str, Acceptor] | None = None,
    is_elsewhere: bool = False,
) -> PromptCode:
    """A prompt: its parameters with their defaults, and the text they are put into.

    `accept` holds the parameters to their types where only a run can know them; errors of a text that
    `is_elsewhere`, in another file than its callers, are placed at the call.
    """
    names = Names(home)
    for name, _ in parameters:
        names.declare(name)
    compilation = Compilation(names, _code_of)  # metered by whoever calls the prompt
    defaults = tuple(
        [
            (name, None if default is None else _code_of(default, compilation))
            for name, default in parameters
        ]
    )
    code = _code_of(text, compilation)
    return PromptCode(
        defaults, code, names, home_frame,
        accept=accept or {}, is_elsewhere=is_elsewhere,
    )  # fmt: skip


def render_prompt(prompt: PromptCode, given: Mapping[str, Value]) -> str:
    """The text of a prompt for these values, as a preview without a run."""
    with metered():
        try:
            return render(prompt, dict(given))
        except InputMismatch as mismatch:
            raise EvaluationError("E0501", f"`{mismatch.name}`: {mismatch}") from None


def _code_of(expression: Expression, compilation: Compilation) -> Code:
    compilation.nodes += 1
    match expression:
        case Literal(value=value):
            return compilation.constant(value)
        case Reference():
            return reference_code(expression, compilation)
        case Member() | Index():
            return chain_code(expression, compilation)
        case Text():
            return text_code(expression, compilation)
        case RecordOf():
            return record_code(expression, compilation)
        case Apply():
            return apply_code(expression, compilation)
        case Binary():
            return binary_code(expression, compilation)
        case ListOf():
            return list_code(expression, compilation)
        case Comprehension():
            return comprehension_code(expression, compilation)
        case Conditional():
            return conditional_code(expression, compilation)
        case Unary():
            return unary_code(expression, compilation)
        case Broken():
            raise EvaluatorMisused("a broken expression has no value")
        case never:
            assert_never(never)
