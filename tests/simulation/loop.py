"""An event loop in virtual time: nothing waits, and the clock jumps to the next timer.

In: a moment to begin at. Out: a loop on which the real engine runs. When nothing is ready and no timer is
set, nobody will ever wake it: that is a `Standstill`, the way a run hangs here.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

EPOCH: Final = 1_800_000_000.0


class Standstill(Exception):
    """Everybody waits for somebody else."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs callbacks as usual; `time()` is `now`."""

    def __init__(self, now: float) -> None:
        super().__init__()
        self.now = now
        self._selector = self

    def time(self) -> float:
        """Virtual seconds."""
        return self.now

    def select(self, timeout: float | None) -> list[Any]:
        """What a selector does, for a loop without files: wait until the next timer."""
        if timeout is None:
            raise Standstill
        self.now += timeout
        return []

    def _process_events(self, event_list: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody sleeps, so nobody is to be woken."""


class VirtualClock:
    """The clock of the engine: the loop's time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def wall(self) -> float:
        """Seconds since 1970, in a year to come."""
        return EPOCH + self._loop.time()

    def monotonic(self) -> float:
        """Seconds that only ever grow."""
        return self._loop.time()
