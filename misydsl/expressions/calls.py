"""Types of `function(…)` and `prompt(…)`.

In: a call inside an expression. Out: its type. Functions take their values by position and options by
name; prompts take everything by name, where a bare name is a pun. Agents are called by steps only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Literal

from misydsl.expressions.checking import fit
from misydsl.expressions.composed import items_type
from misydsl.expressions.functions import FUNCTIONS
from misydsl.expressions.nodes import Member, Reference
from misydsl.expressions.printer import to_text
from misydsl.expressions.signature import LIST, Call
from misydsl.relations import admits_null, holds_secret
from misydsl.source import Span
from misydsl.types import ANY, STRING, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from misydsl.expressions.nodes import Apply, Argument, Expression
    from misydsl.expressions.problems import Typing
    from misydsl.expressions.scope import PromptType, TypeScope
    from misydsl.expressions.signature import Function, Parameter

_MOST_MISSING = 12  # parameters of one call that are told one by one


def apply_type(expression: Apply, scope: TypeScope, typing: Typing) -> Type:
    """The type of the result of a call."""
    target = expression.target
    name = target.name if isinstance(target, Reference) else None
    if name is not None and name in scope.prompts:
        return _prompt_type(expression, name, scope.prompts[name], scope, typing)
    if name is not None and name in FUNCTIONS:
        return _function_type(expression, FUNCTIONS[name], scope, typing)
    if name in scope.agents:
        typing.report("E0304", expression.span, name=name)
    else:
        candidates = (*scope.prompts, *FUNCTIONS)
        typing.report("E0308", target.span, name=name, candidates=candidates, **_method(target))
    for argument in expression.arguments:
        typing.type_of(argument.value, scope, typing)
    return ANY


def _method(target: Expression) -> dict[str, object]:
    """What `topic.upper()` calls, and on what."""
    if not isinstance(target, Member):
        return {}
    return {"method": target.name, "receiver": to_text(target.target)}


@dataclass(slots=True)
class _Callee:
    """What is called, for the words of a problem, and which of its names were given so far."""

    name: str
    kind: Literal["function", "prompt"]
    parameters: Mapping[str, object]
    given: set[str] = field(default_factory=set)

    def takes(self, name: str, argument: Argument, typing: Typing) -> bool:
        """Whether there is such a parameter; a name that is unknown or given twice is reported."""
        facts = {"name": name, "function": self.name, "kind": self.kind}
        if name not in self.parameters:
            start = argument.span.start
            place = Span(start, min(start + len(name), argument.span.end))
            typing.report("E0305", place, **facts, candidates=tuple(self.parameters))
            return False
        if name in self.given:
            typing.report("E0307", argument.span, **facts)
        self.given.add(name)
        return True

    def misses(self, name: str, wanted: Type, call: Apply, typing: Typing) -> None:
        """Report a parameter that must be given and is not."""
        facts = {"name": name, "function": self.name, "kind": self.kind}
        typing.report("E0306", call.span, **facts, type=wanted)


def _prompt_type(
    expression: Apply, name: str, prompt: PromptType, scope: TypeScope, typing: Typing
) -> Type:
    callee = _Callee(name, "prompt", prompt.parameters)
    for argument in expression.arguments:
        value = argument.value
        parameter = argument.name or pun_of(argument)
        if parameter is None or (argument.name is None and parameter not in prompt.parameters):
            rest = (known for known in callee.parameters if known not in callee.given)
            typing.report("E0311", value.span, name=next(rest, None), function=name)
            typing.type_of(value, scope, typing)
            continue
        is_known = callee.takes(parameter, argument, typing)
        wanted = prompt.parameters[parameter][0] if is_known else ANY
        found = typing.check(value, wanted, scope, typing, f"`{parameter}` of `{name}`")
        if holds_secret(found):
            _report_secret(argument, name, typing)
    missing = (
        (parameter, wanted)
        for parameter, (wanted, has_default) in prompt.parameters.items()
        if parameter not in callee.given and not has_default and not admits_null(wanted)
    )
    for parameter, wanted in islice(missing, _MOST_MISSING):
        callee.misses(parameter, wanted, expression, typing)
    return STRING


def pun_of(argument: Argument) -> str | None:
    """The parameter a bare name stands for: `topic` is `topic: topic`."""
    return argument.value.name if isinstance(argument.value, Reference) else None


def _report_secret(argument: Argument, function: str, typing: Typing) -> None:
    text = to_text(argument.value)
    typing.report("E0701", argument.span, use="function", name=function, text=text)


def _function_type(expression: Apply, function: Function, scope: TypeScope, typing: Typing) -> Type:
    arguments = _bound(expression, function, typing)
    types: list[Type | None] = []
    for parameter, argument in zip(function.parameters, arguments, strict=True):
        if argument is None:
            types.append(None)
            continue
        found = typing.type_of(argument.value, scope, typing)
        if holds_secret(found):
            _report_secret(argument, function.name, typing)
            found = ANY
        types.append(_judged(parameter, argument.value, found, function, typing))
    values = tuple(argument.value if argument is not None else None for argument in arguments)
    return function.result_of(
        Call(function.name, tuple(types), values, expression.span, typing.report)
    )


def _judged(
    parameter: Parameter, value: Expression, found: Type, function: Function, typing: Typing
) -> Type:
    """The type of one argument, or `any` when it does not fit."""
    before = len(typing.problems)
    if parameter.accepts == LIST:
        items_type(value, found, typing, what=function.name)
    else:
        what = f"`{parameter.name}` of `{function.name}`"
        fit(value, found, parameter.accepts, typing, what)
    return found if len(typing.problems) == before else ANY


def _bound(expression: Apply, function: Function, typing: Typing) -> list[Argument | None]:
    """One argument per parameter; what does not belong is reported."""
    by_name: dict[str, Argument] = {}
    positional: list[Argument] = []
    callee = _Callee(function.name, "function", {one.name: one for one in function.parameters})
    for argument in expression.arguments:
        if argument.name is None:
            positional.append(argument)
        elif callee.takes(argument.name, argument, typing):
            by_name[argument.name] = argument
    bound: list[Argument | None] = []
    for parameter in function.parameters:
        named = by_name.get(parameter.name)
        takes_next = named is None and not parameter.is_named and positional
        bound.append(positional.pop(0) if takes_next else named)
    if not _is_complete(expression, function, bound, callee, typing) or positional:
        _report_count(expression, function, typing)
    return bound


def _is_complete(
    expression: Apply,
    function: Function,
    bound: list[Argument | None],
    callee: _Callee,
    typing: Typing,
) -> bool:
    """Whether every value that is given by position is there; a missing named one is reported."""
    missing = [
        parameter
        for parameter, argument in zip(function.parameters, bound, strict=True)
        if argument is None and not parameter.is_optional
    ]
    if missing and missing[0].is_named:
        callee.misses(missing[0].name, missing[0].accepts, expression, typing)
        return True
    return not missing


def _report_count(expression: Apply, function: Function, typing: Typing) -> None:
    positional = [parameter for parameter in function.parameters if not parameter.is_named]
    typing.report(
        "E0309",
        expression.span,
        name=function.name,
        least=sum(not parameter.is_optional for parameter in positional),
        most=len(positional),
        given=sum(argument.name is None for argument in expression.arguments),
    )
