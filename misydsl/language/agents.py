"""Agents: inputs, result, settings.

In: an `agent` as written. Out: an `Agent`. Without `->` its result is `any`; without a block or a `url` it
is bound when a run starts.
"""

from __future__ import annotations

from typing import Final

from misydsl.language import structure_messages as messages
from misydsl.language.context import ModuleContext, Scope
from misydsl.language.literal_texts import plain_text
from misydsl.language.names import take_inputs
from misydsl.language.parameters import check_parameters, is_open
from misydsl.language.settings_check import check_settings
from misydsl.language.syntax import (
    AgentSyntax,
    BlockSyntax,
    BrokenItem,
    CallSyntax,
    FallbackSyntax,
    LetSyntax,
    OnSyntax,
    ReturnSyntax,
    SettingSyntax,
    StepSyntax,
    UndoSyntax,
    UntilSyntax,
)
from misydsl.language.type_expressions import resolve_result
from misydsl.pipeline.model import Agent
from misydsl.source import Span
from misydsl.types import ANY

_WORDS: Final = {
    LetSyntax: "let",
    StepSyntax: "step",
    CallSyntax: "call",
    ReturnSyntax: "return",
    UntilSyntax: "until",
    FallbackSyntax: "fallback",
    UndoSyntax: "undo",
    OnSyntax: "on",
}


def check_agent(written: AgentSyntax, scope: Scope, context: ModuleContext) -> Agent:
    """The agent that is meant."""
    name = written.name.text
    take_inputs(written.parameters, context)
    settings = _settings_of(written.block, context) if written.block is not None else []
    if context.is_strict and not any(one.name.text == "url" for one in settings):
        context.report.add(written.name.span, messages.no_address(name))
    return Agent(
        name=name,
        parameters=check_parameters(written.parameters, scope, context),
        result=ANY if written.result is None else resolve_result(written.result, name, context),
        settings=check_settings(settings, ["agent"], scope, context, owner=written),
        is_open=is_open(written.parameters),
        title=plain_text(written.title, context.report),
        description=written.description,
        module=context.key,
        span=written.name.span,
    )


def _settings_of(block: BlockSyntax, context: ModuleContext) -> list[SettingSyntax]:
    """The settings of an agent's block; anything else is told that it does not belong there."""
    found: list[SettingSyntax] = []
    for item in block.items:
        if isinstance(item, SettingSyntax):
            found.append(item)
        elif not isinstance(item, BrokenItem):
            word = _WORDS[type(item)]
            span = Span(item.span.start, item.span.start + len(word))
            context.report.add(span, messages.not_in_agent(word))
    return found
