"""Progress as plain lines: for logs, pipes and CI, where nothing can be redrawn.

In: events. Out: one timestamped line for each thing that matters, on the error stream. A `for` of many
items is told by tenths and by its first failures, so a run of 100,000 items stays readable.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, TextIO, TypeAlias, assert_never

from misydsl.cli.naming import readable, round_name, source_words
from misydsl.cli.tables import GLYPHS, clipped, seconds
from misydsl.history.events import (
    ApprovalAsked,
    AttemptFailed,
    AttemptHedged,
    AttemptStarted,
    CancelRequested,
    Event,
    FallbackBegun,
    FanOut,
    GroupStarted,
    PipelineFailing,
    Recorded,
    RoundFinished,
    RunAccepted,
    RunFinished,
    RunOwned,
    RunPaused,
    StepBlocked,
    StepFailed,
    StepFinished,
    StepSkipped,
)
from misydsl.history.states import History

_CallFact: TypeAlias = (
    AttemptStarted | AttemptFailed | AttemptHedged | RoundFinished | FallbackBegun
)
_StepFact: TypeAlias = (
    _CallFact | FanOut | StepFinished | StepFailed | StepSkipped | StepBlocked | ApprovalAsked
)

LONG_FAN_OUT: Final = 20  # items; a longer `for` is told by tenths
TOLD_FAILURES: Final = 10  # of one long `for`; the rest is only counted
_MESSAGE_COLUMNS: Final = 160


@dataclass(slots=True)
class _Tally:
    """A long `for` and how far it has come."""

    count: int
    ended: int = 0
    failed: int = 0
    told: int = 0


class Lines:
    """A watcher that writes lines; what happened up to `silent_until` was told by an earlier one."""

    def __init__(self, stream: TextIO, *, silent_until: int = 0) -> None:
        self._stream, self._silent_until = stream, silent_until
        self._is_silent = False
        self._long: dict[str, _Tally] = {}

    def see(self, recorded: Recorded) -> None:
        """Write what an event has to say, if anything."""
        event = recorded.event
        self._is_silent = recorded.seq <= self._silent_until
        tally = self._tally_of(event)
        if tally is None:
            self._write(event.at, _line(event, recorded.run))
        else:
            self._count(event, tally)
        if isinstance(event, FanOut) and event.count > LONG_FAN_OUT:
            self._long[event.step] = _Tally(event.count)

    def paint(self, history: History) -> None:
        """Nothing: lines are written once."""

    def say(self, words: str) -> None:
        """A line without a time of its own."""
        self._stream.write(f"{words}\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing to take away."""

    def _tally_of(self, event: Event) -> _Tally | None:
        """The long `for` an item's event belongs to."""
        step, item = getattr(event, "step", ""), getattr(event, "item", "")
        if not item or not self._long:
            return None
        names = step.split("/")
        starts = ("/".join(names[:length]) for length in range(1, len(names) + 1))
        return next((self._long[start] for start in starts if start in self._long), None)

    def _count(self, event: Event, tally: _Tally) -> None:
        match event:
            case StepFailed():
                self._tell_failure(event, tally)
                self._ended(event, tally)
            case StepFinished() | StepSkipped() | StepBlocked():
                self._ended(event, tally)
            case _:
                pass

    def _tell_failure(self, event: StepFailed, tally: _Tally) -> None:
        """The first failures of a long `for`; an item that failed by an inner step is its echo."""
        echo = event.step in self._long and event.failure.step not in (None, event.step)
        if tally.told < TOLD_FAILURES and not echo:
            tally.told += 1
            self._write(event.at, _line(event, ""))

    def _ended(
        self, event: StepFinished | StepSkipped | StepFailed | StepBlocked, tally: _Tally
    ) -> None:
        if event.step not in self._long:
            return  # a step inside an item; the item itself is what counts
        tally.ended += 1
        tally.failed += isinstance(event, StepFailed | StepBlocked)
        tenth = 10 * tally.ended // tally.count
        if tenth > 10 * (tally.ended - 1) // tally.count:
            failed = f", {tally.failed} failed" if tally.failed else ""
            words = f"{GLYPHS['running']} {readable(event.step)}: {tally.ended}/{tally.count} ended{failed}"
            self._write(event.at, words)

    def _write(self, at: float, words: str | None) -> None:
        if words is None or self._is_silent:
            return
        time = dt.datetime.fromtimestamp(at, dt.UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]
        self._stream.write(f"{time}  {clipped(words, _MESSAGE_COLUMNS)}\n")
        self._stream.flush()


