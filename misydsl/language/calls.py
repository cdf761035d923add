"""Calls: who is called, with which inputs, and what comes back.

In: a `call` as written and the scope it stands in. Out: the `Call` of the model (puns written out) and the
type of its result. An unknown target is told once; its inputs are still looked at, and the result is
`any`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, cast

from misydsl.diagnostics.diagnostic import Edit, Fix
from misydsl.expressions.nodes import Argument, Expression, Literal, Reference, Spread
from misydsl.expressions.problems import Problem
from misydsl.language import messages
from misydsl.language.context import ModuleContext, Scope
from misydsl.language.syntax import ArgumentSyntax, CallSyntax, Identifier
from misydsl.pipeline.model import NO_SPAN, Agent, Call, Parameter, Pipeline
from misydsl.relations import admits_null, holds_secret, is_assignable, members_of, optional
from misydsl.source import Span
from misydsl.types import (
    ANY,
    BOOL,
    STRING,
    Any,
    Field,
    ListType,
    MapType,
    RecordType,
    Type,
)

HUMAN: Final = "human.approve"
APPROVAL: Final = RecordType(
    (Field("approved", BOOL), Field("by", optional(STRING)), Field("comment", optional(STRING)))
)
_NOTHING: Final = Literal(NO_SPAN, None)
APPROVE: Final = Agent(
    HUMAN,
    parameters=(
        Parameter("message", STRING),
        Parameter("to", optional(STRING)),
        Parameter("show", ANY, default=_NOTHING),
        Parameter("options", optional(ListType(STRING))),
    ),
    result=APPROVAL,
    title="Ask a person",
)
Target = Agent | Pipeline


@dataclass(frozen=True, slots=True)
class CheckedCall:
    """A call and what comes back."""

    call: Call
    type: Type
    target_span: Span


def check_call(written: CallSyntax, scope: Scope, context: ModuleContext) -> CheckedCall:
    """The call that is meant; its arguments are checked against the target's parameters."""
    name = ".".join(part.text for part in written.path)
    span = written.path[0].span.to(written.path[-1].span)
    target = _find_target(name, span, scope, context)
    said = {one.name.text for one in written.arguments if one.name is not None}
    inputs = _Inputs(name, target, said, scope, context)
    told = context.report.begins_broken(span) or context.report.is_broken(written.arguments_span)
    inputs.is_broken = told  # what seems to be missing may be there when that is mended
    arguments = tuple(inputs.read(argument) for argument in written.arguments)
    inputs.tell_names()
    if target is not None and not inputs.is_broken:
        inputs.look_for_missing(span)
    result = ANY if target is None else target.result
    return CheckedCall(Call(name, arguments, written.span), result, span)


def _find_target(name: str, span: Span, scope: Scope, context: ModuleContext) -> Target | None:
    if name == HUMAN:
        return APPROVE
    declared = context.names.get(name)
    if isinstance(declared, Agent | Pipeline):
        return declared
    if name in context.poisoned:
        return None
    if declared is not None:
        finding = messages.target_not_callable(name, messages.kind_of(declared))
    elif scope.types.lookup(name) is not None:
        finding = messages.target_not_callable(name, "a value")
    else:
        finding = messages.unknown_target(name, context.suggest(name, _callable_names(context)))
    context.report.add(span, finding)
    return None


def _callable_names(context: ModuleContext) -> Iterator[str]:
    yield from (key for key, one in context.names.items() if isinstance(one, Agent | Pipeline))
    yield HUMAN


