"""The timeline of a run as text, for terminals, logs and those who do not see pictures.

In: what the picture takes. Out: lines of at most so many columns: a row per step, time from left to
right, with the same folding as the picture. Every sign is explained in the last line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import floor

from misydsl.diagnostics.cells import cells, columns
from misydsl.history.states import History
from misydsl.render.timeline import amount_note, tick_label, tick_step, took
from misydsl.render.timeline_rows import (
    Bar,
    CriticalStretch,
    Row,
    Timeline,
    opened,
    timeline_of,
)

LABELS = 24
NOTES = 22
NARROWEST_CHART = 20
_LEVELS = " ▁▂▃▄▅▆▇█"
_SIGNS: Mapping[str, str] = {
    "succeeded": "█",
    "failed": "✗",
    "running": "▶",
    "cancelled": "■",
    "blocked": "?",
    "asking": "◇",
}
_PART_SIGNS: Mapping[str, str] = {
    "call": "█",
    "failed call": "✗",
    "retry wait": "─",
    "queue wait": "·",
    "person": "◇",
    "stopped": "‖",
    "engine": " ",
}
_MEANINGS: Mapping[str, str] = {
    "█": "call",
    "✗": "failed",
    "─": "waits to retry",
    "·": "queued",
    "▶": "still open",
    "◇": "a person",
    "■": "cancelled",
    "?": "lost",
    "‖": "nobody worked on it",
}


def timeline_text(
    history: History,
    *,
    critical: Iterable[CriticalStretch] = (),
    until: float | None = None,
    width: int = 100,
) -> str:
    """The timeline in lines of at most `width` columns; `*` marks steps on the critical path."""
    timeline = timeline_of(history, critical, until=until)
    chart = max(width - LABELS - NOTES - 2, NARROWEST_CHART)
    lines = [f"{timeline.title} · {timeline.status} · {took(timeline.duration_s)}"]
    if timeline.critical:
        lines.append(_line("* critical path", _ribbon(timeline, chart), ""))
    for row in timeline.rows:
        is_own = row.is_critical and row.steps == 1
        label = f"* {row.label}" if is_own else f"  {row.label}"
        if row.is_amount:
            lines.append(_line(label, _amount(row, timeline, chart), amount_note(row)))
        else:
            lines.append(_line(label, _bars(row, timeline, chart), took(row.ended - row.begun)))
    used = set("".join(lines[1:]))
    meanings = [f"{sign} {word}" for sign, word in _MEANINGS.items() if sign in used]
    return "\n".join([*lines, _axis(timeline, chart), "   ".join(meanings)]).rstrip() + "\n"


def _line(label: str, chart: str, note: str) -> str:
    return f"{_fitted(label, LABELS)} {chart} {note}".rstrip()


def _fitted(text: str, room: int) -> str:
    """The text in exactly so many columns."""
    if columns(cells(text)) > room:
        kept: list[str] = []
        left = room - 1
        for cell in cells(text):
            left -= cell.columns
            if left < 0:
                break
            kept.append(cell.text)
        text = "".join(kept) + "…"
    return text + " " * (room - columns(cells(text)))


def _places(begun: float, ended: float, timeline: Timeline, chart: int) -> range:
    """The columns of some time; the shortest has one, too."""
    first, last = (
        int((at - timeline.begun) / timeline.duration_s * chart + 1e-9) for at in (begun, ended)
    )
    first = min(max(first, 0), chart - 1)
    return range(first, min(max(last, first + 1), chart))


def _ribbon(timeline: Timeline, chart: int) -> str:
    signs = [" "] * chart
    for one in timeline.critical:
        for place in _places(one.begun, one.ended, timeline, chart):
            signs[place] = _PART_SIGNS.get(one.part, " ")
    return "".join(signs)


def _bars(row: Row, timeline: Timeline, chart: int) -> str:
    """All lanes on one line: what is open hides what waits, what failed hides both."""
    signs = [" "] * chart
    strokes = [
        stroke
        for bar in sorted(row.bars, key=lambda bar: bar.status == "failed")
        for stroke in _strokes(bar)
    ]
    for sign, begun, ended in sorted(strokes, key=lambda stroke: stroke[0] not in "─·"):
        for place in _places(begun, ended, timeline, chart):
            signs[place] = sign
    return "".join(signs)


def _strokes(bar: Bar) -> Iterator[tuple[str, float, float]]:
    if bar.retried_from is not None:
        yield "─", bar.retried_from, bar.queued_from
    if bar.begun > bar.queued_from:
        yield "·", bar.queued_from, bar.begun
    yield _SIGNS.get(bar.status, "█"), bar.begun, bar.ended


def _amount(row: Row, timeline: Timeline, chart: int) -> str:
    counts = opened(row, timeline, slots=chart)
    peak = max((calls for calls, _ in counts), default=0) or 1
    return "".join(
        _LEVELS[0 if not calls else max(1, round(calls * 8 / peak))] for calls, _ in counts
    )


def _axis(timeline: Timeline, chart: int) -> str:
    step = tick_step(timeline.duration_s, most=max(2, chart // 14))
    signs = [" "] * (chart + NOTES)
    for number in range(floor(timeline.duration_s / step) + 1):
        place = int(number * step / timeline.duration_s * chart)
        for offset, sign in enumerate(tick_label(number * step, step)):
            signs[place + offset] = sign
    return " " * (LABELS + 1) + "".join(signs).rstrip()
