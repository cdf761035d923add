"""Time, in one place, so that everything else can be given a stopped clock.

In: nothing. Out: `Clock`, with wall time (for people and journals) and monotonic time (for waits).
No other module reads the time; a test that needs time to pass hands in its own `Clock`.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What the rest of the library knows of time."""

    def wall(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever grow; only differences mean anything."""
        ...


class SystemClock:
    """The machine's own clock."""

    __slots__ = ()

    def wall(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that only ever grow."""
        return time.monotonic()


SYSTEM_CLOCK = SystemClock()
