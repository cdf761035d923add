"""One run, followed fact by fact: its agents' executions and what it comes to.

In: the facts of one run, in order. Out: `Execution`, at any moment, and every call added to the agents'
sums as it happens. What it keeps is bounded: the calls that are open now, and the first two hundred
executions. A call begins with its first attempt, and ends with its step, its round or a fallback.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET

from misydsl.failures import Failure
from misydsl.history.events import (
    AttemptFailed,
    AttemptStarted,
    Event,
    FallbackBegun,
    Recorded,
    RoundFinished,
    RunAccepted,
    RunFinished,
    RunOwned,
    RunPaused,
    StepFailed,
    StepFinished,
)
from misydsl.metrics.orchestration_outcome import TopSteps
from misydsl.metrics.orchestration_records import AgentRun, Execution, Outcome, iso, milliseconds
from misydsl.metrics.orchestration_sums import AgentSums
from misydsl.metrics.step_ids import step_ids

MOST_EXECUTIONS: Final = 200  # of agents, told of one run; all of them are counted
LONGEST_ERROR: Final = 2_000  # characters; agents send whole pages
MOST_AGENTS: Final = 1_000
"""Names that are counted apart: whoever asks for runs may spell one agent in as many ways as they like."""
OTHERS: Final = "(others)"


@dataclass(slots=True)
class _Call:
    """A step (item, round) at one agent."""

    agent: str
    round: int
    begun_at: float
    attempts: int = 0
    is_trying: bool = False
    last_s: float | None = None
    failure: Failure | None = None


class FollowedRun:
    """A run on its way; `sums` are the agents' and shared by all runs."""

    __slots__ = (
        "_calls", "_executions", "_ids", "_omitted", "_sums", "_top", "accepted", "end", "run",
    )  # fmt: skip

    def __init__(
        self, run: str, accepted: RunAccepted, *, sums: MutableMapping[str, AgentSums]
    ) -> None:
        self.run = run
        self.accepted = Head.of(accepted)
        self.end: End | None = None
        self._top = TopSteps()
        self._ids = step_ids(accepted)
        self._sums = sums
        self._calls: dict[tuple[str, str], _Call] = {}
        self._executions: list[AgentRun] = []
        self._omitted = 0

    def add(self, event: Event) -> None:
        """The next fact; nothing counts after the end."""
        if self.end is not None:
            return
        self._top.add(event)
        match event:
            case AttemptStarted():
                self._begin(event, agent=event.agent, at=event.at, attempt=event.attempt)
            case AttemptFailed():
                self._failed_attempt(event)
            case StepFinished() | RoundFinished():
                self._succeeded(event)
            case StepFailed() | FallbackBegun():
                self._failed(event)
            case RunOwned() | RunPaused():
                for call in self._calls.values():  # whatever was on its way has no end of its own
                    call.is_trying = False
            case RunFinished():
                self._finish(event)
            case _:
                pass

    def execution(self, now: float) -> Execution:
        """As it stands."""
        head, end = self.accepted, self.end
        until = now if end is None else end.at
        return Execution(
            workflow_id=head.workflow_id,
            run_id=self.run,
            workflow_name=head.name,
            session_id=head.session,
            status="running" if end is None else end.outcome,
            duration=milliseconds(max(0.0, until - head.at)),
            start_time=iso(head.at),
            end_time=UNSET if end is None else iso(end.at),
            error=UNSET if end is None or end.error is None else end.error,
            agent_executions=[*self._executions, *self._running(now)],
            omitted=self._omitted,
        )

    def _begin(
        self,
        event: AttemptStarted | AttemptFailed | StepFinished | RoundFinished,
        *,
        agent: str,
        at: float,
        attempt: int,
    ) -> _Call:
        """A call, or its next attempt, begins."""
        key = (event.step, event.item)
        call = self._calls.get(key)
        if call is not None and (call.agent, call.round) != (agent, event.round):
            self._close(key, at=at, failure=call.failure, is_success=False)
            call = None
        if call is None:
            call = self._calls[key] = _Call(agent, event.round, at)
        sums = self._of(agent)
        sums.attempts += 1
        sums.retries += call.attempts > 0 or attempt > 1
        sums.last_at = max(sums.last_at, at)
        call.attempts += 1
        call.is_trying, call.last_s = True, None
        return call

    def _failed_attempt(self, event: AttemptFailed) -> None:
        call = self._trying(event, agent=event.failure.agent, attempt=event.attempt)
        sums = self._of(call.agent)
        sums.errors += 1
        sums.durations.add(event.duration_s)
        call.is_trying, call.last_s, call.failure = False, event.duration_s, event.failure

    def _succeeded(self, event: StepFinished | RoundFinished) -> None:
        key = (event.step, event.item)
        if event.attempts and event.agent is not None and event.reused is None:
            call = self._trying(event, agent=event.agent, attempt=event.attempts)
            self._of(call.agent).durations.add(event.duration_s)
            call.last_s = event.duration_s
            self._close(key, at=event.at, failure=None, is_success=True)
        elif key in self._calls:
            self._close(key, at=event.at, failure=None, is_success=True)

    def _failed(self, event: StepFailed | FallbackBegun) -> None:
        key = (event.step, event.item)
        call = self._calls.get(key)
        if call is None:
            return
        if call.is_trying and event.failure.kind != "cancelled":
            self._of(call.agent).errors += 1
        self._close(key, at=event.at, failure=event.failure, is_success=False)

    def _finish(self, event: RunFinished) -> None:
        for key in tuple(self._calls):
            self._close(key, at=event.at, failure=event.failure, is_success=False)
        error = None if event.failure is None else event.failure.sentence()[:LONGEST_ERROR]
        self.end = End(event.at, self._top.outcome(event.status), error)

    def _trying(
        self,
        event: AttemptFailed | StepFinished | RoundFinished,
        *,
        agent: str | None,
        attempt: int,
    ) -> _Call:
        """The call under way; one of a pure agent is only written down when it ends."""
        call = self._calls.get((event.step, event.item))
        if call is not None and call.is_trying:
            return call
        begun_at = event.at - event.duration_s
        known = agent or (call.agent if call is not None else "")
        return self._begin(event, agent=known, at=begun_at, attempt=attempt)

    def _close(
        self, key: tuple[str, str], *, at: float, failure: Failure | None, is_success: bool
    ) -> None:
        call = self._calls.pop(key)
        sums = self._of(call.agent)
        if is_success:
            sums.succeeded += 1
        else:
            sums.failed += 1
        if len(self._executions) >= MOST_EXECUTIONS:
            self._omitted += 1
            return
        # one attempt lasted as long as the monotonic clock said; several, from the first to the end
        is_one = call.attempts == 1 and call.last_s is not None
        duration_s = call.last_s if is_one and call.last_s is not None else at - call.begun_at
        self._executions.append(
            AgentRun(
                agent=call.agent,
                step_id=self._ids.get(key[0], key[0]),
                item=key[1] or UNSET,
                status="success" if is_success else "failure",
                duration=milliseconds(max(0.0, duration_s)),
                start_time=iso(call.begun_at),
                end_time=iso(at),
                error=UNSET if failure is None else failure.message[:LONGEST_ERROR],
            )
        )

    def _running(self, now: float) -> list[AgentRun]:
        room = max(0, MOST_EXECUTIONS - len(self._executions))
        return [
            AgentRun(
                agent=call.agent,
                step_id=self._ids.get(step, step),
                item=item or UNSET,
                status="running",
                duration=milliseconds(max(0.0, now - call.begun_at)),
                start_time=iso(call.begun_at),
            )
            for (step, item), call in list(self._calls.items())[:room]
        ]

    def _of(self, agent: str) -> AgentSums:
        if agent not in self._sums and len(self._sums) >= MOST_AGENTS:
            agent = OTHERS
        found = self._sums.get(agent)
        if found is None:
            found = self._sums[agent] = AgentSums()
        return found


@dataclass(frozen=True, slots=True)
class Head:
    """What is kept of the first fact: without texts and inputs."""

    workflow_id: str
    name: str
    session: str
    at: float

    @classmethod
    def of(cls, accepted: RunAccepted) -> Head:
        """What the run is called."""
        name = accepted.title or accepted.pipeline
        return cls(accepted.pipeline, name, accepted.session, accepted.at)


@dataclass(frozen=True, slots=True)
class End:
    """How and when a run ended."""

    at: float
    outcome: Outcome
    error: str | None


def execution_of(facts: Iterable[Recorded], *, now: float) -> Execution | None:
    """The execution that the facts of one run tell; None when its first fact is missing."""
    followed: FollowedRun | None = None
    for recorded in facts:
        if isinstance(recorded.event, RunAccepted):
            followed = FollowedRun(recorded.run, recorded.event, sums={})
        elif followed is not None:
            followed.add(recorded.event)
    return None if followed is None else followed.execution(now)
