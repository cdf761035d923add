"""A run told in lines, for a plain IPython terminal, where there is no page.

In: a run. Out: a line when a step begins to wait for something, asks or ends, then the report as text.
Steps are told, not items, so that a run of many stays readable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from misydsl.clock import SYSTEM_CLOCK
from misydsl.notebook.shown import resume_words
from misydsl.render.run_rows import StepRow, took, view_of
from misydsl.render.text import clean
from misydsl.render.theme import SIGNS
from misydsl.workspace.reports import run_bundle

if TYPE_CHECKING:
    from misydsl.workspace.runs import Run

EVERY_S: Final = 0.2
TOLD: Final = frozenset({"running", "retrying", "asking", "failed", "succeeded", "cancelled"})


class Lines:
    """What was told of a run so far."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._graph = run.graph().step_graph
        self._told: dict[str, str] = {}
        self._next_at = 0.0

    def display(self) -> None:
        """Say which run it is."""
        print(repr(self._run))  # noqa: T201  # a terminal is where a person asked for it

    def update(self) -> None:
        """Tell what changed."""
        now = SYSTEM_CLOCK.monotonic()
        if now >= self._next_at:
            self._next_at = now + EVERY_S
            self._tell()

    def finish(self, *, is_interrupted: bool = False) -> None:
        """Tell the rest, and the report."""
        self._tell()
        ending = f"interrupted: {resume_words(self._run.id)}" if is_interrupted else ""
        print(run_bundle(self._run, ending=ending)["text/plain"])  # noqa: T201

    def _tell(self) -> None:
        view = view_of(self._graph, self._run.history(), now=SYSTEM_CLOCK.wall())
        for row in view.rows:
            if row.status in TOLD and self._told.get(row.path) != row.status:
                self._told[row.path] = row.status
                print(_line(row))  # noqa: T201


def _line(row: StepRow) -> str:
    time = took(row.duration_s) if not row.is_going_on else ""
    words = [row.status, row.counts, time, clean(row.note)]
    sign = SIGNS[row.status].glyph
    return f"{sign} {clean(row.label)}: " + " · ".join(one for one in words if one)