class _Inputs:
    """The arguments of one call, taken one after the other."""

    def __init__(
        self,
        name: str,
        target: Target | None,
        said: set[str],
        scope: Scope,
        context: ModuleContext,
    ) -> None:
        self.name, self.target, self.scope, self.context = name, target, scope, context
        self.parameters = {one.name: one for one in target.parameters} if target else {}
        self.left = [one for one in self.parameters.values() if one.name not in said]
        """The parameters whose names the call does not say."""
        self.written: set[str] = set()
        self.excused: set[str] = set()
        """Inputs that are not missing: a spread brings them, or a mistake about them was told."""
        self.is_broken = False
        """Whether the list of inputs could not be read in full."""
        self.by_position: list[tuple[Span, str | None]] = []
        """The values without a name, and the inputs they seem to be."""
        self.may_hold_more = False
        """Whether a spread may have given inputs that cannot be known here."""

    def read(self, argument: ArgumentSyntax) -> Argument | Spread:
        """One argument, checked."""
        if argument.kind == "spread" or argument.name is None:
            self._spread(argument)
            return Spread(argument.span, argument.value)
        if not argument.name.text:
            return self._take_by_position(argument)
        name, value = argument.name.text, argument.value
        if argument.kind == "pun":
            value = Reference(argument.name.span, name)
        parameter = self.parameters.get(name)
        if name in self.written:
            self.context.report.add(argument.span, messages.input_twice(name))
            self._examine(argument, value, None)
        elif parameter is not None or self._takes_anything():
            self._examine(argument, value, parameter)
        else:
            self._unknown(argument, argument.name, value)
        self.written.add(name)
        return Argument(argument.span, name, value)

    def look_for_missing(self, span: Span) -> None:
        """Reports the inputs that nobody gave."""
        given = self.written | self.excused
        missing = [
            (one.name, one.type)
            for one in self.parameters.values()
            if one.name not in given and one.default is None and not admits_null(one.type)
        ]
        if missing and not self.may_hold_more:
            self.context.report.add(span, messages.missing_inputs(self.name, missing))

    def _take_by_position(self, argument: ArgumentSyntax) -> Argument:
        """A value without a name, which the parser has told; it is taken for the next input."""
        index = len(self.by_position)
        parameter = self.left[index] if index < len(self.left) else None
        name = parameter.name if parameter is not None else None
        self.by_position.append((argument.value.span, name))
        self._examine(argument, argument.value, parameter)
        return Argument(argument.span, name or "", argument.value)

    def tell_names(self) -> None:
        """Says in one finding which names the values without one should have."""
        places = [span for span, _ in self.by_position]
        names = [name for _, name in self.by_position]
        known = [name for name in names if name is not None]
        if not known:
            return
        first, text = places[0], self.context.source.text
        whole = known == names
        edits = tuple(
            Edit(self.context.report.place(Span(span.start, span.start)), f"{name}: ")
            for span, name in self.by_position
        )
        finding = messages.input_without_name(known[0], text[first.start : first.end])
        fix = Fix(f"write {messages.listed(f'{name}: …' for name in known)}", edits)
        self.context.report.retell(places, "E0311", finding, fix=fix if whole else None)

    def _takes_anything(self) -> bool:
        target = self.target
        return target is None or (isinstance(target, Agent) and target.is_open)

    def _examine(
        self, argument: ArgumentSyntax, value: Expression, parameter: Parameter | None
    ) -> Type:
        """Looks at a value; a secret in it is told as a leak, not as a wrong type."""
        wanted = parameter.type if parameter is not None else None
        what = f"`{parameter.name}` of `{self.name}`" if parameter is not None else ""
        found, problems = self.context.examine(value, wanted, self.scope, what=what)
        if _leaks(found, wanted, problems):
            self.context.report.add(argument.span, messages.secret_sent(self.name))
            return ANY
        self.context.tell(problems)
        return found

    def _unknown(self, argument: ArgumentSyntax, name: Identifier, value: Expression) -> None:
        if self.is_broken:
            return
        needed = list(islice((one.name for one in self.left if one.default is None), 2))
        is_value = self.scope.types.lookup(name.text) is not None
        candidate = self.context.suggest(name.text, (one.name for one in self.left))
        difference = self._subtraction(name.text)
        if argument.kind == "pun" and difference is not None and self.left:
            finding = messages.input_without_name(self.left[0].name, difference)
            self.excused.add(self.left[0].name)
        elif argument.kind == "pun" and is_value and candidate is None and len(needed) == 1:
            finding = messages.input_without_name(needed[0], name.text)
            self.excused.add(needed[0])
        else:
            known = self.target.parameters if self.target is not None else ()
            finding = messages.unknown_input(self.name, name.text, candidate, known)
            self.excused.update([candidate] if candidate is not None else [])
        self.context.report.add(name.span, finding)
        if argument.kind != "pun":
            self._examine(argument, value, None)

    def _subtraction(self, name: str) -> str | None:
        """`total - 1` for `total-1`, when that is what was meant."""
        left, hyphen, right = name.rpartition("-")
        lookup = self.scope.types.lookup
        is_number = right.isdecimal() or lookup(right) is not None
        return f"{left} - {right}" if hyphen and is_number and lookup(left) is not None else None

    def _spread(self, argument: ArgumentSyntax) -> None:
        for member in members_of(self._examine(argument, argument.value, None)):
            match member:
                case RecordType(fields=fields, is_open=is_open):
                    self._spread_fields(fields, argument)
                    self.may_hold_more = self.may_hold_more or is_open
                case Any() | MapType():
                    self.may_hold_more = True
                case _:
                    finding = messages.spread_not_record(f"`{self.name}`", member)
                    self.context.report.add(argument.value.span, finding)
                    self.may_hold_more = True

    def _spread_fields(self, fields: Sequence[Field], argument: ArgumentSyntax) -> None:
        """Fields of a record value: those that are parameters count, others are let through."""
        for field in fields:
            parameter = self.parameters.get(field.name)
            if parameter is None:
                continue
            self.excused.add(field.name)
            if not is_assignable(field.type, parameter.type):
                what = f"`{field.name}` of `{self.name}`"
                finding = messages.wrong_result(what, parameter.type, field.type)
                self.context.report.add(argument.value.span, finding)


def _leaks(found: Type, wanted: Type | None, problems: Sequence[Problem]) -> bool:
    if wanted is not None and holds_secret(wanted):
        return False
    refused = (one.facts.get("found") for one in problems if one.code == "E0501")
    return holds_secret(found) or any(holds_secret(cast("Type", one)) for one in refused)
