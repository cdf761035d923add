"""Forecasts as tables of texts, which every door shows in its own way.

In: what the engine foresees. Out: `Table`s; a text of them for terminals and a page of them for notebooks.
Everything that came from outside is made harmless on the way: control characters in texts, markup in pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from misydsl.diagnostics.cells import printable, width
from misydsl.runner.foresight.amounts import Number
from misydsl.runner.foresight.foreseen import Figure, Foreseen, Origin, StepForecast
from misydsl.runner.foresight.wording import amount_text, cost_text, count_text, span_text
from misydsl.values import duration_text, rate_text

MAX_ROWS: Final = 100
_ORIGINS: Final[dict[Origin, str]] = {
    "bound": "given to the run",
    "environment": "the environment",
    "declared": "its text",
    "default": "nobody: the default",
}
_GAP: Final = "  "


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under heads.

    `right` names the heads that stand at the right, `optional` those that may go where there is no room,
    the first named first.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    more: int = 0
    """Rows that are left out."""


def headline(facts: Foreseen) -> str:
    """What it is a plan of."""
    title = f" “{facts.title}”" if facts.title else ""
    return f"plan of {facts.pipeline}{title}: nothing was called"


def tables_of(facts: Foreseen) -> list[Table]:
    """The tables of a forecast that have something to tell, in order."""
    found = [_steps(facts), _cache(facts), _totals(facts), _agents(facts)]
    return [one for one in found if one.rows]


def remarks_of(facts: Foreseen) -> list[str]:
    """What is told below the tables: the critical path, where likely times are from, what to add."""
    by = "likely" if facts.is_path_likely else "longest"
    runs = "1 past run" if facts.past_runs == 1 else f"{facts.past_runs:,} past runs"
    found = []
    if facts.critical_path:
        shown = facts.critical_path[:12]
        more = (
            [f"… {len(facts.critical_path) - 12:,} more"] if len(facts.critical_path) > 12 else []
        )
        found.append(f"critical path, by {by} times: {' → '.join([*shown, *more])}")
    if facts.past_runs:
        unknown = ", ".join(facts.without_past[:5])
        without = f"; nothing is known of {unknown}" if unknown else ""
        found.append(f"likely is by medians of {runs}{without}")
    if facts.asked_s:
        asked = span_text(facts.asked_s)
        found.append(
            f"agents that ask for it (Retry-After) are waited for up to {asked} more a call"
        )
    return found


def text_of(facts: Foreseen) -> str:
    """All of it as lines."""
    lines = [headline(facts)]
    for one in tables_of(facts):
        more = [f"… {one.more:,} more rows: as_dict() has all"] if one.more else []
        lines += ["", one.title, *_aligned(one), *more]
    lines += ["", *remarks_of(facts), *(f"! {each}" for each in facts.warnings[:MAX_ROWS])]
    return "\n".join(map(printable, lines))


def html_of(facts: Foreseen) -> str:
    """All of it as a page's part, everything escaped."""
    parts = [f"<p><b>{_safe(headline(facts))}</b></p>"]
    for one in tables_of(facts):
        parts.append(f"<table><caption>{_safe(one.title)}</caption>")
        parts.append(f"<thead>{_row(one, one.heads, 'th')}</thead><tbody>")
        parts += (_row(one, row, "td") for row in one.rows)
        more = f"<p>… {one.more:,} more rows: .steps has all</p>" if one.more else ""
        parts.append(f"</tbody></table>{more}")
    listed = (*remarks_of(facts), *(f"⚠ {each}" for each in facts.warnings[:MAX_ROWS]))
    parts.append(f"<ul>{''.join(f'<li>{_safe(each)}</li>' for each in listed)}</ul>")
    return f'<div class="misy-plan">{"".join(parts)}</div>'


# ------------------------------------------------------------------ tables


def _steps(facts: Foreseen) -> Table:
    rows = [
        (
            _name(row),
            row.title or "",
            _does(row),
            _times(row),
            amount_text(row.calls) if row.calls.terms else "",
            amount_text(row.requests) if row.calls.terms else "",
            "" if row.timeout_s is None else duration_text(row.timeout_s),
            _longest(row),
            "" if row.likely_s is None else span_text(row.likely_s),
        )
        for row in facts.steps[:MAX_ROWS]
    ]
    heads = ("step", "title", "does", "times", "calls", "attempts", "timeout", "at most", "likely")
    right = heads[3:]
    more = max(0, len(facts.steps) - MAX_ROWS)
    return Table("steps", heads, tuple(rows), right, ("title", "calls", "likely"), more)


