"""Watching a run to its end, and what Ctrl-C does to it.

In: a run this process works on, and a watcher. Out: its history when it has ended or paused. Reads the
journal with a cursor, every 100 ms at most, and never touches the engine except to pause it: the first
Ctrl-C (or SIGTERM) lets open calls end, the second aborts them, the third leaves at once. All three
leave a run that `misy resume` completes.
"""

from __future__ import annotations

import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Protocol

from misydsl.cli.tables import clipped
from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.history.events import ApprovalAsked, Recorded
from misydsl.history.fold import Fold
from misydsl.history.states import History
from misydsl.workspace.questions import Question, open_questions

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
    run: Run,
    watcher: Watcher,
    interrupts: Interrupts,
    *,
    answer_by: str = "misy approve RUN",
    clock: Clock = SYSTEM_CLOCK,
) -> History:
    """Tell the watcher everything until the run has ended or paused; the history then.

    `answer_by` is the command that answers what a step asks people, without the step.
    """
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
        for question in cursor.new_questions():
            watcher.say(asked(question, answer_by))
        watcher.paint(cursor.history())
        if is_over:
            watcher.close()
            return cursor.history()
        tick_s = max(TICK_S, (clock.monotonic() - began) / SHARE_OF_TIME)


class _Cursor:
    """What has been read of a run's events."""

    __slots__ = ("_asked", "_fold", "_history", "_run", "_seq", "_version")

    def __init__(self, run: Run) -> None:
        self._run, self._fold = run, Fold()
        self._seq, self._version = 0, -1
        self._history = History(id=run.id)
        self._asked: list[tuple[str, str]] = []

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
            if isinstance(recorded.event, ApprovalAsked):
                self._asked.append((recorded.event.step, recorded.event.item))
            watcher.see(recorded)
        if self._seq != before:
            self._history = self._fold.history()

    def history(self) -> History:
        """Where everything stood at the last look."""
        return self._history

    def new_questions(self) -> list[Question]:
        """What was asked since the last time, as far as nobody has answered."""
        if not self._asked:
            return []
        new, self._asked = self._asked, []
        return [one for one in open_questions(self._history) if (one.step, one.item) in new]


def asked(question: Question, answer_by: str) -> str:
    """A question on one line, and what to type."""
    to = f" (for {question.to})" if question.to else ""
    options = f" [{' / '.join(question.options)}]" if question.options else ""
    words = clipped(question.message, 120)
    return f"? {question.where} asks{to}: {words}{options}  →  {answer_by} {shlex.quote(question.where)}"


def _is_over(run: Run, timeout_s: float) -> bool:
    try:
        run.wait(timeout_s)
    except TimeoutError:
        return False
    return True
