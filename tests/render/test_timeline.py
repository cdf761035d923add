"""The timeline shows every attempt, or folds them, in light and dark, as SVG and as text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from misydsl.diagnostics.cells import cells, columns
from misydsl.failures import Failure
from misydsl.history.events import (
    ApprovalAsked,
    AttemptFailed,
    AttemptStarted,
    Event,
    RunFinished,
    RunOwned,
    StepFailed,
    StepFinished,
)
from misydsl.history.states import History
from misydsl.render import timeline_svg, timeline_text
from misydsl.render.theme import Appearance
from misydsl.render.timeline import tick_label, tick_step
from misydsl.render.timeline_rows import MOST_LANES, MOST_ROWS, timeline_of
from tests.graph.pipelines import accepted, history_of

SVG = "{http://www.w3.org/2000/svg}"
TIMEOUT = Failure("timeout", "no answer within 2s")


@dataclass(frozen=True)
class Stretch:
    """Time on a critical path, as metrics tells it."""

    begun: float
    ended: float
    part: str
    step: str = ""
    item: str = ""


def begun(step: str, at: float, **more: object) -> AttemptStarted:
    return AttemptStarted(at=at, step=step, agent="a", key="k", timeout_s=30, **more)  # type: ignore[arg-type]  # test data


def ended(step: str, at: float, duration_s: float, item: str = "") -> StepFinished:
    return StepFinished(
        at=at, step=step, item=item, value=Raw(b"1"), attempts=1, duration_s=duration_s, agent="a"
    )


def failed(step: str, at: float, retry_at: float | None = None) -> AttemptFailed:
    return AttemptFailed(at=at, step=step, failure=TIMEOUT, duration_s=1.0, retry_at=retry_at)


def finished(at: float) -> RunFinished:
    return RunFinished(at=at, status="succeeded", result=Raw(b"1"))


RETRIED = history_of(
    accepted(),
    begun("scan", 101.0, waited_s=1.0),
    failed("scan", 102.0, retry_at=104.0),
    begun("scan", 104.0, attempt=2),
    ended("scan", 106.0, 2.0),
    begun("write", 106.0),
    ended("write", 110.0, 4.0),
    finished(110.0),
)
CRITICAL = [
    Stretch(100.0, 101.0, "queue wait", "scan"),
    Stretch(101.0, 102.0, "failed call", "scan"),
    Stretch(102.0, 104.0, "retry wait", "scan"),
    Stretch(104.0, 106.0, "call", "scan"),
    Stretch(106.0, 110.0, "call", "write"),
]


def many(steps: int, *, at_once: int = 10) -> History:
    events: list[Event] = [accepted()]
    for number in range(steps):
        at = 100.0 + number // at_once
        events.append(begun(f"paso-{number:04}", at))
        if number % 97 == 0:
            events += [
                failed(f"paso-{number:04}", at + 1.0),
                StepFailed(at=at + 1.0, step=f"paso-{number:04}", failure=TIMEOUT, attempts=1),
            ]
        else:
            events.append(ended(f"paso-{number:04}", at + 1.0, 1.0))
    return history_of(*events, finished(100.0 + steps / at_once + 1))


def items(count: int) -> History:
    events: list[Event] = [accepted()]
    events += [begun("each", 100.0 + n / count, item=str(n)) for n in range(count)]
    events += [ended("each", 102.0 + n / count, 2.0, str(n)) for n in range(count)]
    return history_of(*events, finished(104.0))


def titles(svg: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(svg).iter(f"{SVG}title")]


def classes(svg: str, tag: str) -> list[str]:
    return [one.get("class", "") for one in ET.fromstring(svg).iter(f"{SVG}{tag}")]


def test_waits_failures_and_the_critical_path_are_drawn() -> None:
    svg = timeline_svg(RETRIED, critical=CRITICAL)
    assert "scan: attempt 1 failed, 1.000 s, queued 1.000 s: no answer within 2s" in titles(svg)
    assert "scan: retry wait, 2.000 s" in titles(svg)
    assert {"queue", "retry", "tick"} <= set(classes(svg, "line"))
    assert [one for one in classes(svg, "rect") if "crit" in one] == [
        *("st-failed crit", "st-succeeded crit", "st-succeeded crit"),
    ]
    words = [one.text for one in ET.fromstring(svg).iter(f"{SVG}text")]
    for word in ("critical path", "queued", "waits to retry", "on the critical path", "✗ failed"):
        assert word in words


def test_without_a_critical_path_nothing_speaks_of_one() -> None:
    svg = timeline_svg(RETRIED)
    assert "critical" not in svg.partition("</style>")[2]
    assert "critical" not in timeline_text(RETRIED)


@pytest.mark.parametrize("appearance", ["light", "dark", "auto"])
def test_every_appearance_is_one_document_without_scripts_and_links(appearance: Appearance) -> None:
    svg = timeline_svg(RETRIED, critical=CRITICAL, appearance=appearance)
    assert {one.tag.removeprefix(SVG) for one in ET.fromstring(svg).iter()} <= {
        *("svg", "title", "style", "rect", "text", "line", "path"),
    }
    assert not re.search(r"href|url\(|@import|<script|on\w+=", svg)
    assert ("prefers-color-scheme" in svg) == (appearance == "auto")


@pytest.mark.parametrize("count", [3, 30, 1_000, 5_000])
def test_a_timeline_is_readable_however_many_steps_there_are(count: int) -> None:
    history = many(count)
    timeline = timeline_of(history)
    assert len(timeline.rows) <= MOST_ROWS
    assert sum(row.steps for row in timeline.rows) == count
    assert sum(len(row.bars) for row in timeline.rows) == count
    height = float(ET.fromstring(timeline_svg(history)).get("height", "0"))
    assert height < 1_400
    assert len(timeline_text(history).splitlines()) <= MOST_ROWS + 4


def test_steps_that_failed_keep_their_rows() -> None:
    labels = {row.label for row in timeline_of(many(1_000)).rows}
    assert {f"paso-{number:04}" for number in range(0, 1_000, 97)} <= labels


def test_critical_steps_keep_their_rows() -> None:
    critical = [Stretch(100.0 + n, 101.0 + n, "call", f"paso-{n * 10 + 5:04}") for n in range(9)]
    labels = {row.label for row in timeline_of(many(900), critical).rows if row.is_critical}
    assert {one.step for one in critical} <= labels


def test_many_items_are_an_amount_and_few_are_bars() -> None:
    (few,) = timeline_of(items(MOST_LANES)).rows
    assert not few.is_amount
    assert few.lanes == MOST_LANES
    (more,) = timeline_of(items(MOST_LANES + 1)).rows
    assert more.is_amount
    svg = timeline_svg(items(1_000))
    assert any("1000 calls, at most 1000 at once" in title for title in titles(svg))
    assert len(svg) < 40_000


def test_a_step_without_calls_is_shown_when_it_took_its_time() -> None:
    history = history_of(
        accepted(),
        ApprovalAsked(at=100.0, step="permiso", question=Raw(b"{}")),
        begun("quick", 100.0),
        ended("quick", 101.0, 1.0),
    )
    svg = timeline_svg(history)
    assert "permiso: asking, 1.000 s" in titles(svg)
    assert "◇" in timeline_text(history)


def test_a_run_that_goes_on_is_shown_up_to_now() -> None:
    history = history_of(accepted(), begun("a", 100.0))
    text = timeline_text(history, until=160.0)
    assert text.startswith("Año «nuevo» · accepted · 1.0 min\n")
    assert timeline_of(history, until=160.0).rows[0].ended == 160.0
    assert "1.0 min" in timeline_svg(history, until=160.0)


def test_a_lost_call_is_shown_as_one() -> None:
    history = history_of(
        accepted(),
        begun("a", 100.0),
        RunOwned(at=110.0, owner="p2", is_resume=True),
        begun("a", 110.0, attempt=2),
        ended("a", 112.0, 2.0),
    )
    assert any("attempt 1 lost" in title for title in titles(timeline_svg(history)))


def test_the_text_says_what_the_picture_says() -> None:
    assert (
        timeline_text(RETRIED, critical=CRITICAL, width=88)
        == """\
