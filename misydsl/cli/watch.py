"""Watching a run to its end, and what Ctrl-C does to it.

In: a run this process works on, and a watcher. Out: its history when it has ended or paused. Reads the
journal with a cursor, every 100 ms at most, and never touches the engine except to pause it: the first
Ctrl-C (or SIGTERM) lets open calls end, the second aborts them, the third leaves at once. All three
leave a run that `misy resume` completes.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.history.events import Recorded
from misydsl.history.fold import Fold
from misydsl.history.states import History

if TYPE_CHECKING:
    from misydsl.workspace import Run

TICK_S = 0.1
SHARE_OF_TIME = (
    0.05  # of a core that painting may take: a run of 100,000 items is painted less often
)
_STOPPING = (
    "pausing: open calls may end, nothing new begins; Ctrl-C again aborts them",
    "aborting open calls; Ctrl-C again leaves at once",
)


class Watcher(Protocol):
    """Somebody who is told what happens."""

    def see(self, recorded: Recorded) -> None:
        """One event, in journal order, none missed."""
        ...

    def paint(self, history: History) -> None:
        """Where everything stands now."""
        ...

    def say(self, words: str) -> None:
        """Something about the watching itself."""
        ...

    def close(self) -> None:
        """The run has ended or paused."""
        ...


class Nobody:
    """Watches nothing: the answer is for a machine."""

    def see(self, recorded: Recorded) -> None:
        """Nothing."""

    def paint(self, history: History) -> None:
        """Nothing."""

    def say(self, words: str) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class Interrupts:
    """Counts Ctrl-C and SIGTERM; after the second one the next leaves the process."""

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def take(self, _number: int, _frame: FrameType | None) -> None:
        """A signal arrived."""
        self.count += 1
        if self.count > len(_STOPPING):
            raise KeyboardInterrupt


@contextmanager
def caught_interrupts() -> Iterator[Interrupts]:
    """Signals are counted inside, and mean what they meant before afterwards."""
    interrupts = Interrupts()
    before = {one: signal.signal(one, interrupts.take) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def watch(
    run: Run, watcher: Watcher, interrupts: Interrupts, *, clock: Clock = SYSTEM_CLOCK
) -> History:
    """Tell the watcher everything until the run has ended or paused; the history then."""
    cursor = _Cursor(run)
    heeded = 0
    tick_s = TICK_S
    while True:
        is_over = _is_over(run, tick_s)
        while heeded < min(interrupts.count, len(_STOPPING)):
            (run.pause, run.abort)[heeded]("Ctrl-C")
            watcher.say(_STOPPING[heeded])
            heeded += 1
        began = clock.monotonic()
        cursor.advance(watcher)
        watcher.paint(cursor.history())
        if is_over:
            watcher.close()
            return cursor.history()
        tick_s = max(TICK_S, (clock.monotonic() - began) / SHARE_OF_TIME)


class _Cursor:
    """What has been read of a run's events."""

    __slots__ = ("_fold", "_history", "_run", "_seq", "_version")

    def __init__(self, run: Run) -> None:
        self._run, self._fold = run, Fold()
        self._seq, self._version = 0, -1
        self._history = History(id=run.id)

    def advance(self, watcher: Watcher) -> None:
        """Read what was committed since, and tell it."""
        version = self._run.journal.version()
        if version == self._version:
            return
        self._version = version
        before = self._seq
        for recorded in self._run.journal.read(self._run.id, after=before):
            self._fold.add(recorded)
            self._seq = recorded.seq
            watcher.see(recorded)
        if self._seq != before:
            self._history = self._fold.history()

    def history(self) -> History:
        """Where everything stood at the last look."""
        return self._history


def _is_over(run: Run, timeout_s: float) -> bool:
    try:
        run.wait(timeout_s)
    except TimeoutError:
        return False
    return True
