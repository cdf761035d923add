"""From a pipeline to the integers the runner walks.

In: a `Block`, or a checked `Pipeline`. Out: `BlockPlan` (per block: an order, and for each step the
steps it waits for and the steps that wait for it, as indexes into `block.steps`) and `Plan` (all blocks
of a pipeline, the critical path for measured durations). Linear in steps and edges, no recursion; the
order is the same for the same text: steps become ready in text order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from misydsl.failures import MisyError
from misydsl.graph.blocks import BlockPlace, Role, block_places
from misydsl.pipeline.dependencies import dependencies, result_needs
from misydsl.pipeline.model import Block, Library, Pipeline


class PlanImpossible(MisyError):
    """Some steps wait for each other, so no order exists; a checked pipeline never gets here."""


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """One block as indexes into its steps; `result_needs` is what its own result names."""

    order: tuple[int, ...]
    needs: tuple[tuple[int, ...], ...]
    dependents: tuple[tuple[int, ...], ...]
    result_needs: tuple[int, ...]
    indegrees: tuple[int, ...]

    @property
    def levels(self) -> tuple[int, ...]:
        """Per step, the length of the longest chain that leads to it (0: ready at once)."""
        levels = [0] * len(self.order)
        for step in self.order:
            for source in self.needs[step]:
                levels[step] = max(levels[step], levels[source] + 1)
        return tuple(levels)

    @property
    def edge_count(self) -> int:
        """How many times one step waits for another."""
        return sum(self.indegrees)


@dataclass(frozen=True, slots=True)
class PlannedBlock:
    """A block's plan and where the block stands; `paths[i]` is the path of its step `i`."""

    owner: str | None
    role: Role
    paths: tuple[str, ...]
    plan: BlockPlan


@dataclass(frozen=True, slots=True)
class Plan:
    """Every block of a pipeline, each after the block of its owner; the first is the body."""

    pipeline: str
    blocks: tuple[PlannedBlock, ...]

    @property
    def body(self) -> BlockPlan:
        """The plan of the pipeline's own steps."""
        return self.blocks[0].plan

    @property
    def step_count(self) -> int:
        """The steps of all blocks."""
        return sum(len(block.paths) for block in self.blocks)

    @property
    def edge_count(self) -> int:
        """The waits of all blocks."""
        return sum(block.plan.edge_count for block in self.blocks)

    def block(self, owner: str | None, role: Role = "body") -> PlannedBlock:
        """The first block of that owner and role. Raises: KeyError."""
        for planned in self.blocks:
            if planned.owner == owner and planned.role == role:
                return planned
        raise KeyError((owner, role))

    def critical_path(self, durations: Mapping[str, float]) -> list[str]:
        """The paths of the steps that no run could be faster than, in order of time.

        `durations` holds seconds per path; a step made of steps takes as long as the critical path
        inside, unless its own duration is given. A group is followed by the steps inside it.
        """
        inside: dict[str, list[str]] = {}
        seconds = dict(durations)
        for planned in reversed(self.blocks[1:]):
            if planned.owner is not None and planned.role == "body" and planned.paths:
                chain, length = _longest(planned, seconds)
                inside[planned.owner] = chain
                seconds.setdefault(planned.owner, length)
        return _expanded(_longest(self.blocks[0], seconds)[0], inside)


def plan_block(block: Block) -> BlockPlan:
    """The plan of one block. Raises: PlanImpossible where steps wait for each other."""
    needs = tuple(need.all for need in dependencies(block))
    dependents = waiting_for(needs)
    order = topological_order(needs, dependents)
    if len(order) < len(needs):
        stuck = sorted(set(range(len(needs))).difference(order))
        names = ", ".join(f"`{block.steps[step].name}`" for step in stuck[:5])
        raise PlanImpossible(f"no order exists: {names} wait for each other")
    return BlockPlan(
        order=order,
        needs=needs,
        dependents=dependents,
        result_needs=result_needs(block),
        indegrees=tuple(map(len, needs)),
    )


def plan(pipeline: Pipeline, library: Library) -> Plan:
    """The plans of all blocks of a pipeline; what it calls in `library` is planned when it runs."""
    del library  # a called pipeline has its own plan
    return Plan(pipeline.name, tuple(_planned(place) for place in block_places(pipeline)))


def waiting_for(needs: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """The reverse of `needs`: per step, who waits for it, ascending."""
    dependents: list[list[int]] = [[] for _ in needs]
    for step, sources in enumerate(needs):
        for source in sources:
            dependents[source].append(step)
    return tuple(map(tuple, dependents))


def topological_order(
    needs: Sequence[Sequence[int]], dependents: Sequence[Sequence[int]]
) -> tuple[int, ...]:
    """Steps in an order that respects `needs`, without those in or behind a circle."""
    missing = list(map(len, needs))
    ready = deque(step for step, count in enumerate(missing) if count == 0)
    order: list[int] = []
    while ready:
        step = ready.popleft()
        order.append(step)
        for waiting in dependents[step]:
            missing[waiting] -= 1
            if missing[waiting] == 0:
                ready.append(waiting)
    return tuple(order)


def _planned(place: BlockPlace) -> PlannedBlock:
    paths = tuple(place.path(step) for step in place.block.steps)
    return PlannedBlock(place.owner, place.role, paths, plan_block(place.block))


def _longest(planned: PlannedBlock, seconds: Mapping[str, float]) -> tuple[list[str], float]:
    """The chain of a block that takes longest, and its seconds; ties go to the text's order."""
    plan_, paths = planned.plan, planned.paths
    ends = [0.0] * len(paths)
    before = [-1] * len(paths)
    for step in plan_.order:
        for source in plan_.needs[step]:
            if before[step] < 0 or ends[source] > ends[before[step]]:
                before[step] = source
        start = ends[before[step]] if before[step] >= 0 else 0.0
        ends[step] = start + seconds.get(paths[step], 0.0)
    if not ends:
        return [], 0.0
    last = max(range(len(ends)), key=ends.__getitem__)
    chain, step = [], last
    while step >= 0:
        chain.append(paths[step])
        step = before[step]
    return chain[::-1], ends[last]


def _expanded(chain: list[str], inside: Mapping[str, list[str]]) -> list[str]:
    found: list[str] = []
    waiting = chain[::-1]
    while waiting:
        path = waiting.pop()
        found.append(path)
        waiting.extend(reversed(inside.get(path, ())))
    return found
