"""What is to be drawn, before anything has a place.

In: a `StepGraph`, and a `History` or None. Out: `Drawing`: boxes with clean, short words, sheets (one a
block: some boxes and the links among them), and the handlers' frames. All ways of drawing (SVG, DOT,
Mermaid) read this same noun, so they agree on labels, marks and folding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from misydsl.graph.build import EdgeKind, NodeKind, StepEdge, StepGraph, StepNode
from misydsl.history.states import History
from misydsl.history.status import STEP_DONE, StepStatus
from misydsl.render.folding import MANY_LINKS, folded, thinned
from misydsl.render.standing import Standing, standings, together
from misydsl.render.text import clean

FOLD_ABOVE = 300  # steps; more boxes than that cannot be read, and take seconds to place
FOLDED_TO = 40  # boxes of one block once there is need to fold
FOLDED_IN_ALL = 90
DEEPEST_FRAME = 6

BoxKind = Literal[NodeKind, "folded", "handler"]

_IMPORTANCE = {"failed": 3, "retrying": 2, "running": 2, "cancelled": 1, "blocked": 1}


@dataclass(frozen=True, slots=True)
class Box:
    """One step (or several, folded). `inner` is the number of the sheet drawn inside it."""

    id: str
    """Stable within a pipeline: `n` and the step's number; `f…` for folded ones."""
    title: str
    agent: str
    marks: tuple[str, ...]
    standing: Standing | None
    kind: BoxKind
    inner: int | None = None
    steps: tuple[int, ...] = ()
    """The numbers of the steps it stands for; empty for a handler's frame."""

    @property
    def status(self) -> StepStatus | None:
        """The status to show, if any."""
        return None if self.standing is None else self.standing.status


@dataclass(frozen=True, slots=True)
class BoxLink:
    """From the box that goes first to the one that waits, as numbers of boxes."""

    source: int
    target: int
    kind: EdgeKind


