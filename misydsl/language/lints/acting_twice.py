"""W0908: an agent that acts on the world is tried again, and nobody said that this is safe.

In: a file without errors. Out: a remark at the `retry` that holds for a step. Sure is: the text itself says
`idempotent: false`; or it says nothing, the agent is neither pure nor called with GET, and its name
says that it publishes, sends or pays. `idempotent: true` is the cure where a second call does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from misydsl.expressions.nodes import Expression
from misydsl.language.lints import wording
from misydsl.language.lints.linted import LintedFile, Remark, Rule
from misydsl.language.lints.meant_steps import (
    attempts_of,
    called_agent,
    field_of,
    known_value,
    literal,
    setting,
    steps_in,
    ways,
)
from misydsl.pipeline.model import Agent, Module, Pipeline, Step
from misydsl.source import Span
from misydsl.values import Scalar

_ACTS_FIRST: Final = frozenset(
    {"send", "pay", "charge", "refund", "buy", "notify", "submit", "deploy", "publica", "enviar"}
)
_ACTS_ANYWHERE: Final = frozenset(
    {"publish", "publisher", "sender", "mailer", "emailer", "notifier", "deployer", "publicar"}
)
"""Words that say so wherever they stand; those above are nouns too, unless they come first."""


def _look(linted: LintedFile) -> Iterator[Remark]:
    for _, meant in linted.pipelines():
        found = (one for step in steps_in(meant) for one in _in_step(step, meant, linted))
        yield from {one.span: one for one in found}.values()


def _in_step(step: Step, pipeline: Pipeline, linted: LintedFile) -> Iterator[Remark]:
    for way in ways(step):
        agent = called_agent(way, linted.module)
        if agent is None:
            continue
        home = linted.modules.get(agent.module, linted.module)
        span, attempts = _attempts(step, agent, pipeline, linted.module, home)
        if attempts <= 1:
            continue
        is_safe = _idempotent(step, agent, pipeline, linted.module, home)
        is_declared = is_safe is False
        if is_declared or (is_safe is None and _acts(agent, home)):
            finding = wording.acts_twice(agent.name, attempts, is_declared=is_declared)
            yield Remark(span, finding)


def _attempts(
    step: Step, agent: Agent, pipeline: Pipeline, module: Module, home: Module
) -> tuple[Span, int]:
    """How often the step's call is tried, and where that is said (the step, for another file)."""
    own = setting(step.settings, "retry")
    if own is not None:
        return own.span, attempts_of(own.value, module) or 1
    agents = setting(agent.settings, "retry")
    if agents is not None:
        span = agents.span if agent.module == module.key else step.span
        return span, attempts_of(agents.value, home) or 1
    defaults = setting(pipeline.settings, "defaults")
    retry = field_of(defaults.value, "retry", module) if defaults is not None else None
    return step.span, attempts_of(retry, module) or 1


def _idempotent(
    step: Step, agent: Agent, pipeline: Pipeline, module: Module, home: Module
) -> Scalar:
    """What the text says of calling twice; None when it says nothing."""
    said = known_value(step.settings, "idempotent", module)
    if said is None:
        said = known_value(agent.settings, "idempotent", home)
    if said is None:
        defaults = setting(pipeline.settings, "defaults")
        found: Expression | None = (
            field_of(defaults.value, "idempotent", module) if defaults is not None else None
        )
        said = literal(found, module) if found is not None else None
    return said


def _acts(agent: Agent, home: Module) -> bool:
    if known_value(agent.settings, "pure", home) is True:
        return False
    if known_value(agent.settings, "method", home) == "GET":
        return False
    words = re.split(r"[-_]", agent.name.lower())
    return words[0] in _ACTS_FIRST or not _ACTS_ANYWHERE.isdisjoint(words)


RULE = Rule("W0908", _look)
