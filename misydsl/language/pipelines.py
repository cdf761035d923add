"""Pipelines: parameters, settings, steps, handlers, result.

In: the pipelines of one file as written. Out: `Pipeline`s in `context.names`, those that are called before
those that call them, so that a call knows its result. Pipelines that call each other in a circle are told
by the graph; here the results of such are what they declare, or `any`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import cast

from misydsl.language import structure_messages
from misydsl.language.blocks import check_block
from misydsl.language.context import ModuleContext, Scope
from misydsl.language.deadlines import look_at_deadline
from misydsl.language.hidden_steps import hidden_steps, step_blocks
from misydsl.language.literal_texts import plain_text
from misydsl.language.names import take_inputs, take_names
from misydsl.language.ordering import is_circle, needed_first
from misydsl.language.parameters import check_parameters
from misydsl.language.settings_check import check_settings
from misydsl.language.steps import ERROR, CheckedBlock, Wanted
from misydsl.language.syntax import (
    BlockSyntax,
    CallSyntax,
    FallbackSyntax,
    OnSyntax,
    PipelineSyntax,
    StepSyntax,
    UndoSyntax,
)
from misydsl.language.type_expressions import resolve_result
from misydsl.pipeline.model import Block, Pipeline
from misydsl.relations import admits_null, describe, optional
from misydsl.types import ANY, Type


def check_pipelines(
    declared: Iterable[PipelineSyntax], scope: Scope, context: ModuleContext
) -> None:
    """Puts a `Pipeline` for each declaration into `context.names`."""
    written = list(declared)
    number = {one.name.text: index for index, one in enumerate(written)}
    needs = [
        sorted({number[name] for name in called_targets(one.block) if name in number})
        for one in written
    ]
    for one in written:
        context.names[one.name.text] = _announced(one, scope, context)
    for group in needed_first(needs):
        for index in group:
            _check_pipeline(written[index], scope, context, in_circle=is_circle(group, needs))


def called_targets(block: BlockSyntax) -> Iterator[str]:
    """The names that the calls anywhere in a block call."""
    waiting = [block]
    while waiting:
        for item in waiting.pop().items:
            match item:
                case CallSyntax(path=path):
                    yield path[0].text
                case StepSyntax():
                    waiting.extend(step_blocks(item))
                case FallbackSyntax() | UndoSyntax() | OnSyntax():
                    waiting.append(item.block)
                case _:
                    pass


def _announced(written: PipelineSyntax, scope: Scope, context: ModuleContext) -> Pipeline:
    """The pipeline as its callers see it, before its block was looked at."""
    return Pipeline(
        name=written.name.text,
        block=Block(span=written.block.span),
        parameters=check_parameters(written.parameters, scope, context),
        result=ANY
        if written.result is None
        else resolve_result(written.result, written.name.text, context),
        title=plain_text(written.title, context.report),
        description=written.description,
        module=context.key,
        span=written.name.span,
    )


def _check_pipeline(
    written: PipelineSyntax, scope: Scope, context: ModuleContext, *, in_circle: bool
) -> None:
    name = written.name.text
    announced = cast("Pipeline", context.names[name])  # put there by `check_pipelines`
    context.hidden = hidden_steps(written.block)
    inputs = _inputs_scope(written, announced, scope, context)
    wanted = None
    if written.result is not None:
        wanted = Wanted(announced.result, f"the result of `{name}`")
    checked = check_block(written.block, "pipeline", inputs, context, wanted)
    _look_for_result(written, checked, announced, context)
    settings = check_settings(checked.parts.settings, ["pipeline"], inputs, context, owner=written)
    look_at_deadline(settings, checked.block, context)
    is_known = wanted is None and not in_circle
    context.names[name] = replace(
        announced,
        block=checked.block,
        result=checked.type if is_known else announced.result,
        settings=settings,
        on_failure=_handlers("on failure", checked, inputs, context),
        on_finish=_handlers("on finish", checked, inputs, context),
    )
    context.hidden = {}


def _inputs_scope(
    written: PipelineSyntax, announced: Pipeline, scope: Scope, context: ModuleContext
) -> Scope:
    """The scope in which the pipeline's parameters mean something."""
    bindings: dict[str, Type] = {one.name: one.type for one in announced.parameters}
    return scope.inside(bindings, take_inputs(written.parameters, context, scope))


def _look_for_result(
    written: PipelineSyntax, checked: CheckedBlock, announced: Pipeline, context: ModuleContext
) -> None:
    if written.result is None or checked.parts.result is not None or checked.parts.is_broken:
        return
    if announced.result == ANY or admits_null(announced.result):
        return
    if not context.report.is_broken(written.block.span):
        finding = structure_messages.result_never_given(announced.name, describe(announced.result))
        context.report.add(written.result.span, finding)


def _handlers(
    event: str, checked: CheckedBlock, inputs: Scope, context: ModuleContext
) -> tuple[Block, ...]:
    """The blocks of one event: there a step of the pipeline may not have come to a result."""
    found = [one for one in checked.parts.handlers if f"on {one.event.text}" == event]
    if not found:
        return ()
    bindings: dict[str, Type] = {one.name: optional(one.type) for one in checked.block.lets}
    bindings.update((one.name, optional(one.type)) for one in checked.block.steps)
    written = [(one.name, "step") for one in checked.parts.steps]
    written += [(one.name, "let") for one in checked.parts.lets]
    with context.report.hushed():  # what is wrong with these names was told at the block
        taken = take_names(written, inputs, context)
    scope = inputs.inside(bindings, taken)
    if event == "on failure":
        scope = scope.inside({"error": ERROR}, {})
        return tuple(check_block(one.block, "on failure", scope, context).block for one in found)
    return tuple(check_block(one.block, "on finish", scope, context).block for one in found)
