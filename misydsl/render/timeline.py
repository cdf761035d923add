"""When what happened: a Gantt picture of a run's attempts.

In: a `History`. Out: one SVG: a row per step, with as many lanes as it had calls open at once; a bar per
attempt, coloured and signed by its end; a dotted line for the time it queued behind limits, a
thin solid one for the wait before a retry. Times count from the acceptance of the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10

from misydsl.history.states import Attempt, History
from misydsl.history.status import StepStatus
from misydsl.render.text import clean, clip, escape_xml, width
from misydsl.render.theme import FONTS, HEADING_SIZE, LIGHT, SIGNS, SMALL_SIZE

ROW = 22.0
LANE = 15.0
MOST_LANES = 8  # of one step; more calls at once share the last lane
MARGIN = 16.0
LABELS = 190.0
CHART = 620.0
MOST_ROWS = 60
MOST_BARS = 2_000  # beyond that bars are thinner than pixels
MOST_TICKS = 7

_TONES: dict[str, StepStatus] = {
    "running": "running",
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
    "lost": "blocked",
}


@dataclass(frozen=True, slots=True)
class _Bar:
    """One attempt in its lane; `waited_from` is when the failed attempt before it ended."""

    attempt: Attempt
    lane: int
    waited_from: float | None


@dataclass(frozen=True, slots=True)
class _Row:
    """The bars of one step."""

    label: str
    bars: tuple[_Bar, ...]

    @property
    def height(self) -> float:
        """As many lanes as it needs, in pixels."""
        lanes = 1 + max((bar.lane for bar in self.bars), default=0)
        return ROW + LANE * (lanes - 1)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From Unix seconds to pixels."""

    begun: float
    end: float

    def x(self, at: float) -> float:
        """Where a moment stands."""
        return MARGIN + LABELS + (at - self.begun) * CHART / (self.end - self.begun)


def timeline_svg(history: History) -> str:
    """The picture; a run without attempts gives its axis alone."""
    begun = history.accepted_at or 0.0
    rows = _rows(history)
    scale = _Scale(begun, _end(history, begun))
    top = MARGIN + HEADING_SIZE * 1.6
    bottom = top + max(sum(row.height for row in rows), ROW)
    height = bottom + 2 * MARGIN + SMALL_SIZE
    across = MARGIN + LABELS + CHART + MARGIN + 40
    title = clean(history.title or history.pipeline)
    body = "\n".join(_drawn(rows, scale, top))
    size = f'width="{across:.0f}" height="{height:.0f}" viewBox="0 0 {across:.0f} {height:.0f}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" class="misy-timeline">\n'
        f"<title>{escape_xml(title)}</title>\n<style>{_styles()}</style>\n"
        f'<rect width="100%" height="100%" fill="{LIGHT.page}"/>\n'
        f'<text x="{MARGIN}" y="{MARGIN + HEADING_SIZE}" class="h">{escape_xml(title)}</text>\n'
        f"{_axis(scale, top, bottom)}\n{body}\n</svg>\n"
    )


def _styles() -> str:
    rules = {
        "text": f"font-family:{FONTS};font-size:{SMALL_SIZE}px;fill:{LIGHT.small}",
        ".h": f"font-size:{HEADING_SIZE}px;font-weight:600;fill:{LIGHT.ink}",
        ".e": "text-anchor:end",
    }
    return "".join(f".misy-timeline {selector}{{{rule}}}" for selector, rule in rules.items())


def _rows(history: History) -> list[_Row]:
    steps: dict[str, list[Attempt]] = {}
    for attempt in history.attempts:
        steps.setdefault(attempt.step, []).append(attempt)
    listed = list(steps.items())
    if len(listed) > MOST_ROWS:
        rest = [attempt for _, attempts in listed[MOST_ROWS - 1 :] for attempt in attempts]
        left_out = len(listed) - MOST_ROWS + 1
        listed = [*listed[: MOST_ROWS - 1], (f"… {left_out} more steps", rest)]
    return [_Row(clean(step), _bars(attempts)) for step, attempts in listed]


def _bars(attempts: Sequence[Attempt]) -> tuple[_Bar, ...]:
    """Attempts that overlap go into different lanes; retries of an item stay in its lane."""
    free_at: list[float] = []
    last: dict[tuple[str, str], tuple[int, Attempt]] = {}
    bars = []
    shown = attempts[:MOST_BARS]
    for attempt, free in zip(shown, _free_again(shown), strict=True):
        key = (attempt.step, attempt.item)
        before = last.get(key) if attempt.attempt > 1 else None
        began = attempt.started_at - attempt.waited_s
        lane = _lane(free_at, began) if before is None else before[0]
        free_at[lane] = max(free_at[lane], free)
        last[key] = (lane, attempt)
        bars.append(_Bar(attempt, lane, before[1].ended_at if before else None))
    return tuple(bars)


