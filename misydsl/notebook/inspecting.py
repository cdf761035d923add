"""Looking into one step of a running board: what went in, what came out, what was tried.

In: a run, and the history at each painting. Out: two lists to choose from (a step, an item of it) and a
text. Facts are read only when somebody looks, and again when what they look at changed.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import ipywidgets

from misydsl.failures import MisyError
from misydsl.history.events import AttemptStarted
from misydsl.history.states import Attempt, History, StepState
from misydsl.notebook.painting import chip, pretty
from misydsl.render.run_rows import reason_of, took
from misydsl.render.text import clean
from misydsl.values import decode_json

if TYPE_CHECKING:
    from misydsl.graph.build import StepGraph
    from misydsl.workspace.runs import Run

NOTHING: Final = "Inspect a step…"
MOST_STEPS: Final = 300
MOST_ITEMS: Final = 200
_MOST_TEXT: Final = 2_500  # characters of an input, a reply, an error; 25 kB a message even escaped
_MOST_ATTEMPTS: Final = 12
_TROUBLED_FIRST: Final = {"asking": 0, "failed": 1, "blocked": 2, "retrying": 3, "running": 4}


class Inspector:
    """The lists and the text below a board."""

    def __init__(self, run: Run, graph: StepGraph) -> None:
        self._run = run
        self._history: History | None = None
        self._shown: tuple[StepState | None, int] | None = None
        steps = [(clean(node.path), node.path) for node in graph.nodes[:MOST_STEPS]]
        self._step = ipywidgets.Dropdown(options=[(NOTHING, ""), *steps], layout=_layout())
        self._item = ipywidgets.Dropdown(options=[("", "")], layout=_layout())
        self._item.layout.display = "none"
        self._text = ipywidgets.HTML(layout=ipywidgets.Layout(width="auto", margin="0"))
        self._step.observe(self._chosen, "value")
        self._item.observe(self._looked, "value")
        row = ipywidgets.HBox([self._step, self._item])
        self.widgets: tuple[ipywidgets.Widget, ...] = (row, self._text)

    def update(self, history: History) -> None:
        """Show what is chosen as it stands now."""
        self._history = history
        if self._step.value:
            self._look(history)

    def _chosen(self, _: object) -> None:
        items = self._items(str(self._step.value))
        self._item.options = [(clean(one) or "all items", one) for one in items] or [("", "")]
        self._item.layout.display = None if len(items) > 1 else "none"
        self._looked(None)

    def _looked(self, _: object) -> None:
        self._shown = None
        if not self._step.value:
            self._text.value = ""
        elif self._history is not None:
            self._look(self._history)

    def _items(self, step: str) -> list[str]:
        """The items of a step, the troubled ones first."""
        if self._history is None:
            return []
        found = [one for one in self._history.steps.values() if one.step == step]
        found.sort(key=lambda one: (one.item != "", _TROUBLED_FIRST.get(one.status, 9)))
        return [one.item for one in found[:MOST_ITEMS]]

    def _look(self, history: History) -> None:
        step, item = str(self._step.value), str(self._item.value or "")
        state = history.steps.get((step, item))
        attempts = [one for one in history.attempts if (one.step, one.item) == (step, item)]
        if self._shown is not None and self._shown == (state, len(attempts)):
            return
        self._shown = (state, len(attempts))
        self._text.value = _words(self._run, state, attempts)


def _layout() -> ipywidgets.Layout:
    return ipywidgets.Layout(width="auto", max_width="340px")


def _words(run: Run, state: StepState | None, attempts: list[Attempt]) -> str:
    if state is None:
        return "<div>not begun</div>"
    parts = [f"<div>{chip(state.status)} {escape(clean(reason_of(state)))}</div>", _why(run, state)]
    sent = _sent(run, state)
    if sent is not None:
        parts.append(f"<div>input</div><pre>{sent}</pre>")
    if state.value is not None:
        parts.append(f"<div>reply</div><pre>{_json(bytes(state.value))}</pre>")
    if state.failure is not None and state.failure.excerpt:
        parts.append(f"<div>what came instead</div><pre>{escape(state.failure.excerpt)}</pre>")
    if attempts:
        rows = "".join(map(_attempt, attempts[-_MOST_ATTEMPTS:]))
        heads = (
            '<tr><th class="n">attempt</th><th>agent</th><th>state</th><th class="n">time</th>'
            "<th></th></tr>"
        )
        parts.append(f'<table class="misy-t">{heads}{rows}</table>')
    return "".join(parts)


def _why(run: Run, state: StepState) -> str:
    """The sentences of `run.why`; nothing where the run's text cannot tell."""
    try:
        told = run.why(state.step, state.item or None)
    except MisyError:
        return ""
    text = "\n".join(told.sentences)
    return f'<div style="white-space:pre-wrap">{escape(text[:_MOST_TEXT], quote=False)}</div>'


def _sent(run: Run, state: StepState) -> str | None:
    """What the newest call was given."""
    if state.inputs is not None and bytes(state.inputs) != b"null":
        return _json(bytes(state.inputs))
    found = None
    for recorded in run.facts():
        event = recorded.event
        if not isinstance(event, AttemptStarted) or bytes(event.inputs) == b"null":
            continue
        if (event.step, event.item) == (state.step, state.item):
            found = event.inputs
    return None if found is None else _json(bytes(found))


def _json(raw: bytes) -> str:
    text = pretty(decode_json(raw))
    more = "\n…" if len(text) > _MOST_TEXT else ""
    return escape(text[:_MOST_TEXT], quote=False) + more


def _attempt(one: Attempt) -> str:
    failure = escape(clean(one.failure.message)) if one.failure else ""
    status = chip(one.status) if one.status != "lost" else "lost"
    return (
        f'<tr><td class="n">{one.attempt}</td><td>{escape(clean(one.agent))}</td>'
        f'<td>{status}</td><td class="n">{took(one.duration_s)}</td><td>{failure}</td></tr>'
    )
