"""Watching a run: everything is told once, Ctrl-C pauses and then aborts, and painting stays cheap."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, cast

import pytest

from misydsl.cli.watch import Interrupts, Nobody, caught_interrupts, watch
from misydsl.history.events import Recorded, RunPaused
from misydsl.history.states import History
from tests.metrics.stories import START, accepted, failed_story, recorded, retried_scan

if TYPE_CHECKING:
    from misydsl.workspace import Run


class SteppingClock:
    """Every look at it costs a fixed time, so painting seems slow."""

    def __init__(self, step_s: float = 0.0) -> None:
        self.now, self.step_s = 0.0, step_s

    def wall(self) -> float:
        return self.now

    def monotonic(self) -> float:
        self.now += self.step_s
        return self.now


class PacedRun:
    """A run whose events become readable batch by batch, one at each wait."""

    def __init__(self, batches: Sequence[Sequence[Recorded]]) -> None:
        self.id = "r1"
        self.journal = self
        self.asked: list[str] = []
        self.timeouts: list[float] = []
        self.on_wait: Callable[[int], None] = lambda _: None
        self._batches = list(batches)
        self._readable: list[Recorded] = []
        self._waits = 0

    def wait(self, timeout_s: float) -> str:
        self.timeouts.append(timeout_s)
        self.on_wait(self._waits)
        self._waits += 1
        if self._batches:
            self._readable.extend(self._batches.pop(0))
        if self._batches:
            raise TimeoutError
        return "succeeded"

    def pause(self, by: str) -> None:
        self.asked.append(f"pause by {by}")

    def abort(self, by: str) -> None:
        self.asked.append(f"abort by {by}")

    def version(self) -> int:
        return len(self._readable)

    def read(self, run: str, *, after: int = 0) -> Iterator[Recorded]:
        assert run == "r1"
        return (one for one in self._readable if one.seq > after)


class Notes(Nobody):
    def __init__(self) -> None:
        self.seen: list[int] = []
        self.painted: list[History] = []
        self.said: list[str] = []
        self.closed = 0

    def see(self, recorded: Recorded) -> None:
        self.seen.append(recorded.seq)

    def paint(self, history: History) -> None:
        self.painted.append(history)

    def say(self, words: str) -> None:
        self.said.append(words)

    def close(self) -> None:
        self.closed += 1


STORY = recorded(failed_story())


def watched(
    run: PacedRun, notes: Notes, interrupts: Interrupts | None = None, *, step_s: float = 0.0
) -> History:
    taken = interrupts or Interrupts()
    return watch(cast("Run", run), notes, taken, clock=SteppingClock(step_s))


@pytest.mark.parametrize("size", [1, 3, 100])
def test_every_event_is_told_once_and_in_order_however_they_arrive(size: int) -> None:
    batches = [STORY[start : start + size] for start in range(0, len(STORY), size)]
    notes = Notes()
    history = watched(PacedRun(batches), notes)
    assert notes.seen == [one.seq for one in STORY]
    assert history.status == "failed"
    assert notes.painted[-1].status == "failed"
    assert notes.closed == 1


def test_the_board_is_painted_even_when_nothing_happens() -> None:
    notes = Notes()
    watched(PacedRun([STORY, [], [], []]), notes)
    assert len(notes.painted) == 4


def test_it_waits_a_tenth_of_a_second_and_longer_when_painting_is_slow() -> None:
    quick, slow = PacedRun([STORY, [], []]), PacedRun([STORY, [], []])
    watched(quick, Notes())
    watched(slow, Notes(), step_s=0.05)
    assert quick.timeouts == [0.1, 0.1, 0.1]
    assert slow.timeouts == [0.1, pytest.approx(1.0), pytest.approx(1.0)]


def test_the_first_interrupt_pauses_and_the_second_aborts() -> None:
    paused = RunPaused(at=START, reason="Ctrl-C")
    story = recorded([accepted(), *retried_scan(), paused])
    run, notes, interrupts = PacedRun([story[:2], story[2:3], story[3:]]), Notes(), Interrupts()
    run.on_wait = lambda waits: interrupts.take(2, None) if waits < 2 else None
    history = watched(run, notes, interrupts)
    assert run.asked == ["pause by Ctrl-C", "abort by Ctrl-C"]
    assert "Ctrl-C again" in notes.said[0]
    assert history.status == "paused"


def test_two_interrupts_at_once_both_count() -> None:
    run, interrupts = PacedRun([STORY, []]), Interrupts()
    interrupts.take(2, None)
    interrupts.take(2, None)
    watched(run, Notes(), interrupts)
    assert run.asked == ["pause by Ctrl-C", "abort by Ctrl-C"]


def test_the_third_interrupt_leaves_at_once() -> None:
    interrupts = Interrupts()
    interrupts.take(2, None)
    interrupts.take(2, None)
    with pytest.raises(KeyboardInterrupt):
        interrupts.take(2, None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_are_counted_inside_and_mean_what_they_meant_afterwards(number: int) -> None:
    before = signal.getsignal(number)
    with caught_interrupts() as interrupts:
        os.kill(os.getpid(), number)
        assert interrupts.count == 1
    assert signal.getsignal(number) is before
