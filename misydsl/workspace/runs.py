"""Runs as people hold them: this process's, another's, or yesterday's.

In: a run's id and its journal. Out: a `Run` handle whose every answer is read from the journal, so it says
the same whoever asks. `resume` goes on with a run that has no living owner; finished steps are not
called again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import msgspec

from misydsl.agents.registry import Binding
from misydsl.failures import MisyError, RunMoved
from misydsl.history.events import RunFinished, RunPaused
from misydsl.history.states import History
from misydsl.history.status import RUN_FINAL
from misydsl.runner.approvals import read_answer
from misydsl.runner.engine import engine
from misydsl.runner.order import Order
from misydsl.runner.run import Running, cancel_body, close_cancelled, start
from misydsl.runner.shelf import Shelf
from misydsl.runner.state import Answered
from misydsl.store.journal import Journal
from misydsl.values import Value, decode_json
from misydsl.workspace.binding import connector, files_of, recorded_files, still_to_read
from misydsl.workspace.journals import JournalPlace, open_journal
from misydsl.workspace.questions import Question
from misydsl.workspace.recorded import RecordedRun, accepted_of, program_of
from misydsl.workspace.remembered import remember, remembered

WATCH_EVERY_S = 0.1  # how often a run of another process is looked at
PATIENT_LOOKS = 20  # looks at a run without an owner, which may be between accepted and owned
RUN_ENDED = RUN_FINAL | {"paused"}


class Run(RecordedRun):
    """One run; read only unless this process works on it."""

    def __init__(self, run: str, journal: Journal, running: Running | None = None) -> None:
        super().__init__(run, journal)
        self._running = running

    def wait(self, timeout_s: float | None = None) -> str:
        """The status when the run has ended or paused, whoever works on it.

        Raises: `TimeoutError`; `JournalUnusable`; `MisyError` when its owner died before the end.
        """
        if self._running is not None:
            self._running.wait(timeout_s)
            return self.status
        if engine().is_current:
            raise MisyError("a run cannot be waited for inside an async agent; use `await`")
        watching = engine().submit(self._ended_elsewhere())
        try:
            return watching.result(timeout_s)
        finally:
            watching.cancel()

    @property
    def is_own(self) -> bool:
        """Whether this process works on it."""
        return self._running is not None

    @property
    def is_over(self) -> bool:
        """Whether nobody works on it any more here: it has ended, paused, or its journal was lost."""
        if self._running is not None:
            return self._running.future.done()
        return self.status in RUN_ENDED

    def __await__(self) -> Generator[Any, None, Run]:
        return self._ended().__await__()

    async def ended(self) -> str:
        """The status when the run has ended or paused; who waits may be cancelled, the run goes on.

        Raises: `JournalUnusable`; `MisyError` when its owner died before the end.
        """
        if self._running is None:
            return await self._ended_elsewhere()
        await asyncio.shield(asyncio.wrap_future(self._running.future))
        return self.status

    def cancel(self, by: str = "you") -> None:
        """Stop for good, whoever works on it: recorded first, then open calls are aborted."""
        if self._running is not None and not self.is_over:
            self._running.stop("cancel", by)
            return
        summary = self.journal.find(self.id)
        if summary.status in RUN_FINAL:
            return
        if summary.owner is None:
            close_cancelled(self.journal, self.id, by)
        else:
            self.journal.command(self.id, "cancel", cancel_body(by))

    def pause(self, by: str = "you") -> None:
        """Begin nothing new, let open calls end, leave a run that `resume` completes."""
        self._own().stop("pause", by)

    def abort(self, by: str = "you") -> None:
        """Like `pause`, but open calls are aborted."""
        self._own().stop("abort", by)

    def approve(
        self,
        step: str | None = None,
        *,
        item: str | None = None,
        approved: bool = True,
        by: str | None = None,
        comment: str | None = None,
    ) -> None:
        """Answer a question; `step` and `item` may be left out where only one is open.

        The answer is kept even when nobody works on the run: a resume takes it.

        Raises: `MisyError` when no such question is open, several are, or it was answered already.
        """
        asked = self.question(step, item)
        answered = Answered(
            asked.step, asked.item, asked.round, is_approved=approved, by=by, comment=comment
        )
        if self._running is not None and not self.is_over:
            self._running.answer(answered)
            return
        self._require_unanswered(asked)
        self.journal.command(self.id, "approve", msgspec.json.encode(answered))

    def resume(
        self,
        *,
        agents: Mapping[str, Binding] | None = None,
        budget: Mapping[str, Value] | None = None,
    ) -> Run:
        """Go on with this run; see `resume`."""
        return resume(self.id, journal=self.journal, agents=agents, budget=budget)

    def retry(self, **changes: Any) -> Run:
        """A new run of what failed; see `misydsl.retry`."""
        from misydsl.workspace.again import retry

        return retry(self.id, **{"journal": self.journal, **changes})

    def rerun(self, from_step: str | None = None, **changes: Any) -> Run:
        """A new run from a step on, or of what differs; see `misydsl.rerun`."""
        from misydsl.workspace.again import rerun

        return rerun(self.id, from_step=from_step, **{"journal": self.journal, **changes})

    def replay(self, **changes: Any) -> Run:
        """The run once more, from its recording; see `misydsl.replay`."""
        from misydsl.workspace.again import replay

        return replay(self, **changes)

    def _last_fact(self) -> RunFinished | RunPaused | None:
        """The end, where this process brought the run to it: nothing has to be read for that."""
        future = self._running.future if self._running is not None else None
        if future is None or not future.done() or future.exception() is not None:
            return None
        return future.result()

    def _require_unanswered(self, asked: Question) -> None:
        """Raise when an answer was left that nobody has taken yet: the first one counts."""
        for command in self.journal.commands(self.id):
            known = read_answer(command.body) if command.verb == "approve" else None
            if known and (known.step, known.item, known.round) == (
                asked.step,
                asked.item,
                asked.round,
            ):
                word = "approved" if known.is_approved else "denied"
                raise MisyError(f"{asked.where} was {word} by {known.by or 'somebody'} already")

    def _own(self) -> Running:
        if self._running is None:
            raise MisyError(
                f"run {self.id} is not this process's to pause; `cancel` works from here"
            )
        return self._running

    async def _ended(self) -> Run:
        if self._running is None:
            await self._ended_elsewhere()
            return self
        try:
            # shielded: cancelling the one who waits must not tear the engine's own work apart
            await asyncio.shield(asyncio.wrap_future(self._running.future))
        except asyncio.CancelledError:
            self._running.stop("cancel", "the awaiting task")
            raise
        return self

    async def _ended_elsewhere(self) -> str:
        looks_without_owner = 0
        while True:
            owner = self.journal.find(self.id).owner
            status = self.status
            if status in RUN_ENDED:
                return status
            looks_without_owner = 0 if owner else looks_without_owner + 1
            if looks_without_owner == PATIENT_LOOKS:
                raise MisyError(f"nobody works on run {self.id} any more: `misy resume {self.id}`")
            await asyncio.sleep(WATCH_EVERY_S)


def begin(order: Order, agents: Mapping[str, Binding] | None = None) -> Run:
    """Begin an order here, and remember the Python agents it is bound to. Raises what `start` raises."""
    running = start(order)
    remember(order.run, agents)
    return Run(order.run, order.journal, running)


def find_run(run: str, journal: JournalPlace = None) -> Run:
    """The run of this id, or unambiguous beginning of one; raises `RunUnknown`."""
    keeper = open_journal(journal, is_reading=True)
    return Run(keeper.find(run).run, keeper)


def resume(
    run: str,
    *,
    journal: JournalPlace = None,
    agents: Mapping[str, Binding] | None = None,
    agent_files: Sequence[Path | str] = (),
    bound_from: Sequence[Path | str] = (),
    budget: Mapping[str, Value] | None = None,
) -> Run:
    """Go on with a run: finished steps keep their results, the rest is begun; a final run is returned as is.

    `agents` wins over those the run was started with, which only the process that started it remembers; files
    they were read from (`bound_from`) are not read again. `budget` takes the place of what the pipeline allows.
    Raises: `RunUnknown`; `RunBusy` while another living process owns it; what `Pipeline.start` raises.
    """
    keeper = open_journal(journal, is_reading=True)
    found = Run(keeper.find(run).run, keeper)
    bound = remembered(found.id, agents)
    while (history := found.history()).status not in RUN_FINAL:
        order = _order_to_go_on(found, history, bound, agent_files, bound_from)
        with suppress(RunMoved):  # somebody else got further with it: what came is read too
            return begin(replace(order, budget=budget or {}), bound)
    return found


def _order_to_go_on(
    found: Run,
    history: History,
    bound: Mapping[str, Binding],
    agent_files: Sequence[Path | str],
    bound_from: Sequence[Path | str],
) -> Order:
    """What the rest of a run needs, as it was recorded."""
    keeper = found.journal
    accepted = accepted_of(keeper, found.id)
    recorded = files_of(accepted.agent_files, keeper)
    files = tuple(map(Path, agent_files)) or still_to_read(recorded, bound_from)
    return Order(
        shelf=Shelf(*program_of(accepted)),
        inputs=cast("Mapping[str, Value]", decode_json(bytes(accepted.inputs))),
        journal=keeper,
        connect=connector(bound, files),
        run=found.id,
        session=accepted.session,
        shared=cast("Mapping[str, Value]", decode_json(bytes(accepted.shared))),
        environment=dict(os.environ),
        agent_files=recorded_files((*files, *bound_from), keeper),
        accepted_at=accepted.at,
        history=history,
        uses_cache=accepted.asks_cache,
    )
