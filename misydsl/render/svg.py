"""A drawing as one SVG document that needs nothing else.

In: a `StepGraph`, and a `History` when the steps should show how they went. Out: text. No script, no link,
no foreignObject, no outside reference; every word escaped; a <title> for those who do not see it. Ids
can be prefixed, so that two pictures on one page do not colour each other's boxes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from misydsl.graph.build import StepGraph
from misydsl.history.states import History
from misydsl.render.composition import (
    FRAME_PADDING,
    GLYPH_ROOM,
    LEGEND_GAP,
    LINE_HEIGHT,
    PADDING,
    PAGE_MARGIN,
    Composition,
    PlacedBox,
    PlacedLink,
    compose,
)
from misydsl.render.drawing import Drawing, drawing_of
from misydsl.render.programs import graphviz_program
from misydsl.render.text import escape_xml, width
from misydsl.render.theme import (
    DARK,
    FONTS,
    HEADING_SIZE,
    LIGHT,
    PLAIN,
    SIGNS,
    SMALL_SIZE,
    TITLE_SIZE,
    Appearance,
    Palette,
)

ARROW_LENGTH = 7.0
CORNER = 7


def to_svg(
    graph: StepGraph,
    history: History | None = None,
    *,
    id_prefix: str = "",
    appearance: Appearance = "light",
    use_program: bool = True,
    has_heading: bool = True,
) -> str:
    """The picture; laid out by Graphviz where it is installed, else by our own layout.

    Without its heading it can stand below words that say the same.
    """
    drawing = drawing_of(graph, history)
    composition = compose(drawing, graphviz_program() if use_program else None)
    prefix = escape_xml(id_prefix)
    body = "\n".join(_body(composition, prefix))
    return _document(drawing, composition, body, appearance, has_heading=has_heading)


def shapes_svg(page: Composition, *, id_prefix: str) -> str:
    """Boxes, frames and links alone, for a page that brings its own colours and heading."""
    return "\n".join(_body(page, escape_xml(id_prefix)))


def _document(
    drawing: Drawing, page: Composition, body: str, appearance: Appearance, *, has_heading: bool
) -> str:
    lines = 1 + bool(page.heading[1])
    top = 0 if has_heading else round(lines * HEADING_SIZE * LINE_HEIGHT)
    legend, legend_height = _legend(drawing, page)
    across = max(page.width, _legend_width(drawing))
    down = page.height + legend_height
    title = escape_xml(" · ".join(one for one in page.heading if one))
    down -= top
    size = f'width="{across:.0f}" height="{down:.0f}" viewBox="0 {top} {across:.0f} {down:.0f}"'
    heading = _heading(page) if has_heading else ""
    y = f' y="{top}"' if top else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" class="misy misy-{appearance}">\n'
        f"<title>{title}</title>\n<style>{_styles(drawing, appearance)}</style>\n"
        f'<rect class="page"{y} width="100%" height="100%" rx="{CORNER}"/>\n'
        f"{heading}\n{body}\n{legend}</svg>\n"
    )


def _body(page: Composition, prefix: str) -> Iterator[str]:
    frames = [one for one in page.boxes if one.box.inner is not None]
    yield from (_frame(one, prefix) for one in frames)
    yield from (_link(one) for one in page.links)
    yield from (_box(one, prefix) for one in page.boxes if one.box.inner is None)


def _heading(page: Composition) -> str:
    title, summary = page.heading
    y = PAGE_MARGIN + HEADING_SIZE
    lines = [_text(PAGE_MARGIN, y, title, "h")]
    if summary:
        lines.append(_text(PAGE_MARGIN, y + HEADING_SIZE * LINE_HEIGHT, summary, "hs"))
    return "".join(lines)


def _frame(one: PlacedBox, prefix: str) -> str:
    y = one.y + PADDING / 2 + TITLE_SIZE
    left = one.x + FRAME_PADDING
    x = left + (GLYPH_ROOM if one.box.status else 0)
    words = [_text(x, y, one.titles[0], "t")]
    if one.box.status is not None:
        words.insert(0, _text(left, y, SIGNS[one.box.status].glyph, "g"))
    if one.smalls:
        after = x + width(one.titles[0], TITLE_SIZE, bold=True) + PADDING
        words.append(_text(after, y, one.smalls[0], "s"))
    return f"<g {_identity(one, prefix, 'frame')}>{_rect(one)}{''.join(words)}</g>"


def _box(one: PlacedBox, prefix: str) -> str:
    y = one.y + 0.7 * PADDING
    left = one.x + PADDING
    words: list[str] = []
    x = left
    if one.box.status is not None:
        words.append(_text(left, y + TITLE_SIZE, SIGNS[one.box.status].glyph, "g"))
        x += GLYPH_ROOM
    for line in one.titles:
        words.append(_text(x, y + TITLE_SIZE, line, "t"))
        y += TITLE_SIZE * LINE_HEIGHT
    for line in one.smalls:
        words.append(_text(left, y + SMALL_SIZE, line, "s"))
        y += SMALL_SIZE * LINE_HEIGHT
    return f"<g {_identity(one, prefix, 'box')}>{_rect(one)}{''.join(words)}</g>"


def _identity(one: PlacedBox, prefix: str, kind: str) -> str:
    status = one.box.status or PLAIN
    return f'id="{prefix}{one.box.id}" class="{kind} {one.box.kind} st-{status}"'


def _rect(one: PlacedBox) -> str:
    place = f'x="{one.x:.1f}" y="{one.y:.1f}" width="{one.width:.1f}" height="{one.height:.1f}"'
    return f'<rect {place} rx="{CORNER}"/>'


def _text(x: float, y: float, text: str, style: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}">{escape_xml(text)}</text>'


def _link(link: PlacedLink) -> str:
    start, *rest = link.route
    path = [f"M{start[0]:.1f},{start[1]:.1f}"]
    for index in range(0, len(rest), 3):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in rest[index : index + 3])
        path.append(f"C{points}")
    return f'<path class="{link.kind}" d="{"".join(path)}"/>{_arrow(link)}'


def _arrow(link: PlacedLink) -> str:
    """A head at the end, in the direction in which the route arrives."""
    tip = link.route[-1]
    apart = (one for one in reversed(link.route) if abs(one[0] - tip[0]) + abs(one[1] - tip[1]) > 1)
    before = next(apart, tip)
    x, y = tip[0] - before[0], tip[1] - before[1]
    length = (x * x + y * y) ** 0.5 or 1.0
    x, y = x / length * ARROW_LENGTH, y / length * ARROW_LENGTH
    wings = ((tip[0] - x - y / 2, tip[1] - y + x / 2), (tip[0] - x + y / 2, tip[1] - y - x / 2))
    points = " ".join(f"{px:.1f},{py:.1f}" for px, py in (tip, *wings))
    return f'<polygon class="head" points="{points}"/>'


# ------------------------------------------------------------------ legend and colours


def _legend(drawing: Drawing, page: Composition) -> tuple[str, float]:
    if not drawing.statuses:
        return "", 0.0
    x, y = PAGE_MARGIN, page.height + SMALL_SIZE
    parts = []
    for status in drawing.statuses:
        sign = SIGNS[status]
        label = _text(x + GLYPH_ROOM - 4, y, sign.word, "hs")
        parts.append(f'<g class="st-{status}">{_text(x, y, sign.glyph, "g")}{label}</g>')
        x += GLYPH_ROOM + width(sign.word, SMALL_SIZE) + LEGEND_GAP
    return "".join(parts) + "\n", SMALL_SIZE + PAGE_MARGIN


def _legend_width(drawing: Drawing) -> float:
    words = (width(SIGNS[one].word, SMALL_SIZE) for one in drawing.statuses)
    return 2 * PAGE_MARGIN + sum(GLYPH_ROOM + LEGEND_GAP + one for one in words)


def _styles(drawing: Drawing, appearance: Appearance) -> str:
    """Rules for this picture only: inline in a page they touch neither the page nor other pictures."""
    used = (PLAIN, *drawing.statuses)
    scope = f".misy-{appearance}"
    shape = _scoped(
        scope,
        {
            "text": f"font-family:{FONTS}",
            ".t": f"font-size:{TITLE_SIZE}px;font-weight:600",
            ".g": f"font-size:{TITLE_SIZE}px;font-weight:700",
            ".s": f"font-size:{SMALL_SIZE}px",
            ".hs": f"font-size:{SMALL_SIZE}px",
            ".h": f"font-size:{HEADING_SIZE}px;font-weight:600",
            ".data": "fill:none;stroke-width:1.5",
            ".order": "fill:none;stroke-width:1.5;stroke-dasharray:5 4",
            ".box rect": "stroke-width:1.2",
            ".frame rect": "stroke-width:1.2;stroke-dasharray:2 3",
        },
    )
    light, dark = (_scoped(scope, _palette(one, used)) for one in (LIGHT, DARK))
    match appearance:
        case "light":
            return shape + light
        case "dark":
            return shape + dark
        case "auto":
            return f"{shape}{light}@media (prefers-color-scheme: dark){{{dark}}}"


def _scoped(scope: str, rules: Mapping[str, str]) -> str:
    return "".join(f"{scope} {selector}{{{rule}}}" for selector, rule in rules.items())


def _palette(palette: Palette, used: tuple[str, ...]) -> dict[str, str]:
    rules = {
        ".page": f"fill:{palette.page}",
        ".h": f"fill:{palette.ink}",
        ".hs": f"fill:{palette.small}",
        ".data": f"stroke:{palette.edge}",
        ".order": f"stroke:{palette.edge}",
        ".head": f"fill:{palette.edge}",
    }
    for name in used:
        tone = palette.tones[name]
        outline = palette.frame_line if name == PLAIN else tone.line
        rules |= {
            f".st-{name} rect": f"fill:{tone.fill};stroke:{tone.line}",
            f".st-{name} .t": f"fill:{tone.ink}",
            f".st-{name} .s": f"fill:{tone.small}",
            f".st-{name} .g": f"fill:{tone.glyph}",
            f".frame.st-{name} rect": f"fill:{palette.frame};stroke:{outline}",
        }
    return rules | {
        ".frame .t": f"fill:{palette.ink}",
        ".frame .s": f"fill:{palette.small}",
    }
