"""A block: its lets and steps typed in the order they need each other, then what it comes to.

In: a `BlockSyntax`, its role and the scope around it. Out: a `CheckedBlock`. Steps and lets may be used
before they are defined; those of a circle are `any`, and a circle of lets is told here (one with a step in
it is told by the graph).
"""

from __future__ import annotations

from collections.abc import Sequence

from misydsl.language import messages
from misydsl.language.block_shape import Parts, Role, sort_items
from misydsl.language.calls import check_call
from misydsl.language.context import ModuleContext, Scope, without_declared
from misydsl.language.names import broken_names, take_names
from misydsl.language.ordering import circle_path, is_circle, needed_first
from misydsl.language.steps import CheckedBlock, Wanted, check_step
from misydsl.language.syntax import (
    BlockSyntax,
    CallSyntax,
    LetSyntax,
    ReturnSyntax,
    StepSyntax,
)
from misydsl.language.type_expressions import resolve_type
from misydsl.pipeline.model import Block, Call, Let, Step
from misydsl.relations import holds_secret, is_assignable
from misydsl.types import ANY, NULL, Type

Member = LetSyntax | StepSyntax


def check_block(
    written: BlockSyntax,
    role: Role,
    scope: Scope,
    context: ModuleContext,
    wanted: Wanted | None = None,
) -> CheckedBlock:
    """The block that is meant, and its type: that of its call or `return`, null without either."""
    parts = sort_items(written, role, context.report)
    members = _Members(parts, written, scope, context)
    members.check()
    inner = members.scope
    if parts.until is not None:
        context.condition(parts.until.condition, inner, what="until")
    call: Call | None = None
    type_: Type = NULL if not parts.is_broken else ANY
    if parts.call is not None:
        call, type_ = _called(parts.call, inner, context, wanted)
    elif parts.result is not None:
        type_ = _returned(parts.result, role, inner, context, wanted)
    block = Block(
        lets=tuple(members.lets),
        steps=tuple(members.steps),
        call=call,
        result=parts.result.value if parts.result is not None else None,
        until=parts.until.condition if parts.until is not None else None,
        span=written.span,
    )
    return CheckedBlock(block, type_, parts)


def _called(
    written: CallSyntax, scope: Scope, context: ModuleContext, wanted: Wanted | None
) -> tuple[Call, Type]:
    checked = check_call(written, scope, context)
    if wanted is None:
        return checked.call, checked.type
    if not is_assignable(checked.type, wanted.type):
        finding = messages.wrong_result(wanted.what, wanted.type, checked.type)
        context.report.add(checked.target_span, finding)
    return checked.call, wanted.type


def _returned(
    written: ReturnSyntax, role: Role, scope: Scope, context: ModuleContext, wanted: Wanted | None
) -> Type:
    type_ = wanted.type if wanted is not None else None
    found, problems = context.examine(
        written.value, type_, scope, what=wanted.what if wanted is not None else ""
    )
    if holds_secret(found):
        owner = "the pipeline" if role == "pipeline" else "the step"
        context.report.add(written.span, messages.secret_returned(owner))
        return ANY
    context.tell(without_declared(problems, written.value))
    return found if type_ is None else type_


class _Members:
    """The lets and steps of one block."""

    def __init__(
        self, parts: Parts, written: BlockSyntax, scope: Scope, context: ModuleContext
    ) -> None:
        self.context = context
        self.lets: list[Let] = []
        self.steps: list[Step] = []
        context.poisoned.update(broken_names(written.items, context.source.text))
        ordered: list[Member] = sorted([*parts.lets, *parts.steps], key=lambda one: one.span)
        names = [(one.name, "step" if isinstance(one, StepSyntax) else "let") for one in ordered]
        taken = take_names(names, scope, context)
        self.bindings: dict[str, Type] = {one.name.text: ANY for one in ordered}
        self.scope = scope.inside(self.bindings, taken)
        self.members: dict[str, Member] = {}
        for one in ordered:
            self.members.setdefault(one.name.text, one)
        self.repeated = [one for one in ordered if self.members[one.name.text] is not one]

    def check(self) -> None:
        """Types every member, needed ones first, and keeps them in the order of the text."""
        if not self.members:
            return
        members = list(self.members.values())
        number = {name: index for index, name in enumerate(self.members)}
        needs = [self._needs(one, number) for one in members]
        found: dict[int, Let | Step] = {}
        for group in needed_first(needs):
            in_circle = is_circle(group, needs)
            if in_circle:
                self._tell_circle(members, group, needs)
            for index in group:
                found[index] = self._member(members[index])
                if not in_circle:
                    self.bindings[members[index].name.text] = found[index].type
        for one in self.repeated:
            self._member(one)
        self._keep([found[index] for index in range(len(members))])

    def _keep(self, found: Sequence[Let | Step]) -> None:
        for one in found:
            if isinstance(one, Step):
                self.steps.append(one)
            else:
                self.lets.append(one)

    def _needs(self, member: Member, number: dict[str, int]) -> list[int]:
        if isinstance(member, StepSyntax):
            used = self.context.uses.of_step(member)
        else:
            used = self.context.uses.of_value(member.value)
        return sorted(number[name] for name in used if name in number)

    def _member(self, written: Member) -> Let | Step:
        if isinstance(written, StepSyntax):
            return check_step(written, self.scope, self.context, check_block)
        return check_let(written, self.scope, self.context)

    def _tell_circle(
        self, members: Sequence[Member], group: Sequence[int], needs: Sequence[Sequence[int]]
    ) -> None:
        if all(isinstance(members[index], LetSyntax) for index in group):
            names = [members[index].name.text for index in circle_path(group, needs)]
            self.context.report.add(members[min(group)].name.span, messages.lets_circle(names))


def check_let(written: LetSyntax, scope: Scope, context: ModuleContext) -> Let:
    """The constant that is meant."""
    name = written.name.text
    span = written.name.span
    if written.type is None:
        return Let(name, written.value, context.infer(written.value, scope), context.key, span)
    declared = resolve_type(written.type, context)
    found = context.check(written.value, declared, scope, what=f"`{name}`", declares=True)
    # A secret stays one whatever it is declared: as `any` it could go anywhere.
    type_ = found if holds_secret(found) and not holds_secret(declared) else declared
    return Let(name, written.value, type_, context.key, span, annotation=declared)
