"""Exit codes: what the shell is told.

In: how a run ended, or the error that stopped the command. Out: one of four numbers. A warning never
changes the code; a paused or cancelled run is 130, as after Ctrl-C anywhere else.
"""

from __future__ import annotations

from typing import Final

from misydsl.failures import MisyError, RunBusy, RunFailed

FINE: Final = 0
FAILED: Final = 1
WRONG: Final = 2
CANCELLED: Final = 130

_BY_STATUS: Final = {
    "succeeded": FINE,
    "failed": FAILED,
    "cancelled": CANCELLED,
    "paused": CANCELLED,
}


def of_status(status: str) -> int:
    """The code for a run that was waited for and ended (or paused) so."""
    return _BY_STATUS.get(status, FAILED)


def of_error(error: MisyError) -> int:
    """The code for an error: 1 when the text was right but the work was not done, else 2."""
    return FAILED if isinstance(error, RunFailed | RunBusy) else WRONG
