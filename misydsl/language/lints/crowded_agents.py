"""W0906: a `for` asks for more calls at once than its agent takes.

In: a file without errors. Out: a remark at the step's `concurrency`, when both numbers are known. The rest of
the calls wait at the agent: nothing breaks, and nothing is won.
"""

from __future__ import annotations

from collections.abc import Iterator

from misydsl.language.lints import wording
from misydsl.language.lints.linted import LintedFile, Remark, Rule
from misydsl.language.lints.meant_steps import (
    called_agent,
    known_value,
    literal,
    setting,
    steps_in,
)
from misydsl.pipeline.model import Step


def _look(linted: LintedFile) -> Iterator[Remark]:
    for _, meant in linted.pipelines():
        for step in steps_in(meant):
            yield from _in_step(step, linted)


def _in_step(step: Step, linted: LintedFile) -> Iterator[Remark]:
    asked = setting(step.settings, "concurrency")
    agent = called_agent(step.block, linted.module)
    if asked is None or agent is None:
        return
    home = linted.modules.get(agent.module, linted.module)
    wanted, allowed = (
        literal(asked.value, linted.module),
        known_value(agent.settings, "concurrency", home),
    )
    if type(wanted) is int and type(allowed) is int and 1 <= allowed < wanted:
        yield Remark(asked.span, wording.concurrency_over(wanted, agent.name, allowed))


RULE = Rule("W0906", _look)
