"""The board of a run: what happens, in the cell, while it happens.

In: a run. Out: core widgets that are painted at most ten times a second, in messages of at most 25 kB,
and only where something changed: the picture is sent once, and a small style sheet colours it. At the end
a static report takes their place, which needs no widgets. Painting costs at most a twentieth of a core.
"""

from __future__ import annotations

from binascii import crc32
from collections.abc import Callable
from itertools import count
from typing import Final

import ipywidgets
from IPython.core.getipython import get_ipython
from IPython.display import DisplayHandle

from misydsl.clock import SYSTEM_CLOCK
from misydsl.failures import MisyError
from misydsl.history.states import History
from misydsl.notebook import painting
from misydsl.notebook.inspecting import Inspector
from misydsl.notebook.shown import Shown, resume_words
from misydsl.render.html_live import SCOPE, live_picture
from misydsl.render.run_rows import RunView, view_of
from misydsl.render.text import clean, clip
from misydsl.render.theme import SMALL_SIZE
from misydsl.workspace.questions import Question, open_questions
from misydsl.workspace.reports import run_bundle
from misydsl.workspace.runs import Run

EVERY_S: Final = 0.1
SHARE_OF_TIME: Final = 0.05  # of a core that painting may take
SLOWEST_S: Final = 2.0
KEPT: Final = 20  # boards whose widgets stay alive: a page that is loaded anew finds them
ASKED: Final = 3  # questions that are shown at once
OPTIONS: Final = 12  # of a question; more can be typed
OPTION_WIDTH: Final = 240.0  # pixels

_numbers = count(1)
_kept: list[Board] = []


class Board:
    """The widgets of one run, and what they showed last."""

    def __init__(self, run: Run, *, is_own: bool = True) -> None:
        self._run, self._is_own = run, is_own
        self._graph = run.graph().step_graph
        self._picture = live_picture(self._graph, f"m{crc32(run.id.encode()):x}{next(_numbers)}-")
        self._version: int | None = None
        self._next_at = 0.0
        self._history: History | None = None
        self._asked: tuple[Question, ...] = ()
        self._ending = ""
        self._report: Shown | None = None
        self._handles: list[DisplayHandle] = []
        self._head, self._sheet, self._table = (ipywidgets.HTML() for _ in range(3))
        self._stop = self._button(*self._stop_words())
        self._questions = ipywidgets.VBox()
        self._inspector = Inspector(run, self._graph)
        self.widget = self._composed()
        self._stop.on_click(self._stopped)
        _keep(self)

    def display(self) -> None:
        """Show it in the cell."""
        self._paint()
        handle = DisplayHandle()  # type: ignore[no-untyped-call]  # IPython's has no types
        self._handles.append(handle)
        handle.display(self._report or self.widget)  # type: ignore[no-untyped-call]

    _ipython_display_ = display

    @property
    def is_finished(self) -> bool:
        """Whether the static report has taken the place of the widgets."""
        return self._report is not None

    def update(self) -> None:
        """Paint what changed; at most ten times a second, and less often where that is dear."""
        now = SYSTEM_CLOCK.monotonic()
        if now < self._next_at:
            return
        self._paint()
        cost = SYSTEM_CLOCK.monotonic() - now
        self._next_at = now + min(max(EVERY_S, cost / SHARE_OF_TIME), SLOWEST_S)

    def finish(self, *, is_interrupted: bool = False, ending: str = "") -> None:
        """Paint how it ended, then let the static report take the place of the widgets."""
        if is_interrupted:
            ending = f"interrupted: {resume_words(self._run.id)}"
        self._ending = ending or self._ending
        self._stop.layout.display = "none"
        self._version = None
        self._paint()
        self._report = report_shown(self._run, ending=self._ending)
        for handle in self._handles:
            handle.update(self._report)  # type: ignore[no-untyped-call]
        _tell_once(self._run)

    def close(self) -> None:
        """Let the widgets go; a page that is loaded anew finds the report."""
        for one in _all_of(self.widget):
            one.close()

    def _paint(self) -> None:
        history = self._history_now()
        view = view_of(self._graph, history, now=SYSTEM_CLOCK.wall())
        with self._head.hold_sync():
            _set(self._head, painting.head(view, ending=self._ending or _advice(view, self._run)))
        _set(self._sheet, f"<style>{self._picture.sheet(view.standings)}</style>")
        _set(self._table, painting.table(view))
        self._ask(history)
        self._inspector.update(history)

    def _history_now(self) -> History:
        """Read the journal only when something was written to it."""
        version = self._run.journal.version()
        if self._history is None or version != self._version:
            self._history, self._version = self._run.history(), version
        return self._history

    def _composed(self) -> ipywidgets.VBox:
        self._head.layout = ipywidgets.Layout(flex="1 1 auto", width="auto", margin="0")
        for one in (self._sheet, self._table):
            one.layout = ipywidgets.Layout(margin="0", width="auto")
        self._sheet.layout.display = "none"
        picture = ipywidgets.HTML(painting.style() + self._picture.html)
        picture.layout = ipywidgets.Layout(margin="4px 0", width="auto")
        top = ipywidgets.HBox([self._head, self._stop])
        top.layout.align_items = "flex-start"
        parts = [top, picture, self._sheet, self._questions, self._table, *self._inspector.widgets]
        return ipywidgets.VBox(parts, _dom_classes=(SCOPE,))

    def _stop_words(self) -> tuple[str, str]:
        if self._is_own:
            return "■ Stop", "Stop now; run.resume() completes the run"
        return "■ Cancel", "Cancel the run for good, in the process that works on it"

    def _button(self, words: str, tooltip: str, style: str = "") -> ipywidgets.Button:
        layout = ipywidgets.Layout(width="auto", flex="0 0 auto")
        return ipywidgets.Button(
            description=words, tooltip=tooltip, layout=layout, button_style=style
        )

    def _stopped(self, _: object) -> None:
        self._stop.disabled, self._stop.description = True, "stopping…"
        self._do(self._abort if self._is_own else self._run.cancel)

    def _abort(self) -> None:
        self._run.abort("the Stop button")
        self._ending = "stopped: run.resume() completes it"

    def _do(self, act: Callable[[], None]) -> None:
        """What a click asks for; what cannot be done is told in the head."""
        try:
            act()
        except MisyError as problem:
            self._ending = str(problem)
        self._next_at = 0.0

    def _ask(self, history: History) -> None:
        """The open questions, with buttons that answer them."""
        asked = open_questions(history)[:ASKED]
        if asked == self._asked:
            return
        self._asked = asked
        self._questions.children = tuple(map(self._question, asked))

    def _question(self, asked: Question) -> ipywidgets.VBox:
        comment = ipywidgets.Text(placeholder="a comment, if you like")
        approve = self._button("✓ Approve", f"approve {asked.where}", "success")
        deny = self._button("✗ Deny", f"deny {asked.where}", "danger")

        def answer(*, is_approved: bool) -> None:
            approve.disabled = deny.disabled = True
            words = comment.value or None
            self._do(
                lambda: self._run.approve(
                    asked.step,
                    item=asked.item,
                    approved=is_approved,
                    by="the board",
                    comment=words,
                )
            )

        approve.on_click(lambda _: answer(is_approved=True))
        deny.on_click(lambda _: answer(is_approved=False))
        words = ipywidgets.HTML(painting.question_words(asked))
        options = ipywidgets.HBox([self._option(one, comment) for one in asked.options[:OPTIONS]])
        return ipywidgets.VBox([words, options, ipywidgets.HBox([approve, deny, comment])])

    def _option(self, words: str, comment: ipywidgets.Text) -> ipywidgets.Button:
        """Chosen, an option is what the answer says; whether that approves stays the person's word."""
        button = self._button(
            clip(clean(words), OPTION_WIDTH, SMALL_SIZE), f"answer: {clean(words)}"
        )

        def choose(_: object) -> None:
            comment.value = words

        button.on_click(choose)
        return button


