"""Showing a run while it is awaited: the board in a notebook, lines in a terminal.

In: a run that has begun. Out: nothing; it returns when the run has ended or paused. The cell waits in short
naps, so an interrupt is heard at once: it leaves a run that `run.resume()` completes.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from IPython.core.getipython import get_ipython

if TYPE_CHECKING:
    from misydsl.workspace.runs import Run

NAP_S: Final = 0.05
PATIENCE_S: Final = 2.0  # a stop is over within a second


async def show_run(run: Run) -> None:
    """Show it until it has ended or paused."""
    if not _is_kernel():
        return
    from misydsl.notebook.board import Board

    board = Board(run)
    board.display()
    try:
        while not run.is_over:
            board.update()
            await asyncio.sleep(NAP_S)
    except (asyncio.CancelledError, KeyboardInterrupt):
        run.abort("the interrupted cell")
        await asyncio.shield(asyncio.to_thread(run.wait, PATIENCE_S))
        board.finish(is_interrupted=True)
        raise
    board.finish()


def _is_kernel() -> bool:
    """Whether there is a page to show something on."""
    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")
