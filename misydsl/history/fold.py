"""From facts to history.

In: recorded events of one run, in journal order. Out: `History`. `Fold` takes them one at a time and
may be asked for the history at any moment; what it answers depends on the events alone, never on how
they were batched. A finished run never changes, whatever is recorded after its end; a step's final
state is only left for a later round of a `repeat`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, assert_never

from msgspec import Raw

from misydsl.failures import Failure, JournalUnusable
from misydsl.history.attempts import AttemptLog
from misydsl.history.events import (
    NULL_RAW,
    ApprovalAsked,
    AttemptFailed,
    AttemptHedged,
    AttemptStarted,
    BoundAgent,
    CancelRequested,
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
from misydsl.history.states import Attempt, History, StepKey, StepState
from misydsl.history.status import RunStatus
from misydsl.history.steps import StepTable

__all__ = ["Attempt", "Fold", "History", "StepKey", "StepState", "fold"]

RunFact = RunAccepted | RunOwned | RunPaused | CancelRequested | PipelineFailing | RunFinished


def fold(events: Iterable[Recorded]) -> History:
    """The history of these events."""
    folding = Fold()
    for recorded in events:
        folding.add(recorded)
    return folding.history()


class Fold:
    """A history that grows, event by event. Not to be shared between threads."""

    __slots__ = ("_attempts", "_run", "_steps")

    def __init__(self) -> None:
        self._run = _RunFacts()
        self._steps = StepTable()
        self._attempts = AttemptLog()

    def add(self, recorded: Recorded) -> None:
        """Take one more event."""
        self._run.last_seq, self._run.id = recorded.seq, recorded.run
        if self._run.finished is not None:
            return
        match recorded.event:
            case AttemptStarted() as event:
                self._call(event)
            case StepFinished() as event:
                self._finished(event)
            case AttemptFailed() as event:
                self._call_failed(event)
            case StepFailed() as event:
                self._failed(event)
            case StepSkipped() as event:
                self._steps.end(event, "skipped")
            case StepBlocked() as event:
                self._steps.end(event, "blocked")
            case RoundFinished() as event:
                self._round_finished(event)
            case FanOut() as event:
                self._steps.fan_out(event)
            case GroupStarted() as event:
                self._steps.begin((event.step, event.item), at=event.at, round_=event.round)
            case AttemptHedged() as event:
                self._attempts.hedge((event.step, event.item))
            case FallbackBegun() as event:
                self._steps.fall_back(event)
            case ApprovalAsked() as event:
                self._steps.ask(event)
            case _ as event:
                self._tell_run(event)

    def history(self) -> History:
        """What is known so far; later events do not change an answer already given."""
        run, finished = self._run, self._run.finished
        return History(
            id=run.id,
            accepted=run.accepted,
            status=run.status,
            started_at=run.started_at,
            finished_at=finished.at if finished else None,
            result=_result(finished),
            failure=finished.failure if finished else None,
            cancelled_by=run.cancelled_by,
            owners=run.owners,
            steps=self._steps.states(),
            attempts=self._attempts.all(),
            fan_outs=self._steps.fan_outs(),
            earlier=self._steps.earlier(),
            failing=run.failing.copy(),
            agents=run.agents,
            budget=run.budget,
            pause_reason=run.pause_reason,
            troubles=finished.troubles if finished else (),
            last_seq=run.last_seq,
        )

    def _call(self, event: AttemptStarted) -> None:
        self._steps.call(event)
        self._attempts.start(event)

    def _call_failed(self, event: AttemptFailed) -> None:
        self._announce(event, agent=event.failure.agent, attempt=event.attempt)
        self._attempts.end(
            (event.step, event.item),
            "failed",
            at=event.at,
            duration_s=event.duration_s,
            failure=event.failure,
            retry_at=event.retry_at,
            cost=event.cost,
            tokens=event.tokens,
        )
        self._steps.call_failed(event)

    def _finished(self, event: StepFinished) -> None:
        if event.attempts and event.agent is not None:
            self._announce(event, agent=event.agent, attempt=event.attempts)
        self._call_succeeded(event)
        self._steps.end(event, "succeeded")

    def _round_finished(self, event: RoundFinished) -> None:
        if event.attempts and event.agent is not None:
            self._announce(event, agent=event.agent, attempt=event.attempts)
        self._call_succeeded(event)
        self._steps.end_round(event)

    def _call_succeeded(self, event: StepFinished | RoundFinished) -> None:
        self._attempts.end(
            (event.step, event.item),
            "succeeded",
            at=event.at,
            duration_s=event.duration_s,
            cost=event.cost,
            tokens=event.tokens,
        )

    def _failed(self, event: StepFailed) -> None:
        ended: Literal["cancelled", "failed"] = (
            "cancelled" if event.failure.kind == "cancelled" else "failed"
        )
        key = (event.step, event.item)
        self._attempts.end(key, ended, at=event.at, failure=event.failure)
        self._steps.end(event, ended)

    def _announce(
        self,
        event: AttemptFailed | StepFinished | RoundFinished,
        *,
        agent: str | None,
        attempt: int,
    ) -> None:
        """A pure step's call is written down when it ends, so its start is made up from that."""
        if self._attempts.is_open((event.step, event.item)):
            return
        self._call(
            AttemptStarted(
                at=event.at - event.duration_s,
                step=event.step,
                agent=agent or "",
                key="",
                timeout_s=0.0,
                item=event.item,
                round=event.round,
                attempt=attempt,
            )
        )

    def _tell_run(self, event: RunFact) -> None:
        run = self._run
        match event:
            case RunAccepted():
                run.accepted = event
            case RunOwned():
                # whatever was open when the last owner fell silent is open no longer
                self._attempts.end_all("lost", at=None)
                self._steps.stop("waiting", at=None)
                run.status, run.owners = "running", run.owners + 1
                run.pause_reason = None
                run.agents = event.agents or run.agents
                if event.budget != NULL_RAW:
                    run.budget = event.budget
                run.started_at = event.at if run.started_at is None else run.started_at
            case RunPaused():
                run.status, run.pause_reason = "paused", event.reason
                self._attempts.end_all("cancelled", at=event.at)
                self._steps.stop("waiting", at=None)
            case PipelineFailing():
                run.failing[event.step, event.item, event.round] = event.failure
            case CancelRequested():
                run.cancelled_by = event.by
            case RunFinished():
                run.status, run.finished = _final(event.status), event
                self._attempts.end_all("cancelled", at=event.at)
                self._steps.stop("cancelled", at=event.at)
            case _:
                assert_never(event)


@dataclass(slots=True)
class _RunFacts:
    """What the facts so far say of the run itself."""

    id: str = ""
    status: RunStatus = "accepted"
    accepted: RunAccepted | None = None
    finished: RunFinished | None = None
    started_at: float | None = None
    cancelled_by: str | None = None
    owners: int = 0
    failing: dict[tuple[str, str, int], Failure] = field(default_factory=dict)
    agents: tuple[BoundAgent, ...] = ()
    budget: Raw | None = None
    pause_reason: str | None = None
    last_seq: int = 0


def _result(finished: RunFinished | None) -> Raw | None:
    return finished.result if finished is not None and finished.status == "succeeded" else None


def _final(word: str) -> RunStatus:
    match word:
        case "succeeded" | "failed" | "cancelled":
            return word
        case _:
            raise JournalUnusable(f"a run cannot end as {word!r}")
