"""A picture of a pipeline that is sent once and coloured from outside.

In: a `StepGraph`; later the `Standing` of each step. Out: HTML with the picture inside, and small style
sheets that colour it: per box its tone, its glyph and its count. The glyphs and counts are empty labels
over the picture whose words come from the style sheet, so nothing of the picture is sent twice. Ids begin
with a prefix, so that two pictures on one page do not colour each other's boxes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from misydsl.graph.build import StepGraph
from misydsl.history.states import History
from misydsl.history.status import StepStatus
from misydsl.render.composition import (
    FRAME_PADDING,
    PADDING,
    Composition,
    PlacedBox,
    compose,
)
from misydsl.render.drawing import Box, drawing_of
from misydsl.render.programs import graphviz_program
from misydsl.render.standing import Standing, together
from misydsl.render.svg import shapes_svg
from misydsl.render.text import escape_xml
from misydsl.render.theme import (
    DARK,
    FONTS,
    HEADING_SIZE,
    LIGHT,
    PLAIN,
    SIGNS,
    SMALL_SIZE,
    TITLE_SIZE,
    Palette,
)

SCOPE = "misy-live"
"""The class of the element that everything live stands in."""

SMALLEST = 0.62  # of its own size: smaller letters cannot be read, so the picture scrolls instead
LOWERED = 2.5  # a label hangs from its top and letters of the picture stand on a line
DARK_PAGES = ('body[data-jp-theme-light="false"]', "body.vscode-dark")
"""Pages that say that they are dark: JupyterLab and Notebook 7; Visual Studio Code."""


@dataclass(frozen=True, slots=True)
class LivePicture:
    """The picture as HTML, and what is needed to colour it."""

    html: str
    prefix: str
    boxes: tuple[Box, ...]

    def sheet(self, standings: Sequence[Standing]) -> str:
        """The style sheet that shows how everything stands; about 25 bytes a box that has begun."""
        by_status: dict[StepStatus, list[str]] = {}
        counts = []
        for box in self.boxes:
            if not box.steps:
                continue
            standing = together(standings[one] for one in box.steps)
            if len(box.steps) == 1:
                standing = standings[box.steps[0]]
            if standing.status != "waiting":
                by_status.setdefault(standing.status, []).append(box.id)
            if words := _count(standing):
                counts.append(f'#{self.prefix}c{box.id}::after{{content:"{words}"}}')
        rules = [_coloured(self.prefix, status, ids) for status, ids in by_status.items()]
        return "".join((*rules, *counts))


def live_picture(graph: StepGraph, prefix: str) -> LivePicture:
    """The picture before anything has begun."""
    drawing = replace(drawing_of(graph, History()), title="", summary="")
    page = compose(drawing, graphviz_program())
    return LivePicture(_html(page, prefix, graph.label), prefix, drawing.boxes)


def live_style() -> str:
    """The rules that all live pictures and tables share: the theme's colours for both appearances."""
    dark = ",".join(f"{page} .{SCOPE}" for page in DARK_PAGES)
    shapes = "".join(f".{SCOPE} {selector}{{{rule}}}" for selector, rule in _SHAPES.items())
    return f".{SCOPE}{{{_variables(LIGHT)}}}{dark}{{{_variables(DARK)}}}{shapes}"


_SHAPES: Mapping[str, str] = {
    ".misy-page": "background:var(--page);border-radius:7px;overflow:auto;max-height:42vh",
    ".misy-fit": "position:relative;container-type:inline-size",
    "svg": f"display:block;width:100%;height:auto;font-family:{FONTS}",
    "svg .t": f"font-size:{TITLE_SIZE}px;font-weight:600;fill:var(--ink)",
    "svg .s": f"font-size:{SMALL_SIZE}px;fill:var(--small)",
    "svg .g": "display:none",
    "svg .data": "fill:none;stroke-width:1.5;stroke:var(--edge)",
    "svg .order": "fill:none;stroke-width:1.5;stroke-dasharray:5 4;stroke:var(--edge)",
    "svg .head": "fill:var(--edge)",
    "svg rect": "fill:var(--f,var(--waiting));stroke:var(--l,var(--waiting-l));stroke-width:1.2",
    "svg .frame rect": "fill:var(--frame);stroke-dasharray:2 3",
    ".misy-g,.misy-live .misy-c": f"position:absolute;white-space:nowrap;line-height:1;font-family:{FONTS}",
    ".misy-g::after": 'content:"○";font-weight:700;color:var(--waiting-l)',
    ".misy-c": "transform:translate(-100%,-50%)",
    ".misy-c::after": "background:var(--page);color:var(--ink);border:1px solid var(--edge);"
    "border-radius:9px;padding:0 .45em;display:inline-block;line-height:1.4",
}


