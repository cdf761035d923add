"""What a keeper of facts promises.

In: events from one owner per run. Out: durable, ordered, replayable facts. `append` never blocks the
caller on the disk; its `done` is called once, after the commit, or with the error that prevented it.
Events of one run are read in the order they were appended, none missing, `seq` growing over all runs.
The events of one `append` become durable together or not at all, and so do those of one `accept`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec

from misydsl.history.events import Event, Recorded, RunAccepted

Done = Callable[[BaseException | None], None]
"""Called in the writer's thread, once per `append`, after the commit; must be quick and not raise."""


class RunSummary(msgspec.Struct, frozen=True):
    """One row about a run; times are Unix seconds UTC."""

    run: str
    pipeline: str
    title: str | None
    status: str
    session: str
    accepted_at: float
    finished_at: float | None
    steps: int
    owner: str | None
    heartbeat_at: float | None


class Command(msgspec.Struct, frozen=True):
    """What somebody else asks of a run's owner: `cancel` or `approve`, with a JSON body."""

    seq: int
    run: str
    verb: str
    body: bytes


class Memo(msgspec.Struct, frozen=True):
    """The newest result of equal calls: when and in which run it came, and its JSON."""

    at: float
    run: str
    value: bytes


class Collected(msgspec.Struct, frozen=True):
    """What was forgotten, or would be: run ids, oldest first, their events and all their bytes."""

    runs: tuple[str, ...]
    events: int
    size_bytes: int


class Journal(Protocol):
    """Keeps facts. Methods may be called from any thread."""

    def accept(
        self, run: str, event: RunAccepted, owner: str | None = None, also: Sequence[Event] = ()
    ) -> None:
        """Record a new run, owned from the start by `owner` if there is one; durable on return.

        `also` are the facts that follow at once; they are committed together with the first.
        """
        ...

    def append(self, run: str, events: Sequence[Event], done: Done | None = None) -> None:
        """Queue events of one run; raises `JournalUnusable` when the writer has died."""
        ...

    def recall(self, key: str) -> Memo | None:
        """The newest committed result that a fact filed under this `memo`; None when there is none."""
        ...

    def flush(self) -> None:
        """Return when everything appended so far is durable; raises what prevented it."""
        ...

    def read(self, run: str, *, after: int = 0) -> Iterator[Recorded]:
        """A run's events with `seq > after`, in order, values over 256 kB brought back in."""
        ...

    def read_all(
        self, *, after: int, limit: int, run: str | None = None, is_whole: bool = False
    ) -> list[Recorded]:
        """Committed events of all runs (or of one) with `seq > after`, in the order of `seq`.

        That is the order of the commits, of all processes together: nothing is ever committed below
        a `seq` that was read. At most `limit` events, fewer where they are heavy; none only when
        there is nothing more. Values over 256 kB stay names unless `is_whole`.
        """
        ...

    def runs(self, *, limit: int | None = None) -> list[RunSummary]:
        """Newest first."""
        ...

    def find(self, prefix: str) -> RunSummary:
        """The run of this id or unambiguous beginning of one; raises `RunUnknown`."""
        ...

    def claim(self, run: str, owner: str) -> None:
        """Own a run until `release`, or until its last fact (`RunFinished`, `RunPaused`) is recorded.

        Raises `RunBusy` while another living process owns it.
        """
        ...

    def heartbeat(self, run: str, owner: str) -> None:
        """Say that the owner lives."""
        ...

    def release(self, run: str, owner: str) -> None:
        """Own it no longer."""
        ...

    def command(self, run: str, verb: str, body: bytes = b"{}") -> int:
        """Leave a command for the owner; returns its `seq`."""
        ...

    def commands(self, run: str, *, after: int = 0) -> list[Command]:
        """Commands left for a run."""
        ...

    def version(self) -> int:
        """A number that changes when anything was committed, by anybody; cheap to ask."""
        ...

    def collect(self, before: float, *, is_dry_run: bool = False) -> Collected:
        """Forget the final runs that ended before this moment, and values nobody names any more.

        A run that is not final is never touched, nor one whose results such a run builds on. Others
        may read and write meanwhile. A dry run only says what would go.
        """
        ...

    def close(self) -> None:
        """Write everything down and stop."""
        ...
