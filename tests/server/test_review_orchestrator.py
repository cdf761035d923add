"""Races of taking runs up again, found in review: the bound holds, nobody is forgotten."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from misydsl.history.events import RunPaused
from misydsl.server.orchestrator import Orchestrator
from misydsl.server.problems import Refused
from misydsl.store.memory import MemoryJournal
from misydsl.workspace.runs import Run
from tests.server.test_orchestrator import Door, _orchestrator, _until, _wanted


class SlowStart(Orchestrator):
    """Takes runs up when it is told to."""

    may_resume: threading.Event
    may_start: threading.Event

    def _resumed(self, run: str, budget: object = None) -> Run:
        assert self.may_resume.wait(20)
        return super()._resumed(run)

    def _started(self, wanted: object, run: str | None) -> Run:
        assert self.may_start.wait(20)
        return super()._started(wanted, run)  # type: ignore[arg-type]  # what came is given on


def _slow(folder: Path, door: Door, journal: MemoryJournal, *, most_open: int) -> SlowStart:
    made = _orchestrator(folder, door, journal, most_open=most_open)
    made.__class__ = SlowStart
    assert isinstance(made, SlowStart)
    made.may_resume, made.may_start = threading.Event(), threading.Event()
    return made


async def _paused(folder: Path, door: Door, journal: MemoryJournal, count: int) -> list[str]:
    """Runs that a person paused."""
    first = _orchestrator(folder, door, journal)
    runs = [await first.submit(_wanted("puerta", n=n)) for n in range(count)]
    await _until(lambda: door.calls == count)
    for run in runs:
        run.abort("ana")
        await first.ended(run)
    await first.stop(1)
    return [run.id for run in runs]


async def test_runs_that_are_resumed_all_at_once_count_before_they_are_open(tmp_path: Path) -> None:
    door, journal = Door(), MemoryJournal()
    runs = await _paused(tmp_path, door, journal, 4)
    again = _slow(tmp_path, door, journal, most_open=2)
    again.may_resume.set()
    answers = await asyncio.gather(*map(again.resume, runs), return_exceptions=True)
    assert [one.status for one in answers if isinstance(one, Refused)] == [429, 429]
    door.open()
    await again.stop(5)


async def test_a_run_that_is_being_resumed_when_the_server_stops_is_paused_too(
    tmp_path: Path,
) -> None:
    door, journal = Door(), MemoryJournal()
    (run,) = await _paused(tmp_path, door, journal, 1)
    again = _slow(tmp_path, door, journal, most_open=2)
    resuming = asyncio.create_task(again.resume(run))
    await _until(lambda: again.open_runs == 1)
    stopping = asyncio.create_task(again.stop(0.05))
    await asyncio.sleep(0)
    again.may_resume.set()
    await asyncio.gather(stopping, resuming)
    last = list(journal.read(run))[-1].event
    assert isinstance(last, RunPaused)
    assert last.reason == "shutdown"


async def test_runs_are_taken_up_though_others_are_just_beginning_and_leave_no_room(
    tmp_path: Path,
) -> None:
    door, journal = Door(), MemoryJournal()
    first = _orchestrator(tmp_path, door, journal)
    left = await first.submit(_wanted("puerta"))
    await _until(lambda: door.calls == 1)
    await first.stop(0.05)
    again = _slow(tmp_path, door, journal, most_open=1)
    again.may_resume.set()
    beginning = asyncio.create_task(again.submit(_wanted("eco")))
    await _until(lambda: again.open_runs == 1)
    await again.start()
    door.open()
    await asyncio.sleep(
        0.05
    )  # it looks, and there is no room: nothing is open yet, one is beginning
    again.may_start.set()
    async with asyncio.timeout(20):
        assert await again.ended(await beginning) == "succeeded"
        assert await again.ended(await again.find(left.id)) == "succeeded"
    await again.stop(1)


async def test_a_run_that_was_resumed_at_once_stays_among_the_open_ones(tmp_path: Path) -> None:
    door, journal = Door(), MemoryJournal()
    orchestrator = _orchestrator(tmp_path, door, journal)
    run = await orchestrator.submit(_wanted("puerta"))
    await _until(lambda: door.calls == 1)
    run.abort("ana")
    await asyncio.to_thread(run.wait)  # nobody else of this loop was told yet
    again = orchestrator._taken(orchestrator._resumed(run.id))
    await _until(lambda: door.calls == 2)
    assert await orchestrator.find(run.id) is again
    assert orchestrator.open_runs == 1
    door.open()
    await orchestrator.stop(5)
