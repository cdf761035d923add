"""Time and memory of the work between two points of one process.

In: a `with` block. Out: seconds by the clock and of the processor, or the bytes that the process grew by at its peak.
"""

from __future__ import annotations

import gc
import resource
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

PROCESSES = Path("/proc")
FIRST, LATER = TURNS = ("first_", "")
"""The same work twice in one process: what is prepared once is in the first turn only."""


class Stopwatch:
    """Seconds by the clock, and those the process worked, all its threads; what earlier work left to collect is collected before."""

    def __init__(self) -> None:
        self.elapsed_s = self.cpu_s = 0.0

    def __enter__(self) -> Self:
        gc.collect()
        self._cpu_begun = time.process_time()
        self._begun = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.elapsed_s = time.perf_counter() - self._begun
        self.cpu_s = time.process_time() - self._cpu_begun

    def per_step(self, steps: int, turn: str = LATER) -> dict[str, float]:
        """Microseconds for each of some steps, in the first turn of a process or a later one."""
        return {
            f"{turn}step_us": self.elapsed_s / steps * 1e6,
            f"{turn}step_cpu_us": self.cpu_s / steps * 1e6,
        }


class Growth:
    """Bytes of memory at the peak of the block, above what there was at its start."""

    def __init__(self) -> None:
        self.peak_bytes = 0

    def __enter__(self) -> Self:
        gc.collect()
        self._before = peak_bytes()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.peak_bytes = peak_bytes() - self._before


def peak_bytes() -> int:
    """The most memory this process has had so far.

    On Linux from /proc, because `ru_maxrss` there starts at the size of the process that forked us.
    """
    if PROCESSES.exists():
        return _peak_of("self")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1_024


def family_peak_bytes() -> int:
    """The same, and that of each process it started that lives: a server belongs to what it serves.

    Where there is no /proc, the process alone.
    """
    return peak_bytes() + sum(_peak_of(child) for child in _descendants("self"))


def _peak_of(process: str) -> int:
    status = PROCESSES / process / "status"
    for line in status.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1_024
    return 0  # it has ended, and nobody has asked how


def _descendants(process: str) -> list[str]:
    lists = (PROCESSES / process / "task").glob("*/children")
    children = [child for one in lists for child in one.read_text(encoding="ascii").split()]
    return [*children, *(later for child in children for later in _descendants(child))]
