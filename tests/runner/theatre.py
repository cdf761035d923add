"""A theatre for whole runs: the real engine, agents that answer when told, a journal that can be held back.

Nothing here sleeps: whoever waits, waits for something that happens on another thread, and gives up
loudly after `PATIENCE_S`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import TypeVar

from misydsl.agents.contract import Connection, Health, Reply, Request
from misydsl.clock import SYSTEM_CLOCK
from misydsl.failures import AgentUnknown, Failure
from misydsl.history.events import Event
from misydsl.history.fold import History, fold
from misydsl.runner.order import Order
from misydsl.runner.program import AgentCode
from misydsl.runner.run import Running, start
from misydsl.runner.shelf import Shelf
from misydsl.store.journal import Done, Journal
from misydsl.store.memory import MemoryJournal
from misydsl.values import Value
from misydsl.workspace import check_text

PATIENCE_S = 10.0

AGENTS = """misy 1
agent a(q: string) -> string
agent b(q: string) -> string
agent c(q: string) -> string
"""

_numbers = count(1)
Fact = TypeVar("Fact", bound=Event)


class Actor:
    """A connection that remembers its calls and answers when it is told to."""

    def __init__(
        self,
        name: str = "a",
        *,
        is_pure: bool = False,
        answers: Callable[[Request], object] | None = None,
    ) -> None:
        self.name, self.is_pure = name, is_pure
        self.seen: list[Request] = []
        self.cancelled: list[Request] = []
        self.most_open = 0
        self._answers = answers
        self._open: dict[tuple[str, str, str], asyncio.Future[object]] = {}
        self._answered: set[asyncio.Future[object]] = set()
        self._changed = threading.Condition()

    async def call(self, request: Request) -> Reply | Failure:
        """Wait for `answer`, or answer at once."""
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        with self._changed:
            self.seen.append(request)
            self._open[request.run, request.step, request.item] = future
            self.most_open = max(self.most_open, len(self._open))
            self._changed.notify_all()
        try:
            found = self._answers(request) if self._answers is not None else await future
        except asyncio.CancelledError:
            self.cancelled.append(request)
            raise
        finally:
            with self._changed:
                del self._open[request.run, request.step, request.item]
                self._changed.notify_all()
        return found if isinstance(found, Reply | Failure) else Reply(found)  # type: ignore[arg-type]

    async def health(self, timeout_s: float = 5.0) -> Health:
        """Always well."""
        return Health(self.name, is_healthy=True, url="theatre:")

    def wait_for(self, calls: int) -> list[Request]:
        """The calls so far, once there are that many."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.seen) >= calls, PATIENCE_S), self.seen
            return list(self.seen)

    def wait_idle(self) -> None:
        """Return when no call is open."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._open, PATIENCE_S)

    @property
    def open(self) -> list[str]:
        """The open calls, as `step` or `step[item]`, in the order they began."""
        with self._changed:
            return [f"{step}[{item}]" if item else step for _, step, item in self._open]

    def answer(self, value: object, step: str = "", item: str = "", run: str = "") -> None:
        """Answer the open call of a step (the oldest when none is named) from any thread."""
        with self._changed:
            found = next(
                future
                for (at, named, one), future in self._open.items()
                if step in ("", named)
                and item in ("", one)
                and run in ("", at)
                and future not in self._answered
            )
            self._answered.add(found)
        found.get_loop().call_soon_threadsafe(_settle, found, value)


def _settle(future: asyncio.Future[object], value: object) -> None:
    if future.done():
        return
    if isinstance(value, BaseException):
        future.set_exception(value)
    else:
        future.set_result(value)


class HeldJournal:
    """A journal whose commits wait for `let_go` while it is held, and that remembers every append."""

    def __init__(self, inner: Journal | None = None, *, is_held: bool = False) -> None:
        self.inner = inner or MemoryJournal()
        self.appended: list[Event] = []
        self.beats = 0
        self._is_held = is_held
        self._held: list[tuple[str, Sequence[Event], Done | None]] = []
        self._changed = threading.Condition()

    def append(self, run: str, events: Sequence[Event], done: Done | None = None) -> None:
        """Keep the events back, or hand them on."""
        with self._changed:
            self.appended += events
            if self._is_held:
                self._held.append((run, events, done))
            self._changed.notify_all()
            if self._is_held:
                return
        self.inner.append(run, events, done)

    def hold(self) -> None:
        """From now on nothing reaches the disk."""
        with self._changed:
            self._is_held = True

    def let_go(self) -> None:
        """Commit what is held, and hold nothing from now on."""
        with self._changed:
            self._is_held, held, self._held = False, self._held, []
        for run, events, done in held:
            self.inner.append(run, events, done)

    def break_down(self, problem: BaseException) -> None:
        """Lose what is held."""
        with self._changed:
            self._is_held, held, self._held = False, self._held, []
        for _, _, done in held:
            if done is not None:
                done(problem)

    def wait_for(self, kind: type[Fact], number: int = 1) -> list[Fact]:
        """The appended facts of a kind, once there are that many."""

        def found() -> list[Fact]:
            return [event for event in self.appended if isinstance(event, kind)]

        with self._changed:
            assert self._changed.wait_for(lambda: len(found()) >= number, PATIENCE_S), self.appended
            return found()

    def heartbeat(self, run: str, owner: str) -> None:
        """Counted, then handed on."""
        with self._changed:
            self.beats += 1
            self._changed.notify_all()
        self.inner.heartbeat(run, owner)

    def wait_for_beats(self, number: int) -> None:
        """Return when the owner has said that often that it lives."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.beats >= number, PATIENCE_S)

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)


