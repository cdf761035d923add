"""When what happened: a Gantt picture of a run's attempts.

In: a `History`. Out: one SVG: a row per step (items of a `for` share their step's row), a bar per attempt,
coloured by its end, and a thin line for the time it queued behind limits. Times count from the acceptance of
the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from misydsl.history.states import Attempt, History
from misydsl.history.status import StepStatus
from misydsl.render.text import clean, clip, escape_xml, width
from misydsl.render.theme import FONTS, HEADING_SIZE, LIGHT, SIGNS, SMALL_SIZE

ROW = 22.0
MARGIN = 16.0
LABELS = 190.0
CHART = 620.0
MOST_ROWS = 60
MOST_BARS = 2_000  # beyond that bars are thinner than pixels
TICKS = 5

_TONES: dict[str, StepStatus] = {
    "running": "running",
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
    "lost": "blocked",
}


def timeline_svg(history: History) -> str:
    """The picture; a run without attempts gives its axis alone."""
    begun = history.accepted_at or 0.0
    rows = _rows(history)
    end = _end(history, begun)
    top = MARGIN + HEADING_SIZE * 1.6
    height = top + ROW * max(len(rows), 1) + 2 * MARGIN + SMALL_SIZE
    across = MARGIN + LABELS + CHART + MARGIN + 40
    title = clean(history.title or history.pipeline)
    body = "\n".join(_drawn(rows, begun, end, top))
    size = f'width="{across:.0f}" height="{height:.0f}" viewBox="0 0 {across:.0f} {height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">\n'
        f"<title>{escape_xml(title)}</title>\n<style>text{{font-family:{FONTS};"
        f"font-size:{SMALL_SIZE}px;fill:{LIGHT.small}}}.h{{font-size:{HEADING_SIZE}px;"
        f"font-weight:600;fill:{LIGHT.ink}}}.e{{text-anchor:end}}</style>\n"
        f'<rect width="100%" height="100%" fill="{LIGHT.page}"/>\n'
        f'<text x="{MARGIN}" y="{MARGIN + HEADING_SIZE}" class="h">{escape_xml(title)}</text>\n'
        f"{body}\n{_axis(top + ROW * max(len(rows), 1), top, end - begun)}</svg>\n"
    )


def _rows(history: History) -> list[tuple[str, list[Attempt]]]:
    rows: dict[str, list[Attempt]] = {}
    for attempt in history.attempts:
        rows.setdefault(attempt.step, []).append(attempt)
    listed = list(rows.items())
    if len(listed) <= MOST_ROWS:
        return listed
    rest = [attempt for _, attempts in listed[MOST_ROWS - 1 :] for attempt in attempts]
    return [*listed[: MOST_ROWS - 1], (f"… {len(listed) - MOST_ROWS + 1} more steps", rest)]


def _end(history: History, begun: float) -> float:
    ends = [attempt.ended_at or attempt.started_at for attempt in history.attempts]
    return max([*ends, history.finished_at or begun, begun + 0.001])


def _drawn(
    rows: Sequence[tuple[str, list[Attempt]]], begun: float, end: float, top: float
) -> Iterator[str]:
    scale = CHART / (end - begun)
    for number, (step, attempts) in enumerate(rows):
        y = top + number * ROW
        label = escape_xml(clip(clean(step), LABELS - 12, SMALL_SIZE))
        yield f'<text x="{MARGIN + LABELS - 10:.1f}" y="{y + ROW * 0.66:.1f}" class="e">{label}</text>'
        for attempt in attempts[:MOST_BARS]:
            yield from _bar(attempt, begun, end, scale, y)


def _bar(attempt: Attempt, begun: float, end: float, scale: float, y: float) -> Iterator[str]:
    left = MARGIN + LABELS + (attempt.started_at - begun) * scale
    room = max(((attempt.ended_at or end) - attempt.started_at) * scale, 1.5)
    tone = LIGHT.tones[_TONES[attempt.status]]
    if attempt.waited_s * scale >= 1:
        start = left - attempt.waited_s * scale
        line = f'x1="{start:.1f}" x2="{left:.1f}" y1="{y + ROW / 2:.1f}" y2="{y + ROW / 2:.1f}"'
        yield f'<line {line} stroke="{LIGHT.frame_line}" stroke-dasharray="2 2"/>'
    place = f'x="{left:.1f}" y="{y + 4:.1f}" width="{room:.1f}" height="{ROW - 8:.1f}"'
    words = escape_xml(_words(attempt))
    bar = f'<rect {place} rx="2" fill="{tone.fill}" stroke="{tone.line}"><title>{words}</title></rect>'
    yield bar
    sign = SIGNS[_TONES[attempt.status]].glyph
    if room > width(sign, SMALL_SIZE) + 4:
        yield f'<text x="{left + 3:.1f}" y="{y + ROW * 0.66:.1f}">{sign}</text>'


def _words(attempt: Attempt) -> str:
    item = f" [{attempt.item}]" if attempt.item else ""
    took = f", {attempt.duration_s:.3f} s" if attempt.duration_s is not None else ""
    return clean(f"{attempt.step}{item}: attempt {attempt.attempt} {attempt.status}{took}")


def _axis(y: float, top: float, seconds: float) -> str:
    parts = []
    for number in range(TICKS + 1):
        x = MARGIN + LABELS + CHART * number / TICKS
        line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{y + 4:.1f}"'
        parts.append(f'{line} stroke="{LIGHT.frame_line}" stroke-opacity="0.35"/>')
        label = _seconds(seconds * number / TICKS)
        parts.append(f'<text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle">{label}</text>')
    return "".join(parts) + "\n"


def _seconds(value: float) -> str:
    if value < 1:
        return f"{value * 1000:.0f} ms"
    return f"{value:.1f} s" if value < 100 else f"{value / 60:.1f} min"