def _line(event: Event, run: str) -> str | None:
    """One event as a line; None where it says nothing a reader of a log needs."""
    match event:
        case RunAccepted():
            title = f" “{event.title}”" if event.title else ""
            many = "1 step" if event.steps == 1 else f"{event.steps} steps"
            return f"{GLYPHS['running']} {event.pipeline}{title}: run {run}, {many}"
        case RunOwned():
            return f"{GLYPHS['running']} resumed" if event.is_resume else None
        case CancelRequested():
            return f"{GLYPHS['cancelled']} cancelled by {event.by}"
        case RunPaused():
            return f"{GLYPHS['paused']} paused: {event.reason}"
        case RunFinished():
            return f"{GLYPHS.get(event.status, '?')} run {event.status}"
        case PipelineFailing():
            where = f"{_where(event)}: " if event.step else ""
            return f"{GLYPHS['failed']} {where}failing: {event.failure.message}"
        case GroupStarted():
            return None
        case _:
            return _step_line(event)


def _step_line(event: _StepFact) -> str | None:
    """What happened to a step or to one of its items."""
    where = _where(event)
    match event:
        case FanOut():
            return f"{GLYPHS['running']} {where}: {event.count} items"
        case StepFinished():
            took = f" in {seconds(event.duration_s)}" if event.duration_s else ""
            reused = f", taken from {source_words(event.reused)}" if event.reused else ""
            return f"{GLYPHS['succeeded']} {where}: succeeded{took}{reused}"
        case StepFailed():
            tries = f" after {event.attempts} attempts" if event.attempts > 1 else ""
            return f"{GLYPHS['failed']} {where}: failed{tries}: {event.failure.message}"
        case StepSkipped():
            return f"{GLYPHS['skipped']} {where}: skipped"
        case StepBlocked():
            return f"{GLYPHS['blocked']} {where}: not run, because {readable(event.by)} failed"
        case ApprovalAsked():
            return f"{GLYPHS['asking']} {where}: waits for a person"
        case _:
            return _call_line(event)


def _call_line(event: _CallFact) -> str | None:
    """What happened on the way to a step's value."""
    where = _where(event)
    match event:
        case AttemptStarted():
            again = f", attempt {event.attempt}" if event.attempt > 1 else ""
            return f"{GLYPHS['running']} {where}: calls {event.agent}{again}"
        case AttemptFailed(retry_at=None):
            return None  # the step's own failure follows and says the same
        case AttemptFailed():
            return f"{GLYPHS['retrying']} {where}: {_retried(event)}"
        case AttemptHedged():
            return f"{GLYPHS['running']} {where}: slow, so it is asked a second time"
        case RoundFinished():
            reused = f", taken from {source_words(event.reused)}" if event.reused else ""
            return f"{GLYPHS['running']} {where}: round {round_name(event.round)} ended{reused}"
        case FallbackBegun():
            why = event.failure.message
            return f"{GLYPHS['retrying']} {where}: turns to fallback {event.number}: {why}"
        case never:
            assert_never(never)


def _where(event: _StepFact | PipelineFailing) -> str:
    return readable(event.step, event.item)


def _retried(event: AttemptFailed) -> str:
    took = seconds(event.duration_s)
    wait = seconds(max(0.0, (event.retry_at or event.at) - event.at))
    why = event.failure.message
    return f"attempt {event.attempt} failed after {took}, next attempt in {wait}: {why}"
