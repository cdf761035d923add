"""W0904: a step calls a pure agent and nobody looks at the result.

In: a file without errors. Out: a remark at the step. An agent without `pure: true` may have done its work
by being called, so only those that say it are looked at; `after` orders and is no use of a result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from misydsl.language.lints import wording
from misydsl.language.lints.linted import LintedFile, Remark, Rule, blocks_of
from misydsl.language.lints.meant_steps import called_agent, known_value, steps_in
from misydsl.language.syntax import BlockSyntax, StepSyntax
from misydsl.pipeline.model import Block
from misydsl.source import Span


def _look(linted: LintedFile) -> Iterator[Remark]:
    for pipeline, meant in linted.pipelines():
        pure = {
            step.span: agent
            for step in steps_in(meant)
            if (agent := _pure_agent(step.block, linted)) is not None
        }
        for block in blocks_of(pipeline) if pure else ():
            yield from _in_block(block, pure, linted)


def _pure_agent(block: Block, linted: LintedFile) -> str | None:
    agent = called_agent(block, linted.module)
    if agent is None:
        return None
    home = linted.modules.get(agent.module, linted.module)
    return agent.name if known_value(agent.settings, "pure", home) is True else None


def _in_block(block: BlockSyntax, pure: Mapping[Span, str], linted: LintedFile) -> Iterator[Remark]:
    said = linted.uses.within(block)
    for item in block.items:
        agent = pure.get(item.name.span) if isinstance(item, StepSyntax) else None
        if isinstance(item, StepSyntax) and agent is not None and item.name.text not in said:
            finding = wording.result_unused(item.name.text, agent)
            yield Remark(item.name.span, finding)


RULE = Rule("W0904", _look)
