"""A drawing as Mermaid text, for Markdown pages that draw it.

In: a `StepGraph`, and maybe a `History`. Out: a `flowchart`. Words are put in quotes and everything Mermaid or
HTML would understand is written as an entity.
"""

from __future__ import annotations

from collections.abc import Iterator

from misydsl.graph.build import StepGraph
from misydsl.history.states import History
from misydsl.render.drawing import Box, Drawing, drawing_of
from misydsl.render.theme import LIGHT, PLAIN, SIGNS

_SPECIAL = frozenset('"<>&#;`\\{}[]()|')


def to_mermaid(graph: StepGraph, history: History | None = None) -> str:
    """The picture as Mermaid text."""
    drawing = drawing_of(graph, history)
    inner = {sheet.owner: number for number, sheet in enumerate(drawing.sheets)}
    lines = ["flowchart TD", *_sheet(drawing, inner[None], depth=1)]
    for handler in drawing.handlers:
        lines.extend(_frame(drawing, drawing.boxes[handler], depth=1))
    lines.extend(_links(drawing))
    lines.extend(_classes(drawing))
    return "\n".join([*lines, ""])


def _sheet(drawing: Drawing, number: int, *, depth: int) -> Iterator[str]:
    for index in drawing.sheets[number].boxes:
        box = drawing.boxes[index]
        if box.inner is None:
            yield f'{"  " * depth}{box.id}["{_label(box)}"]:::{box.status or PLAIN}'
        else:
            yield from _frame(drawing, box, depth=depth)


def _frame(drawing: Drawing, box: Box, *, depth: int) -> Iterator[str]:
    assert box.inner is not None
    yield f'{"  " * depth}subgraph {box.id}["{_label(box)}"]'
    yield from _sheet(drawing, box.inner, depth=depth + 1)
    yield f"{'  ' * depth}end"


def _links(drawing: Drawing) -> Iterator[str]:
    for sheet in drawing.sheets:
        for link in sheet.links:
            arrow = "-->" if link.kind == "data" else "-.->"
            yield f"  {drawing.boxes[link.source].id} {arrow} {drawing.boxes[link.target].id}"


def _classes(drawing: Drawing) -> Iterator[str]:
    for name in (PLAIN, *drawing.statuses):
        tone = LIGHT.tones[name]
        yield f"  classDef {name} fill:{tone.fill},stroke:{tone.line},color:{tone.ink}"


def _label(box: Box) -> str:
    glyph = f"{SIGNS[box.status].glyph} " if box.status is not None else ""
    lines = (glyph + box.title, box.agent, " · ".join(box.marks))
    return "<br/>".join(_escaped(line) for line in lines if line)


def _escaped(text: str) -> str:
    return "".join(f"#{ord(one)};" if one in _SPECIAL else one for one in text)
