"""What a plan warns of: limits that the worst case exceeds, and what only the run will know.

In: the tree of a pipeline with its times, remarks of the walk, places of agents. Out: sentences, the ones
that would end a run first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from misydsl.runner.foresight import wording
from misydsl.runner.foresight.amounts import Number
from misydsl.runner.foresight.bounds import Bounds
from misydsl.runner.foresight.foreseen import AgentForecast, Figure
from misydsl.runner.foresight.nodes import CourseNode, Past, nodes_of
from misydsl.runner.foresight.tallies import Use, by_agent, uses_of_course
from misydsl.runner.foresight.times import Longest
from misydsl.runner.program import AgentCode


@dataclass(frozen=True, slots=True)
class Cautions:
    """Looks at every pipeline of a tree."""

    past: Past
    uses: Mapping[AgentCode, Use]
    longest: Longest
    remarks: tuple[tuple[str, str], ...]

    def of(
        self,
        root: CourseNode,
        agents: tuple[AgentForecast, ...],
        *,
        steps_s: float,
        likely_s: Number | None,
    ) -> tuple[str, ...]:
        """All warnings, each once."""
        found = [
            *(
                wording.unreachable(one.name, one.where.trouble)
                for one in agents
                if one.where.trouble
            ),
            *_late(root, steps_s, likely_s),
        ]
        for course in _courses(root):
            found += self._over_budget(course)
            if course is not root and course.deadline_s is not None:
                found += _late(course, self.longest.block_s(course.block), None)
        found += self._unknown(root)
        found += (wording.about(path, words) for path, words in self.remarks)
        return tuple(dict.fromkeys(found))

    def _over_budget(self, course: CourseNode) -> Iterator[str]:
        if course.budget is None:
            return
        uses = by_agent(uses_of_course(course))
        begun = course.times.at(self.past.counts)
        bounds = Bounds(self.past, course.budget)
        requests = bounds.requests(uses.values(), limit=course.budget.calls)
        for what, figure in (
            ("calls", requests),
            ("cost", bounds.measure("cost", uses)),
            ("tokens", bounds.measure("tokens", uses)),
        ):
            most = None if figure is None or not begun else _each(figure, begun)
            if figure is None or figure.limit is None or most is None or most <= figure.limit:
                continue
            yield wording.over_budget(
                course.name, what, most=most, allowed=figure.limit, is_open=figure.most is None
            )

    def _unknown(self, root: CourseNode) -> Iterator[str]:
        counted = {path for use in self.uses.values() for path in use.calls.unknowns}
        for node in nodes_of(root):
            if node.path in counted and node.loop is not None and node.loop.most is None:
                last = self.past.counts.get(node.path)
                yield wording.uncounted(node.path, last=last)
            for way in node.ways:
                if way.kind == "approval" and way.answer_s is None:
                    yield wording.waits_for_people(node.path)
        for agent in self.uses:
            for what in ("cost", "tokens"):
                if isinstance(agent.layer.get(what), str):
                    yield wording.unmeasured(agent.name, what)


def _each(figure: Figure, begun: Number) -> Number | None:
    """The mean over all times a pipeline is begun: one of them comes to at least that.

    Where items are still to be counted, what there is without them.
    """
    most = figure.most if figure.most is not None else figure.if_as_before
    if most is None and figure.amount is not None:
        most = figure.amount.terms.get((), 0)
    return most if most is None or begun == 1 else most / begun


def _late(course: CourseNode, longest_s: float, likely_s: Number | None) -> Iterator[str]:
    deadline_s = course.deadline_s
    if deadline_s is None:
        return
    if likely_s is not None and likely_s > deadline_s:
        yield wording.over_deadline(
            course.name, takes_s=likely_s, deadline_s=deadline_s, is_likely=True
        )
    elif longest_s > deadline_s:
        yield wording.over_deadline(
            course.name, takes_s=longest_s, deadline_s=deadline_s, is_likely=False
        )


def _courses(root: CourseNode) -> Iterator[CourseNode]:
    yield root
    for node in nodes_of(root):
        yield from (way.course for way in node.ways if way.course is not None)
