"""The report of a run: what stays in a notebook when the run is over.

In: the graph, the history, the timeline as SVG, and what to type next. Out: static HTML (a head, the picture,
folded parts for the steps, the timeline and the result) and its twin as text. Needs no script, no
widget and no network; every text that came from outside is escaped.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from misydsl.graph.build import StepGraph
from misydsl.history.states import History, StepState
from misydsl.render.html_pieces import TEXT, chip, folded, picture, preformatted, table, word
from misydsl.render.run_rows import (
    RunView,
    StepRow,
    counted,
    fitting,
    is_over,
    reason_of,
    took,
    view_of,
)
from misydsl.render.svg import to_svg
from misydsl.render.text import clean
from misydsl.values import decode_json

MOST_ROWS = 150
MOST_RESULT = 20_000  # characters
MOST_FAILURES = 8


@dataclass(frozen=True, slots=True)
class RunReport:
    """Everything a report needs."""

    graph: StepGraph
    history: History
    now: float
    timeline_svg: str | None = None
    ending: str = ""
    """What the one who shows it has to say, such as that it was interrupted."""


def report_html(report: RunReport) -> str:
    """The report as HTML."""
    view = view_of(report.graph, report.history, now=report.now)
    svg = to_svg(report.graph, report.history, appearance="auto", has_heading=False)
    parts = [_head(view), picture(svg, _summary(view))]
    parts += [f"<div>{word(line)}</div>" for line in _failures(report.history)]
    parts += [_next_words(line) for line in next_steps(report)]
    parts.append(folded(f"steps ({len(view.rows):,})", _steps(view, report.history)))
    if report.timeline_svg is not None:
        title = f"{view.title}: when what happened"
        parts.append(folded("timeline", picture(report.timeline_svg, title)))
    if report.history.result is not None:
        parts.append(folded("result", preformatted(_result(report.history))))
    return f'<div style="{TEXT}">{"".join(parts)}</div>'


def report_text(report: RunReport) -> str:
    """The report as text."""
    view = view_of(report.graph, report.history, now=report.now)
    rows, hidden = fitting(view.rows, MOST_ROWS)
    wide = min(48, max((2 * row.depth + len(clean(row.label)) for row in rows), default=0))
    lines = [f"{clean(view.title)}  {_summary(view)}  run {view.run}"]
    lines += [_text_row(row, wide) for row in rows]
    lines += [f"  … {hidden} more"] if hidden else []
    lines += [clean(line) for line in _failures(report.history)]
    return "\n".join((*lines, *next_steps(report)))


def next_steps(report: RunReport) -> list[str]:
    """What to type next, for a run that has no result."""
    lines = [report.ending] if report.ending else []
    match report.history.status:
        case "paused" if not lines:
            why = f" ({clean(report.history.pause_reason)})" if report.history.pause_reason else ""
            return [f"paused{why}; to go on: run.resume()"]
        case "failed":
            return [*lines, "every attempt: run.attempts", "only what failed: run.retry()"]
        case _:
            return lines


def _head(view: RunView) -> str:
    return (
        f'<div><b style="font-size:15px">{word(view.title)}</b> &nbsp;{chip(view.status)} '
        f"&nbsp;{_counts(view)} &nbsp;· run <code>{word(view.run)}</code></div>"
    )


def _counts(view: RunView) -> str:
    words = [f"{view.done}/{view.total} steps", f"{view.failed} failed"]
    words += [counted(view.retries, "retry", "retries")]
    words += [f"{view.reused} reused"] if view.reused else []
    return " · ".join([*words, took(view.elapsed_s)])


def _summary(view: RunView) -> str:
    return f"{view.status} · {_counts(view)}"


def _failures(history: History) -> list[str]:
    """Why it failed: the run's failure, then those of steps that nobody caught."""
    found = [history.failure] if history.failure is not None else []
    found += [
        one.failure
        for one in history.steps.values()
        if one.status == "failed" and one.failure is not None and history.status == "failed"
    ]
    sentences: list[str] = []
    for one in found:
        if not any(
            one.message in told for told in sentences
        ):  # a run tells its first failed item's
            sentences.append(f"✗ {one.sentence()}")
    lines = sentences[:MOST_FAILURES]
    more = len(sentences) - len(lines)
    return [*lines, f"… and {more} more failures"] if more else lines


def _next_words(line: str) -> str:
    head, colon, command = line.rpartition(": ")
    if not colon or not command.startswith("run.") or " " in command:
        return f"<div>{word(line)}</div>"
    return f"<div>{word(head)}: <code>{word(command)}</code></div>"


def _steps(view: RunView, history: History) -> str:
    rows, hidden = fitting(view.rows, MOST_ROWS)
    heads = ("step", "state", "attempts", "time", "why")
    cells = [_cells(row, history, is_final=is_over(view)) for row in rows]
    more = f"<div>… {hidden:,} more rows: <code>run.steps</code></div>" if hidden else ""
    return table(heads, cells, right=("attempts", "time")) + more


def _cells(row: StepRow, history: History, *, is_final: bool) -> Sequence[str]:
    state = history.steps.get((row.path, ""))
    why = row.note if row.counts or not is_final else _why(state)
    return (
        "&nbsp;" * 4 * row.depth + word(row.label),
        chip(row.status) + (f" {word(row.counts)}" if row.counts else ""),
        str(row.attempts) if row.attempts else "",
        took(row.duration_s),
        word(why),
    )


def _why(state: StepState | None) -> str:
    return reason_of(state) if state is not None else ""


def _text_row(row: StepRow, wide: int) -> str:
    label = ("  " * row.depth + clean(row.label))[:wide]
    words = [row.status, row.counts, took(row.duration_s), clean(row.note)]
    return f"  {label.ljust(wide)}  " + "  ".join(one for one in words if one)


def _result(history: History) -> str:
    value = decode_json(bytes(history.result or b"null"))
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return text if len(text) <= MOST_RESULT else f"{text[:MOST_RESULT]}\n… run.result has all of it"
