"""Times: how long a tree of steps takes, and which steps nobody can make it shorter than.

In: nodes, counts of items for the `for`s that only a run can count, and how long single bodies take. Out:
seconds, and the critical path. Steps begin when what they need is there; the items of a `for` go
through its limit and its agent's. What keeps a time from being known is collected, and the time is then a
lower one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil

from misydsl.runner.foresight.amounts import bounded
from misydsl.runner.foresight.nodes import BlockNode, CourseNode, Past, StepNode, WayNode


@dataclass(frozen=True, slots=True)
class Spell:
    """How long a step takes, and one item of it; None where it is not known."""

    whole_s: float | None
    item_s: float | None


@dataclass(slots=True)
class Clockwork(ABC):
    """Adds up times of one kind: the longest, or the likely ones."""

    counts: Mapping[str, int]
    missing: dict[str, None] = field(default_factory=dict)
    """Paths of steps whose time is not known, for whatever reason."""
    seconds: dict[int, Spell] = field(default_factory=dict)
    """Of each step's node, by its identity, when it is begun once."""
    _misses: int = 0
    _chains: dict[int, tuple[StepNode, ...]] = field(default_factory=dict)

    @abstractmethod
    def body_s(self, node: StepNode, way: WayNode) -> float:
        """One time through the body of a step that is not made of steps, retries included."""

    @abstractmethod
    def unit_s(self, node: StepNode, way: WayNode, body_s: float) -> float:
        """All rounds of a body, and what follows when it fails."""

    @abstractmethod
    def fan_s(self, node: StepNode, items: int, unit_s: float) -> float:
        """All items of a `for`."""

    def course_s(self, node: CourseNode) -> float:
        """A pipeline: its steps within its deadline, and its handlers one after the other."""
        steps_s = self.block_s(node.block)
        if node.deadline_s is not None:
            steps_s = min(steps_s, node.deadline_s)
        return steps_s + self.handlers_s(node)

    def handlers_s(self, node: CourseNode) -> float:
        """What follows the steps of a pipeline."""
        return sum(map(self.step_s, node.on_finish))

    def block_s(self, node: BlockNode) -> float:
        """A block: the longest chain of its steps."""
        ends = [0.0] * len(node.steps)
        before = [-1] * len(node.steps)
        for step in node.order:
            before[step] = max(node.needs[step], key=ends.__getitem__, default=-1)
            begins = ends[before[step]] if before[step] >= 0 else 0.0
            ends[step] = begins + self.step_s(node.steps[step])
        if not ends:
            return 0.0
        last = step = max(range(len(ends)), key=ends.__getitem__)
        chain = []
        while step >= 0:
            chain.append(node.steps[step])
            step = before[step]
        self._chains[id(node)] = tuple(chain[::-1])
        return ends[last]

    def step_s(self, node: StepNode) -> float:
        """A step, all items included."""
        before = self._misses
        item_s = max((self._way_s(node, way) for way in node.ways), default=0.0)
        is_item_known = self._misses == before
        found_s = item_s
        if node.loop is not None:
            items = node.loop.most if node.loop.most is not None else self.counts.get(node.path)
            if items is None and item_s > 0:  # so many times nothing is nothing
                self.miss(node.path)
            found_s = self.fan_s(node, 1 if items is None else items, item_s)
        found_s = float(bounded(found_s))
        self.seconds[id(node)] = Spell(
            found_s if self._misses == before else None, item_s if is_item_known else None
        )
        return found_s

    def miss(self, path: str) -> None:
        """Something that takes time is not known of a step."""
        self.missing[path] = None
        self._misses += 1

    def critical_path(self, node: BlockNode) -> Iterator[StepNode]:
        """The steps of the longest chain, each followed by those of the longest chain inside."""
        waiting = list(reversed(self._chains.get(id(node), ())))
        while waiting:
            step = waiting.pop()
            yield step
            for way in step.ways[:1]:
                inside = way.block or (way.course.block if way.course is not None else None)
                waiting += reversed(self._chains.get(id(inside), ()))

    def _way_s(self, node: StepNode, way: WayNode) -> float:
        if way.course is not None:
            return self.unit_s(node, way, self.course_s(way.course))
        if way.block is not None:
            return self.unit_s(node, way, self.block_s(way.block))
        return self.unit_s(node, way, self.body_s(node, way))


