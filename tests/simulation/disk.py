"""A journal that writes late and dies on the way: what a process leaves behind when it is killed.

In: facts of one run. Out: those that became durable, in order. An append is accepted at once and committed a
few milliseconds later; at a given number of facts the process is dead, and all that was accepted but not
committed is lost. An append is durable as a whole or not at all, as every keeper does it.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence

from misydsl.history.events import Event, Recorded
from misydsl.history.fold import Fold, History
from misydsl.history.wire import from_body, to_body
from misydsl.store.journal import Done
from misydsl.store.memory import MemoryJournal

RUN = "run-1"


class Disk(MemoryJournal):
    """Keeps the facts of one run over the deaths of its owners."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.facts: list[Event] = []
        """The durable ones."""
        self.lives: list[int] = []
        """How many facts there were at the beginning of each life."""
        self._chance = chance
        self._queue: deque[tuple[list[Event], Done | None]] = deque()
        self._is_dead = True
        self._dies_at: int | None = None
        self._seen: Callable[[Event], None] | None = None
        self._died: asyncio.Event | None = None

    def begin_life(self, dies_at: int | None, seen: Callable[[Event], None]) -> asyncio.Event:
        """A new owner; the event is set at its death."""
        self.lives.append(len(self.facts))
        self._queue.clear()
        self._is_dead, self._dies_at, self._seen = False, dies_at, seen
        self._died = asyncio.Event()
        return self._died

    def end_life(self) -> None:
        """The owner is gone, and whatever is not durable with it."""
        self._is_dead = True

    def append(self, run: str, events: Sequence[Event], done: Done | None = None) -> None:
        """Accept facts; they are durable when `done` is called."""
        if self._is_dead:
            return
        if not self._queue:
            delay = self._chance.choice([0.0, 0.0002, 0.002, 0.02])
            asyncio.get_running_loop().call_later(delay, self._commit)
        self._queue.append((list(events), done))

    def history(self) -> History:
        """What a later owner reads: every fact written out and read back."""
        fold = Fold()
        for number, fact in enumerate(self.facts, 1):
            fold.add(Recorded(number, RUN, from_body(to_body(fact))))
        return fold.history()

    def _commit(self) -> None:
        while self._queue and not self._is_dead:
            events, done = self._queue.popleft()
            if self._dies_at is not None and len(self.facts) + len(events) > self._dies_at:
                self._die()
                return
            for event in events:
                self.facts.append(event)
                if self._seen is not None:
                    self._seen(event)
            if done is not None:
                done(None)

    def _die(self) -> None:
        self._is_dead = True
        assert self._died is not None
        self._died.set()
