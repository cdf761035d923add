"""When what happened: a Gantt picture of a run.

In: a `History`, and its critical path where that is known. Out: one SVG without scripts: a ribbon of
what the run's duration was spent on; below it a row per step, a bar per attempt, coloured and signed
by its end, outlined where the run's duration depended on it; a dotted line for the time it queued behind
limits, a thin solid one for the wait before a retry. Times count from the acceptance of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10

from misydsl.history.states import History
from misydsl.render.text import clean, clip, escape_xml, width
from misydsl.render.theme import (
    DARK,
    FONTS,
    HEADING_SIZE,
    LIGHT,
    SIGNS,
    SMALL_SIZE,
    Appearance,
    Palette,
)
from misydsl.render.timeline_rows import (
    SLOTS,
    Bar,
    CriticalStretch,
    Row,
    Timeline,
    opened,
    timeline_of,
)

ROW = 22.0
LANE = 15.0
AMOUNT = 30.0  # the height of a row that shows an amount
RIBBON = 22.0
MARGIN = 16.0
LABELS = 200.0
CHART = 640.0
NOTES = 96.0
MOST_TICKS = 7
MINUTE, HOUR = 60, 3_600
MINUTES_FROM = 2 * MINUTE  # shorter runs are told in seconds
_CLOCK_STEPS = (
    *(15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE),
    *(HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR, 120 * HOUR, 240 * HOUR),
    *(480 * HOUR, 1_200 * HOUR, 2_400 * HOUR, 4_800 * HOUR, 12_000 * HOUR),
)
LEGEND_GAP = 14.0
OUTLINE_FROM = 9.0  # the width of a bar that an outline leaves something of
NARROWEST = 2.0  # a bar that can still be seen

PART_LOOKS: Mapping[str, str] = {
    "call": "succeeded",
    "failed call": "failed",
    "retry wait": "retrying",
    "queue wait": "waiting",
    "person": "running",
    "stopped": "cancelled",
    "engine": "skipped",
}
"""With which tone of the theme each part of the critical path is shown."""


@dataclass(frozen=True, slots=True)
class _Scale:
    """From Unix seconds to pixels."""

    timeline: Timeline

    def x(self, at: float) -> float:
        """Where a moment stands."""
        share = (at - self.timeline.begun) / self.timeline.duration_s
        return MARGIN + LABELS + min(max(share, 0.0), 1.0) * CHART


def timeline_svg(
    history: History,
    *,
    critical: Iterable[CriticalStretch] = (),
    until: float | None = None,
    appearance: Appearance = "light",
) -> str:
    """The picture, up to `until` if the run goes on; a run without attempts gives its axis alone."""
    timeline = timeline_of(history, critical, until=until)
    scale = _Scale(timeline)
    top = MARGIN + HEADING_SIZE * 1.6
    rows_top = top + (RIBBON + 6 if timeline.critical else 0)
    bottom = rows_top + max(sum(map(_height, timeline.rows)), ROW)
    height = bottom + 2 * MARGIN + 3 * SMALL_SIZE
    across = MARGIN + LABELS + CHART + NOTES + MARGIN
    head = escape_xml(_heading(timeline))
    size = f'width="{across:.0f}" height="{height:.0f}" viewBox="0 0 {across:.0f} {height:.0f}"'
    body = "\n".join((*_ribbon(scale, top), *_drawn(scale, rows_top)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
        f'class="misy-timeline misy-timeline-{appearance}">\n'
        f"<title>{head}</title>\n<style>{_styles(appearance)}</style>\n"
        f'<rect class="page" width="100%" height="100%"/>\n'
        f'<text x="{MARGIN}" y="{MARGIN + HEADING_SIZE}" class="h">{head}</text>\n'
        f"{_axis(scale, top, bottom)}\n{body}\n{_legend(timeline, height - MARGIN)}\n</svg>\n"
    )


def tick_step(seconds: float, *, most: int = MOST_TICKS) -> float:
    """A round number of seconds, minutes or hours, so that there are at most so many gaps."""
    found = next((one for one in _CLOCK_STEPS if seconds / one <= most), None)
    if found is not None and seconds > MINUTES_FROM:
        return found
    power = 10.0 ** floor(log10(seconds / most))
    return next(
        factor * power for factor in (1, 2, 5, 10, 20) if seconds / (factor * power) <= most
    )


def tick_label(value: float, step: float) -> str:
    """A time on the axis, as exact as the step between two of them needs."""
    if step >= HOUR:
        return f"{value / HOUR:g} h"
    if step >= MINUTE:
        return f"{value / MINUTE:g} min"
    if step >= 1:
        return f"{value:.0f} s"
    if value < 1:
        return f"{value * 1000:.{_digits(step * 1000)}f} ms"
    return f"{value:.{_digits(step)}f} s"


def _digits(step: float) -> int:
    return max(0, -floor(log10(step) + 1e-9))


def amount_note(row: Row) -> str:
    """`1000 calls, 3 failed`, and how many at once."""
    failed = f", {row.failed} failed" if row.failed else ""
    return f"{len(row.bars)} calls{failed}"


def took(seconds: float) -> str:
    """A duration in a few characters."""
    if seconds < 0.0095:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min"


def stretch_name(one: CriticalStretch) -> str:
    """Where time on the critical path was spent."""
    if not one.step:
        return "between steps"
    return clean(f"{one.step} [{one.item}]" if one.item else one.step)


def _heading(timeline: Timeline) -> str:
    return f"{timeline.title} · {timeline.status} · {took(timeline.duration_s)}"


def _height(row: Row) -> float:
    return AMOUNT if row.is_amount else ROW + LANE * (row.lanes - 1)


# ------------------------------------------------------------------ rows


def _ribbon(scale: _Scale, top: float) -> Iterator[str]:
    """What the whole duration was spent on, end to end."""
    if not scale.timeline.critical:
        return
    yield _label("critical path", top + RIBBON * 0.66, is_critical=True)
    before: tuple[str, str] | None = None
    for one in scale.timeline.critical:
        left, right = scale.x(one.begun), scale.x(one.ended)
        if right - left < 0.25:  # thinner than what any screen shows
            continue
        words = f"{stretch_name(one)}: {one.part}, {one.ended - one.begun:.3f} s"
        yield (
            f'<rect x="{left:.1f}" y="{top + 4:.1f}" width="{right - left:.1f}" '
            f'height="{RIBBON - 8:.1f}" class="st-{PART_LOOKS.get(one.part, "skipped")} thin">'
            f"<title>{escape_xml(words)}</title></rect>"
        )
        name = one.part if before == (one.step, one.item) else stretch_name(one)
        before = (one.step, one.item)
        text = clip(name, right - left - 8, SMALL_SIZE) if right - left > 30 else ""
        if one.step and len(text) > 2:
            x, y = left + 4, top + RIBBON / 2 + SMALL_SIZE * 0.36
            yield f'<text x="{x:.1f}" y="{y:.1f}" class="in">{escape_xml(text)}</text>'


def _drawn(scale: _Scale, top: float) -> Iterator[str]:
    y = top
    for row in scale.timeline.rows:
        height = _height(row)
        middle = y + (height if row.is_amount else ROW) / 2 + SMALL_SIZE * 0.36
        yield _label(row.label, middle, is_critical=row.is_critical and row.steps == 1)
        note = amount_note(row) if row.is_amount or row.steps > 1 else took(row.ended - row.begun)
        x = MARGIN + LABELS + CHART + 8
        yield f'<text x="{x:.1f}" y="{middle:.1f}">{escape_xml(note)}</text>'
        if row.is_amount:
            yield from _amount(row, scale, y)
        else:
            for bar in row.bars:
                yield from _bar(bar, scale, y + bar.lane * LANE)
        y += height


def _label(text: str, y: float, *, is_critical: bool) -> str:
    label = escape_xml(clip(text, LABELS - 12, SMALL_SIZE, bold=is_critical))
    style = "e c" if is_critical else "e"
    return f'<text x="{MARGIN + LABELS - 10:.1f}" y="{y:.1f}" class="{style}">{label}</text>'


def _amount(row: Row, scale: _Scale, y: float) -> Iterator[str]:
    """Two outlines over time, the calls open at once and those of them that failed; what was critical."""
    counts = opened(row, scale.timeline)
    peak = max(calls for calls, _ in counts)
    queued = f", queued {took(row.queued_s)} on average" if row.queued_s > 0.001 else ""
    words = escape_xml(f"{row.label}: {amount_note(row)}, at most {peak} at once{queued}")
    for kind, look in ((0, "succeeded"), (1, "failed")):
        levels = [pair[kind] / max(peak, 1) for pair in counts]
        if any(levels):
            path = _outline(levels, y + AMOUNT - 4)
            yield f'<path d="{path}" class="st-{look} thin"><title>{words}</title></path>'
    for bar in row.bars:
        if bar.is_critical:
            yield _line(scale.x(bar.begun), scale.x(bar.ended), y + AMOUNT - 3, "crit")


def _outline(levels: Sequence[float], bottom: float) -> str:
    """Steps over time, an area wherever there is something."""
    points, is_open = [], False
    for slot, level in enumerate((*levels, 0.0)):
        x = MARGIN + LABELS + slot * CHART / SLOTS
        if level and not is_open:
            points.append(f"M{x:.1f},{bottom:.1f}")
        if level:
            points.append(f"V{bottom - (AMOUNT - 7) * level:.1f}h{CHART / SLOTS:.1f}")
        elif is_open:
            points.append(f"V{bottom:.1f}Z")
        is_open = bool(level)
    return "".join(points)


def _bar(bar: Bar, scale: _Scale, y: float) -> Iterator[str]:
    left, middle = scale.x(bar.begun), y + ROW / 2
    room = max(scale.x(bar.ended) - left, NARROWEST)
    queued = scale.x(bar.queued_from)
    if bar.retried_from is not None:
        yield _line(scale.x(bar.retried_from), queued, middle, "retry")
    if left - queued >= 1:
        yield _line(queued, left, middle, "queue")
    height = LANE - 3
    place = f'x="{left:.1f}" y="{middle - height / 2:.1f}" width="{room:.1f}" height="{height:.1f}"'
    is_outlined = bar.is_critical and room >= OUTLINE_FROM
    style = f"st-{bar.status} crit" if is_outlined else f"st-{bar.status}"
    title = f"<title>{escape_xml(bar.words)}</title>"
    yield f'<rect {place} rx="2" class="{style}">{title}</rect>'
    if bar.is_critical and not is_outlined:  # an outline would hide the colour
        yield _line(left, left + room, middle + LANE / 2, "crit")
    sign = SIGNS[bar.status].glyph
    if room > width(sign, SMALL_SIZE) + 4:
        place = f'x="{left + 3:.1f}" y="{middle + SMALL_SIZE * 0.36:.1f}"'
        yield f'<text {place} class="g-{bar.status}">{sign}</text>'


def _line(start: float, end: float, y: float, style: str) -> str:
    place = f'x1="{start:.1f}" x2="{end:.1f}" y1="{y:.1f}" y2="{y:.1f}"'
    return f'<line {place} class="{style}"/>'


# ------------------------------------------------------------------ axis, legend, colours


def _axis(scale: _Scale, top: float, bottom: float) -> str:
    parts = []
    timeline = scale.timeline
    step = tick_step(timeline.duration_s)
    for number in range(floor(timeline.duration_s / step) + 1):
        x = scale.x(timeline.begun + number * step)
        line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom + 4:.1f}"'
        parts.append(f'{line} class="tick"/>')
        label = tick_label(number * step, step)
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18:.1f}" class="m">{label}</text>')
    return "".join(parts)


def _legend(timeline: Timeline, y: float) -> str:
    """What is in this picture, in words; nothing else."""
    bars = [bar for row in timeline.rows for bar in row.bars]
    there = {bar.status for bar in bars}
    signs = [status for status in SIGNS if status in there]
    x, parts = MARGIN + LABELS, []
    for status in signs:
        box = f'<rect x="{x:.1f}" y="{y - 9:.1f}" width="11" height="10" class="st-{status}"/>'
        word = f"{SIGNS[status].glyph} {SIGNS[status].word}"
        parts.append(f'{box}<text x="{x + 15:.1f}" y="{y:.1f}">{word}</text>')
        x += 15 + width(word, SMALL_SIZE) + LEGEND_GAP
    lines = {
        "queue": ("queued", any(bar.queued_from < bar.begun for bar in bars)),
        "retry": ("waits to retry", any(bar.retried_from is not None for bar in bars)),
        "crit": ("on the critical path", any(bar.is_critical for bar in bars)),
    }
    for style, (word, is_there) in lines.items():
        if is_there:
            parts.append(_line(x, x + 18, y - 4, style))
            parts.append(f'<text x="{x + 22:.1f}" y="{y:.1f}">{word}</text>')
            x += 22 + width(word, SMALL_SIZE) + LEGEND_GAP
    return "".join(parts)


def _styles(appearance: Appearance) -> str:
    scope = f".misy-timeline-{appearance}"
    shape = {
        "text": f"font-family:{FONTS};font-size:{SMALL_SIZE}px",
        ".h": f"font-size:{HEADING_SIZE}px;font-weight:600",
        ".e": "text-anchor:end",
        ".m": "text-anchor:middle",
        ".c": "font-weight:700",
        ".queue": "stroke-dasharray:2 2",
        ".crit": "stroke-width:2.4",
        ".thin": "stroke-width:.6",
        ".tick": "stroke-opacity:.35",
    }
    light, dark = (_scoped(scope, _colours(one)) for one in (LIGHT, DARK))
    match appearance:
        case "light":
            return _scoped(scope, shape) + light
        case "dark":
            return _scoped(scope, shape) + dark
        case "auto":
            colours = f"{light}@media (prefers-color-scheme: dark){{{dark}}}"
            return _scoped(scope, shape) + colours


def _scoped(scope: str, rules: Mapping[str, str]) -> str:
    return "".join(f"{scope} {selector}{{{rule}}}" for selector, rule in rules.items())


def _colours(palette: Palette) -> dict[str, str]:
    rules = {
        ".page": f"fill:{palette.page}",
        "text": f"fill:{palette.small}",
        ".h": f"fill:{palette.ink}",
        ".c": f"fill:{palette.ink}",
        "line": f"stroke:{palette.small}",
        ".tick": f"stroke:{palette.frame_line}",
    }
    for status in SIGNS:
        tone = palette.tones[status]
        rules[f".st-{status}"] = f"fill:{tone.fill};stroke:{tone.line}"
        rules[f".g-{status}"] = f"fill:{tone.glyph}"
    return rules | {".crit": f"stroke:{palette.ink}", ".in": f"fill:{palette.ink}"}
