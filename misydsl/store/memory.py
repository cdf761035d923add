"""A journal without a disk: for tests, and for runs nobody needs tomorrow.

In: what every journal takes. Out: the same promises, except that nothing outlives the process. Owners
are all of this process, so an owner lives until it releases. `done` is called before `append` returns.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter

from msgspec.structs import replace

from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.failures import JournalUnusable, RunBusy, RunUnknown
from misydsl.history.events import Event, Recorded, RoundFinished, RunAccepted, StepFinished
from misydsl.history.status import RUN_FINAL
from misydsl.history.wire import to_body
from misydsl.store import messages
from misydsl.store.journal import Collected, Command, Done, Memo, RunSummary
from misydsl.store.summaries import change_of

_PAGE = 1_000  # events copied at a time, so that a reader neither blocks nor misses a writer


class MemoryJournal:
    """Keeps facts for as long as the object lives."""

    def __init__(self, *, clock: Clock = SYSTEM_CLOCK) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._events: dict[str, list[Recorded]] = {}
        self._in_order: list[Recorded] = []
        self._summaries: dict[str, RunSummary] = {}
        self._commands: list[Command] = []
        self._memos: dict[str, Memo] = {}
        self._last_seq = 0
        self._version = 0
        self._is_closed = False

    def accept(
        self, run: str, event: RunAccepted, owner: str | None = None, also: Sequence[Event] = ()
    ) -> None:
        """Record a new run."""
        with self._lock:
            self._check_open()
            if run in self._summaries:
                raise RunBusy(messages.run_exists(run))
            self._events[run] = []
            self._summaries[run] = RunSummary(
                run=run,
                pipeline=event.pipeline,
                title=event.title,
                status="accepted",
                session=event.session,
                accepted_at=event.at,
                finished_at=None,
                steps=event.steps,
                owner=owner,
                heartbeat_at=None if owner is None else self._clock.wall(),
            )
            for fact in (event, *also):
                self._record(run, fact)

    def append(self, run: str, events: Sequence[Event], done: Done | None = None) -> None:
        """Record events of one run."""
        with self._lock:
            self._summary(run)
            for event in events:
                self._record(run, event)
        if done is not None:
            done(None)

    def recall(self, key: str) -> Memo | None:
        """The newest result filed under this key."""
        with self._lock:
            self._check_open()
            return self._memos.get(key)

    def flush(self) -> None:
        """Nothing is ever left to write."""
        with self._lock:
            self._check_open()

    def read(self, run: str, *, after: int = 0) -> Iterator[Recorded]:
        """A run's events with `seq > after`, in order."""
        with self._lock:
            self._summary(run)
        return self._pages(run, after)

    def read_all(
        self, *, after: int, limit: int, run: str | None = None, is_whole: bool = False
    ) -> list[Recorded]:
        """Events of all runs (or of one) with `seq > after`; values are always whole here."""
        del is_whole
        with self._lock:
            if run is not None:
                self._summary(run)
            self._check_open()
            events = self._in_order if run is None else self._events[run]
            begin = bisect_right(events, after, key=attrgetter("seq"))
            return events[begin : begin + limit]

    def runs(self, *, limit: int | None = None) -> list[RunSummary]:
        """Newest first."""
        with self._lock:
            self._check_open()
            return list(reversed(self._summaries.values()))[:limit]

    def find(self, prefix: str) -> RunSummary:
        """The run of this id or unambiguous beginning of one."""
        with self._lock:
            self._check_open()
            if prefix in self._summaries:
                return self._summaries[prefix]
            matching = [run for run in self._summaries if prefix and run.startswith(prefix)]
            if len(matching) > 1:
                raise RunUnknown(messages.run_ambiguous(prefix, sorted(matching)[:5]))
            return self._summary(matching[0] if matching else prefix)

    def claim(self, run: str, owner: str) -> None:
        """Own a run until `release`."""
        with self._lock:
            summary = self._summary(run)
            if summary.owner not in (None, owner):
                raise RunBusy(messages.run_busy_here(run, str(summary.owner)))
            self._summaries[run] = replace(summary, owner=owner, heartbeat_at=self._clock.wall())
            self._version += 1

    def heartbeat(self, run: str, owner: str) -> None:
        """Owners of this process need not say that they live; raises `RunBusy` after a loss."""
        with self._lock:
            summary = self._summary(run)
            if summary.owner != owner:
                raise RunBusy(messages.lease_lost(run, owner))
            self._summaries[run] = replace(summary, heartbeat_at=self._clock.wall())

    def release(self, run: str, owner: str) -> None:
        """Own it no longer."""
        with self._lock:
            summary = self._summary(run)
            if summary.owner == owner:
                self._summaries[run] = replace(summary, owner=None, heartbeat_at=None)
                self._version += 1

    def command(self, run: str, verb: str, body: bytes = b"{}") -> int:
        """Leave a command for the owner; returns its `seq`."""
        with self._lock:
            self._summary(run)
            seq = len(self._commands) + 1
            self._commands.append(Command(seq=seq, run=run, verb=verb, body=body))
            self._version += 1
            return seq

    def commands(self, run: str, *, after: int = 0) -> list[Command]:
        """Commands left for a run."""
        with self._lock:
            self._summary(run)
            return [left for left in self._commands[after:] if left.run == run]

    def version(self) -> int:
        """A number that changes when anything was recorded."""
        with self._lock:
            self._check_open()
            return self._version

    def collect(self, before: float, *, is_dry_run: bool = False) -> Collected:
        """Forget final runs that ended before this moment."""
        with self._lock:
            self._check_open()
            old = tuple(run for run in self._summaries if self._is_old(run, before))
            facts = [recorded.event for run in old for recorded in self._events[run]]
            collected = Collected(old, len(facts), sum(len(to_body(fact)) for fact in facts))
            if old and not is_dry_run:
                for run in old:
                    del self._summaries[run], self._events[run]
                self._in_order = [one for one in self._in_order if one.run not in old]
                self._memos = {
                    key: memo for key, memo in self._memos.items() if memo.run not in old
                }
                self._version += 1
            return collected

    def close(self) -> None:
        """Stop."""
        self._is_closed = True

    def _pages(self, run: str, after: int) -> Iterator[Recorded]:
        events, place = self._events[run], 0
        while page := events[place : place + _PAGE]:
            place += len(page)
            yield from (recorded for recorded in page if recorded.seq > after)

    def _is_old(self, run: str, before: float) -> bool:
        summary = self._summaries[run]
        ended = summary.finished_at
        if summary.status not in RUN_FINAL or ended is None or ended >= before:
            return False
        unfinished = (one.run for one in self._summaries.values() if one.status not in RUN_FINAL)
        return all(_base(self._events[one]) != run for one in unfinished)

    def _record(self, run: str, event: Event) -> None:
        self._last_seq += 1
        self._version += 1
        recorded = Recorded(self._last_seq, run, event)
        self._events[run].append(recorded)
        self._in_order.append(recorded)
        if isinstance(event, StepFinished | RoundFinished) and event.memo is not None:
            self._memos[event.memo] = Memo(event.at, run, bytes(event.value))
        if (change := change_of(event)) is not None:
            status, finished_at = change
            summary = replace(self._summaries[run], status=status, finished_at=finished_at)
            if status != "running":  # a run that ended or paused needs no owner
                summary = replace(summary, owner=None, heartbeat_at=None)
            self._summaries[run] = summary

    def _summary(self, run: str) -> RunSummary:
        self._check_open()
        if run not in self._summaries:
            raise RunUnknown(messages.run_unknown(run))
        return self._summaries[run]

    def _check_open(self) -> None:
        if self._is_closed:
            raise JournalUnusable(messages.closed("in memory"))


def _base(events: Sequence[Recorded]) -> str | None:
    """The run whose results a run builds on."""
    first = events[0].event
    return first.base if isinstance(first, RunAccepted) else None
