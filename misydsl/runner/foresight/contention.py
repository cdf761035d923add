"""Contention: how long calls may wait for each other at their agents.

In: a pipeline's tree and what its steps use. Out: seconds to be added to the critical path, at most. While
a step waits for a place at an agent, all places there are at work; so it waits no longer than all work at that
agent takes, divided by its places. Where fewer calls than places can be open at once, nobody waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from misydsl.runner.foresight.amounts import Number, bounded
from misydsl.runner.foresight.nodes import BlockNode, CourseNode
from misydsl.runner.foresight.tallies import Usage, Use
from misydsl.runner.program import AgentCode

_MOST_CHAINS: Final = 32  # agents for which the order of their steps is looked at; linear each


@dataclass(frozen=True, slots=True)
class Wait:
    """What waiting at one agent may add; None where a count of items is not known."""

    agent: AgentCode
    seconds: float | None


def waits_at_agents(root: CourseNode, usage: Usage, counts: Mapping[str, int]) -> list[Wait]:
    """What waiting at each agent may add to a run, in seconds; nothing for agents nobody waits at."""
    uses = usage.agents.values()
    crowded = [use for use in uses if _wanted(use, counts) > max(1, use.agent.concurrency)]
    if crowded:
        widths = _widths(root, usage, crowded[:_MOST_CHAINS])
        crowded = [one for one in crowded if _is_crowded(one, widths)]
    found = [
        Wait(use.agent, _divided(use.work_s.at(counts), max(1, use.agent.concurrency)))
        for use in crowded
    ]
    found += [
        Wait(use.agent, paced_s(use.agent, use.requests.at(counts)))
        for use in uses
        if use.agent.rate_per_s
    ]
    return found


def paced_s(agent: AgentCode, calls: Number | None) -> float | None:
    """How long so many calls take to begin at the agent's rate; nothing without one."""
    if calls is None:
        return None
    return float(bounded(max(0, calls - 1) / agent.rate_per_s)) if agent.rate_per_s else 0.0


def _wanted(use: Use, counts: Mapping[str, int]) -> Number:
    """How many calls may be open at once: never more than there are."""
    calls = use.calls.at(counts)
    return use.width if calls is None else min(use.width, calls)


def _is_crowded(use: Use, widths: Mapping[AgentCode, int]) -> bool:
    return widths.get(use.agent, use.width) > max(1, use.agent.concurrency)


def _divided(work_s: Number | None, places: int) -> float | None:
    return None if work_s is None else float(work_s / places)


def _widths(root: CourseNode, usage: Usage, crowded: Iterable[Use]) -> dict[AgentCode, int]:
    """How many calls may be open at once, where the steps that call an agent follow each other."""
    wanted = {use.agent: [0] * len(usage.steps) for use in crowded}
    for step, uses in enumerate(usage.steps):
        for use in uses:
            if use.agent in wanted:
                wanted[use.agent][step] += use.width
    after: Counter[AgentCode] = Counter()
    for use in usage.handlers:
        after[use.agent] += use.width
    return {
        agent: max(*each, after[agent])
        for agent, each in wanted.items()
        if _is_chain(root.block, [width > 0 for width in each])
    }


def _is_chain(block: BlockNode, is_user: Sequence[bool]) -> bool:
    """Whether all these steps lie on one path, so that no two of them are at work at once."""
    longest = [0] * len(block.steps)
    for step in block.order:
        ahead = max((longest[source] for source in block.needs[step]), default=0)
        longest[step] = ahead + is_user[step]
    return max(longest, default=0) == sum(is_user)
