"""Facts, told as the frames of the orchestrator's contract.

In: recorded facts, each run's in order. Out: `Message`s with the JSON of a frame. A fact makes no frame,
one, or several (an end that closes what was still open). The last frame of a fact carries its `seq`, the
cursor to go on from; frames without one belong to the next that has it, so whoever reconnects drops
those and misses nothing. Frames are the same whether they are told live or read again years later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from misydsl.failures import Failure
from misydsl.history.events import (
    AttemptFailed,
    AttemptStarted,
    Event,
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
from misydsl.metrics.orchestration_outcome import TopSteps
from misydsl.server.frames import Began, Ended, Moment, Over, RunHead, Tried, frame_of
from misydsl.server.step_names import NamesOfRuns, StepName

_encoder: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Message:
    """A frame, made once for all who read it; `is_last` for the last one of its fact."""

    seq: int
    run: str
    session: str
    text: str
    is_last: bool = True
    is_end: bool = False
    """Whether it is the end of the run."""

    @property
    def data(self) -> bytes:
        """The frame as bytes."""
        return self.text.encode()


@dataclass(slots=True)
class _Begun:
    """A step (or item) that has been called and has not ended."""

    at: float
    agent: str = ""
    attempts: int = 0
    is_trying: bool = False


@dataclass(slots=True)
class Story:
    """One run, followed fact by fact; after its end nothing more is told."""

    head: RunHead
    is_over: bool = False
    _top: TopSteps = field(default_factory=TopSteps)
    _begun: dict[tuple[str, str], _Begun] = field(default_factory=dict)

    @classmethod
    def of(cls, run: str, event: RunAccepted) -> Story:
        """A story at its very beginning; its first fact is still to be followed."""
        name = event.title or event.pipeline
        return cls(RunHead(run, event.pipeline, name, event.session, event.at, event.fingerprint))

    def follow(self, event: Event) -> list[Moment]:
        """What the next fact says."""
        if self.is_over:
            return []
        self._top.add(event)
        match event:
            case RunAccepted():
                return [Began(event.at)]
            case RunOwned() | RunPaused():
                for begun in self._begun.values():  # whoever was calling does so no longer
                    begun.is_trying = False
                return []
            case RunFinished():
                self.is_over = True
                outcome = self._top.outcome(event.status)
                return [*self._stopped(event), Over(event.at, event.status, outcome, event.failure)]
            case _:
                return self._step_fact(event)

    def _step_fact(self, event: Event) -> list[Moment]:
        match event:
            case AttemptStarted():
                return self._tried(event, event.agent, event.attempt, event.at)
            case AttemptFailed():
                return self._over_with_call(event, event.failure.agent, event.attempt)
            case StepFinished() | RoundFinished():
                is_call = event.attempts and event.agent is not None and event.reused is None
                moments = (
                    self._over_with_call(event, event.agent, event.attempts) if is_call else []
                )
                if isinstance(event, StepFinished):
                    moments.append(self._ended(event, last_s=event.duration_s))
                return moments
            case StepSkipped():
                return [self._ended(event)]
            case StepFailed():
                return [self._ended(event, failure=event.failure)]
            case StepBlocked():
                return [self._ended(event, blocked_by=event.by)]
            case _:
                return []

    def _tried(
        self,
        event: AttemptStarted | AttemptFailed | StepFinished | RoundFinished,
        agent: str,
        attempt: int,
        at: float,
    ) -> list[Moment]:
        begun = self._begun.setdefault((event.step, event.item), _Begun(at))
        begun.agent, begun.is_trying = agent, True
        begun.attempts += 1
        return [Tried(at, event.step, event.item, agent, attempt)]

    def _over_with_call(
        self, event: AttemptFailed | StepFinished | RoundFinished, agent: str | None, attempt: int
    ) -> list[Moment]:
        """A call ended; that of a pure agent is only written down now, so its start is told too."""
        begun = self._begun.get((event.step, event.item))
        moments: list[Moment] = []
        if begun is None or not begun.is_trying:
            known = agent or (begun.agent if begun is not None else "")
            moments = self._tried(event, known, attempt, event.at - event.duration_s)
        self._begun[event.step, event.item].is_trying = False
        return moments

    def _ended(
        self,
        event: StepFinished | StepFailed | StepSkipped | StepBlocked,
        *,
        last_s: float = 0.0,
        failure: Failure | None = None,
        blocked_by: str | None = None,
    ) -> Ended:
        begun = self._begun.pop((event.step, event.item), None)
        attempts = 0 if begun is None else begun.attempts
        # one attempt lasted as long as the monotonic clock said; several, from the first to the end
        is_one = begun is None or (attempts == 1 and last_s > 0)
        duration_s = last_s if begun is None or is_one else event.at - begun.at
        return Ended(event.at, event.step, event.item, duration_s, attempts, failure, blocked_by)

    def _stopped(self, event: RunFinished) -> list[Ended]:
        """The ends of calls that were stopped with the run."""
        why = event.failure.message if event.failure is not None else "the run has ended"
        stopped = Failure("cancelled", why)
        return [
            Ended(event.at, step, item, event.at - begun.at, begun.attempts, stopped)
            for (step, item), begun in self._begun.items()
        ]


class Stories:
    """The runs that are under way, told together; not to be shared between threads."""

    def __init__(self, names: NamesOfRuns) -> None:
        self._names = names
        self._open: dict[str, Story] = {}

    def follow(self, page: Iterable[Recorded]) -> None:
        """Know these facts without telling them."""
        for recorded in page:
            self._moments(recorded)

    def tell(self, page: Iterable[Recorded]) -> list[Message]:
        """The frames of these facts, in their order; none of runs whose beginning was not seen."""
        messages: list[Message] = []
        for recorded in page:
            story, moments = self._moments(recorded)
            if story is not None and moments:
                messages += self._messages(story.head, recorded.seq, moments)
        return messages

    def _moments(self, recorded: Recorded) -> tuple[Story | None, list[Moment]]:
        run, event = recorded.run, recorded.event
        if isinstance(event, RunAccepted):
            self._open[run] = Story.of(run, event)
        story = self._open.get(run)
        if story is None:
            return None, []
        moments = story.follow(event)
        if story.is_over:
            del self._open[run]
        return story, moments

    def _messages(self, head: RunHead, seq: int, moments: list[Moment]) -> list[Message]:
        def named(path: str) -> StepName:
            return self._names.step(path, run=head.run, fingerprint=head.fingerprint)

        messages: list[Message] = []
        for place, moment in enumerate(moments, 1):
            is_last = place == len(moments)
            frame = frame_of(moment, head, named)
            if is_last:
                frame = msgspec.structs.replace(frame, seq=seq)
            text = _encoder.encode(frame).decode()
            is_end = isinstance(moment, Over)
            messages.append(Message(seq, head.run, head.session, text, is_last, is_end))
        return messages
