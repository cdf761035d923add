"""Where everything of a drawing stands: boxes in sheets, sheets in frames, frames in the picture.

In: a `Drawing`, and a program that lays out, or None for our own layout. Out: `Composition`: every box with
its corner, size and lines of text, every link with its route, all in pixels of one page. Inner sheets are
laid out first, since a frame is as large as what it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from misydsl.graph.build import EdgeKind
from misydsl.render.drawing import Box, Drawing, Sheet
from misydsl.render.folding import levels_of
from misydsl.render.layout import Direction, Flat, Placed, Route, lay_out
from misydsl.render.programs import ProgramFailed, lay_out_with
from misydsl.render.text import clip, width, wrap
from misydsl.render.theme import HEADING_SIZE, SMALL_SIZE, TITLE_SIZE

PAGE_MARGIN = 16.0
PADDING = 12.0  # inside a box
FRAME_PADDING = 14.0
GLYPH_ROOM = 20.0
WIDEST_LINE = 200.0
NARROWEST_BOX = 96.0
LINE_HEIGHT = 1.35
FEW_LEVELS = 5  # up to here a picture without frames reads from left to right
LEGEND_GAP = 18.0


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box on the page; `titles` and `smalls` are its lines of text."""

    box: Box
    x: float
    y: float
    width: float
    height: float
    titles: tuple[str, ...]
    smalls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlacedLink:
    """A link on the page, by the ids of its boxes."""

    source: str
    target: str
    kind: EdgeKind
    route: Route


@dataclass(frozen=True, slots=True)
class Composition:
    """The whole page; boxes come after the frames that hold them."""

    width: float
    height: float
    heading: tuple[str, str]
    boxes: tuple[PlacedBox, ...]
    links: tuple[PlacedLink, ...]


@dataclass(frozen=True, slots=True)
class _Words:
    """A box's lines and how large they make it."""

    titles: tuple[str, ...]
    smalls: tuple[str, ...]
    width: float
    height: float


def compose(drawing: Drawing, program: Path | None = None) -> Composition:
    """Everything in its place. A program that fails is answered by our own layout."""
    words = [_words_of(box) for box in drawing.boxes]
    placed = _laid_out(drawing, words, program)
    sizes = _sizes(drawing, words, placed)
    corners = _corners(drawing, words, placed, sizes)
    boxes = tuple(
        PlacedBox(box, *corners[number], *sizes[number], words[number].titles, words[number].smalls)
        for number, box in enumerate(drawing.boxes)
        if number in corners
    )
    heading = (drawing.title, drawing.summary)
    across = max((one.x + one.width for one in boxes), default=0.0)
    down = max((one.y + one.height for one in boxes), default=_top(drawing))
    room = max(across, PAGE_MARGIN + _heading_width(heading)) + PAGE_MARGIN
    return Composition(room, down + PAGE_MARGIN, heading, boxes, _links(drawing, placed, corners))


def _words_of(box: Box) -> _Words:
    if box.inner is not None:
        heading = clip(box.title, 2 * WIDEST_LINE, TITLE_SIZE, bold=True)
        small = clip(" · ".join(box.marks), 2 * WIDEST_LINE, SMALL_SIZE)
        across = width(heading, TITLE_SIZE, bold=True) + width(small, SMALL_SIZE) + 3 * PADDING
        beside = tuple(one for one in (small,) if one)
        return _Words((heading,), beside, across + GLYPH_ROOM, TITLE_SIZE * LINE_HEIGHT + PADDING)
    titles = tuple(wrap(box.title, WIDEST_LINE, TITLE_SIZE, lines=2, bold=True))
    lines = (box.agent, " · ".join(box.marks))
    smalls = tuple(clip(one, WIDEST_LINE + GLYPH_ROOM, SMALL_SIZE) for one in lines if one)
    across = max(
        *(width(one, TITLE_SIZE, bold=True) + GLYPH_ROOM for one in titles),
        *(width(one, SMALL_SIZE) for one in smalls),
        NARROWEST_BOX,
    )
    down = LINE_HEIGHT * (TITLE_SIZE * len(titles) + SMALL_SIZE * len(smalls))
    return _Words(titles, smalls, across + 2 * PADDING, down + 1.4 * PADDING)


