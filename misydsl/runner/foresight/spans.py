"""Spans: how long a whole run takes, at most, likely and at least.

In: the tree of a pipeline, what it uses of each agent, figures of past runs. Out: `Spans`. The longest time
is that of the critical path as if places at agents were free, what calls may wait for each other there, and
everything that follows a failure. A deadline does not shorten it: the figure holds it beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from misydsl.runner.foresight.amounts import bounded
from misydsl.runner.foresight.contention import paced_s, waits_at_agents
from misydsl.runner.foresight.foreseen import Figure
from misydsl.runner.foresight.nodes import CourseNode, Past
from misydsl.runner.foresight.tallies import Usage
from misydsl.runner.foresight.times import Likely, Longest


@dataclass(frozen=True, slots=True)
class Spans:
    """The times of one forecast."""

    longest: Longest
    likely: Likely
    time_s: Figure
    steps_s: float
    """The steps alone, at most, with nothing counted for what is not known."""
    critical_path: tuple[str, ...]
    is_likely: bool
    """Whether the path is that of the likely times."""


@dataclass(frozen=True, slots=True)
class _Most:
    """The longest time for some counts of items; `whole_s` is None where one is missing."""

    clockwork: Longest
    steps_s: float
    whole_s: float | None


def spans_of(root: CourseNode, usage: Usage, past: Past) -> Spans:
    """The times of a pipeline."""
    uses = usage.agents
    most = _most(root, usage, {})
    before = _most(root, usage, past.counts) if most.whole_s is None else None
    likely = Likely(past.counts, past=past)
    likely_s = likely.block_s(root.block) + likely.handlers_s(root)
    for use in uses.values():
        paced = paced_s(use.agent, use.likely.at(past.counts))
        likely_s = max(likely_s, paced or 0.0)
    is_likely = past.runs > 0 and not likely.missing
    path = (likely if is_likely else most.clockwork).critical_path(root.block)
    return Spans(
        longest=most.clockwork,
        likely=likely,
        time_s=Figure(
            most=most.whole_s,
            likely=likely_s if is_likely else None,
            least=max((paced_s(use.agent, use.sure) or 0.0 for use in uses.values()), default=0.0),
            if_as_before=before.whole_s if before is not None else None,
            limit=root.deadline_s,
        ),
        steps_s=most.steps_s,
        critical_path=tuple(dict.fromkeys(step.path for step in path)),
        is_likely=is_likely,
    )


def _most(root: CourseNode, usage: Usage, counts: Mapping[str, int]) -> _Most:
    longest = Longest(counts)
    waits = [wait.seconds for wait in waits_at_agents(root, usage, counts)]
    steps_s = longest.block_s(root.block) + sum(each or 0.0 for each in waits)
    whole_s = steps_s + longest.handlers_s(root) + longest.undo_s(root)
    is_known = not longest.missing and None not in waits
    return _Most(longest, steps_s, float(bounded(whole_s)) if is_known else None)