def _name(row: StepForecast) -> str:
    name = row.path.rpartition("/")[2]
    shown = name.removeprefix(":").replace("-", " ") if name.startswith(":") else name
    return "  " * row.depth + (f"else {shown}" if row.role == "else" else shown)


def _does(row: StepForecast) -> str:
    words = {"value": "computes", "approval": "asks a person", "steps": "", "call": ""}
    targets = " or ".join(row.targets)
    if "pipeline" in row.kinds:
        targets = f"pipeline {targets}"
    others = [words[kind] for kind in row.kinds if words.get(kind)]
    if not row.kinds:
        return "is skipped"
    return " or ".join(each for each in (targets, *others) if each)


def _times(row: StepForecast) -> str:
    if row.times.known is None and row.is_fan and row.last_items is not None:
        return f"{amount_text(row.times)}, last {row.last_items:,}"
    if not row.times.terms:
        return "0"
    shown = amount_text(row.times)
    return f"≤ {shown}" if row.is_conditional or row.rounds > 1 else shown


def _longest(row: StepForecast) -> str:
    if "approval" in row.kinds and row.timeout_s is None:
        return "open"
    if row.longest_s is not None:
        return span_text(row.longest_s) if row.longest_s else ""
    return "?" if row.item_s is None else f"{span_text(row.item_s)} an item"


def _cache(facts: Foreseen) -> Table:
    rows = [
        (row.path, duration_text(row.cache.kept_s), row.cache.words)
        for row in facts.steps
        if row.cache is not None
    ]
    more = max(0, len(rows) - MAX_ROWS)
    return Table("cache", ("step", "kept", "would give"), tuple(rows[:MAX_ROWS]), more=more)


def _totals(facts: Foreseen) -> Table:
    figures = (
        ("calls", facts.calls, count_text),
        ("attempts", facts.requests, count_text),
        ("time", facts.time_s, span_text),
        ("cost", facts.cost, cost_text),
        ("tokens", facts.tokens, count_text),
    )
    rows = []
    for name, figure, told in figures:
        if figure is None:
            continue
        limit = "" if figure.limit is None else told(figure.limit)
        likely = "" if figure.likely is None or not facts.past_runs else told(figure.likely)
        least = told(figure.least) if figure.least else ""
        rows.append((name, least, likely, *_most(figure, told), limit))
    heads = ("total", "at least", "likely", "at most", "as in the last run", "allowed")
    return Table("totals", heads, tuple(rows), right=heads[1:])


def _most(figure: Figure, told: Callable[[Number | None], str]) -> tuple[str, str]:
    if figure.most is not None:
        return told(figure.most), ""
    words = "?" if figure.amount is None else amount_text(figure.amount, told=told)
    before = figure.if_as_before
    return words, "" if before is None else told(before)


def _agents(facts: Foreseen) -> Table:
    rows = [
        (
            row.name,
            row.where.place,
            row.where.source or _ORIGINS[row.where.origin],
            str(row.concurrency),
            "" if row.rate_per_s is None else rate_text(row.rate_per_s),
            amount_text(row.requests.amount) if row.requests.amount is not None else "?",
        )
        for row in facts.agents[:MAX_ROWS]
    ]
    heads = ("agent", "is called at", "said by", "at once", "rate", "attempts")
    more = max(0, len(facts.agents) - MAX_ROWS)
    return Table("agents", heads, tuple(rows), heads[3:], ("at once", "rate"), more)


# ------------------------------------------------------------------ forms


def _aligned(table: Table) -> Iterator[str]:
    lines: Sequence[Sequence[str]] = [table.heads, *table.rows]
    shown = [[printable(cell) for cell in line] for line in lines]
    used = [place for place in range(len(table.heads)) if any(row[place] for row in shown[1:])]
    widths = {place: max(width(line[place]) for line in shown) for place in used}
    for line in shown:
        cells = (
            _padded(line[place], room, is_right=table.heads[place] in table.right)
            for place, room in widths.items()
        )
        yield _GAP.join(cells).rstrip()


def _padded(text: str, room: int, *, is_right: bool) -> str:
    padding = " " * (room - width(text))
    return padding + text if is_right else text + padding


def _row(table: Table, cells: Sequence[str], tag: str) -> str:
    made = (
        f'<{tag} style="text-align:{"right" if head in table.right else "left"};white-space:pre">'
        f"{_safe(cell)}</{tag}>"
        for head, cell in zip(table.heads, cells, strict=True)
    )
    return f"<tr>{''.join(made)}</tr>"


def _safe(text: str) -> str:
    return escape(printable(text))
