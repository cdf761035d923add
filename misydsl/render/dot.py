"""A drawing as Graphviz text, and as PNG where the program is installed.

In: a `StepGraph`, and maybe a `History`. Out: DOT that any Graphviz draws alike, frames as clusters; PNG bytes.
Words are escaped; nothing in a label can become an attribute.
"""

from __future__ import annotations

from collections.abc import Iterator

from misydsl.failures import MisyError
from misydsl.graph.build import StepGraph
from misydsl.history.states import History
from misydsl.render.drawing import Box, Drawing, drawing_of
from misydsl.render.folding import levels_of
from misydsl.render.programs import graphviz_program, run_program
from misydsl.render.text import wrap
from misydsl.render.theme import DOT_FONT, LIGHT, PLAIN, SIGNS, TITLE_SIZE

LABEL_ROOM = 200.0


class PictureUnavailable(MisyError):
    """This form of picture needs a program that is not installed."""


def to_dot(graph: StepGraph, history: History | None = None) -> str:
    """The picture as Graphviz text."""
    drawing = drawing_of(graph, history)
    heading = "\n".join(one for one in (drawing.title, drawing.summary) if one)
    lines = [
        "digraph misy {",
        f'  graph [label={_quoted(heading)} labelloc=t fontname="{DOT_FONT}" compound=true'
        f' bgcolor="{LIGHT.page}" nodesep=0.36 ranksep=0.55]',
        f'  node [shape=box style="rounded,filled" fontname="{DOT_FONT}" fontsize=12 margin="0.14,0.08"]',
        f'  edge [color="{LIGHT.edge}" arrowsize=0.7]',
    ]
    inner = {sheet.owner: number for number, sheet in enumerate(drawing.sheets)}
    lines.extend(_sheet(drawing, inner[None], depth=1))
    for handler in drawing.handlers:
        lines.extend(_cluster(drawing, drawing.boxes[handler], depth=1))
    lines.extend(_links(drawing))
    return "\n".join([*lines, "}", ""])


def to_png(graph: StepGraph, history: History | None = None) -> bytes:
    """The picture as PNG. Raises: PictureUnavailable without Graphviz, ProgramFailed."""
    program = graphviz_program()
    if program is None or program.name != "dot":
        raise PictureUnavailable(
            "a PNG needs the program `dot`: install Graphviz (apt install graphviz, brew install"
            " graphviz), or write an .svg, which needs nothing"
        )
    return run_program(program, ["-Tpng", "-Gdpi=144"], to_dot(graph, history))


def _sheet(drawing: Drawing, number: int, *, depth: int) -> Iterator[str]:
    for index in drawing.sheets[number].boxes:
        box = drawing.boxes[index]
        if box.inner is None:
            yield f"{'  ' * depth}{box.id} [{_attributes(box)}]"
        else:
            yield from _cluster(drawing, box, depth=depth)


def _cluster(drawing: Drawing, box: Box, *, depth: int) -> Iterator[str]:
    assert box.inner is not None
    indent = "  " * depth
    yield f"{indent}subgraph cluster_{box.id} {{"
    colours = f'style="rounded,dashed" color="{LIGHT.frame_line}" bgcolor="{LIGHT.frame}"'
    yield f"{indent}  label={_quoted(_label(box))} {colours}"
    yield from _sheet(drawing, box.inner, depth=depth + 1)
    yield f"{indent}}}"


def _links(drawing: Drawing) -> Iterator[str]:
    for sheet in drawing.sheets:
        for link in sheet.links:
            source, target = drawing.boxes[link.source], drawing.boxes[link.target]
            how = [] if link.kind == "data" else ["style=dashed"]
            begin, end = _anchor(drawing, source, -1), _anchor(drawing, target, 0)
            if source.inner is not None:
                how.append(f"ltail=cluster_{source.id}")
            if target.inner is not None:
                how.append(f"lhead=cluster_{target.id}")
            yield f"  {begin.id} -> {end.id}" + (f" [{' '.join(how)}]" if how else "")


def _anchor(drawing: Drawing, box: Box, place: int) -> Box:
    """A box that stands for a frame, since DOT links boxes only: its first (0) or last (-1) step."""
    while box.inner is not None:
        numbers = drawing.sheets[box.inner].boxes
        links = drawing.sheets[box.inner].links
        local = [(link.source - numbers[0], link.target - numbers[0]) for link in links]
        _, order = levels_of(len(numbers), local)
        box = drawing.boxes[numbers[order[place]]]
    return box


def _attributes(box: Box) -> str:
    tone = LIGHT.tones[box.status or PLAIN]
    colours = f'fillcolor="{tone.fill}" color="{tone.line}" fontcolor="{tone.ink}"'
    return f"label={_quoted(_label(box))} {colours}"


def _label(box: Box) -> str:
    glyph = f"{SIGNS[box.status].glyph} " if box.status is not None else ""
    titles = wrap(box.title, LABEL_ROOM, TITLE_SIZE, lines=2)
    lines = [glyph + titles[0], *titles[1:], box.agent, " · ".join(box.marks)]
    return "\n".join(line for line in lines if line)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
