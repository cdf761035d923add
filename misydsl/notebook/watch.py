"""The board of a run that nobody awaits here: of another process, of yesterday, of `pipeline.start()`.

In: a run, or the beginning of its id. Out: its board, which paints itself on the kernel's loop until
the run has ended or paused. It reads the journal's cursor, so whoever works on the run does not notice.
"""

from __future__ import annotations

import asyncio
from typing import Final

from misydsl.failures import MisyError
from misydsl.notebook.board import Board
from misydsl.workspace.runs import PATIENT_LOOKS, WATCH_EVERY_S, Run, find_run

LEFT: Final = "nobody works on it any more: run.resume() completes it"

_watching: set[asyncio.Task[None]] = set()


def watch(run: Run | str) -> Board:
    """A board that follows a run, and shows itself; raises `RunUnknown`."""
    found = find_run(run) if isinstance(run, str) else run
    board = Board(found, is_own=found.is_own)
    if found.is_over:
        board.finish()
        return board
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        raise MisyError("a run is watched in a notebook; elsewhere use `misy watch`") from None
    following = loop.create_task(_follow(found, board))
    _watching.add(following)  # the loop alone would not keep it alive
    following.add_done_callback(_watching.discard)
    return board


async def _follow(run: Run, board: Board) -> None:
    looks_without_owner = 0
    while not run.is_over:
        board.update()
        if not run.is_own:
            owner = run.journal.find(run.id).owner
            looks_without_owner = 0 if owner else looks_without_owner + 1
        if looks_without_owner == PATIENT_LOOKS:
            board.finish(ending=LEFT)
            return
        await asyncio.sleep(WATCH_EVERY_S)
    board.finish()
