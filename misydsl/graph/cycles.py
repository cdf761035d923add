"""Circles: steps that wait for each other, pipelines that call each other.

In: a `Pipeline` and its `Library`, right or wrong. Out: diagnostics, E0601 once per circle of steps
(with the shortest way round from its first step) and E0602 once per circle of pipelines. A pipeline
without circles is answered by counting, linear and without networkx; only what is left over then, if
anything, is taken apart with networkx's strongly connected components.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from misydsl.diagnostics.diagnostic import Diagnostic
from misydsl.graph import wording
from misydsl.graph.blocks import block_places
from misydsl.graph.plan import topological_order, waiting_for
from misydsl.pipeline.dependencies import dependencies
from misydsl.pipeline.model import Block, Call, Library, Pipeline
from misydsl.source import Source, Span

Vertex = TypeVar("Vertex")
PipelineKey = tuple[str, str]
"""Module and name."""


def cycle_diagnostics(
    pipeline: Pipeline, library: Library, *, is_in_circle: bool = True
) -> tuple[Diagnostic, ...]:
    """E0601 for the pipeline's own steps; E0602 where it is the first pipeline of a circle.

    Whoever asks for many pipelines says which may be in a circle (`pipelines_in_circles`).
    """
    source = library.modules[pipeline.module].source
    found: list[Diagnostic] = []
    for place in block_places(pipeline):
        found.extend(_step_circles(place.block, source))
    if is_in_circle:
        found.extend(_pipeline_circle(pipeline, library, source))
    return tuple(found)


def library_cycle_diagnostics(library: Library) -> tuple[Diagnostic, ...]:
    """The circles of every pipeline of every module, each once."""
    found: list[Diagnostic] = []
    circles = pipelines_in_circles(library)
    for module in library.modules.values():
        for pipeline in module.pipelines():
            is_in_circle = (pipeline.module, pipeline.name) in circles
            found.extend(cycle_diagnostics(pipeline, library, is_in_circle=is_in_circle))
    return tuple(found)


def pipelines_in_circles(library: Library) -> frozenset[PipelineKey]:
    """The pipelines that call each other in a circle, or reach one; linear in the text."""
    pipelines = [one for module in library.modules.values() for one in module.pipelines()]
    numbers = {(one.module, one.name): number for number, one in enumerate(pipelines)}
    needs = [
        sorted(
            {numbers[called.module, called.name] for called, _ in _called_pipelines(one, library)}
        )
        for one in pipelines
    ]
    settled = set(topological_order(needs, waiting_for(needs)))
    return frozenset(key for key, number in numbers.items() if number not in settled)


def shortest_circle(start: Vertex, following: Mapping[Vertex, Iterable[Vertex]]) -> list[Vertex]:
    """The shortest way from `start` back to it, both ends included; empty if there is none."""
    came_from: dict[Vertex, Vertex] = {}
    waiting = deque([start])
    while waiting:
        current = waiting.popleft()
        for neighbour in following.get(current, ()):
            if neighbour == start:
                return _way_back(current, start, came_from)
            if neighbour not in came_from:
                came_from[neighbour] = current
                waiting.append(neighbour)
    return []


def _way_back(last: Vertex, start: Vertex, came_from: Mapping[Vertex, Vertex]) -> list[Vertex]:
    way = [last]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return [*reversed(way), start]


def _step_circles(block: Block, source: Source) -> list[Diagnostic]:
    if not block.steps:
        return []
    needs = [need.all for need in dependencies(block)]
    ordered = topological_order(needs, waiting_for(needs))
    if len(ordered) == len(needs):
        return []
    left = sorted(set(range(len(needs))).difference(ordered))
    found = []
    for component in _circles(left, needs):
        first = min(component)
        inside = {step: [need for need in needs[step] if need in component] for step in component}
        names = [block.steps[step].name for step in shortest_circle(first, inside)]
        found.append(
            Diagnostic(
                code="E0601",
                message=wording.steps_wait(names),
                source=source,
                span=block.steps[first].span,
                help=wording.SELF_HELP if len(names) == 2 else wording.STEP_CIRCLE_HELP,
            )
        )
    return found


def _circles(left: Sequence[int], needs: Sequence[Sequence[int]]) -> list[set[int]]:
    """The strongly connected components that are circles, by their first step."""
    import networkx  # half a second to import: only a wrong file pays for it

    graph: networkx.DiGraph[int] = networkx.DiGraph()
    kept = set(left)
    graph.add_edges_from((step, need) for step in left for need in needs[step] if need in kept)
    components = networkx.strongly_connected_components(graph)
    circles = [one for one in components if len(one) > 1 or graph.has_edge(*(2 * tuple(one)))]
    return sorted(circles, key=min)


def _pipeline_circle(pipeline: Pipeline, library: Library, source: Source) -> list[Diagnostic]:
    start = (pipeline.module, pipeline.name)
    following = _calls_from(pipeline, library)
    circle = shortest_circle(start, following)
    if not circle or min(circle, key=lambda key: _text_order(key, library)) != start:
        return []
    names = [name for _, name in circle]
    return [
        Diagnostic(
            code="E0602",
            message=wording.pipeline_calls_itself(names),
            source=source,
            span=_call_span(pipeline, circle[1], library, source),
            help=wording.PIPELINE_CIRCLE_HELP,
        )
    ]


def _calls_from(pipeline: Pipeline, library: Library) -> dict[PipelineKey, list[PipelineKey]]:
    """Which pipeline calls which, for all that can be reached from one."""
    following: dict[PipelineKey, list[PipelineKey]] = {}
    waiting = [pipeline]
    while waiting:
        caller = waiting.pop()
        key = (caller.module, caller.name)
        if key not in following:
            called = [one for one, _ in _called_pipelines(caller, library)]
            following[key] = [(one.module, one.name) for one in called]
            waiting.extend(called)
    return following


def _called_pipelines(caller: Pipeline, library: Library) -> list[tuple[Pipeline, Call]]:
    names = library.modules[caller.module].names
    found = []
    for place in block_places(caller):
        call = place.block.call
        target = None if call is None else names.get(call.target)
        if call is not None and isinstance(target, Pipeline):
            found.append((target, call))
    return found


def _text_order(key: PipelineKey, library: Library) -> tuple[str, int, str]:
    module, name = key
    declared = library.modules[module].names.get(name)
    start = declared.span.start if isinstance(declared, Pipeline) else 0
    return (module, start, name)


def _call_span(pipeline: Pipeline, callee: PipelineKey, library: Library, source: Source) -> Span:
    """Where the first call of that pipeline names it."""
    calls = (
        call
        for target, call in _called_pipelines(pipeline, library)
        if (target.module, target.name) == callee
    )
    call = next(calls)
    start = source.text.find(call.target, call.span.start, call.span.end)
    return call.span if start < 0 else Span(start, start + len(call.target))
