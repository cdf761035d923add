"""A world for one run: owners that die, agents that remember what they were asked, people who answer.

In: a checked program, an oracle and a seed. Out: a `Story`: every durable fact, every call that reached an
agent, and how often the run was begun again. The engine is the real one, from the gates to the pen; only
the time, the disk and the agents are made up.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, cast

from msgspec import Raw

from misydsl.agents.contract import Health, Reply, Request
from misydsl.failures import Failure
from misydsl.history.events import (
    ApprovalAsked,
    AttemptFailed,
    Event,
    RunFinished,
    RunOwned,
    RunPaused,
)
from misydsl.runner.calls import Calls
from misydsl.runner.decide import Circumstances, begin_run
from misydsl.runner.drive import TURN_BUDGET, Drive, Stop
from misydsl.runner.limits import Gates
from misydsl.runner.past import NO_PAST, past_of
from misydsl.runner.program import Program
from misydsl.runner.roots import roots_of
from misydsl.runner.state import Answered, Job, State
from misydsl.values import Value, decode_json, encode_json
from tests.simulation.disk import RUN, Disk
from tests.simulation.loop import EPOCH, Standstill, VirtualClock, VirtualLoop
from tests.simulation.oracle import Address, Oracle, value_of

LOOKS_EVERY_S: Final = 0.5  # how soon an owner sees what others left for it
MOST_LIVES: Final = 12


@dataclass(frozen=True)
class Interruption:
    """How one life ends before the run does: after so many more facts, or seconds."""

    kind: Literal["crash", "pause", "abort", "cancel"]
    after_facts: int = 0
    after_s: float = 0.0


@dataclass(frozen=True)
class Effect:
    """A call that reached an agent; `durable` is how many facts were on the disk by then."""

    address: Address
    attempt: int
    key: str
    inputs: Mapping[str, Value]
    durable: int
    is_pure: bool
    life: int


@dataclass
class Story:
    """What happened."""

    facts: list[Event]
    lives: list[int]
    effects: list[Effect]
    is_stuck: bool = False
    problem: str = ""


@dataclass
class World:
    """One run from its acceptance to its end."""

    program: Program
    oracle: Oracle
    chance: random.Random
    interruptions: list[Interruption]
    now: float = 0.0
    effects: list[Effect] = field(default_factory=list)
    budget: dict[str, Value] = field(default_factory=dict)
    answers: dict[Address, tuple[float, Answered]] = field(default_factory=dict)
    """When each answer is given."""

    def __post_init__(self) -> None:
        self.disk = Disk(self.chance)
        self.story = Story(self.disk.facts, self.disk.lives, self.effects)

    def live(self) -> Story:
        """Life after life, until the run has ended."""
        story = self.story
        for number in range(MOST_LIVES):
            loop = VirtualLoop(self.now)
            life = Life(self, loop, number)
            try:
                last = loop.run_until_complete(life.run())
            except Standstill:
                story.is_stuck = True
                last = None
            finally:
                self.now = loop.now + self.chance.choice([0.0, 1.0, 60.0, 3_600.0])
                loop.close()
            if isinstance(last, RunFinished) or story.is_stuck:
                return story
            if isinstance(last, RunPaused) and "budget" in last.reason:
                self.budget = {"calls": 1_000_000}
        story.problem = "it never came to an end"
        return story


@dataclass(eq=False)
class Life:
    """One owner of the run."""

    world: World
    loop: VirtualLoop
    number: int
    attempts: dict[Address, list[int]] = field(default_factory=dict)
    failed: dict[Address, int] = field(default_factory=dict)
    """Failures on the disk when this life began."""
    interruption: Interruption | None = None

    async def run(self) -> RunFinished | RunPaused | None:
        """To the end of the run, or of this life."""
        world = self.world
        if world.interruptions:
            self.interruption = world.interruptions.pop(0)
        died = world.disk.begin_life(self._last_fact(), self._seen)
        for fact in world.disk.facts:
            if isinstance(fact, AttemptFailed):
                address = (fact.step, fact.item, fact.round)
                self.failed[address] = self.failed.get(address, 0) + 1
        self.drive = self._drive()
        driving = self.loop.create_task(self.drive.run())
        self._plan()
        dying = self.loop.create_task(died.wait())
        done, _ = await asyncio.wait({driving, dying}, return_when=asyncio.FIRST_COMPLETED)
        world.disk.end_life()
        if driving in done:
            dying.cancel()
            return driving.result()
        driving.cancel()
        await asyncio.wait({driving})
        return None

    def _last_fact(self) -> int | None:
        cut = self.interruption
        if cut is None or cut.kind != "crash":
            return None
        return len(self.world.disk.facts) + cut.after_facts

    def _drive(self) -> Drive:
        world, clock = self.world, VirtualClock(self.loop)
        calls = Calls(RUN, "s", gates=Gates(self.loop), clock=clock)
        self.state = state = self._state(clock)
        for agent in world.program.agents:
            agent.connection = Actor(self, agent.name, agent.is_pure)
        owned = RunOwned(
            at=clock.wall(), owner=f"life-{self.number}", is_resume=self.number > 0,
            budget=Raw(encode_json(world.budget)) if world.budget else Raw(b"null"),
        )  # fmt: skip
        world.disk.append(RUN, [owned])
        turn = world.chance.choice([1, 3, TURN_BUDGET, TURN_BUDGET])
        return Drive(state, calls, journal=world.disk, clock=clock, turn=turn)

    def _state(self, clock: VirtualClock) -> State:
        world = self.world
        world.program.fill(roots_of({}, run=RUN, session="s", shared={}, started_at=EPOCH))
        about = Circumstances(
            run=RUN, session="s", chance=random.Random(RUN), shared={}, accepted_at=EPOCH,
            past=past_of(world.disk.history()) if world.disk.facts else NO_PAST,
            budget=world.budget,
        )  # fmt: skip
        return begin_run(world.program, {}, about, now=clock.wall())

    def _plan(self) -> None:
        cut = self.interruption
        if cut is not None and cut.kind != "crash":
            stop = Stop(cut.kind, "a person")
            self.loop.call_later(cut.after_s, self.drive.stop, stop)
        for at, answered in self.world.answers.values():
            self._tell(at, answered)

    def _tell(self, at: float, answered: Answered) -> None:
        """Hand over an answer: at once if it was left before, else a little after it was given."""
        if at <= self.loop.time():
            self.drive.tell(answered)
        else:
            self.loop.call_at(at + LOOKS_EVERY_S, self.drive.tell, answered)

    def _seen(self, event: Event) -> None:
        """A fact is on the disk: a question is answered a while later."""
        if not isinstance(event, ApprovalAsked):
            return
        address = (event.step, event.item, event.round)
        question = cast("dict[str, Value]", decode_json(bytes(event.question)))
        answer = self.world.oracle.answer(address, question)
        if not isinstance(answer, dict):
            return
        said = Answered(
            *address, is_approved=answer["approved"] is True, by=cast("str", answer["by"]),
            comment=cast("str | None", answer["comment"]),
        )  # fmt: skip
        at = self.loop.time() + self.world.chance.choice([0.0, 0.4, 5.0])
        self.world.answers[address] = (at, said)
        self._tell(at, said)


@dataclass(eq=False)
class Actor:
    """The connection of one agent: does what the oracle says, and writes down who asked."""

    life: Life
    name: str
    is_pure: bool

    async def call(self, request: Request) -> Reply | Failure:
        """One attempt, after a while."""
        address, ordinal, is_again = self._placed(request)
        outcome = self.life.world.oracle.reply(address, self.name, ordinal, request.inputs)
        if isinstance(outcome, Failure) and outcome.kind == "timeout":
            await asyncio.sleep(request.timeout_s)
            return outcome
        await asyncio.sleep(0.01 if is_again else self._delay_s())
        if not isinstance(outcome, Failure):
            return Reply(outcome)
        if outcome.kind == "wrong-type":
            return Reply({"wrong": [value_of(address, self.name, request.inputs)]})
        return outcome

    async def health(self, timeout_s: float = 5.0) -> Health:
        """Never asked."""
        return Health(self.name, is_healthy=True, url="")

    def _delay_s(self) -> float:
        return self.life.world.chance.choice([0.0, 0.001, 0.01, 0.02, 0.05, 0.3, 1.0, 3.0])

    def _placed(self, request: Request) -> tuple[Address, int, bool]:
        """Its address, after how many known failures it comes, and whether it is a second copy."""
        world = self.life.world
        address = self._address(request)
        seen = self.life.attempts.setdefault(address, [])
        is_again = request.attempt in seen
        if not is_again:
            seen.append(request.attempt)
        world.effects.append(
            Effect(
                address, request.attempt, request.key, dict(request.inputs),
                len(world.disk.facts), self.is_pure, self.life.number,
            )
        )  # fmt: skip
        ordinal = self.life.failed.get(address, 0) + seen.index(request.attempt) + 1
        return address, ordinal, is_again

    def _address(self, request: Request) -> Address:
        jobs = (one for one in self.life.state.open if isinstance(one, Job))
        job = next(one for one in jobs if one.key == request.key)
        return job.step, job.item, job.round
