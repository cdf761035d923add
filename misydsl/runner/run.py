"""A run this process works on.

In: an `Order`. Out: a `Running` handle that any thread may ask, wait for and stop. Facts are read from the
journal, never from here. While it goes on, the owner says that it lives and looks for commands that
others left (`cancel`).
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from concurrent.futures import Future
from dataclasses import dataclass

from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.failures import Failure, MisyError, RunBusy, RunMoved
from misydsl.history.events import CancelRequested, RunFinished, RunPaused
from misydsl.history.status import RUN_FINAL
from misydsl.runner.approvals import read_answer
from misydsl.runner.calls import Calls
from misydsl.runner.drive import Drive, Stop, StopWord
from misydsl.runner.engine import Engine, engine
from misydsl.runner.order import Order, accepted_fact, owned_fact, prepare
from misydsl.runner.state import Answered, State
from misydsl.store.journal import Command, Journal
from misydsl.values import decode_json, encode_json

WATCH_EVERY_S = 0.5  # how soon a command from another process is seen
HEARTBEAT_EVERY = 8  # looks between two signs of life: every 4 s, well under the lease's 15 s

_at_work: set[str] = set()
_lock = threading.Lock()
os.register_at_fork(after_in_child=_at_work.clear)


@dataclass(slots=True)
class Running:
    """A run at work in this process."""

    id: str
    _engine: Engine
    _done: Future[RunFinished | RunPaused]
    _drive: list[Drive]

    def wait(self, timeout_s: float | None = None) -> RunFinished | RunPaused:
        """The last fact, when it is durable; raises `TimeoutError`, `JournalUnusable`."""
        if self._engine.is_current:
            raise MisyError("a run cannot be waited for on the engine's own thread; use `await`")
        return self._done.result(timeout_s)

    @property
    def future(self) -> Future[RunFinished | RunPaused]:
        """The last fact, for those who await it."""
        return self._done

    def answer(self, answered: Answered) -> None:
        """Hand over the answer of a person; returns at once."""

        def tell() -> None:
            for drive in self._drive:
                drive.tell(answered)

        self._engine.tell(tell)

    def stop(self, word: StopWord, by: str) -> None:
        """Ask the run to stop; returns at once, `wait` says when it did."""
        self._engine.tell(lambda: self._tell(Stop(word, by)))

    def _tell(self, stop: Stop) -> None:
        if not self._drive and not self._done.done():  # it is about to begin
            self._engine.tell(lambda: self._tell(stop))
        for drive in self._drive:
            drive.stop(stop)


def owner_name() -> str:
    """This process, as the journal names owners."""
    return f"{socket.gethostname()}:{os.getpid()}"


def start(order: Order) -> Running:
    """Accept and begin a run, or go on with one; whatever is wrong is raised before it exists."""
    _reserve(order.run)
    try:
        return _started(order, prepare(order))
    except BaseException:
        _at_work.discard(order.run)
        raise


def close_cancelled(journal: Journal, run: str, by: str, *, clock: Clock = SYSTEM_CLOCK) -> None:
    """Cancel a run that nobody works on; raises `RunBusy` when somebody does after all."""
    _reserve(run)
    try:
        journal.claim(run, owner_name())
        if journal.find(run).status in RUN_FINAL:  # it came to its end while we looked away
            journal.release(run, owner_name())
            return
        now, failure = clock.wall(), Failure("cancelled", f"cancelled by {by}")
        last = RunFinished(at=now, status="cancelled", failure=failure)
        journal.append(run, [CancelRequested(at=now, by=by), last])
        journal.flush()
    finally:
        _at_work.discard(run)


def _reserve(run: str) -> None:
    """The journal keeps other processes away from a run; this keeps this one from taking it twice."""
    with _lock:
        if run in _at_work:
            raise RunBusy(f"run {run} is at work in this process; wait for it, or cancel it")
        _at_work.add(run)


def _started(order: Order, state: State) -> Running:
    owner = owner_name()
    fact = owned_fact(order, state, owner)
    if order.history is None:
        order.journal.accept(order.run, accepted_fact(order, state), owner, [fact])
    else:
        order.journal.claim(order.run, owner)
        _require_newest(order, owner)
        order.journal.append(order.run, [fact])
    current = engine()
    drives: list[Drive] = []
    done = current.submit(_work(order, state, owner, drives))
    return Running(order.run, current, done, drives)


def _require_newest(order: Order, owner: str) -> None:
    """Raise `RunMoved` when a fact came after those the order was made from: now that it is ours none can."""
    assert order.history is not None
    newer = order.journal.read(order.run, after=order.history.last_seq)
    if next(iter(newer), None) is not None:
        order.journal.release(order.run, owner)
        raise RunMoved(f"run {order.run} went on meanwhile in another process")


async def _work(
    order: Order, state: State, owner: str, drives: list[Drive]
) -> RunFinished | RunPaused:
    calls = Calls(order.run, order.session, gates=engine().gates, clock=order.clock)
    drive = Drive(state, calls, journal=order.journal, clock=order.clock)
    drives.append(drive)
    watch = asyncio.get_running_loop().create_task(_watch(order, owner, drive))
    last: RunFinished | RunPaused | None = None
    try:
        if order.history is not None:
            _obey(order, drive, after=0)  # what was left while nobody owned it
        last = await drive.run()
        return last
    finally:
        watch.cancel()
        order.shelf.give_back(state.program)
        try:
            if last is None:  # the last fact gives up the run; there was none
                await asyncio.to_thread(order.journal.release, order.run, owner)
        finally:
            _at_work.discard(order.run)


async def _watch(order: Order, owner: str, drive: Drive) -> None:
    """Look for commands and say that the owner lives, until cancelled or the run is somebody else's."""
    try:
        await _look(order, owner, drive)
    except MisyError as problem:
        drive.give_up(problem)


async def _look(order: Order, owner: str, drive: Drive) -> None:
    seen, version, looks = 0, -1, 0
    while True:
        await asyncio.sleep(WATCH_EVERY_S)
        looks += 1
        if looks % HEARTBEAT_EVERY == 0:
            await asyncio.to_thread(order.journal.heartbeat, order.run, owner)
        current = order.journal.version()
        if current != version:
            version, seen = current, _obey(order, drive, after=seen)


def cancel_body(by: str) -> bytes:
    """What a `cancel` command says."""
    return encode_json({"by": by})


def canceller(command: Command) -> str:
    """Who left a `cancel`; a command without a name was left by an older version."""
    said = decode_json(command.body)
    by = said.get("by") if isinstance(said, dict) else None
    return by if isinstance(by, str) and by else "another process"


def _obey(order: Order, drive: Drive, *, after: int) -> int:
    """Do what others left word for; returns the last command seen."""
    for command in order.journal.commands(order.run, after=after):
        after = command.seq
        if command.verb == "cancel":
            drive.stop(Stop("cancel", canceller(command)))
        elif command.verb == "approve" and (answered := read_answer(command.body)):
            drive.tell(answered)
    return after
