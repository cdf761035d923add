"""The place of a step in its text, and the values around it, as the journal has them.

In: a program, the history of one of its runs, the path of a step and an item. Out: a `Place`: the step's code,
the steps beside it, and frames that hold what the run had found, so that a condition or a setting can be
read once more. Where a value is not recorded there is none; nothing is called.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from misydsl.acceptance import Mismatch
from misydsl.expressions.evaluate import EvaluationError, compile_expression
from misydsl.expressions.frames import UNSET, Frame, Names
from misydsl.expressions.limits import EvaluatorMisused
from misydsl.expressions.nodes import Expression, Reference
from misydsl.history.states import History, StepState
from misydsl.pipeline.policies import CallPolicy, call_policy, overlay
from misydsl.runner.begin import fill_parameters
from misydsl.runner.courses import error_value
from misydsl.runner.program import (
    BlockCode,
    CallCode,
    Choice,
    Code,
    CourseCode,
    GroupCode,
    PartCode,
    PipelineCode,
    Program,
    StepCode,
)
from misydsl.runner.roots import Namespace
from misydsl.values import Secret, Value, decode_json

UNKNOWN_VALUE = (EvaluationError, EvaluatorMisused, Mismatch)
"""What reading a value ends in where the run had none, or the journal does not have it."""


@dataclass(frozen=True, slots=True)
class Link:
    """One step on the way from the pipeline to the step that is meant."""

    code: StepCode
    block: BlockCode | None
    """The block it stands in; None for a fallback, an undo or a handler."""
    course: CourseCode
    """The pipeline it stands in."""
    way: Choice | None = None
    """Which choice of the step before led here; None where a part of it did."""
    part: PartCode | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A step, and what is around it."""

    link: Link
    outer: tuple[str, ...]
    """The paths of the steps around it, the outermost first."""
    frame: Frame | None = None
    """Of the block it stands in; None where that is not known."""
    around: Frame | None = None
    """Of its item, where it has a `for`."""
    defaults: Mapping[str, Value] = field(default_factory=dict)

    @property
    def code(self) -> StepCode:
        """The step."""
        return self.link.code

    @property
    def can_be_undone(self) -> bool:
        """Whether it has an `undo`."""
        return self.code.undo is not None

    def setting(self, name: str) -> Value:
        """One of its settings as it was in the run; None where it has none, or it is not known."""
        codes = dict(self.code.settings)
        return _read(codes[name], self.frame) if name in codes else None

    def policy(self) -> CallPolicy | None:
        """How its calls were made; None where it makes none."""
        body = next((one.body for one in self.code.choices if isinstance(one.body, CallCode)), None)
        if body is None:
            return None
        own = {name: _read(code, self.frame) for name, code in self.code.settings}
        return call_policy(overlay(own, body.agent.layer, self.defaults))

    def value(self, name: str) -> tuple[Value] | None:
        """What a name of its `when` stood for; None where the journal does not say."""
        names = self._names()
        if names is None or names.find(name) is None:
            return None
        code = compile_expression(Reference(self.code.step.span, name), names)
        frame = self.around or self.frame
        return None if frame is None else _known(code, frame)

    def holds(self, choice: Choice, code: Code, history: History, item: str) -> bool | None:
        """Whether something is true of the block of a choice as its last round left it."""
        outside = self.around or self.frame
        if outside is None or choice.names is None or not isinstance(choice.body, GroupCode):
            return None
        frame = choice.names.new_frame(outside)
        try:
            _Walk(history, item, item).fill(choice.body.block, frame)
        except UNKNOWN_VALUE:
            return None
        found = _read(code, frame)
        return found if isinstance(found, bool) else None

    def _names(self) -> Names | None:
        if self.code.loop is not None:
            return self.code.loop.names
        return self.link.block.names if self.link.block is not None else None


def _read(code: Code, frame: Frame | None) -> Value:
    """A value; None where there is none."""
    found = None if frame is None else _known(code, frame)
    return None if found is None else found[0]


