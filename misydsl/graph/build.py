"""From a pipeline to the graph people look at.

In: a checked `Pipeline` and its `Library`. Out: `StepGraph`: one node a step (a `for` or `repeat` is one
node however often it runs), edges among the steps of one block, nesting by `parent`. Node numbers are
stable for the same pipeline. A half-right pipeline still gets its graph, circles included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from misydsl.expressions.nodes import Expression, ListOf, Member, Reference
from misydsl.expressions.nodes import Literal as LiteralNode
from misydsl.graph.blocks import BlockPlace, Role, block_places
from misydsl.pipeline.dependencies import dependencies
from misydsl.pipeline.model import Block, Library, Pipeline, Step

if TYPE_CHECKING:
    import networkx

NodeKind = Literal["call", "group", "value", "approval", "pipeline"]
EdgeKind = Literal["data", "order"]

APPROVAL = "human.approve"


@dataclass(frozen=True, slots=True)
class StepNode:
    """One step. `agent` is what it calls; `parent` the number of the step around it."""

    id: int
    path: str
    name: str
    title: str | None
    kind: NodeKind
    agent: str | None = None
    parent: int | None = None
    role: Role = "body"
    loop: bool = False
    count: str = ""
    """What a `for` runs over: `8` items of a literal list, else the list's name, else `n`."""
    rounds: str = ""
    """The most rounds of a `repeat`: a number or a name, else `n`."""
    has_when: bool = False
    has_repeat: bool = False
    has_fallback: bool = False

    @property
    def label(self) -> str:
        """What people call it: the title, else the name."""
        return self.title or self.name


@dataclass(frozen=True, slots=True)
class StepEdge:
    """`target` waits for `source`: for its value (`data`), or only for its end (`order`)."""

    source: int
    target: int
    kind: EdgeKind


@dataclass(frozen=True, slots=True)
class StepGraph:
    """The steps of a pipeline: `nodes[i].id == i`; handlers are nodes, but no roots."""

    name: str
    title: str | None
    nodes: tuple[StepNode, ...]
    edges: tuple[StepEdge, ...]
    roots: tuple[int, ...]
    children: Mapping[int, tuple[int, ...]]

    @property
    def label(self) -> str:
        """What people call the pipeline: the title, else the name."""
        return self.title or self.name

    def node(self, path: str) -> StepNode:
        """The first node of that path. Raises: KeyError."""
        for node in self.nodes:
            if node.path == path:
                return node
        raise KeyError(path)


def step_graph(pipeline: Pipeline, library: Library) -> StepGraph:
    """The graph of a pipeline's steps; linear in its size."""
    nodes: list[StepNode] = []
    edges: list[StepEdge] = []
    children: dict[int, list[int]] = {}
    for place in block_places(pipeline):
        steps = [
            _node(step, place, number=number, called=_called(step.block, pipeline, library))
            for number, step in enumerate(place.block.steps, place.first)
        ]
        nodes.extend(steps)
        edges.extend(_edges(place))
        if place.owner_number is not None and steps:
            children.setdefault(place.owner_number, []).extend(node.id for node in steps)
    return StepGraph(
        name=pipeline.name,
        title=pipeline.title,
        nodes=tuple(nodes),
        edges=tuple(edges),
        roots=tuple(node.id for node in nodes if node.parent is None and node.role == "body"),
        children={parent: tuple(inner) for parent, inner in children.items()},
    )


def to_networkx(graph: StepGraph) -> networkx.DiGraph[str]:
    """The graph as a `networkx.DiGraph` of paths, for analysis outside of this library.

    Nodes carry `name`, `title`, `kind`, `agent`, `parent` (a path or None); edges carry `kind`.
    A path that two alternative branches share is one node.
    """
    import networkx  # half a second to import, and only exporting needs it

    exported: networkx.DiGraph[str] = networkx.DiGraph(name=graph.name)
    for node in graph.nodes:
        exported.add_node(
            node.path,
            name=node.name,
            title=node.title,
            kind=node.kind,
            agent=node.agent,
            parent=None if node.parent is None else graph.nodes[node.parent].path,
        )
    for edge in graph.edges:
        source, target = graph.nodes[edge.source].path, graph.nodes[edge.target].path
        exported.add_edge(source, target, kind=edge.kind)
    return exported


def _node(
    step: Step, place: BlockPlace, *, number: int, called: tuple[NodeKind, str | None]
) -> StepNode:
    return StepNode(
        id=number,
        path=place.path(step),
        name=step.name,
        title=step.title,
        kind=called[0],
        agent=called[1],
        parent=place.owner_number,
        role=place.role,
        loop=step.loop is not None,
        count="" if step.loop is None else _extent(step.loop.iterable),
        rounds="" if step.repeat is None else _extent(step.repeat),
        has_when=step.when is not None,
        has_repeat=step.repeat is not None,
        has_fallback=bool(step.fallbacks),
    )


def _called(block: Block, pipeline: Pipeline, library: Library) -> tuple[NodeKind, str | None]:
    if block.call is None:
        return ("group" if block.steps else "value"), None
    target = block.call.target
    if target == APPROVAL:
        return "approval", target
    module = library.modules.get(pipeline.module)
    declared = None if module is None else module.names.get(target)
    return ("pipeline" if isinstance(declared, Pipeline) else "call"), target


def _extent(expression: Expression) -> str:
    """How many, as far as the text alone tells: a number, a name, or `n`."""
    match expression:
        case ListOf(items=items):
            return str(len(items))
        case LiteralNode(value=int() as number):
            return str(number)
        case Reference(name=name):
            return name
        case Member():
            return _dotted(expression)
        case _:
            return "n"


def _dotted(expression: Expression) -> str:
    names: list[str] = []
    while isinstance(expression, Member):
        names.append(expression.name)
        expression = expression.target
    if not isinstance(expression, Reference):
        return "n"
    return ".".join((expression.name, *reversed(names)))


def _edges(place: BlockPlace) -> list[StepEdge]:
    edges: list[StepEdge] = []
    for target, needs in enumerate(dependencies(place.block), place.first):
        edges.extend(StepEdge(place.first + source, target, "data") for source in needs.data)
        edges.extend(StepEdge(place.first + source, target, "order") for source in needs.order)
    return edges
