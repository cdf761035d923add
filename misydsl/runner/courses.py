"""Courses: how a pipeline begins, how it fails, and what follows its steps.

In: a pipeline to begin, one whose steps have all settled, or one that a failure stops. Out: its group of
steps; then, after a failure, the `undo` of what it finished, in reverse order of completion, one at a
time, and `on failure`; then `on finish`; then its outcome, for the run or for the step that called it.
A pipeline inside that is at its own undo is waited for, never stopped.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Iterator, Mapping
from typing import cast

from misydsl.acceptance import Mismatch
from misydsl.expressions.evaluate import EvaluationError
from misydsl.expressions.frames import UNSET, Frame
from misydsl.failures import Failure
from misydsl.history.events import PipelineFailing, StepFailed
from misydsl.pipeline.policies import budget_of
from misydsl.runner.alone import Turns
from misydsl.runner.program import BlockCode, CourseCode, PartCode
from misydsl.runner.rounds import group_done
from misydsl.runner.state import (
    Alarm,
    Asked,
    Course,
    Finished,
    Group,
    Interval,
    Job,
    Outcome,
    Part,
    Spent,
    State,
    Undoable,
    Unit,
    Wait,
)
from misydsl.runner.units import evaluation_failure, fail_unit, is_recorded, past_of
from misydsl.values import Duration, Value, duration_text

CANCELLED = Failure("cancelled", "stopped, because another step failed")


def open_course(
    state: State, code: CourseCode, frame: Frame, *, owner: Unit | None, began: float
) -> Course:
    """A pipeline at work in a frame that holds its inputs; raises `EvaluationError` for its settings."""
    settings = {name: setting(frame) for name, setting in code.settings}
    parent = None if owner is None else owner.course
    defaults = settings.get("defaults")
    course = Course(code, owner, parent, defaults if isinstance(defaults, dict) else {})
    course.frame = frame
    course.is_fail_fast = settings.get("fail-fast") is True
    declared = cast("Mapping[str, Value]", settings.get("budget") or {})
    changed = state.budget.items()  # of a called pipeline: what it limits itself
    course.budget = budget_of(
        dict(changed if parent is None else (one for one in changed if one[0] in declared)),
        declared,
    )
    if owner is not None:
        course.address = (owner.step.path, owner.item, owner.round)
        owner.course.children[course] = None
    if course.budget is not None:
        made = list(state.past.inside(course.address))
        course.spent = Spent(
            calls=sum(1 + one.is_hedged for one in made),
            cost=sum(one.cost for one in made),
            tokens=sum(one.tokens for one in made),
        )
    course.is_failing = state.past.failing.get(course.address)
    if course.is_failing is not None:
        state.failing.append((course, course.is_failing))
    elif parent is not None:
        course.is_failing = parent.is_failing
    deadline = settings.get("deadline")
    has_ended = owner is not None and is_recorded(state, owner)
    if isinstance(deadline, Duration) and course.is_failing is None and not has_ended:
        course.alarm = Alarm(course, float(deadline))
        state.waits.append((course.alarm, max(0.0, began + float(deadline) - state.now)))
    course.root = open_group(state, code.block, frame, owner=owner, course=course)
    return course


def open_group(
    state: State, code: BlockCode, frame: Frame, *, owner: Unit | None, course: Course
) -> Group:
    """A block at work in a frame, its free steps ready; an empty one is closed by `settle`."""
    count = len(code.steps)
    item, round_ = ("", 0) if owner is None else (owner.item, owner.turn or owner.round)
    group = Group(
        code, frame, owner, item, course, round_, list(code.needs), bytearray(count), count
    )
    if code.exclusive:
        group.turns = Turns(code.exclusive)
    state.ready.extend((group, index) for index, needs in enumerate(code.needs) if needs == 0)
    if count == 0:
        state.ready.append((group, -1))
    return group


# ------------------------------------------------------------------ the end of its steps


def steps_ended(state: State, group: Group) -> None:
    """All steps of a pipeline are settled: its result, or its failure, and what follows."""
    course = group.course
    stopped = state.past.failing.get(course.address)
    if stopped is not None:
        stop_course(state, course, stopped)
        return  # an earlier owner stopped it; all that was finished is found again
    if group.failure is not None:
        fail_course(state, course, group.failure)
        return
    try:
        value = group.code.result(group.frame) if group.code.result is not None else None
        value = course.code.accept(value)
    except EvaluationError as problem:
        fail_course(state, course, _wrong_result(course, problem))
    except Mismatch as mismatch:
        words = f"the result at `{mismatch.path}`: " if mismatch.path else "the result: "
        words += f"expected {mismatch.expected}, got {mismatch.got}"
        fail_course(state, course, Failure("wrong-type", words, step=course.address[0] or None))
    else:
        course.outcome = Finished(value)
        _end(state, course)


def _wrong_result(course: Course, problem: EvaluationError) -> Failure:
    if course.owner is not None:
        return evaluation_failure(course.owner, problem)
    return Failure("evaluation", problem.message, advice="mend the `return`")


def fail_course(state: State, course: Course, failure: Failure, *, is_abrupt: bool = False) -> None:
    """The pipeline fails; abruptly, when what is open or not begun is stopped for it.

    In a resumed run that waits until all that earlier owners finished is found again: it may have to
    be undone.
    """
    if course.is_over:
        return
    if is_abrupt and state.past:
        for one in _running(course):
            one.is_failing = one.is_failing or failure
        state.failing.append((course, failure))
    elif is_abrupt:
        stop_course(state, course, failure)
    else:
        course.outcome = failure
        _end(state, course)


def stop_course(state: State, course: Course, failure: Failure) -> None:
    """The pipeline fails now, with everything inside of it."""
    if not course.is_over:
        course.outcome = failure
        _stop(state, course, failure)
        _end(state, course)


def _stop(state: State, course: Course, failure: Failure) -> None:
    """Stop everything inside; what those pipelines finished is this one's to undo."""
    if course.address not in state.past.failing:
        step, item, round_ = course.address
        state.facts.append(
            PipelineFailing(at=state.now, failure=failure, step=step, item=item, round=round_)
        )
    stopped = set(_running(course))
    for one in stopped:
        one.is_over = True
        if one is not course:
            course.undoable += one.undoable
            one.undoable = []
    course.undoable.sort(key=lambda one: one.number)
    for wait in [one for one in state.open if _course_of(one) in stopped]:
        _drop(state, wait)
    state.calls = [job for job in state.calls if job.unit.course not in stopped]
    state.waits = [one for one in state.waits if _course_of(one[0]) not in stopped]


