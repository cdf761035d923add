"""Recalling: the results of equal calls, so that they need not be made again.

In: a call about to be made, or a question about to be asked. Out: what an equal one came to, from the run
this one builds on, or from the cache; or nothing. Calls are equal when their agent is (its name, place,
version, method, type and code) and their inputs are, byte for byte. A replay knows no agents: there the
name and the inputs decide, and what is not recorded fails.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from msgspec import Raw

from misydsl.clock import Clock
from misydsl.failures import Failure
from misydsl.history.events import (
    NULL_RAW,
    ApprovalAsked,
    AttemptStarted,
    BoundAgent,
    Recorded,
    RoundFinished,
    RunOwned,
    StepFailed,
    StepFinished,
)
from misydsl.runner.jobs import content_of
from misydsl.runner.past import Address
from misydsl.runner.state import Job, Recalled
from misydsl.store.journal import Journal
from misydsl.values import decode_json


@dataclass(slots=True)
class RecordedCall:
    """One call of an earlier run, or one question to a person, whose agent is then empty."""

    agent: str
    identity: str
    inputs: bytes
    outcome: Raw | Failure | None = None
    is_undone: bool = False
    """Only a replay may take its result: its effect was taken back, or somebody began to, or it is
    the call of a handler, which speaks of its own run."""


@dataclass(slots=True)
class Recording:
    """What the calls of an earlier run came to."""

    run: str
    calls: dict[Address, RecordedCall]
    redo: Callable[[str], bool]
    """Whether a step, by its path, is done anew whatever is known of it."""
    is_replay: bool = False
    _by_content: dict[tuple[str, str, bytes], deque[Address]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for address, call in self.calls.items():
            if self._outcome(call) is not None and not self.redo(address[0]):
                self._by_content.setdefault(self._content(call), deque()).append(address)

    def find(
        self, address: Address, *, agent: str, identity: str, inputs: bytes
    ) -> Recalled | Failure | None:
        """The outcome of the equal call at this address, else of one whose step is here no more."""
        known = self.calls.get(address)
        wanted = RecordedCall(agent, identity, inputs)
        if not self.redo(address[0]):
            if known is not None and self._content(known) == self._content(wanted):
                found = self._outcome(known)
                if found is not None:
                    return found
            elif known is None and (moved := self._by_content.get(self._content(wanted))):
                return self._outcome(self.calls[moved.popleft()])
        return self._unrecorded(address, agent) if self.is_replay else None

    def _content(self, call: RecordedCall) -> tuple[str, str, bytes]:
        return call.agent, "" if self.is_replay else call.identity, call.inputs

    def _outcome(self, call: RecordedCall) -> Recalled | Failure | None:
        if isinstance(call.outcome, Raw):
            may_take = self.is_replay or not call.is_undone
            return Recalled(call.outcome, self.run) if may_take else None
        return call.outcome if self.is_replay else None

    def _unrecorded(self, address: Address, agent: str) -> Failure:
        who = f"this call of {agent}" if agent else "an answer to this question"
        return Failure(
            "unrecorded", f"run {self.run} has not recorded {who}",
            agent=agent or None, step=address[0], item=address[1] or None,
            advice="its inputs differ from what was recorded, or it was never made",
        )  # fmt: skip


class Remembering:
    """What a run may recall; called before each call of an agent and each question to a person."""

    def __init__(
        self, journal: Journal, clock: Clock, *, recording: Recording | None, uses_cache: bool
    ) -> None:
        self._journal, self._clock = journal, clock
        self._recording, self._uses_cache = recording, uses_cache

    def call(self, job: Job) -> Recalled | Failure | None:
        """The outcome of an equal call; a `memo` is left at the job for its own reply."""
        assert job.agent.bound is not None
        inputs = job.content or job.body
        if self._recording is not None:
            found = self._recording.find(
                (job.step, job.item, job.round),
                agent=job.agent.name,
                identity=job.agent.bound.identity,
                inputs=inputs,
            )
            if found is not None:
                return found
        return self._cached(job, inputs)

    def answer(self, address: Address, question: bytes) -> Recalled | Failure | None:
        """What a person said to the same question."""
        if self._recording is None:
            return None
        return self._recording.find(address, agent="", identity="", inputs=question)

    def _cached(self, job: Job, inputs: bytes) -> Recalled | None:
        limit = job.policy.cache_s
        if limit is None:
            return None
        assert job.agent.bound is not None
        job.memo = memo_key(job.agent.bound.identity, inputs)
        known = self._journal.recall(job.memo) if self._uses_cache else None
        if known is None or self._clock.wall() - known.at > limit:
            return None
        return Recalled(Raw(known.value), f"cache {known.run}")


def memo_key(identity: str, inputs: bytes) -> str:
    """The key of a call in the cache: 32 hex digits over its agent and its inputs."""
    return blake2b(identity.encode() + b"\0" + inputs, digest_size=16).hexdigest()


def recorded_calls(events: Iterable[Recorded]) -> dict[Address, RecordedCall]:
    """The calls and questions of a run, by address, with what they came to as far as it is known."""
    calls: dict[Address, RecordedCall] = {}
    bound: dict[str, BoundAgent] = {}
    undone: set[tuple[str, str]] = set()
    for one in events:
        step, undo, _ = str(getattr(one.event, "step", "")).partition("/:undo")
        if undo:
            undone.add((step, str(getattr(one.event, "item", ""))))
        match one.event:
            case RunOwned(agents=agents):
                bound.update((agent.name, agent) for agent in agents)
            case AttemptStarted() as event if event.inputs != NULL_RAW:
                address = (event.step, event.item, event.round)
                calls[address] = _recorded(event.agent, bound, event.inputs)
            case ApprovalAsked() as event:
                address = (event.step, event.item, event.round)
                calls[address] = RecordedCall("", "", bytes(event.question))
            case StepFinished() | RoundFinished() as event:
                _note_end(calls, bound, event)
            case StepFailed() as event:
                for known in _calls_at(calls, event):
                    known.outcome = event.failure
            case _:
                pass
    _mark_undone(calls, undone)
    return calls


def _mark_undone(calls: dict[Address, RecordedCall], undone: set[tuple[str, str]]) -> None:
    """Mark the calls of steps that were undone, of all steps inside of those, and of handlers."""
    for (step, item, _), call in calls.items():
        if ":on-f" in step:
            call.is_undone = True
        if not undone or call.is_undone:
            continue
        names, keys = step.split("/"), item.split("/") if item else []
        paths = ("/".join(names[:count]) for count in range(1, len(names) + 1))
        items = ["/".join(keys[:count]) for count in range(len(keys) + 1)]
        call.is_undone = any((path, one) in undone for path in paths for one in items)


def _recorded(name: str, bound: dict[str, BoundAgent], inputs: Raw) -> RecordedCall:
    agent = bound.get(name) or BoundAgent(name)
    content = bytes(inputs)
    if agent.wire == "misybot":
        value = decode_json(content)
        content = content_of(value) if isinstance(value, dict) else content
    return RecordedCall(name, agent.identity, content)


def _note_end(
    calls: dict[Address, RecordedCall],
    bound: dict[str, BoundAgent],
    event: StepFinished | RoundFinished,
) -> None:
    address = (event.step, event.item, event.round)
    if event.reused is not None and event.inputs != NULL_RAW:
        calls[address] = _recorded(event.agent or "", bound, event.inputs)
        calls[address].outcome = event.value
    elif address in calls and (event.attempts or calls[address].agent == ""):
        calls[address].outcome = event.value


def _calls_at(calls: dict[Address, RecordedCall], event: StepFailed) -> Iterator[RecordedCall]:
    known = calls.get((event.step, event.item, event.round))
    if known is not None and known.outcome is None and event.failure.kind != "cancelled":
        yield known
