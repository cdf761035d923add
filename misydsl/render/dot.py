"""A drawing as Graphviz text, and as PNG where the program is installed.

In: a `StepGraph`, and maybe a `History`. Out: DOT that any Graphviz draws alike, frames as clusters; PNG bytes.
Words are escaped; nothing in a label can become an attribute. The package `graphviz` writes and quotes the
text; the program is run by `programs`, since the package would wait for it for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from misydsl.failures import MisyError
from misydsl.graph.build import StepGraph
from misydsl.history.states import History
from misydsl.render.drawing import Box, Drawing, drawing_of
from misydsl.render.folding import levels_of
from misydsl.render.programs import painting_program, run_program
from misydsl.render.text import clip, wrap
from misydsl.render.theme import DOT_FONT, LIGHT, PLAIN, SIGNS, TITLE_SIZE

if TYPE_CHECKING:
    import graphviz

LABEL_ROOM = 200.0


class PictureUnavailable(MisyError):
    """This form of picture needs a program that is not installed."""


def to_dot(graph: StepGraph, history: History | None = None) -> str:
    """The picture as Graphviz text."""
    return str(_digraph(drawing_of(graph, history)).source)


def to_png(graph: StepGraph, history: History | None = None) -> bytes:
    """The picture as PNG. Raises: PictureUnavailable without Graphviz, ProgramFailed."""
    program = painting_program()
    if program is None:
        raise PictureUnavailable(
            "a PNG needs the program `dot`: install Graphviz (apt install graphviz, brew install"
            " graphviz), or write an .svg, which needs nothing"
        )
    return run_program(program, ["-Tpng", "-Gdpi=144"], to_dot(graph, history))


def _digraph(drawing: Drawing) -> graphviz.Digraph:
    import graphviz  # 50 ms that an SVG does without

    heading = "\n".join(one for one in (drawing.title, drawing.summary) if one)
    drawn = graphviz.Digraph("misy")
    drawn.attr(
        "graph", label=_escaped(heading), labelloc="t", fontname=DOT_FONT, compound="true",
        bgcolor=LIGHT.page, fontcolor=LIGHT.ink, nodesep="0.36", ranksep="0.6",
    )  # fmt: skip
    drawn.attr(
        "node", shape="box", style="rounded,filled", fontname=DOT_FONT, fontsize="12",
        margin="0.14,0.08",
    )  # fmt: skip
    drawn.attr("edge", color=LIGHT.edge, arrowsize="0.7")
    inner = {sheet.owner: number for number, sheet in enumerate(drawing.sheets)}
    _add_sheet(drawn, drawing, inner[None])
    for handler in drawing.handlers:
        _add_cluster(drawn, drawing, drawing.boxes[handler])
    _add_links(drawn, drawing)
    return drawn


def _add_sheet(drawn: graphviz.Digraph, drawing: Drawing, number: int) -> None:
    for index in drawing.sheets[number].boxes:
        box = drawing.boxes[index]
        if box.inner is not None:
            _add_cluster(drawn, drawing, box)
            continue
        tone = LIGHT.tones[box.status or PLAIN]
        drawn.node(
            box.id, label=_label(box), fillcolor=tone.fill, color=tone.line, fontcolor=tone.ink
        )


def _add_cluster(drawn: graphviz.Digraph, drawing: Drawing, box: Box) -> None:
    """A frame and what stands in it; frames nest a few levels deep at most."""
    assert box.inner is not None
    with drawn.subgraph(name=f"cluster_{box.id}") as cluster:
        cluster.attr(
            label=_heading(box),
            style="rounded,dashed",
            color=LIGHT.frame_line,
            bgcolor=LIGHT.frame,
            fontsize="12",
        )
        _add_sheet(cluster, drawing, box.inner)


def _add_links(drawn: graphviz.Digraph, drawing: Drawing) -> None:
    for sheet in drawing.sheets:
        for link in sheet.links:
            source, target = drawing.boxes[link.source], drawing.boxes[link.target]
            how = {} if link.kind == "data" else {"style": "dashed"}
            if source.inner is not None:
                how["ltail"] = f"cluster_{source.id}"
            if target.inner is not None:
                how["lhead"] = f"cluster_{target.id}"
            begin, end = _anchor(drawing, source, -1), _anchor(drawing, target, 0)
            drawn.edge(begin.id, end.id, **how)


def _anchor(drawing: Drawing, box: Box, place: int) -> Box:
    """A box that stands for a frame, since DOT links boxes only: its first (0) or last (-1) step."""
    while box.inner is not None:
        numbers = drawing.sheets[box.inner].boxes
        links = drawing.sheets[box.inner].links
        local = [(link.source - numbers[0], link.target - numbers[0]) for link in links]
        _, order = levels_of(len(numbers), local)
        box = drawing.boxes[numbers[order[place]]]
    return box


def _label(box: Box) -> str:
    """The words of a box, a line each."""
    glyph = f"{SIGNS[box.status].glyph} " if box.status is not None else ""
    titles = wrap(box.title, LABEL_ROOM, TITLE_SIZE, lines=2)
    lines = [glyph + titles[0], *titles[1:], box.agent, " · ".join(box.marks)]
    return _escaped("\n".join(line for line in lines if line))


def _heading(box: Box) -> str:
    """The words of a frame, on one line: each line more is taken from the links above it."""
    glyph = f"{SIGNS[box.status].glyph} " if box.status is not None else ""
    title = clip(box.title, LABEL_ROOM, TITLE_SIZE)
    return _escaped(" · ".join((glyph + title, *box.marks)))


def _escaped(text: str) -> str:
    """Words that stay words: Graphviz reads backslashes and `<…>` otherwise."""
    import graphviz

    escaped: str = graphviz.escape(text)
    return escaped
