"""Tallies: what all steps of a tree add up to, agent by agent.

In: nodes. Out: `Use`s: calls, requests and seconds of work, at most, and what is likely or sure. Ways that
are known to be taken add up; of ways that exclude each other, the larger one counts. Linear in the
tree: uses are listed upward and only added up where they are compared, or in the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from misydsl.runner.foresight.amounts import NOTHING, Amount, larger, total
from misydsl.runner.foresight.nodes import BlockNode, CourseNode, StepNode, WayNode
from misydsl.runner.program import AgentCode


@dataclass(frozen=True, slots=True)
class Use:
    """What calls of one agent come to."""

    agent: AgentCode
    calls: Amount
    """At most; each may take several attempts."""
    requests: Amount
    """At most: attempts, hedged ones twice."""
    work_s: Amount
    """Inside attempts, at most."""
    likely: Amount
    """Calls when nothing fails and each `repeat` ends with its first round."""
    sure: int
    """Calls of every run that succeeds."""
    width: int
    """Calls that may be open at once."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The uses of a pipeline, step by step and agent by agent."""

    steps: tuple[list[Use], ...]
    """Of each step of its block."""
    handlers: list[Use]
    agents: dict[AgentCode, Use]


def usage_of(node: CourseNode) -> Usage:
    """The uses of a pipeline, added up."""
    steps = tuple(map(uses_of_step, node.block.steps))
    handlers = _uses_of(node.handlers)
    flat = [use for uses in (*steps, handlers) for use in uses]
    return Usage(steps, handlers, by_agent(flat))


def uses_of_course(node: CourseNode) -> list[Use]:
    """The uses of a pipeline: its steps, what takes them back, and its handlers."""
    return [*uses_of_block(node.block), *_uses_of(node.handlers)]


def uses_of_block(node: BlockNode) -> list[Use]:
    """The uses of a block of steps."""
    return _uses_of(node.steps)


def uses_of_step(node: StepNode) -> list[Use]:
    """The uses of a step: what it may do, its fallbacks, and its undo."""
    certain = [use for way in node.ways if way.is_certain for use in uses_of_way(node, way)]
    others = [uses_of_way(node, way) for way in node.ways if not way.is_certain]
    found = [*certain, *(others[0] if len(others) == 1 else _largest(others))]
    found += map(_unlikely, _uses_of(node.fallbacks))
    if node.undo is not None:
        found += map(_unlikely, uses_of_step(node.undo))
    return found


def uses_of_way(node: StepNode, way: WayNode) -> list[Use]:
    """The uses of one way a step may go, undo of the step itself aside."""
    if way.course is not None:
        return uses_of_course(way.course)
    if way.block is not None:
        return uses_of_block(way.block)
    if way.call is None or way.agent is None:
        return []
    calls = way.units.times(way.rounds)
    # the items of one `for` take turns at their agent, which `times` has counted in already
    takes_turns = node.loop is not None and node.width == 1
    places = max(1, way.agent.concurrency)
    return [
        Use(
            way.agent,
            calls,
            calls.times(way.call.requests),
            calls.times(way.call.work_s),
            way.units,
            way.sure,
            min(way.width, places) if takes_turns else way.width,
        )
    ]


def by_agent(uses: Iterable[Use]) -> dict[AgentCode, Use]:
    """One use per agent, in the order they are first met."""
    found: defaultdict[AgentCode, list[Use]] = defaultdict(list)
    for use in uses:
        found[use.agent].append(use)
    return {agent: _together(agent, each) for agent, each in found.items()}


def _uses_of(nodes: Iterable[StepNode]) -> list[Use]:
    return [use for node in nodes for use in uses_of_step(node)]


def _together(agent: AgentCode, uses: list[Use]) -> Use:
    if len(uses) == 1:
        return uses[0]
    return Use(
        agent,
        total(use.calls for use in uses),
        total(use.requests for use in uses),
        total(use.work_s for use in uses),
        total(use.likely for use in uses),
        sum(use.sure for use in uses),
        sum(use.width for use in uses),
    )


def _largest(ways: list[list[Use]]) -> Iterator[Use]:
    """Uses that are at least those of each way, and likely those of the first."""
    tallies = [by_agent(uses) for uses in ways]
    for agent in dict.fromkeys(agent for tally in tallies for agent in tally):
        uses = [tally[agent] for tally in tallies if agent in tally]
        calls = requests = work_s = NOTHING
        for use in uses:
            calls, requests = larger(calls, use.calls), larger(requests, use.requests)
            work_s = larger(work_s, use.work_s)
        first = tallies[0].get(agent)
        likely = NOTHING if first is None else first.likely
        yield Use(agent, calls, requests, work_s, likely, 0, max(use.width for use in uses))


def _unlikely(use: Use) -> Use:
    return Use(use.agent, use.calls, use.requests, use.work_s, NOTHING, 0, use.width)
