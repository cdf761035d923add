"""What a call may cost, measured on this process: descriptors, memory at its highest, and time.

In: nothing but the process. Out: numbers. Linux says them in `/proc`; elsewhere descriptors and memory count as
nothing, so that the tests still ask everything else.
"""

from __future__ import annotations

import asyncio
import gc
import os
import re
import time
from pathlib import Path
from typing import Final

LATE_S: Final = 0.25
"""How much later than its deadline a call may end."""
PATIENCE_S: Final = 5.0
MEMORY_BYTES: Final = 64 * 1024 * 1024
_PROCESS: Final = Path("/proc/self")
_KIB: Final = re.compile(r"Vm(?:HWM|RSS):\s+(\d+) kB")
_RESET_PEAK: Final = "5"  # proc(5): what is written to clear_refs to begin a new peak


def open_descriptors() -> int:
    """How many descriptors this process has open."""
    return len(list((_PROCESS / "fd").iterdir())) if (_PROCESS / "fd").is_dir() else 0


async def given_back(before: int) -> bool:
    """Whether there are no more descriptors than before, now or in a moment."""
    until = time.monotonic() + PATIENCE_S
    while open_descriptors() > before and time.monotonic() < until:
        gc.collect()
        await asyncio.sleep(0.01)
    return open_descriptors() <= before


class Stopwatch:
    """Seconds since this was made, without those that this thread was ready and the machine was busy."""

    def __init__(self) -> None:
        self._waited_s = _waited_s()
        self._began = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        """Until now."""
        return time.monotonic() - self._began - (_waited_s() - self._waited_s)


def _waited_s() -> float:
    """How long this thread has waited for a processor in all; 0 where the system does not say."""
    schedule = _PROCESS / "schedstat"  # proc(5): time on the processor, time waiting for it, in ns
    return int(schedule.read_text().split()[1]) / 1e9 if schedule.exists() else 0.0


class Growth:
    """How far memory has gone up at its highest, since this was made."""

    def __init__(self) -> None:
        self._is_known = os.access(_PROCESS / "clear_refs", os.W_OK)
        if self._is_known:
            (_PROCESS / "clear_refs").write_text(_RESET_PEAK)
        self._before = self._peak()

    @property
    def bytes(self) -> int:
        """In bytes; 0 where the system does not say."""
        return self._peak() - self._before

    def _peak(self) -> int:
        if not self._is_known:
            return 0
        peak, *_ = _KIB.findall((_PROCESS / "status").read_text())
        return int(peak) * 1024


def resident_bytes() -> int:
    """How much memory this process has now; 0 where the system does not say."""
    if not (_PROCESS / "statm").exists():
        return 0
    return int((_PROCESS / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