def _keep(board: Board) -> None:
    """Keep the newest boards; a page that is loaded anew in mid-run looks for their widgets."""
    _kept.append(board)
    finished = [one for one in _kept if one.is_finished]
    for old in finished[: max(0, len(_kept) - KEPT)]:
        _kept.remove(old)
        old.close()


def _all_of(widget: ipywidgets.Widget) -> list[ipywidgets.Widget]:
    """A widget, and all that stand in it."""
    found = [widget]
    for one in found:  # grows while it is walked through
        found.extend(getattr(one, "children", ()))
    return found


def report_shown(run: Run, *, ending: str = "") -> Shown:
    """The static report of a run, as something to display."""
    bundle = run_bundle(run, ending=ending)
    return Shown(bundle["text/html"], bundle["text/plain"])


_told_in: dict[str, int] = {}
"""In which cell the report of a run was shown last."""


def _tell_once(run: Run) -> None:
    """A cell that ends in `await pipeline(...)` shows the report, and not the same one more as its value."""
    shell = get_ipython()
    if shell is None or shell.display_formatter is None:
        return
    _told_in[run.id] = shell.execution_count

    def bundle(shown: Run, **_: object) -> dict[str, str]:
        if _told_in.get(shown.id) == shell.execution_count:
            return {"text/plain": repr(shown)}
        return run_bundle(shown)

    shell.display_formatter.mimebundle_formatter.for_type(Run, bundle)


def _advice(view: RunView, run: Run) -> str:
    if view.status == "paused":
        return f"paused ({run.history().pause_reason}): run.resume() completes it"
    return ""


def _set(widget: ipywidgets.HTML, text: str) -> None:
    """Send a text, if it is another one."""
    if widget.value != text:
        widget.value = text