def _known(code: Code, frame: Frame) -> tuple[Value] | None:
    try:
        found: object = code(frame)
    except UNKNOWN_VALUE:
        return None
    return None if found is UNSET else (cast("Value", found),)


def trail(course: CourseCode, path: str) -> tuple[Link, ...]:
    """The steps on the way to a path, itself the last; empty where there is no such step."""
    found: list[Link] = []
    words = path.split("/")
    nexts = list(_of_course(course, None))
    for depth in range(1, len(words) + 1):
        wanted = "/".join(words[:depth])
        link = next((one for one in nexts if one.code.path == wanted), None)
        if link is None:
            return ()
        found.append(link)
        nexts = list(_inside(link))
    return tuple(found)


def _of_course(course: CourseCode, way: Choice | None) -> Iterator[Link]:
    for step in course.block.steps:
        yield Link(step, course.block, course, way)
    for part in (*course.on_failure, *course.on_finish):
        yield Link(part.step, None, course, way, part)


def _inside(link: Link) -> Iterator[Link]:
    for choice in link.code.choices:
        match choice.body:
            case GroupCode(block):
                yield from (Link(step, block, link.course, choice) for step in block.steps)
            case PipelineCode(course=course):
                yield from _of_course(course, choice)
            case _:
                pass
    undo = (link.code.undo,) if link.code.undo is not None else ()
    for part in (*link.code.fallbacks, *undo):
        yield Link(part.step, None, link.course, None, part)


def paths_of(course: CourseCode, *, most: int = 10_000) -> list[str]:
    """The paths of all steps and parts, the outer ones first; of a large program the first ones."""
    found: dict[str, None] = {}
    waiting = deque(_of_course(course, None))
    while waiting and len(found) < most:
        link = waiting.popleft()
        found[link.code.path] = None
        waiting.extend(_inside(link))
    return list(found)


class _Secrets(dict[str, Value]):
    """Stand-ins: none of them is real, so none can be shown."""

    def __missing__(self, name: str) -> Value:
        return Secret(name, "***")


def fill(program: Program, history: History, environment: Mapping[str, str]) -> None:
    """Give a program what its modules knew in a run; the environment is that of today, as for a resume."""
    accepted = history.accepted
    shared = decode_json(bytes(accepted.shared)) if accepted is not None else {}
    run: dict[str, Value] = {"id": history.id, "session": history.session, "shared": shared}
    roots: dict[str, Value] = {"env": Namespace(environment), "secret": _Secrets(), "run": run}
    program.fill(roots)


def place_of(
    program: Program, history: History, links: Sequence[Link], item: str, *, is_filled: bool
) -> Place:
    """The last of these steps, with all that is known around it."""
    outer = tuple(link.code.path for link in links[:-1])
    bare = Place(links[-1], outer)
    if not is_filled:
        return bare
    try:
        return _Walk(history, item).through(program.course, links, bare)
    except UNKNOWN_VALUE:
        return bare


