"""One step: its modifiers, its blocks, and the type the rest of the pipeline sees.

In: a step as written and the scope of its block. Out: a `Step`. Its type is its call's result or its
`return`, then: `fallback` and `else` unite, `when` without a last `else` admits null, `for` makes a list.
A declared type (`step s: T`) is what the others see, and what the blocks are held to. Blocks are checked
by the function that is passed in, so that blocks and steps may nest without knowing each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from misydsl.expressions.infer import narrowed
from misydsl.expressions.nodes import Expression
from misydsl.language import structure_messages as messages
from misydsl.language.block_shape import Parts, Role
from misydsl.language.context import ModuleContext, Scope
from misydsl.language.hidden_steps import step_blocks
from misydsl.language.literal_texts import plain_text
from misydsl.language.modifiers import (
    Modifiers,
    check_after,
    check_rounds,
    enter_loop,
    sort_modifiers,
)
from misydsl.language.settings_check import check_settings
from misydsl.language.syntax import BlockSyntax, CallSyntax, FallbackSyntax, StepSyntax
from misydsl.language.type_expressions import resolve_type
from misydsl.pipeline.model import Block, Branch, Loop, Setting, Step
from misydsl.pipeline.settings import Place
from misydsl.relations import admits_null, describe, is_certain, optional, settled, unite
from misydsl.source import Span
from misydsl.types import (
    ANY,
    INT,
    STRING,
    Any,
    Field,
    ListType,
    RecordType,
    Type,
)

ERROR: Final = RecordType(
    (
        Field("message", STRING),
        Field("kind", STRING),
        Field("status", optional(INT)),
        Field("attempts", INT),
        Field("step", STRING),
    ),
    name="error",
)
"""What `error` is in `fallback` and `on failure`."""
MOST_COMPARED: Final = 64
"""Of how many branches each is compared with each, and how many conditions are remembered: no person
writes more, and the time stays linear for those that machines write."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The type a block should come to, and how people call its result."""

    type: Type
    what: str


@dataclass(frozen=True, slots=True)
class CheckedBlock:
    """A block of the model, what it comes to, and what was written in it."""

    block: Block
    type: Type
    parts: Parts


class BlockCheck(Protocol):
    """Checks a block in its role; its lets and steps are looked at in the order they need each other."""

    def __call__(
        self,
        written: BlockSyntax,
        role: Role,
        scope: Scope,
        context: ModuleContext,
        wanted: Wanted | None = None,
    ) -> CheckedBlock:
        """The block that is meant, and its type."""
        ...


def check_step(
    written: StepSyntax, scope: Scope, context: ModuleContext, check_block: BlockCheck
) -> Step:
    """The step that is meant."""
    return _StepCheck(written, scope, context, check_block).run()