class Longest(Clockwork):
    """Every call fails at its timeout and waits its longest before it is tried again.

    Calls never wait for each other's places at an agent here, the items of one `for` aside.
    """

    def body_s(self, node: StepNode, way: WayNode) -> float:
        """All attempts of a call, or all the time that a person has."""
        del node
        if way.call is not None:
            return way.call.longest_s
        if way.kind == "approval" and way.answer_s is None:
            self._misses += 1  # the step has no time, and the others have theirs
        return way.answer_s or 0.0

    def unit_s(self, node: StepNode, way: WayNode, body_s: float) -> float:
        """All rounds with the waits between them, then all fallbacks."""
        found_s = body_s * way.rounds + way.every_s * (way.rounds - 1)
        is_first = way is node.ways[0]
        return found_s + (sum(map(self.step_s, node.fallbacks)) if is_first else 0.0)

    def fan_s(self, node: StepNode, items: int, unit_s: float) -> float:
        """Items in turns of as many as may be at work at once."""
        loop, (way, *others) = node.loop, node.ways or (None,)
        if loop is None or way is None:
            return 0.0
        in_turns_s = ceil(items / loop.limit) * unit_s
        places = max(1, way.agent.concurrency) if way.agent is not None else loop.limit
        if others or way.call is None or places >= min(items, loop.limit):
            return in_turns_s
        if way.call.attempts * way.rounds == 1 and not node.fallbacks:
            return ceil(items / places) * unit_s
        # The last item waits for places while all are taken, or for its turn while items only wait
        work_s = way.call.work_s * way.rounds
        waiting_s = (unit_s - work_s) * items / (loop.limit - places + 1)
        found_s = unit_s + (items - 1) * work_s / places
        return found_s + (waiting_s if items > loop.limit else 0.0)

    def handlers_s(self, node: CourseNode) -> float:
        """What follows the steps of a pipeline that fails."""
        return sum(map(self.step_s, node.handlers))

    def undo_s(self, node: CourseNode) -> float:
        """Everything taken back, one thing after the other."""
        return sum(self._undos(node.block)) + sum(
            each for one in node.handlers for each in self._undos_of(one)
        )

    def _undos(self, node: BlockNode) -> Iterator[float]:
        for step in node.steps:
            yield from self._undos_of(step)

    def _undos_of(self, node: StepNode) -> Iterator[float]:
        for way in node.ways:
            if way.block is not None:
                yield from self._undos(way.block)
            elif way.course is not None:
                yield from self._undos(way.course.block)
        for fallback in node.fallbacks:
            yield from self._undos_of(fallback)
        if node.undo is not None:
            once_s = self.step_s(node.undo)
            times = node.undo.times.at(self.counts)
            if times is None:
                self.miss(node.undo.path)
            yield float(bounded(once_s * (times or 0)))


@dataclass(slots=True)
class Likely(Clockwork):
    """Every step takes what it took in the middle of past runs; nothing fails."""

    past: Past = field(kw_only=True)

    def body_s(self, node: StepNode, way: WayNode) -> float:
        """What the step took, else what calls of its agent took; values take nothing."""
        if way.kind == "value":
            return 0.0
        known = self.past.steps.get(node.path)
        if known is not None and known.median_s is not None:
            return known.median_s
        agent = self.past.agents.get(way.target) if way.kind == "call" else None
        if agent is None or agent.median_s is None:
            self.miss(node.path)
            return 0.0
        return agent.median_s

    def unit_s(self, node: StepNode, way: WayNode, body_s: float) -> float:
        """What a step with `repeat` took in all its rounds; otherwise one time through its body."""
        known = self.past.steps.get(node.path)
        if way.rounds > 1 and known is not None and known.median_s is not None:
            return known.median_s
        return body_s

    def fan_s(self, node: StepNode, items: int, unit_s: float) -> float:
        """Items in turns of as many as may be at work at once."""
        loop, way = node.loop, node.ways[0] if node.ways else None
        if loop is None or way is None:
            return 0.0
        places = max(1, way.agent.concurrency) if way.agent is not None else loop.limit
        return ceil(items / min(loop.limit, places)) * unit_s
