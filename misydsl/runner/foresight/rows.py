"""Rows: the tree as a list, one row per step and per block that runs besides one.

In: nodes and their times. Out: `StepForecast`s, a step before what is in it: the steps of its ways, its
fallbacks, its undo; the handlers of a pipeline after its steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from misydsl.runner.foresight.amounts import NOTHING, Amount, larger, total
from misydsl.runner.foresight.foreseen import StepForecast
from misydsl.runner.foresight.nodes import CourseNode, Past, PastStep, StepNode, WayNode
from misydsl.runner.foresight.times import Clockwork, Spell

_UNKNOWN = Spell(None, None)
_NEVER = PastStep(0, None)


@dataclass(frozen=True, slots=True)
class Rows:
    """Makes the rows of one forecast."""

    longest: Clockwork
    likely: Clockwork
    past: Past

    def of(self, node: CourseNode) -> list[StepForecast]:
        """All rows of a pipeline."""
        found: list[StepForecast] = []
        waiting = [(step, 0) for step in reversed(list(_steps(node)))]
        while waiting:
            step, depth = waiting.pop()
            found.append(self._row(step, depth))
            waiting += [(inner, depth + 1) for inner in reversed(list(_inside(step)))]
        return found

    def _row(self, node: StepNode, depth: int) -> StepForecast:
        longest = self.longest.seconds.get(id(node), _UNKNOWN)
        likely = self.likely.seconds.get(id(node), _UNKNOWN)
        known = self.past.steps.get(node.path, _NEVER)
        calling = [way for way in node.ways if way.call is not None]
        bounds = [way.call for way in calling if way.call is not None]
        answers = [way.answer_s for way in node.ways if way.answer_s is not None]
        is_part = node.role not in ("step", "else")
        return StepForecast(
            path=node.path,
            title=None if is_part else node.code.step.title,
            depth=depth,
            role=node.role,
            kinds=tuple(dict.fromkeys(way.kind for way in node.ways)),
            targets=tuple(dict.fromkeys(way.target for way in node.ways if way.target)),
            is_conditional=not node.ways or not node.ways[0].is_certain,
            times=_at_most(node, [way.units.times(way.rounds) for way in node.ways]),
            items=None if node.loop is None else node.loop.most,
            is_fan=node.loop is not None,
            last_items=known.last_count,
            median_items=known.median_count,
            rounds=max((way.rounds for way in node.ways), default=1),
            calls=_at_most(node, [_calls(way) for way in node.ways]),
            requests=_at_most(node, [_requests(way) for way in node.ways]),
            attempts=max((one.attempts for one in bounds), default=None),
            timeout_s=max((*(one.timeout_s for one in bounds), *answers), default=None),
            item_s=longest.item_s,
            longest_s=longest.whole_s,
            likely_s=likely.whole_s if self.past.runs else None,
            cache=next((way.cache for way in node.ways if way.cache is not None), None),
        )


def _steps(node: CourseNode) -> Iterator[StepNode]:
    yield from (node.block.steps[step] for step in node.block.order)
    yield from node.handlers


def _inside(node: StepNode) -> Iterator[StepNode]:
    for way in node.ways:
        if way.course is not None:
            yield from _steps(way.course)
        elif way.block is not None:
            yield from (way.block.steps[step] for step in way.block.order)
    yield from node.fallbacks
    if node.undo is not None:
        yield node.undo


def _at_most(node: StepNode, amounts: list[Amount]) -> Amount:
    """Of ways known to be taken all, of the others the largest."""
    if len(amounts) == 1:
        return amounts[0]
    certain = [one for way, one in zip(node.ways, amounts, strict=True) if way.is_certain]
    others = NOTHING
    for way, one in zip(node.ways, amounts, strict=True):
        others = others if way.is_certain else larger(others, one)
    return total([*certain, others])


def _calls(way: WayNode) -> Amount:
    return NOTHING if way.call is None else way.units.times(way.rounds)


def _requests(way: WayNode) -> Amount:
    return NOTHING if way.call is None else _calls(way).times(way.call.requests)