Año «nuevo» · succeeded · 10.0 s
* critical path          ····✗✗✗✗────────████████████████████████
* scan                   ····✗✗✗✗────────████████                 6.0 s
* write                                          ████████████████ 4.0 s
                         0 s                 5 s                 10 s
█ call   ✗ failed   ─ waits to retry   · queued
"""
    )


@given(st.integers(24, 200), st.text(max_size=60))
def test_no_line_of_text_is_too_wide(width: int, title: str) -> None:
    history = history_of(accepted(), begun(title or "s", 101.0), ended(title or "s", 103.0, 2.0))
    lines = timeline_text(history, width=width).splitlines()
    for line in lines[1:-1]:
        assert columns(cells(line)) <= max(width, 24 + 20 + 22 + 2)


@pytest.mark.parametrize(
    ("seconds", "labels"),
    [
        (0.004, ["0 ms", "1 ms", "2 ms", "3 ms", "4 ms"]),
        (0.0007, ["0.0 ms", "0.1 ms", "0.2 ms", "0.3 ms"]),
        (3.0, ["0 ms", "500 ms", "1.0 s", "1.5 s"]),
        (70.0, ["0 s", "10 s", "20 s", "30 s"]),
        (400.0, ["0 min", "1 min", "2 min", "3 min"]),
        (3_600.0, ["0 min", "10 min", "20 min", "30 min"]),
        (86_400.0, ["0 h", "6 h", "12 h", "18 h"]),
        (500_000.0, ["0 h", "24 h", "48 h"]),
        (5_000_000.0, ["0 h", "240 h", "480 h"]),
    ],
)
def test_the_axis_counts_in_round_times(seconds: float, labels: list[str]) -> None:
    step = tick_step(seconds)
    assert seconds / step <= 7
    assert [tick_label(number * step, step) for number in range(len(labels))] == labels


def test_a_long_name_is_cut_at_a_whole_character() -> None:
    history = history_of(accepted(), begun("日本語" * 12, 101.0), finished(103.0))
    line = timeline_text(history, width=90).splitlines()[1]
    assert "…" in line
    assert columns(cells(line[: line.index("■")])) >= 25


def test_an_amount_says_what_of_it_was_critical_and_how_long_calls_queued() -> None:
    events: list[Event] = [
        begun("each", 101.0 + n / 100, item=str(n), waited_s=1.0) for n in range(20)
    ]
    history = history_of(accepted(), *events, finished(104.0))
    svg = timeline_svg(history, critical=[Stretch(101.0, 104.0, "call", "each", "3")])
    assert any("queued 1.0 s on average" in title for title in titles(svg))
    assert "crit" in classes(svg, "line")
    assert "each [3]: call, 3.000 s" in titles(svg)


def test_a_short_critical_call_is_underlined_instead_of_outlined() -> None:
    history = history_of(
        accepted(), begun("a", 100.0), ended("a", 100.1, 0.1), begun("b", 100.1), finished(200.0)
    )
    svg = timeline_svg(history, critical=[Stretch(100.0, 100.1, "call", "a")])
    assert "crit" in classes(svg, "line")
    assert "st-succeeded crit" not in classes(svg, "rect")
