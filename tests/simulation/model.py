"""A naive interpreter: what a run must come to, whatever happens on the way.

In: a checked pipeline and an `Oracle` that says how calls and questions end. Out: `Expected`: the run's end and
that of every step, which ends may be missing, and what can be undone by whom. One step after the other, in
a recursion that follows the text; nothing of the runner is used, and there is no time. What depends on
time is told: `stopped` names the pipelines that were stopped, and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, cast

from misydsl.expressions.nodes import Expression, Spread
from misydsl.failures import Failure, FailureKind
from misydsl.pipeline.model import Agent, Block, Call, Pipeline, Step
from misydsl.pipeline.policies import call_policy, overlay
from misydsl.values import Percent, Value
from tests.simulation.expected import (
    BLOCKED,
    SKIPPED,
    UNKNOWN,
    Course,
    End,
    Entry,
    Expected,
)
from tests.simulation.oracle import Address, Oracle
from tests.simulation.reading import Fails, Reader, Scope

STRIDE: Final = 1_000


@dataclass(frozen=True)
class Place:
    """Where a block stands."""

    path: str
    item: str
    round: int
    scope: Scope
    course: Course
    may_miss: bool = False

    def address(self) -> Address:
        """The step this is the inside of."""
        return self.path, self.item, self.round

    def inside(self, name: str) -> Place:
        """One level down."""
        return replace(self, path=f"{self.path}/{name}" if self.path else name)


@dataclass
class Model:
    """One run, interpreted."""

    reader: Reader
    oracle: Oracle
    stopped: Mapping[Address, Failure] = field(default_factory=dict)
    """Pipelines that a failure stopped on the way, by the step that called them."""
    expected: Expected = field(default_factory=Expected)

    def run(self, name: str) -> Expected:
        """What the pipeline comes to with its own defaults as inputs."""
        pipeline = self.reader.library.main.names[name]
        assert isinstance(pipeline, Pipeline)
        top = Course(("", "", 0), None, {})
        place = Place("", "", 0, Scope(), top)
        self.expected.end = self._pipeline(pipeline, {}, place, around=None)
        return self.expected

    # -------------------------------------------------------------- pipelines

    def _pipeline(
        self, pipeline: Pipeline, inputs: Mapping[str, Value], at: Place, *, around: Course | None
    ) -> End:
        scope = Scope(self.reader.module())
        for one in pipeline.parameters:
            given = one.name in inputs
            assert given or one.default is not None
            scope.values[one.name] = (
                inputs[one.name]
                if given
                else self.reader.value(cast("Expression", one.default), scope)
            )
        defaults = self.reader.settings(pipeline.settings, scope).get("defaults")
        course = Course(at.address(), around, cast("Mapping[str, Value]", defaults or {}))
        place = replace(at, scope=scope, course=course)
        end = self._ended(pipeline, place)
        stop = self.stopped.get(course.address)
        if stop is not None and (stop.kind == "deadline" or end.status == "failed"):
            end = UNKNOWN
        course.has_failed = end.status == "failed"
        self._handlers(pipeline, place, end)
        return end

    def _ended(self, pipeline: Pipeline, place: Place) -> End:
        try:
            self._steps(pipeline.block, place)
            result = pipeline.block.result
            return End(
                "succeeded", None if result is None else self.reader.value(result, place.scope)
            )
        except Fails as problem:
            return End("failed", kind=problem.kind)

    def _handlers(self, pipeline: Pipeline, place: Place, end: End) -> None:
        blocks = [("on-finish", number, one) for number, one in enumerate(pipeline.on_finish, 1)]
        if end.status == "failed":
            failing = enumerate(pipeline.on_failure, 1)
            blocks = [*(("on-failure", number, one) for number, one in failing), *blocks]
        aftermath = Course(
            place.course.address, place.course.around, place.course.defaults, is_aftermath=True
        )
        addresses = []
        for word, number, block in blocks:
            told: dict[str, Value] = {"error": _error(None)} if word == "on-failure" else {}
            here = replace(place, course=aftermath).inside(_part(word, number))
            self._record(here, self._block(block, here, told, None))
            addresses.append(here.address())
        if addresses:
            self.expected.handlers.append(tuple(addresses))

    # -------------------------------------------------------------- blocks

    def _steps(self, block: Block, place: Place) -> None:
        """Every step of a block; `Fails` when one of them does."""
        place.scope.lets.update({one.name: one for one in block.lets})
        needs = self.reader.needs(block)
        ends: dict[int, End] = {}
        while len(ends) < len(block.steps):
            ready = (n for n in range(len(needs)) if n not in ends and ends.keys() >= {*needs[n]})
            number = next(ready)
            step = block.steps[number]
            here = place.inside(step.name)
            before = tuple(place.inside(block.steps[one].name).address() for one in needs[number])
            if any(ends[one].status in {"failed", "blocked"} for one in needs[number]):
                ends[number] = BLOCKED
            else:
                ends[number] = self._step(step, here)
                place.scope.values[step.name] = ends[number].value
            is_fan = step.loop is not None and ends[number] is not BLOCKED
            self._record(here, ends[number], needs=before, is_fan=is_fan)
        failed = [one for one in ends.values() if one.status == "failed"]
        if failed:
            raise Fails(failed[0].kind if len(failed) == 1 else None)

    def _record(
        self, at: Place, end: End, *, needs: tuple[Address, ...] = (), is_fan: bool = False
    ) -> None:
        self.expected.entries[at.address()] = Entry(
            end, at.course, at.may_miss, needs=needs, is_fan=is_fan
        )

    def _body(self, block: Block, place: Place, settings: Mapping[str, Value]) -> Value:
        if block.call is not None:
            place.scope.lets.update({one.name: one for one in block.lets})
            return self._call(block.call, place, settings)
        self._steps(block, place)
        return None if block.result is None else self.reader.value(block.result, place.scope)

    # -------------------------------------------------------------- steps

    def _step(self, step: Step, at: Place) -> End:
        if step.loop is None:
            return self._unit(step, at)
        try:
            items = cast("list[Value]", self.reader.value(step.loop.iterable, at.scope))
            settings = self.reader.settings(step.settings, at.scope, but=("key",))
        except Fails as problem:
            return End("failed", kind=problem.kind)
        allowed = settings.get("allow-failures", 0)
        if isinstance(allowed, Percent):
            allowed = int(len(items) * allowed + 1e-9)
        before = len(self.expected.entries)
        ends = [self._item(step, at, number, value) for number, value in enumerate(items)]
        failed = [number for number, one in enumerate(ends) if one.status == "failed"]
        if len(failed) > cast("int", allowed):
            for address in list(self.expected.entries)[before:]:
                entry = self.expected.entries[address]
                self.expected.entries[address] = replace(entry, may_miss=True)
            return End("failed", kind="items")
        at.scope.failures[step.name] = [
            {"index": number, "item": items[number], "error": {}} for number in failed
        ]
        return End("succeeded", [one.value for one in ends if one.status != "failed"])

    def _item(self, step: Step, at: Place, number: int, value: Value) -> End:
        assert step.loop is not None
        scope = Scope(at.scope, {step.loop.name: value})
        key = next((one.value for one in step.settings if one.name == "key"), None)
        name = str(number) if key is None else str(self.reader.value(key, scope))
        here = replace(at, scope=scope, item=f"{at.item}/{name}" if at.item else name)
        end = self._unit(step, here)
        self._record(here, end)
        return end

    def _unit(self, step: Step, at: Place) -> End:
        """One execution of a step's body: with its conditions, rounds, fallbacks and undo."""
        chosen: Block | None = step.block
        try:
            chosen = self._chosen(step, at)
            if chosen is None:
                return SKIPPED
            settings = self.reader.settings(step.settings, at.scope, but=("key",))
            if step.repeat is not None and chosen is step.block:
                end = End("succeeded", self._rounds(step, at, settings))
            else:
                here = replace(at, scope=Scope(at.scope))
                end = End("succeeded", self._body(chosen, here, settings))
        except Fails as problem:
            end = End("failed", kind=problem.kind)
            if chosen is step.block:
                end = self._fallbacks(step, at, end)
        if end.status == "succeeded" and chosen is step.block and step.undo is not None:
            self._undo(step, at, end.value)
        return end

    def _chosen(self, step: Step, at: Place) -> Block | None:
        if step.when is None or self.reader.value(step.when, at.scope):
            return step.block
        for branch in step.otherwise:
            if branch.condition is None or self.reader.value(branch.condition, at.scope):
                return branch.block
        return None

    def _rounds(self, step: Step, at: Place, settings: Mapping[str, Value]) -> Value:
        limit = cast("int", self.reader.value(cast("Expression", step.repeat), at.scope))
        value: Value = None
        for number in range(1, limit + 1):
            here = replace(
                at, scope=Scope(at.scope, {"previous": value}), round=at.round * STRIDE + number
            )
            value = self._body(step.block, here, settings)
            self.expected.rounds[here.address()] = value
            if self.reader.value(cast("Expression", step.block.until), here.scope):
                return value
        if settings.get("exhausted") != "keep":
            raise Fails("exhausted")
        return value

    def _fallbacks(self, step: Step, at: Place, end: End) -> End:
        for number, block in enumerate(step.fallbacks, 1):
            here = at.inside(_part("fallback", number))
            end = self._block(block, here, {"error": _error(end.kind)}, step)
            self._record(here, end)
            if end.status == "succeeded":
                break
        return end

    def _undo(self, step: Step, at: Place, value: Value) -> None:
        assert step.undo is not None
        self.expected.undoable[at.address()] = at.course
        aftermath = Course(at.course.address, None, at.course.defaults, is_aftermath=True)
        here = replace(at.inside(":undo"), course=aftermath, may_miss=True)
        self._record(here, self._block(step.undo, here, {step.name: value}, step))

    def _block(self, block: Block, at: Place, told: Mapping[str, Value], step: Step | None) -> End:
        """A fallback, an undo or a handler: a block that is told something."""
        settings = self.reader.settings(
            () if step is None else step.settings, at.scope, but=("key",)
        )
        try:
            here = replace(at, scope=Scope(at.scope, dict(told)))
            return End("succeeded", self._body(block, here, settings))
        except Fails as problem:
            return End("failed", kind=problem.kind)

    # -------------------------------------------------------------- calls

    def _call(self, call: Call, at: Place, settings: Mapping[str, Value]) -> Value:
        inputs: dict[str, Value] = {}
        for one in call.arguments:
            assert not isinstance(one, Spread)
            assert one.name is not None
            inputs[one.name] = self.reader.value(one.value, at.scope)
        if call.target == "human.approve":
            return self._asked(inputs, at)
        target = self.reader.library.main.names[call.target]
        if isinstance(target, Agent):
            return self._attempts(target, inputs, at, settings)
        assert isinstance(target, Pipeline)
        end = self._pipeline(target, inputs, at, around=at.course)
        if end.status == "failed":
            raise Fails(end.kind)
        return end.value

    def _asked(self, question: Mapping[str, Value], at: Place) -> Value:
        answer = self.oracle.answer(at.address(), question)
        if answer is None:
            raise Fails("timeout")
        return answer

    def _attempts(
        self, agent: Agent, inputs: Mapping[str, Value], at: Place, settings: Mapping[str, Value]
    ) -> Value:
        of_agent = self.reader.settings(agent.settings, self.reader.module())
        retry = call_policy(overlay(settings, of_agent, at.course.defaults)).retry
        self.expected.attempts[at.address()] = retry.attempts
        self.expected.inputs[at.address()] = inputs
        attempt = 1
        while True:
            reply = self.oracle.reply(at.address(), agent.name, attempt, inputs)
            if not isinstance(reply, Failure):
                return reply
            if not retry.may_retry(reply, attempt):
                raise Fails(reply.kind)
            attempt += 1


def _part(word: str, number: int) -> str:
    return f":{word}" if number == 1 else f":{word}-{number}"


def _error(kind: FailureKind | None) -> dict[str, Value]:
    """An error as far as a program may look at it here: that there is one."""
    return {"message": "?", "kind": kind or "?", "status": None, "attempts": 1, "step": "?"}