def _lane(free_at: list[float], began: float) -> int:
    for lane, free in enumerate(free_at):
        if free <= began:
            return lane
    if len(free_at) < MOST_LANES:
        free_at.append(0.0)
    return len(free_at) - 1


def _free_again(attempts: Sequence[Attempt]) -> list[float]:
    """When each attempt's lane is free: after the last retry of the same call."""
    free: list[float] = []
    followed: dict[tuple[str, str], float] = {}
    for attempt in reversed(attempts):
        key = (attempt.step, attempt.item)
        ended = float("inf") if attempt.ended_at is None else attempt.ended_at
        free.append(max(ended, followed.pop(key, ended)))
        if attempt.attempt > 1:
            followed[key] = free[-1]
    return free[::-1]


def _end(history: History, begun: float) -> float:
    ends = [attempt.ended_at or attempt.started_at for attempt in history.attempts]
    return max([*ends, history.finished_at or begun, begun + 0.001])


def _drawn(rows: Sequence[_Row], scale: _Scale, top: float) -> Iterator[str]:
    y = top
    for row in rows:
        label = escape_xml(clip(row.label, LABELS - 12, SMALL_SIZE))
        place = f'x="{MARGIN + LABELS - 10:.1f}" y="{y + ROW * 0.66:.1f}"'
        yield f'<text {place} class="e">{label}</text>'
        for bar in row.bars:
            yield from _bar(bar, scale, y + bar.lane * LANE)
        y += row.height


def _bar(bar: _Bar, scale: _Scale, y: float) -> Iterator[str]:
    attempt = bar.attempt
    left, middle = scale.x(attempt.started_at), y + ROW / 2
    room = max(scale.x(attempt.ended_at or scale.end) - left, 2.0)
    tone = LIGHT.tones[_TONES[attempt.status]]
    queued = scale.x(attempt.started_at - attempt.waited_s)
    if bar.waited_from is not None:
        yield _line(scale.x(bar.waited_from), queued, middle, "")
    if left - queued >= 1:
        yield _line(queued, left, middle, ' stroke-dasharray="2 2"')
    height = LANE - 3
    place = f'x="{left:.1f}" y="{middle - height / 2:.1f}" width="{room:.1f}" height="{height:.1f}"'
    colours = f'fill="{tone.fill}" stroke="{tone.line}"'
    yield f'<rect {place} rx="2" {colours}><title>{escape_xml(_words(attempt))}</title></rect>'
    sign = SIGNS[_TONES[attempt.status]].glyph
    if room > width(sign, SMALL_SIZE) + 4:
        place = f'x="{left + 3:.1f}" y="{middle + SMALL_SIZE * 0.36:.1f}"'
        yield f'<text {place} style="fill:{tone.glyph}">{sign}</text>'


def _line(start: float, end: float, y: float, dashes: str) -> str:
    place = f'x1="{start:.1f}" x2="{end:.1f}" y1="{y:.1f}" y2="{y:.1f}"'
    return f'<line {place} stroke="{LIGHT.small}"{dashes}/>'


def _words(attempt: Attempt) -> str:
    item = f" [{attempt.item}]" if attempt.item else ""
    took = f", {attempt.duration_s:.3f} s" if attempt.duration_s is not None else ""
    queued = f", queued {attempt.waited_s:.3f} s" if attempt.waited_s else ""
    return clean(f"{attempt.step}{item}: attempt {attempt.attempt} {attempt.status}{took}{queued}")


def _axis(scale: _Scale, top: float, bottom: float) -> str:
    parts = []
    step = _tick_step(scale.end - scale.begun)
    for number in range(floor((scale.end - scale.begun) / step) + 1):
        x = scale.x(scale.begun + number * step)
        line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom + 4:.1f}"'
        parts.append(f'{line} stroke="{LIGHT.frame_line}" stroke-opacity="0.35"/>')
        label = _seconds(number * step, step)
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18:.1f}" text-anchor="middle">{label}</text>')
    return "".join(parts)


def _tick_step(seconds: float) -> float:
    """1, 2 or 5 times a power of ten, so that there are at most `MOST_TICKS` gaps."""
    power = 10.0 ** floor(log10(seconds / MOST_TICKS))
    return next(
        factor * power for factor in (1, 2, 5, 10, 20) if seconds / (factor * power) <= MOST_TICKS
    )


def _seconds(value: float, step: float) -> str:
    if step < 1:
        return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"
    return f"{value:.0f} s" if step < 60 else f"{value / 60:g} min"
