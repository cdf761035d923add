"""Calls as the journal has them, and in what two of them differ.

In: the facts of runs. Out: `MadeCall`s of one step by address, the newest earlier one that this run could
have taken its result from, and the parts in which two calls are not the same: those that the cache and
a rerun compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from msgspec import Raw

from misydsl.agents.masking import Mask
from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.failures import Failure, RunUnknown
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
from misydsl.history.states import History
from misydsl.runner.past import Address
from misydsl.store.journal import Journal
from misydsl.values import Value, decode_json, encode_json
from misydsl.workspace.overviews import summaries
from misydsl.workspace.reasons import words

READ: Final = 20
"""The newest runs that are looked through for an earlier call."""
PATIENCE_S: Final = 2.0
_SHOWN = 60  # characters of a value


@dataclass(frozen=True, slots=True)
class MadeCall:
    """One call, made or reused; or a question to a person, whose agent has no name."""

    run: str
    address: Address
    agent: BoundAgent
    began_at: float
    inputs: Mapping[str, Value] | None = None
    """None where they are not recorded."""
    memo: str | None = None
    """Its key in the cache; None where its step has no `cache`."""
    ended_at: float | None = None
    outcome: Raw | Failure | None = None
    reused: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One part in which a call is not the same as an earlier one."""

    part: str
    """`agent`, `place`, `version`, `method`, `wire`, `type`, `code`, `inputs`, or an input as `input x`."""
    before: str
    after: str


@dataclass(slots=True)
class _Reading:
    """The calls of one step so far."""

    step: str
    bound: dict[str, BoundAgent] = field(default_factory=dict)
    calls: dict[Address, MadeCall] = field(default_factory=dict)

    def see(self, recorded: Recorded) -> None:
        """One more fact."""
        match recorded.event:
            case RunOwned(agents=agents):
                self.bound.update((agent.name, agent) for agent in agents)
            case AttemptStarted(step=self.step) as event:
                self._began(recorded.run, event)
            case ApprovalAsked(step=self.step) as event:
                address = (event.step, event.item, event.round)
                asked = _record(event.question)
                self.calls[address] = MadeCall(
                    recorded.run, address, BoundAgent(""), event.at, asked
                )
            case (StepFinished(step=self.step) | RoundFinished(step=self.step)) as event:
                self._ended(recorded.run, event)
            case StepFailed(step=self.step) as event:
                address = (event.step, event.item, event.round)
                known = self.calls.get(address)
                if known is not None and known.outcome is None:
                    self.calls[address] = replace(known, ended_at=event.at, outcome=event.failure)
            case _:
                pass

    def _began(self, run: str, event: AttemptStarted) -> None:
        address = (event.step, event.item, event.round)
        if address in self.calls and event.inputs == NULL_RAW:
            return  # another attempt
        agent = self._agent(event.agent)
        self.calls[address] = MadeCall(run, address, agent, event.at, _sent(event.inputs, agent))

    def _ended(self, run: str, event: StepFinished | RoundFinished) -> None:
        address = (event.step, event.item, event.round)
        known = self.calls.get(address)
        if known is None and (event.agent or event.reused is not None):
            agent = self._agent(event.agent or "")
            known = MadeCall(run, address, agent, event.at - event.duration_s)
        if known is None:
            return
        if event.reused is not None and event.inputs != NULL_RAW:
            known = replace(known, inputs=_sent(event.inputs, known.agent))
        self.calls[address] = replace(
            known, memo=event.memo, ended_at=event.at, outcome=event.value, reused=event.reused
        )

    def _agent(self, name: str) -> BoundAgent:
        return self.bound.get(name) or BoundAgent(name)


def calls_of(events: Iterable[Recorded], step: str) -> dict[Address, MadeCall]:
    """The calls of a step, by address, in the order they began."""
    reading = _Reading(step)
    for one in events:
        reading.see(one)
    return reading.calls


def earlier_call(
    journal: Journal, history: History, call: MadeCall, *, clock: Clock = SYSTEM_CLOCK
) -> MadeCall | None:
    """The finished call of an earlier run that is most like this one: an equal one, else the newest."""
    nearest: MadeCall | None = None
    for calls in _earlier(journal, history, call.address[0], clock):
        done = [one for one in calls.values() if isinstance(one.outcome, Raw)]
        equal = next((one for one in done if one.memo and one.memo == call.memo), None)
        if equal is not None:
            return equal
        here = next((one for one in done if one.address == call.address), None)
        nearest = nearest or here or (done[-1] if done else None)
    return nearest


def _earlier(
    journal: Journal, history: History, step: str, clock: Clock
) -> Iterator[Mapping[Address, MadeCall]]:
    gives_up_at = clock.monotonic() + PATIENCE_S
    began = history.accepted_at or 0.0
    rows = [
        one
        for one in summaries(journal, pipeline=history.pipeline)
        if one.run != history.id and one.accepted_at <= began
    ]
    for row in rows[:READ]:
        try:
            yield calls_of(journal.read(row.run), step)
        except RunUnknown:  # forgotten meanwhile
            continue
        if clock.monotonic() >= gives_up_at:
            return


def differences(before: MadeCall, after: MadeCall) -> tuple[Difference, ...]:
    """The parts in which two calls are not equal; empty when they are."""
    found = [
        Difference(part, *_sides(part, one, other))
        for part, one, other in _agent_parts(before.agent, after.agent)
        if one != other
    ]
    if before.inputs is None or after.inputs is None:
        is_other = before.memo != after.memo and before.memo is not None and not found
        return (*found, *([Difference("inputs", words.UNKNOWN, words.UNKNOWN)] if is_other else []))
    names = dict.fromkeys((*before.inputs, *after.inputs))
    for name in names:
        one, other = (side.get(name, _ABSENT) for side in (before.inputs, after.inputs))
        if one is _ABSENT or other is _ABSENT or encode_json(one) != encode_json(other):  # type: ignore[arg-type]
            found.append(Difference(f"input {name}", shown(one), shown(other)))
    return tuple(found)


_ABSENT: Final = object()


def shown(value: object) -> str:
    """A value on one line, clipped; what looks like a credential is hidden."""
    if value is _ABSENT:
        return words.ABSENT
    text = Mask().text(" ".join(encode_json(value).decode().split()))  # type: ignore[arg-type]
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _agent_parts(before: BoundAgent, after: BoundAgent) -> Iterator[tuple[str, str, str]]:
    yield "agent", before.name, after.name
    yield "place", before.url, after.url
    yield "version", before.version, after.version
    yield "method", before.method, after.method
    yield "wire", before.wire, after.wire
    yield "type", before.result, after.result
    yield "code", before.code, after.code


def _sides(part: str, before: str, after: str) -> tuple[str, str]:
    """Digests say nothing to people, so of the code it is only said that it is another."""
    if part == "code" and before and after:
        return words.CODE_BEFORE, words.CODE_AFTER
    return before or words.ABSENT, after or words.ABSENT


def _sent(inputs: Raw, agent: BoundAgent) -> Mapping[str, Value] | None:
    """What makes a call equal to another: its inputs without the session they were sent in."""
    if inputs == NULL_RAW:
        return None
    of_session = {"sessionId"} if agent.wire == "misybot" else set()
    return {name: one for name, one in _record(inputs).items() if name not in of_session}


def _record(raw: Raw) -> dict[str, Value]:
    value = decode_json(bytes(raw))
    return value if isinstance(value, dict) else {}