@dataclass(frozen=True, slots=True)
class Sheet:
    """The boxes of one block. `owner` is the box it is drawn in; None for the whole picture."""

    owner: int | None
    depth: int
    boxes: tuple[int, ...]
    links: tuple[BoxLink, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything to be drawn; sheets come after the sheet that holds their owner."""

    title: str
    summary: str
    boxes: tuple[Box, ...]
    sheets: tuple[Sheet, ...]
    handlers: tuple[int, ...]
    """Frames of `on failure` and `on finish`: boxes of no sheet."""
    statuses: tuple[StepStatus, ...]
    """The statuses that occur, in the order of first sight; empty without a history."""


def drawing_of(graph: StepGraph, history: History | None = None) -> Drawing:
    """The drawing of a graph, coloured by a history if there is one; linear in the graph."""
    found = None if history is None else standings(graph, history)
    sketch = _Sketch(graph, found)
    sketch.draw()
    statuses = dict.fromkeys(box.status for box in sketch.boxes if box.status is not None)
    return Drawing(
        title=clean(graph.label),
        summary="" if history is None else _summary(graph, history, found or []),
        boxes=tuple(sketch.boxes),
        sheets=tuple(sketch.sheets),
        handlers=tuple(sketch.handlers),
        statuses=tuple(statuses),
    )


@dataclass(slots=True)
class _Sketch:
    """A drawing while it is made, sheet by sheet, the outer ones first."""

    graph: StepGraph
    standings: Sequence[Standing] | None
    boxes: list[Box] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    handlers: list[int] = field(default_factory=list)
    shown: dict[int, int] = field(default_factory=dict)
    """Which box shows which step."""
    edges: dict[int | None, list[StepEdge]] = field(default_factory=dict)

    def draw(self) -> None:
        """Everything, beginning with the pipeline's own steps."""
        for edge in self.graph.edges:
            self.edges.setdefault(self.graph.nodes[edge.source].parent, []).append(edge)
        all_fit = len(self.graph.nodes) <= FOLD_ABOVE
        left = FOLD_ABOVE if all_fit else FOLDED_IN_ALL
        self._sheet(self.graph.roots, owner=None, depth=0, most=left if all_fit else FOLDED_TO)
        for role in ("on failure", "on finish"):
            self._handler(role)
        for number, box in enumerate(self.boxes):  # grows while inner sheets are drawn
            owner = _number(box)
            steps = () if owner is None else self._drawn_children(owner)
            if not steps:
                continue
            left_now = left - len(self.boxes)
            depth = self._depth(number)
            if depth > DEEPEST_FRAME or left_now < min(len(steps), FOLDED_TO // 4):
                self.boxes[number] = replace(box, marks=(*box.marks, f"{len(steps)} steps inside"))
                continue
            self.boxes[number] = replace(box, inner=len(self.sheets))
            most = left_now if all_fit else min(left_now, FOLDED_TO)
            self._sheet(steps, owner=number, depth=depth, most=most)

    def _depth(self, box: int) -> int:
        return next((one.depth for one in self.sheets if box in one.boxes), 0) + 1

    def _drawn_children(self, step: int) -> tuple[int, ...]:
        """Steps that may run in the course of things: of the body and of `else`."""
        children = self.graph.children.get(step, ())
        return tuple(one for one in children if self.graph.nodes[one].role in {"body", "else"})

    def _handler(self, role: str) -> None:
        nodes = self.graph.nodes
        steps = [node.id for node in nodes if node.parent is None and node.role == role]
        if not steps:
            return
        number = len(self.boxes)
        self.handlers.append(number)
        name = "h" + role.removeprefix("on ")
        self.boxes.append(Box(name, role, "", (), None, "handler", inner=len(self.sheets)))
        self._sheet(steps, owner=number, depth=1, most=FOLDED_TO)

    def _sheet(self, steps: Sequence[int], *, owner: int | None, depth: int, most: int) -> None:
        local = {step: place for place, step in enumerate(steps)}
        edges = [edge for edge in self._edges_of(steps) if edge.source in local]
        links = [(local[edge.source], local[edge.target]) for edge in edges]
        groups = folded(
            len(steps), links, most=most, importance=lambda one: self._weight(steps[one])
        )
        first = len(self.boxes)
        for number, group in enumerate(groups, first):
            members = [steps[place] for place in group]
            self.shown.update(dict.fromkeys(members, number))
            self.boxes.append(self._box(members))
        numbers = tuple(range(first, len(self.boxes)))
        self.sheets.append(Sheet(owner, depth, numbers, self._links(edges, first, len(numbers))))

    def _edges_of(self, steps: Sequence[int]) -> Sequence[StepEdge]:
        return self.edges.get(self.graph.nodes[steps[0]].parent, ()) if steps else ()

    def _weight(self, step: int) -> int:
        if self.standings is None:
            return 0
        return _IMPORTANCE.get(self.standings[step].status, 0)

    def _links(self, edges: Sequence[StepEdge], first: int, count: int) -> tuple[BoxLink, ...]:
        kinds: dict[tuple[int, int], EdgeKind] = {}
        for edge in edges:
            source, target = self.shown[edge.source], self.shown[edge.target]
            if source != target or edge.source == edge.target:
                link = (source - first, target - first)
                kinds[link] = "data" if edge.kind == "data" else kinds.get(link, "order")
        links = list(kinds)
        if len(links) > MANY_LINKS:
            links = thinned(count, links)
        return tuple(
            BoxLink(first + source, first + target, kinds[source, target])
            for source, target in links
        )

    def _box(self, steps: Sequence[int]) -> Box:
        standing = None
        if len(steps) > 1:
            if self.standings is not None:
                standing = together(self.standings[step] for step in steps)
            title = f"… {len(steps):,} more steps"
            return Box(f"f{steps[0]}", title, "", (), standing, "folded", steps=tuple(steps))
        node = self.graph.nodes[steps[0]]
        if self.standings is not None:
            standing = self.standings[node.id]
        agent = clean(node.agent or "")
        marks = _marks(node, standing)
        title = clean(node.label)
        return Box(f"n{node.id}", title, agent, marks, standing, node.kind, steps=(node.id,))


def _number(box: Box) -> int | None:
    return int(box.id[1:]) if box.id.startswith("n") else None


def _marks(node: StepNode, standing: Standing | None) -> tuple[str, ...]:
    marks = []
    if node.role == "else":
        marks.append("else")
    if node.has_when:
        marks.append("if")
    if node.loop:
        marks.append(f"× {clean(node.count)}")
    if node.has_repeat:
        marks.append(f"↻ up to {clean(node.rounds)}")
    if node.has_fallback:
        marks.append("fallback")
    if standing is not None and standing.progress:
        marks = [mark for mark in marks if not mark.startswith("×")]
        marks.append(standing.progress)
    return tuple(marks)


def _summary(graph: StepGraph, history: History, found: Sequence[Standing]) -> str:
    roots = [found[root] for root in graph.roots]
    done = sum(one.status in STEP_DONE for one in roots)
    failed = sum(one.status == "failed" for one in roots)
    words = [history.status, f"{done}/{len(roots)} steps"]
    if failed:
        words.append(f"{failed} failed")
    return " · ".join(words)