def _running(course: Course) -> Iterator[Course]:
    """A pipeline and those inside of it that are not at their aftermath."""
    waiting = [course]
    while waiting:
        current = waiting.pop()
        yield current
        waiting += [child for child in current.children if not child.is_over]


def _course_of(wait: Wait) -> Course:
    return wait.course if isinstance(wait, Alarm) else wait.unit.course


def _drop(state: State, wait: Wait) -> None:
    del state.open[wait]
    state.aborts.append(wait)
    match wait:
        case Job(unit=unit) | Interval(unit=unit) | Asked(unit=unit):
            fact = StepFailed(
                at=state.now, step=unit.step.path, failure=CANCELLED, item=unit.item,
                round=unit.round,
            )  # fmt: skip
            state.facts.append(fact)
        case Alarm():
            pass
    if isinstance(wait, Job):
        wait.is_dropped = True


# ------------------------------------------------------------------ what follows


def _end(state: State, course: Course) -> None:
    course.is_over = True
    if course.alarm in state.open:
        _drop(state, course.alarm)
    has_failed = isinstance(course.outcome, Failure)
    handlers = (*course.code.on_failure, *course.code.on_finish)
    course.handlers = deque(handlers if has_failed else course.code.on_finish)
    course.aftermath = Course(course.code, course.owner, course, course.defaults, is_aftermath=True)
    for around in _around(course):
        around.busy += 1
    state.ending.append(course)


def _around(course: Course) -> Iterator[Course]:
    """The pipelines around one that wait for its aftermath: not beyond somebody else's."""
    parent = course.parent
    while parent is not None and not parent.is_aftermath:
        yield parent
        parent = parent.parent


def advance(state: State, course: Course) -> None:
    """Begin the next undo or handler of a pipeline whose steps are over, or close it."""
    if course.busy or course.is_at_work or course.root is None:
        return  # a pipeline inside is at its own, or an undo of this one; it calls again
    if isinstance(course.outcome, Failure) and course.undoable:
        _begin_undo(state, course, course.undoable.pop())
    elif course.handlers:
        _begin_handler(state, course, course.handlers.popleft())
    else:
        _close(state, course)