def order(
    text: str,
    agents: Mapping[str, Connection],
    journal: object,
    *,
    run: str | None = None,
    history: History | None = None,
    accepted_at: float | None = None,
    shelf: Shelf | None = None,
    inputs: Mapping[str, Value] | None = None,
) -> Order:
    """An order for the first pipeline of a text."""

    def connect(agent: AgentCode) -> Connection:
        if agent.name not in agents:
            raise AgentUnknown(f"nobody plays {agent.name}")
        return agents[agent.name]

    return Order(
        shelf=shelf or shelf_of(text),
        inputs=inputs or {},
        journal=journal,  # type: ignore[arg-type]  # a HeldJournal hands on what it does not have
        connect=connect,
        run=run or f"run-{next(_numbers)}",
        session="s-1",
        environment={},
        accepted_at=SYSTEM_CLOCK.wall() if accepted_at is None else accepted_at,
        history=history,
    )


def shelf_of(text: str) -> Shelf:
    """The shelf of the first pipeline of a text."""
    checked = check_text(text)
    assert not checked.errors, "\n".join(map(str, checked.errors))
    assert checked.library is not None
    return Shelf(checked.library.main.pipelines()[0], checked.library)


def play(text: str, agents: Mapping[str, Connection], journal: object, **inputs: Value) -> Running:
    """Begin a run."""
    return start(order(text, agents, journal, inputs=inputs))


def again(first: Order, agents: Mapping[str, Connection]) -> Order:
    """The order that goes on with a run, as its journal tells it."""
    known = order("", agents, first.journal, shelf=first.shelf, run=first.run)
    return replace(
        known,
        inputs=first.inputs,
        accepted_at=first.accepted_at,
        history=fold(first.journal.read(first.run)),
    )


def facts(journal: Journal | HeldJournal, run: str) -> list[Event]:
    """What is on the disk."""
    keeper = journal.inner if isinstance(journal, HeldJournal) else journal
    return [recorded.event for recorded in keeper.read(run)]


def kinds(journal: Journal | HeldJournal, run: str) -> list[str]:
    """What is on the disk, one word a fact."""
    return [type(fact).__name__ for fact in facts(journal, run)]
