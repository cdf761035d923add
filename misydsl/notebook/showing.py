"""Showing a run while it is awaited: the board in a notebook, lines in a terminal.

In: a run that has begun. Out: nothing; it returns when the run has ended or paused. The cell waits in short
naps, so an interrupt is heard at once: it leaves a run that `run.resume()` completes.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from IPython.core.getipython import get_ipython

from misydsl.notebook.shown import resume_words

if TYPE_CHECKING:
    from misydsl.workspace.runs import Run

NAP_S: Final = 0.05
PATIENCE_S: Final = 0.8  # with it, an interrupted cell ends within a second, whatever agents do


async def show_run(run: Run) -> None:
    """Show it until it has ended or paused."""
    board = _shown_on(run)
    board.display()
    try:
        while not run.is_over:
            board.update()
            await asyncio.sleep(NAP_S)
    except (asyncio.CancelledError, KeyboardInterrupt) as interrupt:
        run.abort("the interrupted cell")
        with suppress(TimeoutError):  # an agent that does not let go is left behind
            await asyncio.shield(asyncio.to_thread(run.wait, PATIENCE_S))
        board.finish(is_interrupted=True)
        if isinstance(interrupt, KeyboardInterrupt):
            raise
        raise Interrupted(run.id) from None
    board.finish()


class Interrupted(asyncio.CancelledError):
    """A cell was interrupted while it awaited a run; shown in one line, without frames."""

    def __init__(self, run: str) -> None:
        self.run = run
        super().__init__(f"the run is paused: {resume_words(run)}")

    def _render_traceback_(self) -> list[str]:
        return [f"interrupted; {self}"]


class Screen(Protocol):
    """Something that shows a run."""

    def display(self) -> None:
        """Begin."""
        ...

    def update(self) -> None:
        """Show what changed; called often."""
        ...

    def finish(self, *, is_interrupted: bool = False) -> None:
        """Show how it ended."""
        ...


def _shown_on(run: Run) -> Screen:
    if _is_kernel():
        from misydsl.notebook.board import Board

        return Board(run)
    from misydsl.notebook.telling import Lines

    return Lines(run)


def _is_kernel() -> bool:
    """Whether there is a page to show something on."""
    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")