def _variables(palette: Palette) -> str:
    plain = {
        "page": palette.page,
        "frame": palette.frame,
        "ink": palette.ink,
        "small": palette.small,
        "edge": palette.edge,
    }
    tones = {name: tone for name, tone in palette.tones.items() if name != PLAIN}
    plain |= {name: tone.fill for name, tone in tones.items()}
    plain |= {f"{name}-l": tone.line for name, tone in tones.items()}
    return "".join(f"--{name}:{colour};" for name, colour in plain.items())


def _coloured(prefix: str, status: StepStatus, ids: Sequence[str]) -> str:
    boxes = ",".join(f"#{prefix}{one}" for one in ids)
    glyphs = ",".join(f"#{prefix}g{one}" for one in ids)
    return (
        f":is({boxes}){{--f:var(--{status});--l:var(--{status}-l)}}"
        f':is({glyphs})::after{{content:"{SIGNS[status].glyph}";color:var(--{status}-l)}}'
    )


def _count(standing: Standing) -> str:
    """What a box says beside its title: how many of a `for`, or how often it was tried."""
    if standing.total is not None:
        failed = f" · {standing.failed} ✗" if standing.failed else ""
        return f"{standing.done}/{standing.total}{failed}"
    return f"↻ {standing.attempts}" if standing.attempts > 1 else ""


def _html(page: Composition, prefix: str, title: str) -> str:
    top = HEADING_SIZE  # the heading's line, which stands above the picture here
    across, down = page.width, page.height - top
    labels = "".join(_labels(page, prefix, top))
    # as large as it is drawn, or as fits into the page, and never too small to be read
    fit = (
        f"width:clamp({across * SMALLEST:.0f}px,"
        f"min(100%,{40 * across / down:.0f}vh),{across:.0f}px)"
    )
    return (
        f'<div class="misy-page"><div class="misy-fit" style="{fit}">'
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape_xml(title)}" '
        f'viewBox="0 {top} {across:.0f} {down:.0f}">\n'
        f"{shapes_svg(page, id_prefix=prefix)}</svg>{labels}</div></div>"
    )


def _labels(page: Composition, prefix: str, top: float) -> Iterator[str]:
    across, down = page.width, page.height - top
    for one in page.boxes:
        if not one.box.steps:
            continue
        x, y = _glyph_corner(one)
        place = f"left:{x / across:.2%};top:{(y - top) / down:.2%};{_size(TITLE_SIZE, across)}"
        yield f'<span class="misy-g" id="{prefix}g{one.box.id}" style="{place}"></span>'
        x, y = (
            one.x + one.width - PADDING / 2,
            one.y + (0 if one.box.inner is not None else one.height),
        )
        place = f"left:{x / across:.2%};top:{(y - top) / down:.2%};{_size(SMALL_SIZE, across)}"
        yield f'<span class="misy-c" id="{prefix}c{one.box.id}" style="{place}"></span>'


def _glyph_corner(one: PlacedBox) -> tuple[float, float]:
    if one.box.inner is not None:
        return one.x + FRAME_PADDING, one.y + PADDING / 2 + LOWERED
    return one.x + PADDING, one.y + 0.7 * PADDING + LOWERED


def _size(size: float, across: float) -> str:
    """A letter as large as in the picture, however small that is shown."""
    return f"font-size:{100 * size / across:.3f}cqw"
