"""How long calls took: a histogram per agent, with its percentiles.

In: durations in seconds and marks, per agent. Out: one SVG without scripts, or the same as text. All
agents share one axis, on which a tenfold time is always the same distance: an agent that answers in
10 ms stands beside one that takes a minute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from misydsl.diagnostics.cells import cells, columns
from misydsl.render.text import clean, clip, escape_xml
from misydsl.render.theme import (
    DARK,
    FONTS,
    HEADING_SIZE,
    LIGHT,
    SMALL_SIZE,
    TITLE_SIZE,
    Appearance,
    Palette,
)
from misydsl.render.timeline import took

SHORTEST_S = 0.0001  # what is faster stands with it
BINS = 64
ROW = 64.0
BARS = 34.0
MARGIN = 16.0
LABELS = 200.0
CHART = 640.0
NOTES = 96.0
_LEVELS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class AgentLatency:
    """One agent's calls: seconds of each, and the marks on them by name (`p50`, `p95`)."""

    agent: str
    durations_s: Sequence[float]
    marks: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Axis:
    """From seconds to a share of the width; both ends are powers of ten."""

    low: int
    high: int

    def share(self, seconds: float) -> float:
        place = (log10(max(seconds, SHORTEST_S)) - self.low) / (self.high - self.low)
        return min(max(place, 0.0), 1.0)

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(self.low, self.high + 1)]


def latency_svg(
    agents: Sequence[AgentLatency], *, title: str, appearance: Appearance = "light"
) -> str:
    """The picture; without calls it says so."""
    axis = _axis_of(agents)
    top = MARGIN + HEADING_SIZE * 1.8
    bottom = top + ROW * max(len(agents), 1)
    across, down = MARGIN * 2 + LABELS + CHART + NOTES, bottom + MARGIN + 2 * SMALL_SIZE
    head = escape_xml(clean(f"{title} · how long calls took"))
    size = f'width="{across:.0f}" height="{down:.0f}" viewBox="0 0 {across:.0f} {down:.0f}"'
    rows = [
        line for number, one in enumerate(agents) for line in _row(one, axis, top + number * ROW)
    ]
    if not agents:
        rows = [f'<text x="{MARGIN}" y="{top + ROW / 2:.1f}">no calls</text>']
    body = "\n".join([_ticks(axis, top, bottom), *rows])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" '
        f'class="misy-latency misy-latency-{appearance}">\n'
        f"<title>{head}</title>\n<style>{_styles(appearance)}</style>\n"
        f'<rect class="page" width="100%" height="100%"/>\n'
        f'<text x="{MARGIN}" y="{MARGIN + HEADING_SIZE}" class="h">{head}</text>\n{body}\n</svg>\n'
    )


def latency_text(agents: Sequence[AgentLatency], *, title: str, width: int = 100) -> str:
    """The same in lines of at most `width` columns."""
    axis = _axis_of(agents)
    room = max((columns(cells(clean(one.agent))) for one in agents), default=0)
    chart = min(max(width - room - 40, 16), BINS)
    lines = [clean(f"{title} · how long calls took")]
    for one in agents:
        counts = _counts(one.durations_s, axis, chart)
        peak = max(counts) or 1
        bars = "".join(_LEVELS[0 if not n else max(1, round(8 * n / peak))] for n in counts)
        name = clean(one.agent)
        marks = "  ".join(f"{mark} {took(value)}" for mark, value in one.marks.items())
        lines.append(f"{name}{' ' * (room - columns(cells(name)))} {bars} {marks}")
    if not agents:
        return f"{lines[0]}\nno calls\n"
    ends = _power(axis.ticks()[0]), _power(axis.ticks()[-1])
    gap = max(1, chart - len(ends[0]) - len(ends[1]))
    return "\n".join([*lines, f"{' ' * (room + 1)}{ends[0]}{' ' * gap}{ends[1]}", ""])


def _axis_of(agents: Sequence[AgentLatency]) -> _Axis:
    every = [seconds for one in agents for seconds in (min(one.durations_s), max(one.durations_s))]
    low = floor(log10(max(min(every, default=0.001), SHORTEST_S)))
    high = ceil(log10(max(max(every, default=1.0), SHORTEST_S)))
    return _Axis(low, max(high, low + 1))


def _counts(durations_s: Sequence[float], axis: _Axis, bins: int) -> list[int]:
    counts = [0] * bins
    for seconds in durations_s:
        counts[min(int(axis.share(seconds) * bins), bins - 1)] += 1
    return counts


def _row(one: AgentLatency, axis: _Axis, top: float) -> Iterator[str]:
    """The bars of one agent, its marks above them, its name and number of calls beside them."""
    bottom, left, wide = top + ROW - 8, MARGIN + LABELS, CHART / BINS
    name = escape_xml(clip(clean(one.agent), LABELS - 16, TITLE_SIZE, bold=True))
    yield f'<text x="{left - 12:.1f}" y="{bottom - 14:.1f}" class="n">{name}</text>'
    calls = f"{len(one.durations_s)} calls" if len(one.durations_s) != 1 else "1 call"
    yield f'<text x="{left - 12:.1f}" y="{bottom:.1f}" class="e">{calls}</text>'
    counts = _counts(one.durations_s, axis, BINS)
    peak = max(counts) or 1
    for place, number in enumerate(counts):
        if number:
            height = max(BARS * number / peak, 1.0)
            yield (
                f'<rect x="{left + place * wide:.1f}" y="{bottom - height:.1f}" '
                f'width="{wide - 1:.1f}" height="{height:.1f}" class="b"/>'
            )
    for line, (mark, seconds) in enumerate(one.marks.items()):
        x = left + axis.share(seconds) * CHART
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top + 10:.1f}" y2="{bottom:.1f}" class="m"/>'
        x, y = left + CHART + 14, top + 20 + line * (SMALL_SIZE + 4)
        yield f'<text x="{x:.1f}" y="{y:.1f}">{escape_xml(f"{mark} {took(seconds)}")}</text>'


def _ticks(axis: _Axis, top: float, bottom: float) -> str:
    parts = []
    for seconds in axis.ticks():
        x = MARGIN + LABELS + axis.share(seconds) * CHART
        line = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}" class="t"/>'
        label = f'<text x="{x:.1f}" y="{bottom + 16:.1f}" class="c">{_power(seconds)}</text>'
        parts.append(line + label)
    return "".join(parts)


def _power(seconds: float) -> str:
    """A power of ten of seconds."""
    return f"{seconds * 1000:g} ms" if seconds < 1 else f"{seconds:g} s"


def _styles(appearance: Appearance) -> str:
    shape = {
        "text": f"font-family:{FONTS};font-size:{SMALL_SIZE}px",
        ".h": f"font-size:{HEADING_SIZE}px;font-weight:600",
        ".n": f"font-size:{TITLE_SIZE}px;font-weight:600;text-anchor:end",
        ".e": "text-anchor:end",
        ".c": "text-anchor:middle",
        ".t": "stroke-opacity:.35",
        ".m": "stroke-width:1.4",
    }
    scope = f".misy-latency-{appearance}"
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
    bars = palette.tones["running"]
    return {
        ".page": f"fill:{palette.page}",
        "text": f"fill:{palette.small}",
        ".h": f"fill:{palette.ink}",
        ".n": f"fill:{palette.ink}",
        ".b": f"fill:{bars.fill};stroke:{bars.line};stroke-width:.6",
        ".t": f"stroke:{palette.frame_line}",
        ".m": f"stroke:{palette.ink}",
    }
