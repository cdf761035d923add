"""The words of a live board, as HTML with short class names.

In: a `RunView`, questions. Out: texts for the board's widgets: the head, the table of steps, a question.
Everything that an agent, a file or a person wrote is escaped and clipped; no text is over 25 kB, so no
message to the page is.
"""

from __future__ import annotations

import json
from html import escape
from typing import Final

from misydsl.render.html_live import SCOPE, live_style
from misydsl.render.run_rows import RunView, StepRow, counted, fitting, took
from misydsl.render.text import clean, clip
from misydsl.render.theme import SIGNS, SMALL_SIZE
from misydsl.workspace.questions import Question

MOST_BYTES: Final = 20_000  # of a table; with the rest of a message it stays under 25 kB
MOST_ROWS: Final = 60
FOLDED_ROWS: Final = 12  # of a run with more steps than can be shown: readable without scrolling
_NOTE_WIDTH: Final = 620.0
_LABEL_WIDTH: Final = 320.0
_SHOWN_JSON: Final = 4_000  # characters of what a person is to look at

_RULES: Final = {
    "": "color:var(--jp-ui-font-color1,inherit);font-family:var(--jp-ui-font-family,sans-serif);"
    "font-size:13px;line-height:1.5",
    ".misy-h b": "font-size:15px",
    ".misy-bar": "height:6px;border-radius:3px;background:var(--waiting);"
    "border:1px solid var(--waiting-l);overflow:hidden;margin:4px 0 2px",
    ".misy-bar i": "display:block;height:100%;background:var(--succeeded-l)",
    ".misy-bar i.bad": "background:var(--failed-l)",
    ".misy-chip": "border-radius:9px;padding:0 .6em;border:1px solid;display:inline-block;line-height:1.5",
    "table.misy-t": "border-collapse:collapse;width:100%;table-layout:auto;margin:2px 0",
    "table.misy-t td,.misy-live table.misy-t th": "padding:1px 10px 1px 0;text-align:left;"
    "vertical-align:top;background:none;border:0;white-space:nowrap;line-height:1.45;font-size:13px",
    "table.misy-t td:last-child": "white-space:normal;width:60%;overflow-wrap:anywhere",
    "table.misy-t .n": "text-align:right;font-variant-numeric:tabular-nums",
    "pre": "white-space:pre-wrap;overflow-wrap:anywhere;max-height:260px;overflow:auto;margin:2px 0 6px;"
    "padding:6px 8px;background:var(--page);color:var(--ink);border-radius:5px;font-size:12px",
    ".misy-q": "border-left:4px solid var(--asking-l);padding:2px 10px",
}


def style() -> str:
    """All rules of a board; sent once."""
    own = "".join(
        ",".join(f".{SCOPE} {one}" for one in [selector]) + f"{{{rule}}}"
        for selector, rule in _RULES.items()
    )
    chips = "".join(
        f".{SCOPE} .misy-{status}{{background:var(--{status});color:var(--ink);"
        f"border-color:var(--{status}-l)}}"
        for status in SIGNS
    )
    return f"<style>{live_style()}{own}{chips}</style>"


def head(view: RunView, *, ending: str = "") -> str:
    """Title, status and counts over the bar of progress."""
    words = [f"{view.done}/{view.total}", f"{view.failed} failed"]
    words += [counted(view.retries, "retry", "retries")]
    words += [f"{view.reused} reused"] if view.reused else []
    words += [elapsed(view.elapsed_s)]
    title = escape(clean(view.title))
    bad = ' class="bad"' if view.status == "failed" else ""
    more = f"<div>{escape(ending)}</div>" if ending else ""
    return (
        f'<div class="misy-h"><b>{title}</b> &nbsp;{chip(view.status)} '
        f"&nbsp;{' · '.join(words)}</div>"
        f'<div class="misy-bar"><i{bad} style="width:{view.share:.1%}"></i></div>{more}'
    )


def chip(status: str) -> str:
    """A status word in its colour; those of runs borrow the ones of steps."""
    look = {"accepted": "waiting", "paused": "cancelled"}.get(status, status)
    glyph = SIGNS[look].glyph if look in SIGNS else "?"  # type: ignore[index]  # told by `in`
    return f'<span class="misy-chip misy-{look}">{glyph} {escape(status)}</span>'


def table(view: RunView) -> str:
    """The steps: all of them while they are few, else what asks, failed and runs."""
    room = MOST_ROWS if len(view.rows) <= MOST_ROWS else FOLDED_ROWS
    rows, hidden = fitting(view.rows, room)
    lines: list[str] = []
    size = 0
    for number, row in enumerate(rows):
        line = _row(row)
        size += len(line.encode())
        if size > MOST_BYTES:
            hidden += len(rows) - number
            break
        lines.append(line)
    counts: dict[str, int] = {}
    for row in view.rows if hidden else ():
        counts[row.status] = counts.get(row.status, 0) + 1
    words = ", ".join(f"{number:,} {word}" for word, number in counts.items())
    more = (
        f'<tr><td colspan="5">… {hidden:,} more steps; of all: {words}</td></tr>' if hidden else ""
    )
    heads = (
        '<tr><th>step</th><th>state</th><th class="n">attempts</th><th class="n">time</th>'
        "<th></th></tr>"
    )
    return f'<table class="misy-t">{heads}{"".join(lines)}{more}</table>'


def question_words(question: Question) -> str:
    """What a person is asked, and what they are to look at."""
    to = f" for {escape(clean(question.to))}" if question.to else ""
    shown = ""
    if question.show is not None:
        text = question.show if isinstance(question.show, str) else pretty(question.show)
        shown = f"<pre>{escape(text[:_SHOWN_JSON])}</pre>"
    options = f"<div>options: {escape(clean(', '.join(question.options)))}</div>"
    return (
        f'<div class="misy-q"><b>{escape(question.message[: _SHOWN_JSON // 4])}</b> '
        f"({escape(clean(question.where))}{to}){shown}{options if question.options else ''}</div>"
    )


def pretty(value: object) -> str:
    """A JSON value on several lines."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def elapsed(seconds: float) -> str:
    """Tenths while they can be followed, whole seconds after a minute."""
    return f"{seconds:.1f} s" if seconds < 59.95 else took(seconds)


def _row(row: StepRow) -> str:
    label = clip(clean(row.label), _LABEL_WIDTH, SMALL_SIZE)
    note = clip(clean(row.note), _NOTE_WIDTH, SMALL_SIZE)
    attempts = str(row.attempts) if row.attempts else ""
    counts = f" {row.counts}" if row.counts else ""
    # whole seconds while it goes on: the table is sent again only when something in it changed
    time = f"{row.duration_s:.0f} s" if row.is_going_on and row.duration_s else took(row.duration_s)
    indent = f' style="padding-left:{row.depth * 16}px"' if row.depth else ""
    return (
        f"<tr><td{indent}>{escape(label)}</td><td>{chip(row.status)}{counts}</td>"
        f'<td class="n">{attempts}</td><td class="n">{time}</td><td>{escape(note)}</td></tr>'
    )