def _begin_undo(state: State, course: Course, done: Undoable) -> None:
    code, unit = done.unit.step.undo, done.unit
    assert code is not None
    frame = _told(code, unit.around, done.value)
    _begin_part(state, code, frame, Part("undo", unit, course), around=unit.around)


def _begin_handler(state: State, course: Course, code: PartCode) -> None:
    assert course.frame is not None
    assert course.root is not None
    for step in course.root.code.steps:  # what has no value is null to a handler
        if course.frame.values[step.slot] is UNSET:
            course.frame.values[step.slot] = None
    failure = course.outcome if isinstance(course.outcome, Failure) else None
    frame = _told(code, course.frame, None if failure is None else error_value(failure))
    _begin_part(state, code, frame, Part("handler", None, course), around=course.frame)


def _told(code: PartCode, around: Frame, value: Value) -> Frame:
    names = code.step.choices[0].names
    assert names is not None
    frame = names.new_frame(around)
    if code.slot is not None:
        frame.values[code.slot] = value
    return frame


def _begin_part(state: State, code: PartCode, frame: Frame, part: Part, *, around: Frame) -> None:
    course = part.course
    assert course.root is not None
    assert course.aftermath is not None
    group, item, after = course.root, course.address[1], course.aftermath
    if part.of is not None:  # it may stand in a pipeline inside, whose defaults are its own
        of = part.of
        group, item = of.group, of.item
        after = Course(of.course.code, course.owner, course, of.course.defaults, is_aftermath=True)
    unit = Unit(group, -1, code.step, code.step.choices[0], around, item, after, part=part)
    unit.frame = frame
    course.is_at_work = True
    state.again.append(unit)


def part_ended(state: State, unit: Unit, outcome: Outcome) -> None:
    """An undo or a handler has ended, well or not; the next one follows."""
    part = unit.part
    assert part is not None
    if isinstance(outcome, Failure):
        state.troubles.append(unit.step.path)
    part.course.is_at_work = False
    state.ending.append(part.course)


def _close(state: State, course: Course) -> None:
    if course.root is None:
        return
    course.root = None  # closed
    waiting: list[Course] = []
    for around in _around(course):
        around.busy -= 1
        if around.busy == 0 and around.outcome is not None:  # not one that was only stopped
            waiting.append(around)
    state.ending.extend(waiting)
    assert course.outcome is not None
    if course.owner is None:
        state.outcome = course.outcome
        return
    owner, parent = course.owner, course.parent
    assert parent is not None
    parent.children.pop(course, None)
    if isinstance(course.outcome, Failure):
        fail_unit(state, owner, course.outcome)
        return
    for done in course.undoable:
        _undo_later(parent, done)
    group_done(state, owner, course.outcome.value)


def finished_undoable(state: State, unit: Unit, outcome: Finished) -> None:
    """A unit with an `undo` has finished; what was not done by this run is not undone by it."""
    if outcome.is_reused or unit.choice is not unit.step.choices[0]:
        return
    past = past_of(state, unit)
    if past is not None and past.ended:
        number = past.ended
    else:
        state.ends += 1
        number = state.ends
    _undo_later(unit.course, Undoable(number, unit, outcome.value))


def _undo_later(course: Course, done: Undoable) -> None:
    while course.is_over and course.outcome is None and course.parent is not None:
        course = course.parent  # it was stopped; what it finished is undone by whoever stopped it
    insort(course.undoable, done, key=lambda one: one.number)


def error_value(failure: Failure, attempts: int = 0) -> dict[str, Value]:
    """What a text sees as `error`."""
    return {
        "message": failure.message,
        "kind": failure.kind,
        "status": failure.status,
        "attempts": attempts or failure.attempt or 0,
        "step": failure.step or "",
    }


def deadline_failure(alarm: Alarm) -> Failure:
    """Why a pipeline fails whose deadline passed."""
    step = alarm.course.address[0] or None
    words = f"the pipeline's deadline of {duration_text(alarm.limit_s)} passed"
    return Failure("deadline", words, step=step, advice="allow more time with `deadline:`")