@dataclass(slots=True)
class _Walk:
    """Goes down to a step, filling frames on the way."""

    history: History
    wanted: str
    item: str = ""
    """The address so far: the keys of the `for`s passed."""

    def through(self, course: CourseCode, links: Sequence[Link], place: Place) -> Place:
        frame = course.block.names.new_frame(course.home)
        inputs = cast("Mapping[str, Value]", decode_json(bytes(self.history.inputs)))
        fill_parameters(frame, course.parameters, inputs)
        self.fill(course.block, frame)
        defaults = _defaults(course, frame)
        for number, link in enumerate(links):
            around = self._item_frame(link, frame)
            place = replace(place, frame=frame, around=around, defaults=defaults)
            if number + 1 == len(links):
                break
            following = links[number + 1]
            frame = self._inner(link, following, around or frame)
            if following.course is not link.course:
                defaults = _defaults(following.course, frame)
        return place

    def _item_frame(self, link: Link, frame: Frame) -> Frame | None:
        """The frame of the wanted item of a `for`; None for a step without one."""
        loop = link.code.loop
        if loop is None:
            return None
        made = loop.names.new_frame(frame)
        found = self._number(link.code.path)
        if found is None:
            return made
        number, self.item = found
        items = loop.iterable(frame)
        if isinstance(items, list) and number < len(items):
            made.values[loop.item_slot] = items[number]
            if loop.index_slot is not None:
                made.values[loop.index_slot] = number
        return made

    def _number(self, path: str) -> tuple[int, str] | None:
        """Which item of a `for` is wanted, and its address."""
        keys = self.history.fan_outs.get((path, self.item))
        if keys is None:
            return None
        prefix = f"{self.item}/" if self.item else ""
        if not self.wanted.startswith(prefix) or self.wanted == prefix:
            return None
        rest = self.wanted[len(prefix) :]
        if isinstance(keys, int):
            first = rest.partition("/")[0]
            is_one = first.isascii() and first.isdecimal() and int(first) < keys
            return (int(first), prefix + first) if is_one else None
        found = (at for at, key in enumerate(keys) if rest == key or rest.startswith(f"{key}/"))
        number = next(found, None)
        return None if number is None else (number, prefix + keys[number])

    def _inner(self, link: Link, following: Link, around: Frame) -> Frame:
        """The frame of the block that the next step stands in, or the one around it for a part."""
        if following.part is not None and following.way is None:
            return around
        choice = following.way
        assert choice is not None
        frame = choice.names.new_frame(around) if choice.names is not None else around
        self._tell(link, frame)
        match choice.body:
            case GroupCode(block):
                self.fill(block, frame)
                return frame
            case PipelineCode(arguments=arguments, course=course):
                given = {one.name: one.code(frame) for one in arguments if one.name is not None}
                frame = course.block.names.new_frame(course.home)
                fill_parameters(frame, course.parameters, given)
                self.fill(course.block, frame)
                return frame
            case _:
                return frame

    def _tell(self, link: Link, frame: Frame) -> None:
        """What a part is told: why the step failed, or what it came to."""
        if link.part is None or link.part.slot is None:
            return
        owner = self.history.steps.get((link.code.path.rpartition("/")[0], self.item))
        if owner is not None and owner.turned_by:
            frame.values[link.part.slot] = error_value(owner.turned_by[-1], owner.attempts)

    def fill(self, block: BlockCode, frame: Frame) -> None:
        """Give a block's frame what its steps came to."""
        for code in block.steps:
            found = self._result(code)
            if found is not None:
                frame.values[code.slot] = found[0]

    def _result(self, code: StepCode) -> tuple[Value] | None:
        """What a step came to, as later steps see it; None where it has no value."""
        state = self.history.steps.get((code.path, self.item))
        if state is None or state.status not in ("succeeded", "skipped"):
            return None
        if state.count is None or code.loop is None:
            return _value(code, state)
        keys = self.history.fan_outs[code.path, self.item]
        prefix = f"{self.item}/" if self.item else ""
        texts = map(str, range(keys)) if isinstance(keys, int) else keys
        states = (self.history.steps.get((code.path, prefix + key)) for key in texts)
        found = [_value(code, one) for one in states if one is not None]
        return ([one[0] for one in found if one is not None],)


def _value(code: StepCode, state: StepState) -> tuple[Value] | None:
    if state.status == "skipped":
        return (None,)
    if state.status != "succeeded" or state.value is None:
        return None
    return (code.accept(decode_json(bytes(state.value))),)


def _defaults(course: CourseCode, frame: Frame) -> Mapping[str, Value]:
    found = _read(dict(course.settings).get("defaults", _nothing), frame)
    return found if isinstance(found, dict) else {}


def _nothing(_: Frame) -> Value:
    return None


def condition_of(code: StepCode) -> tuple[Expression, ...]:
    """The conditions of a step as they were written: `when`, then each `else when`."""
    step = code.step
    written = (step.when, *(one.condition for one in step.otherwise))
    return tuple(one for one in written if one is not None)