class _StepCheck:
    """The look at one step, from the outside in and out again."""

    def __init__(
        self, written: StepSyntax, scope: Scope, context: ModuleContext, check_block: BlockCheck
    ) -> None:
        self.written, self.scope, self.context = written, scope, context
        self.check_block = check_block
        self.name = written.name.text
        self.modifiers: Modifiers = sort_modifiers(written, context.report)
        self.declared = None if written.type is None else resolve_type(written.type, context)
        self.wanted = self._wanted()

    def run(self) -> Step:
        """Checks everything, in the order of the text."""
        written, context = self.written, self.context
        item_scope, loop = self._enter()
        body_scope = self._decide(item_scope)
        body = self._body(body_scope)
        fallbacks = self._fallbacks(body.parts, body_scope)
        branches, is_complete = self._branches(item_scope)
        result = joined([body.type, *(one.type for one in fallbacks)])
        undo = self._undo(body.parts, result, body_scope)
        whole = joined([result, *(one.type for _, one in branches)])
        if self.modifiers.when is not None and not is_complete:
            whole = self._skippable(whole)
        otherwise = [Branch(condition, one.block) for condition, one in branches]
        return Step(
            name=self.name,
            block=body.block,
            title=plain_text(written.title, context.report),
            description=written.description,
            type=self._seen(settled(ListType(whole) if loop is not None else whole)),
            annotation=None if self.wanted is None else self.wanted.type,
            loop=loop,
            when=self.modifiers.when.condition if self.modifiers.when else None,
            otherwise=tuple(otherwise),
            repeat=self.modifiers.repeat.limit if self.modifiers.repeat else None,
            after=check_after(self.modifiers.after, self.scope, context),
            fallbacks=tuple(one.block for one in fallbacks),
            undo=undo,
            settings=self._settings(body.parts, item_scope),
            span=written.name.span,
            uses=context.uses.of_step(written),
        )

    def _wanted(self) -> Wanted | None:
        """What each of the step's blocks should come to, when the step's type is declared."""
        declared, what = self.declared, f"the result of `{self.name}`"
        if declared is None or isinstance(declared, Any) or self.written.type is None:
            return None
        if self.modifiers.loop is None:
            return Wanted(declared, what)
        if isinstance(declared, ListType):
            return Wanted(declared.item, f"{what}, each")
        span = self.written.type.span
        self.context.report.add(span, messages.loop_gives_list(self.name, describe(declared)))
        self.declared = ListType(declared)
        return Wanted(declared, f"{what}, each")

    def _enter(self) -> tuple[Scope, Loop | None]:
        if self.modifiers.loop is None:
            return self.scope, None
        loop, scope = enter_loop(self.modifiers.loop, self.scope, self.context)
        return scope, loop

    def _decide(self, scope: Scope) -> Scope:
        """The scope of the block: where `when` is known to be true."""
        if self.modifiers.when is None:
            return scope
        condition = self.modifiers.when.condition
        self.context.condition(condition, scope, what="when")
        return scope.knowing(narrowed(condition, scope.types, truth=True))

    def _body(self, scope: Scope) -> CheckedBlock:
        block, context = self.written.block, self.context
        if self.modifiers.repeat is None:
            return self.check_block(block, "step", scope, context, self.wanted)
        check_rounds(self.modifiers.repeat, scope, context)
        before = optional(self._round_type(scope))
        rounds = scope.inside({"previous": before}, {})
        return self.check_block(block, "repeat", rounds, context, self.wanted)

    def _round_type(self, scope: Scope) -> Type:
        """What `previous` is: the declared type, or what a first look at the block gives.

        Inside such a look nothing is looked at twice again, so that nested rounds stay linear.
        """
        if self.wanted is not None:
            return self.wanted.type
        if self.context.report.is_hushed or not _mentions_previous(self.written, self.context):
            return ANY
        with self.context.report.hushed():
            rounds = scope.inside({"previous": ANY}, {})
            return self.check_block(self.written.block, "repeat", rounds, self.context).type

    def _fallbacks(self, parts: Parts, scope: Scope) -> list[CheckedBlock]:
        inner = scope.inside({"error": ERROR}, {})
        return [
            self.check_block(block, "fallback", inner, self.context, self.wanted)
            for block in parts.fallbacks
        ]

    def _branches(self, scope: Scope) -> tuple[list[_Choice], bool]:
        """The `else` blocks, and whether the last of them takes everything that is left."""
        found: list[_Choice] = []
        is_complete = False
        left = scope
        if self.modifiers.when is not None:
            condition = self.modifiers.when.condition
            left = left.knowing(narrowed(condition, left.types, truth=False))
        elif self.written.otherwise:
            span = Span(
                self.written.otherwise[0].span.start, self.written.otherwise[0].span.start + 4
            )
            self.context.report.add(span, messages.else_without_when())
        for number, branch in enumerate(self.written.otherwise):
            if is_complete:
                span = Span(branch.span.start, branch.span.start + len("else"))
                self.context.report.add(span, messages.else_after_else())
            inner = left
            if branch.condition is not None:
                self.context.condition(branch.condition, left, what="when")
                inner = left.knowing(narrowed(branch.condition, left.types, truth=True))
                if number < MOST_COMPARED:
                    left = left.knowing(narrowed(branch.condition, left.types, truth=False))
            else:
                is_complete = True
            block = self.check_block(branch.block, "else", inner, self.context, self.wanted)
            found.append((branch.condition, block))
        return found, is_complete

    def _undo(self, parts: Parts, result: Type, scope: Scope) -> Block | None:
        if parts.undo is None:
            return None
        if not _calls_something(self.written):
            span = Span(parts.undo.span.start, parts.undo.span.start + len("undo"))
            self.context.report.add(span, messages.nothing_to_undo())
        known = self.wanted.type if self.wanted is not None else result
        inner = scope.inside({self.name: known}, {})
        return self.check_block(parts.undo.block, "undo", inner, self.context).block

    def _skippable(self, result: Type) -> Type:
        """The type with the null of a skipped step, which a declared type has to admit."""
        wanted = self.wanted
        if wanted is not None and self.written.type is not None and not admits_null(wanted.type):
            finding = messages.may_be_skipped(self.name, describe(wanted.type))
            if not isinstance(wanted.type, Any):
                self.context.report.add(self.written.type.span, finding)
        return optional(result)

    def _seen(self, inferred: Type) -> Type:
        return inferred if self.declared is None else self.declared

    def _settings(self, parts: Parts, item_scope: Scope) -> tuple[Setting, ...]:
        tables: list[Place] = ["step"]
        if self.modifiers.loop is not None:
            tables.append("for")
        if self.modifiers.repeat is not None:
            tables.append("repeat")
        return check_settings(
            parts.settings,
            tables,
            self.scope,
            self.context,
            owner=self.written,
            scopes={"key": item_scope},
        )


_Choice = tuple[Expression | None, CheckedBlock]


def joined(types: Sequence[Type]) -> Type:
    """The type of a value that is one of these, without what another of them already says."""
    if len(types) > MOST_COMPARED:
        return unite(*types)
    kept: list[Type] = []
    for type_ in types:
        if not any(is_certain(type_, other) for other in kept):
            kept = [other for other in kept if not is_certain(other, type_)] + [type_]
    return unite(*kept)


def _mentions_previous(step: StepSyntax, context: ModuleContext) -> bool:
    return "previous" in context.uses.of_block(step.block)


def _calls_something(step: StepSyntax) -> bool:
    waiting = list(step_blocks(step))
    while waiting:
        for item in waiting.pop().items:
            match item:
                case CallSyntax():
                    return True
                case StepSyntax():
                    waiting.extend(step_blocks(item))
                case FallbackSyntax(block=block):
                    waiting.append(block)
                case _:
                    pass
    return False
