"""Who shows a run while it is awaited: a notebook may, nobody does by default.

In: a function that is told of a run and returns when the run has ended or paused. Out: the same function,
for whoever awaits a run. The doors know the workspace and not the other way round, so a door leaves it here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from misydsl.workspace.runs import Run

Show = Callable[["Run"], Awaitable[None]]

_shown_by: list[Show] = []


def set_board(show: Show | None) -> None:
    """From now on runs that are awaited are shown so; None: they are not shown."""
    _shown_by.clear()
    if show is not None:
        _shown_by.append(show)


def board() -> Show | None:
    """Who shows runs."""
    return _shown_by[0] if _shown_by else None
