"""Closures for functions and prompts.

In: a call inside an expression. Out: code that checks the arguments (values of `any` are only known
now), charges for their size and calls the body. A prompt counts on its caller's meter, so that prompts
that call prompts stay within one limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from misydsl.acceptance import Acceptor, Mismatch, accept_anything, acceptor
from misydsl.expressions.blame import blame
from misydsl.expressions.calls import pun_of
from misydsl.expressions.compilation import Code, Compilation
from misydsl.expressions.frames import InputMismatch
from misydsl.expressions.functions import FAILURES, FUNCTIONS
from misydsl.expressions.limits import METER, EvaluationError, EvaluatorMisused, charge
from misydsl.expressions.nodes import Reference

if TYPE_CHECKING:
    from misydsl.expressions.frames import Frame, PromptCode
    from misydsl.expressions.nodes import Apply, Argument
    from misydsl.expressions.signature import Function
    from misydsl.source import Span
    from misydsl.values import Value


def apply_code(expression: Apply, compilation: Compilation) -> Code:
    """`name(…)`: a prompt of the file, else a function of the language, else a prompt still to come."""
    target = expression.target
    if not isinstance(target, Reference):
        raise EvaluatorMisused("only a name can be called")
    prompt = compilation.names.find_prompt(target.name)
    if prompt is None and target.name == FAILURES.name:
        return _failures_code(expression, compilation)
    if prompt is None and target.name in FUNCTIONS:
        return _function_code(expression, FUNCTIONS[target.name], compilation)
    return _prompt_code(expression, target.name, prompt, compilation)


def render(prompt: PromptCode, given: dict[str, Value]) -> str:
    """The text of a prompt for these values; prompts inside prompts are counted."""
    limit = METER.limits.prompt_nesting
    if METER.prompts >= limit:
        raise EvaluationError("E0522", f"prompts call each other over {limit} levels deep")
    charge(1 + len(prompt.parameters))
    METER.prompts += 1
    try:
        text = prompt.text(prompt.frame_for(given))
    finally:
        METER.prompts -= 1
    if not isinstance(text, str):
        raise EvaluatorMisused("the body of a prompt is a text")
    return text


def _prompt_code(
    expression: Apply, name: str, prompt: PromptCode | None, compilation: Compilation
) -> Code:
    compilation.loops = True  # a prompt may cost as much as a loop
    names, span = compilation.names, expression.span
    arguments = tuple(
        [
            (argument.name or pun_of(argument), compilation.code_of(argument.value, compilation))
            for argument in expression.arguments
        ]
    )

    def run(frame: Frame) -> Value:
        called = prompt if prompt is not None else names.find_prompt(name)
        if called is None:
            raise EvaluatorMisused(f"there is no function or prompt `{name}`")
        given = {parameter: code(frame) for parameter, code in arguments if parameter is not None}
        try:
            return render(called, given)
        except InputMismatch as mismatch:
            raise _refused(expression, name, mismatch) from None
        except EvaluationError as error:
            if called.is_elsewhere:
                words = f"in the prompt `{name}`: {error.message}"
                raise EvaluationError(error.code, words, span) from None
            raise error.at(span) from None

    return run


def _refused(expression: Apply, prompt: str, mismatch: InputMismatch) -> EvaluationError:
    """The error of an input that is not of its parameter's type, at the input when it was given."""
    for argument in expression.arguments:
        if (argument.name or pun_of(argument)) == mismatch.name:
            words = f"`{mismatch.name}` of `{prompt}`: {blame(argument.value, mismatch)}"
            return EvaluationError("E0501", words, argument.value.span)
    return EvaluationError(
        "E0501", f"`{mismatch.name}` of `{prompt}`, by default: {mismatch}", expression.span
    )


def _failures_code(expression: Apply, compilation: Compilation) -> Code:
    step = expression.arguments[0].value if expression.arguments else None
    place = compilation.names.find(step.name) if isinstance(step, Reference) else None
    if step is None or place is None:
        raise EvaluatorMisused("`failures` needs the name of a step")
    level, slot = place
    read = compilation.code_of(step, compilation)

    def run(frame: Frame) -> Value:
        read(frame)  # whoever asks for the failures waits for the step
        failures = frame.up(level).failures
        return list(failures.get(slot, ())) if failures is not None else []

    return run


def _function_code(expression: Apply, function: Function, compilation: Compilation) -> Code:
    compilation.builds = True
    arguments = _in_order(expression, function)
    codes = tuple(
        [
            None if argument is None else compilation.code_of(argument.value, compilation)
            for argument in arguments
        ]
    )
    guards = tuple(
        _guard(function, position, expression.span if argument is None else argument.value.span)
        for position, argument in enumerate(arguments)
    )
    body, span = function.body, expression.span
    pairs = tuple(zip(codes, guards, strict=True))

    def run(frame: Frame) -> Value:
        values = [None if code is None else guard(code(frame)) for code, guard in pairs]
        try:
            return body(*values)
        except EvaluationError as error:
            raise error.at(span) from None

    return run


def _guard(function: Function, position: int, span: Span) -> Acceptor:
    """The check of one argument, in the words of the function."""
    parameter = function.parameters[position]
    accept = acceptor(parameter.accepts)
    if accept is accept_anything:
        return accept

    def guard(value: Value) -> Value:
        try:
            return accept(value)
        except Mismatch as mismatch:
            words = f"`{parameter.name}` of `{function.name}`: {mismatch}"
            raise EvaluationError("E0501", words, span) from None

    return guard


def _in_order(expression: Apply, function: Function) -> list[Argument | None]:
    """One argument per parameter; the checker made sure that they fit."""
    named = {argument.name: argument for argument in expression.arguments if argument.name}
    positional = [argument for argument in expression.arguments if argument.name is None]
    ordered: list[Argument | None] = []
    for parameter in function.parameters:
        takes_next = parameter.name not in named and not parameter.is_named and positional
        ordered.append(positional.pop(0) if takes_next else named.get(parameter.name))
    missing = [
        parameter.name
        for parameter, argument in zip(function.parameters, ordered, strict=True)
        if argument is None and not parameter.is_optional
    ]
    if missing or positional:
        raise EvaluatorMisused(f"`{function.written()}` was called with other values")
    return ordered
