"""W0904: a step calls a pure agent and nobody looks at the result.

In: a file without errors. Out: a remark at the step. An agent without `pure: true` may have done its work
by being called, so only those that say it are looked at; `after` orders and is no use of a result.
"""

from __future__ import annotations

from collections.abc import Iterator

from misydsl.language.lints import wording
from misydsl.language.lints.linted import LintedFile, Remark, Rule, blocks_of
from misydsl.language.lints.meant_steps import blocks_in, called_agent, known_value
from misydsl.language.syntax import StepSyntax
from misydsl.pipeline.model import Block
from misydsl.source import Span


def _look(linted: LintedFile) -> Iterator[Remark]:
    for pipeline, meant in linted.pipelines():
        pure = {
            step.span: agent
            for block in blocks_in(meant)
            for step in block.steps
            if (agent := _pure_agent(step.block, linted)) is not None
        }
        for block in blocks_of(pipeline) if pure else ():
            said = linted.uses.within(block)
            for item in block.items:
                if isinstance(item, StepSyntax):
                    yield from _unused(item.name.text, item.name.span, pure, said)


def _pure_agent(block: Block, linted: LintedFile) -> str | None:
    agent = called_agent(block, linted.module)
    if agent is None or known_value(agent.settings, "pure", linted.module) is not True:
        return None
    return agent.name


def _unused(name: str, span: Span, pure: dict[Span, str], said: frozenset[str]) -> Iterator[Remark]:
    agent = pure.get(span)
    if agent is not None and name not in said:
        yield Remark(span, wording.result_unused(name, agent))


RULE = Rule("W0904", _look)