def _laid_out(drawing: Drawing, words: Sequence[_Words], program: Path | None) -> list[Placed]:
    placed: list[Placed | None] = [None] * len(drawing.sheets)
    depths = sorted({sheet.depth for sheet in drawing.sheets}, reverse=True)
    for depth in depths:
        numbers = [one for one, sheet in enumerate(drawing.sheets) if sheet.depth == depth]
        sizes = _sizes(drawing, words, placed)
        flats = [_flat(drawing, drawing.sheets[number], sizes) for number in numbers]
        for number, found in zip(numbers, _places(flats, program), strict=True):
            placed[number] = found
    return [one for one in placed if one is not None]


def _places(flats: Sequence[Flat], program: Path | None) -> list[Placed]:
    if program is not None:
        try:
            return lay_out_with(program, flats)
        except ProgramFailed:
            pass  # our own layout is always there, and a picture is wanted now
    return [lay_out(flat) for flat in flats]


def _flat(drawing: Drawing, sheet: Sheet, sizes: Sequence[tuple[float, float]]) -> Flat:
    first = sheet.boxes[0] if sheet.boxes else 0
    links = tuple((link.source - first, link.target - first) for link in sheet.links)
    return Flat(
        tuple(sizes[number] for number in sheet.boxes), links, _direction(drawing, sheet, links)
    )


def _direction(drawing: Drawing, sheet: Sheet, links: Sequence[tuple[int, int]]) -> Direction:
    if any(drawing.boxes[number].inner is not None for number in sheet.boxes) or not sheet.boxes:
        return "down"
    levels, _ = levels_of(len(sheet.boxes), links)
    return "right" if max(levels) < FEW_LEVELS else "down"


def _sizes(
    drawing: Drawing, words: Sequence[_Words], placed: Sequence[Placed | None]
) -> list[tuple[float, float]]:
    """Box sizes; of frames only where what they hold has its place already."""
    sizes = []
    for box, one in zip(drawing.boxes, words, strict=True):
        inner = placed[box.inner] if box.inner is not None and box.inner < len(placed) else None
        if inner is None:
            sizes.append((one.width, one.height))
        else:
            across = max(one.width, inner.width + 2 * FRAME_PADDING)
            sizes.append((across, one.height + inner.height + 2 * FRAME_PADDING))
    return sizes


def _corners(
    drawing: Drawing,
    words: Sequence[_Words],
    placed: Sequence[Placed],
    sizes: Sequence[tuple[float, float]],
) -> dict[int, tuple[float, float]]:
    corners: dict[int, tuple[float, float]] = {}
    below = _top(drawing)
    for sheet, laid in zip(drawing.sheets, placed, strict=True):
        if sheet.owner is None:
            origin = (PAGE_MARGIN, below)
            below += laid.height + 2 * FRAME_PADDING
        else:
            if sheet.owner not in corners:  # a handler's frame stands below everything before it
                corners[sheet.owner] = (PAGE_MARGIN, below)
                below += sizes[sheet.owner][1] + FRAME_PADDING
            x, y = corners[sheet.owner]
            spare = sizes[sheet.owner][0] - laid.width
            origin = (x + spare / 2, y + words[sheet.owner].height + FRAME_PADDING)
        for number, (x, y) in zip(sheet.boxes, laid.corners, strict=True):
            corners[number] = (origin[0] + x, origin[1] + y)
    return corners


def _links(
    drawing: Drawing, placed: Sequence[Placed], corners: dict[int, tuple[float, float]]
) -> tuple[PlacedLink, ...]:
    found = []
    for sheet, laid in zip(drawing.sheets, placed, strict=True):
        if not sheet.boxes:
            continue
        x, y = corners[sheet.boxes[0]]
        left, top = x - laid.corners[0][0], y - laid.corners[0][1]
        for link, route in zip(sheet.links, laid.routes, strict=True):
            moved = tuple((left + across, top + down) for across, down in route)
            ids = drawing.boxes[link.source].id, drawing.boxes[link.target].id
            found.append(PlacedLink(*ids, link.kind, moved))
    return tuple(found)


def _top(drawing: Drawing) -> float:
    lines = 1 + bool(drawing.summary)
    return PAGE_MARGIN + lines * HEADING_SIZE * LINE_HEIGHT + PADDING


def _heading_width(heading: tuple[str, str]) -> float:
    return max(width(heading[0], HEADING_SIZE, bold=True), width(heading[1], SMALL_SIZE))
