"""The walk: a filled program becomes a tree of nodes, every step looked at once.

In: a program whose frames hold what is known before a run, and what answers for the cache. Out: the
`CourseNode` of the pipeline; remarks on what only the run knows are left at the lookout. Of the program
nothing but expressions with known inputs is evaluated. As deep as the program, which is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import assert_never, cast

from misydsl.expressions.frames import Frame
from misydsl.expressions.nodes import Expression
from misydsl.graph.plan import topological_order
from misydsl.pipeline.model import Block, Library, Pipeline
from misydsl.pipeline.policies import budget_of, call_policy, overlay
from misydsl.runner.foresight.entering import entered
from misydsl.runner.foresight.fanning import fan_out
from misydsl.runner.foresight.knowing import Scope
from misydsl.runner.foresight.nodes import BlockNode, CourseNode, Role, StepNode, WayNode
from misydsl.runner.foresight.patience import call_bounds, worst_of
from misydsl.runner.foresight.recalling import Recalling
from misydsl.runner.foresight.situations import Lookout, Situations, Weighted
from misydsl.runner.program import (
    ApprovalCode,
    BlockCode,
    CallCode,
    Choice,
    CourseCode,
    GroupCode,
    PartCode,
    PipelineCode,
    StepCode,
    ValueCode,
)
from misydsl.runner.units import ROUND_STRIDE
from misydsl.values import Duration, Value

_Settings = Sequence[Mapping[str, Value]]


@dataclass(frozen=True, slots=True)
class _Taken:
    """The situations in which one way is taken."""

    choice: Choice
    block: Block
    here: Situations
    is_certain: bool
    role: Role


@dataclass(frozen=True, slots=True)
class Walk:
    """Goes through one program once."""

    library: Library
    lookout: Lookout
    recalling: Recalling

    def course(
        self, code: CourseCode, pipeline: Pipeline, came: Situations, *, path: str
    ) -> CourseNode:
        """A pipeline in frames that hold its inputs; `came.scope` says which of them are known."""
        here = replace(came, scope=self._inside(pipeline.block, came.scope), defaults={})
        settings = self.lookout.settings(code.settings, pipeline.settings, here, path=path)[0]
        defaults = settings.get("defaults")
        here = replace(here, defaults=defaults if isinstance(defaults, dict) else {})
        deadline = settings.get("deadline")
        after = replace(
            here, width=1, is_sure=False, is_after=True
        )  # it may fail, the run need not
        return CourseNode(
            name=code.name,
            path=path,
            times=came.times,
            block=self._block(code.block, here),
            deadline_s=float(deadline) if isinstance(deadline, Duration) else None,
            budget=budget_of(cast("Mapping[str, Value]", settings.get("budget") or {})),
            on_failure=tuple(
                self._part(one, _told(after, "error"), "on failure") for one in code.on_failure
            ),
            on_finish=tuple(self._part(one, after, "on finish") for one in code.on_finish),
        )

    def _inside(self, block: Block, scope: Scope, **more: bool) -> Scope:
        """Inside a block: its lets, its steps, which have no value yet, and what else it can see."""
        names = {**more, **dict.fromkeys((step.name for step in block.steps), False)}
        return self.lookout.knowing.inside(scope, names, block.lets)

    def _block(self, code: BlockCode, here: Situations, role: Role = "step") -> BlockNode:
        needs: list[list[int]] = [[] for _ in code.steps]
        for step, dependents in enumerate(code.dependents):
            for dependent in dependents:
                needs[dependent].append(step)
        steps = tuple(self._step(step, here, role) for step in code.steps)
        order = topological_order(needs, code.dependents)
        return BlockNode(steps, tuple(map(tuple, needs)), order)

    def _step(self, code: StepCode, here: Situations, role: Role) -> StepNode:
        settings = self.lookout.settings(code.settings, code.step.settings, here, path=code.path)
        loop, inner = None, here
        if code.loop is not None:
            loop, inner = fan_out(code, here, settings, self.lookout)
        taken = list(self._taken(code, inner))
        ways = tuple(self._way(code, one, settings) for one in taken)
        found = StepNode(code, role, here.times, here.sure, here.width, loop, ways)
        has_parts = bool(code.fallbacks or code.undo)
        if not has_parts or not taken or taken[0].choice is not code.choices[0]:
            return found
        return self._with_parts(found, replace(taken[0].here, is_sure=False))

    def _with_parts(self, node: StepNode, first: Situations) -> StepNode:
        """With what its first way has besides: fallbacks, and an undo unless it undoes itself."""
        code = node.code
        fallbacks = tuple(
            self._part(one, _told(first, "error"), "fallback") for one in code.fallbacks
        )
        undo = None
        if code.undo is not None and not first.is_after:
            done = _told(replace(first, is_after=True, width=1), code.step.name)
            undo = self._part(code.undo, done, "undo")
        return replace(node, fallbacks=fallbacks, undo=undo)

    def _part(self, part: PartCode, around: Situations, role: Role) -> StepNode:
        code = part.step
        settings = self.lookout.settings(code.settings, code.step.settings, around, path=code.path)
        taken = _Taken(code.choices[0], code.step.block, around, is_certain=True, role="step")
        way = self._way(code, taken, settings)
        return StepNode(code, role, around.times, around.sure, around.width, None, (way,))

    # ------------------------------------------------------------------ ways

    def _taken(self, code: StepCode, here: Situations) -> Iterator[_Taken]:
        """The ways that may be taken, each with the situations in which it may."""
        left: Weighted = here.frames
        is_certain = True
        for choice, condition, block in _choices(code):
            taken: Weighted = left
            rest: Weighted = ()
            if condition is not None:
                if self.lookout.knowing.knows(condition, here.scope):
                    taken, rest = self._sorted(code, choice, left)
                else:
                    rest, is_certain = left, False
            role: Role = "step" if choice is code.choices[0] else "else"
            if taken:
                only = here
                if taken is not here.frames or not is_certain:
                    only = replace(here, frames=taken, is_sure=here.is_sure and is_certain)
                yield _Taken(choice, block, only, is_certain, role)
            left = rest
            if not left:
                return

    def _sorted(
        self, code: StepCode, choice: Choice, frames: Weighted
    ) -> tuple[Weighted, Weighted]:
        """Frames in which a condition holds, and those in which it does not; what fails is neither."""
        assert choice.condition is not None
        holds: list[tuple[Frame, int]] = []
        fails: list[tuple[Frame, int]] = []
        for frame, weight in frames:
            found = self.lookout.value(choice.condition, frame, path=code.path, what="`when`")
            if found is not None:
                (holds if found.value is True else fails).append((frame, weight))
        return tuple(holds), tuple(fails)

    def _way(self, code: StepCode, taken: _Taken, settings: _Settings) -> WayNode:
        here, choice, block = taken.here, taken.choice, taken.block
        rounds = 1 if choice.repeat is None else self._rounds(code, choice, here)
        scope = here.scope
        if choice.names is not None:
            more = {} if choice.repeat is None else {"previous": False}
            scope = self._inside(block, here.scope, **more)
        inner = here if choice.names is None else here.within(choice.names, scope)
        if rounds > 1:
            inner = replace(inner, rounds=here.rounds * rounds)
        if here.is_sure and _may_end_early(code, settings):
            inner = replace(inner, is_sure=False)
        way = WayNode(
            "value", here.times, here.sure, here.width, taken.is_certain, rounds=rounds,
            every_s=max(_seconds(one.get("every")) or 0.0 for one in settings),
        )  # fmt: skip
        body = choice.body
        match body:
            case ValueCode():
                return way
            case ApprovalCode():
                return replace(way, kind="approval", answer_s=_answer_s(settings))
            case CallCode():
                return self._call(code, body, way, inner, settings)
            case GroupCode(inside):
                made = self._block(inside, inner, taken.role)
                return replace(way, kind="steps", block=made)
            case PipelineCode():
                return self._called(code, body, block, way, inner)
            case _:
                assert_never(body)

    def _call(
        self, code: StepCode, body: CallCode, way: WayNode, here: Situations, settings: _Settings
    ) -> WayNode:
        layers = ((one, body.agent.layer, here.defaults) for one in settings)
        bounds = reduce(worst_of, (call_bounds(call_policy(overlay(*each))) for each in layers))
        cache = None
        if bounds.cache_s is not None and code.undo is None:
            cache = self.recalling.of(code, body, here, kept_s=bounds.cache_s, lookout=self.lookout)
        return replace(
            way, kind="call", target=body.agent.name, agent=body.agent, call=bounds, cache=cache
        )

    def _called(
        self, code: StepCode, body: PipelineCode, block: Block, way: WayNode, here: Situations
    ) -> WayNode:
        assert block.call is not None
        target = self.library.find(here.scope.module, block.call.target)
        assert isinstance(target, Pipeline), block.call.target
        inside = entered(body, block.call, target, here, path=code.path, lookout=self.lookout)
        course = self.course(body.course, target, inside, path=code.path)
        return replace(way, kind="pipeline", target=block.call.target, course=course)

    def _rounds(self, code: StepCode, choice: Choice, here: Situations) -> int:
        """How many rounds a `repeat` has at most."""
        written = code.step.repeat
        assert choice.repeat is not None
        assert written is not None
        unknown = self.lookout.knowing.unknown_names((written,), here.scope)
        if unknown:
            words = f"how many rounds depends on `{unknown[0]}`: at most {ROUND_STRIDE:,}"
            self.lookout.remark(code.path, words)
            return ROUND_STRIDE
        found = 1
        for frame, _ in here.frames:
            known = self.lookout.value(
                choice.repeat.limit, frame, path=code.path, what="`repeat up to`"
            )
            if known is None:
                continue
            if isinstance(known.value, int) and 1 <= known.value <= ROUND_STRIDE:
                found = max(found, known.value)
            else:
                words = f"`repeat up to` needs a whole number from 1 to {ROUND_STRIDE:,}"
                self.lookout.remark(code.path, f"{words}: the step will fail")
        return found


def _choices(code: StepCode) -> Iterator[tuple[Choice, Expression | None, Block]]:
    """The ways of a step with what was written of them."""
    step = code.step
    if len(code.choices) == 1:
        yield code.choices[0], step.when if code.choices[0].condition else None, step.block
        return
    written = [(step.when, step.block), *((one.condition, one.block) for one in step.otherwise)]
    for choice, (condition, block) in zip(code.choices, written, strict=True):
        yield choice, condition, block


def _may_end_early(code: StepCode, settings: _Settings) -> bool:
    """Whether what is in a step may fail without the run failing, so that not all of it is done."""
    return bool(code.fallbacks) or any(one.get("allow-failures") for one in settings)


def _told(here: Situations, name: str) -> Situations:
    """Where a part is told something that only the run knows."""
    return replace(here, scope=Scope(here.scope.module, {name: False}, here.scope))


def _answer_s(settings: _Settings) -> float | None:
    """How long a person has; None where it is not said."""
    limits = [_seconds(one.get("timeout")) for one in settings]
    known = [each for each in limits if each is not None]
    return max(known) if len(known) == len(limits) else None


def _seconds(value: Value) -> float | None:
    return float(value) if isinstance(value, Duration) else None
