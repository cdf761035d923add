"""Settling: what follows when a step, an item or a group has its outcome.

In: a settled unit from the state's queue. Out: dependants made ready or blocked, fans and groups closed and
recorded, and in the end the run's own outcome. Every step settles exactly once; the work is linear in
the edges of the graph.
"""

from __future__ import annotations

from typing import cast

from msgspec.structs import replace

from misydsl.expressions.evaluate import EvaluationError
from misydsl.failures import Failure
from misydsl.history.events import StepBlocked, StepFinished
from misydsl.runner.courses import fail_course, finished_undoable, part_ended, steps_ended
from misydsl.runner.rounds import group_done
from misydsl.runner.state import (
    MISSING,
    SETTLED,
    WAITING,
    Fan,
    Finished,
    Group,
    Outcome,
    Part,
    Skipped,
    State,
    Unit,
)
from misydsl.runner.units import (
    evaluation_failure,
    fail_unit,
    finish_value,
    has_fallback,
    is_recorded,
)
from misydsl.values import Value


def settle(state: State, unit: Unit, outcome: Outcome) -> None:
    """Carry one outcome to whoever waits for it."""
    if isinstance(outcome, Finished) and unit.step.undo is not None and _is_one(unit):
        finished_undoable(state, unit, outcome)
    if unit.part is not None:
        _settle_part(state, unit, unit.part, outcome)
    elif unit.course.is_over:
        return  # it was stopped
    elif unit.fan is not None:
        _settle_item(state, unit, unit.fan, outcome)
    else:
        _settle_step(state, unit.group, unit.index, outcome)


def close_group(state: State, group: Group) -> None:
    """All steps of a group are settled: its result, or its failure, goes to its owner."""
    if group.course.is_over:
        return
    owner = group.owner
    if owner is None or group is group.course.root:
        steps_ended(state, group)
        return
    if group.failure is not None:
        fail_unit(state, owner, group.failure)
        return
    try:
        value = group.code.result(group.frame) if group.code.result is not None else None
    except EvaluationError as problem:
        fail_unit(state, owner, evaluation_failure(owner, problem))
    else:
        group_done(state, owner, value)


def _is_one(unit: Unit) -> bool:
    """Whether it is what `undo` takes back: a step, or one item of a `for`."""
    return unit.part is None and (unit.step.loop is None or unit.fan is not None)


def _settle_part(state: State, unit: Unit, part: Part, outcome: Outcome) -> None:
    owner = part.of
    if part.kind != "fallback" or owner is None:
        part_ended(state, unit, outcome)
    elif unit.course.is_over:
        return
    elif isinstance(outcome, Failure):
        fail_unit(state, owner, _after(outcome, owner))
    else:
        finish_value(state, owner, outcome.value if isinstance(outcome, Finished) else None)


def _after(failure: Failure, owner: Unit) -> Failure:
    """The failure of a fallback, and what it was there for."""
    first = owner.error.message if owner.error is not None else ""
    words = f"{failure.message} (in the fallback; before that: {first})"
    return replace(failure, message=words)


def _settle_item(state: State, unit: Unit, fan: Fan, outcome: Outcome) -> None:
    fan.open -= 1
    if isinstance(outcome, Failure):
        fan.failures.append((unit.number, outcome))
        if len(fan.failures) > fan.allowed:
            fan.is_replay = bool(state.past)  # what earlier owners finished behind it still counts
            if _ends_course(fan.group):
                fail_course(state, fan.group.course, outcome, is_abrupt=True)
    else:
        fan.results[unit.number] = outcome.value if isinstance(outcome, Finished) else None
    if fan.group.course.is_over:
        return
    if not fan.is_over:
        if fan.open == fan.limit - 1:  # it had been full, so nobody else queued it
            state.fans.append(fan)
    elif fan.open == 0:
        close_fan(state, fan)


def close_fan(state: State, fan: Fan) -> None:
    """All items of a `for` are settled, as far as they were begun: its list, or its failure."""
    fan.is_closed = True
    path, item = fan.step.path, fan.group.item
    unit = Unit(
        fan.group, fan.index, fan.step, fan.step.choices[0], fan.group.frame, item, fan.group.course
    )
    if fan.group.course.is_failing is not None and not is_recorded(state, unit):
        return  # it was stopped, and only some of its items are settled
    if len(fan.failures) > fan.allowed:
        fail_unit(state, unit, _too_many(fan))
        return
    values = cast("list[Value]", [value for value in fan.results if value is not MISSING])
    if fan.failures:
        _remember_failures(fan)
    if not is_recorded(state, unit):
        state.facts.append(StepFinished(at=state.now, step=path, item=item, round=unit.round))
    state.settled.append((unit, Finished(values)))


def _too_many(fan: Fan) -> Failure:
    number, first = min(fan.failures, key=lambda failed: failed[0])
    count, total = len(fan.failures), len(fan.items)
    words = f"{count} of {total} items failed and {fan.allowed} may"
    begun = f"; {total - fan.next} were not begun" if fan.next < total else ""
    return Failure(
        "items", f"{words}{begun}; the first: {first.message}", status=first.status,
        agent=first.agent, step=fan.step.path, item=fan.item_of(number), attempt=first.attempt,
        advice=first.advice,
    )  # fmt: skip


def _remember_failures(fan: Fan) -> None:
    frame = fan.group.frame
    if frame.failures is None:
        frame.failures = {}
    frame.failures[fan.step.slot] = [
        {
            "index": number,
            "item": fan.items[number],
            "error": {"message": failure.message, "kind": failure.kind, "status": failure.status},
        }
        for number, failure in sorted(fan.failures, key=lambda failed: failed[0])
    ]


def _settle_step(state: State, group: Group, index: int, outcome: Outcome) -> None:
    group.status[index] = SETTLED
    group.left -= 1
    match outcome:
        case Finished(value):
            group.frame.values[group.code.steps[index].slot] = value
        case Skipped():
            group.frame.values[group.code.steps[index].slot] = None
        case Failure():
            _settle_failure(state, group, index, outcome)
    if not isinstance(outcome, Failure):
        _wake_dependents(state, group, index)
    if group.turns is not None:
        state.ready.extend((group, one) for one in group.turns.ended(index))
    if group.left == 0 and not group.course.is_over:
        state.ready.append((group, -1))


def _settle_failure(state: State, group: Group, index: int, failure: Failure) -> None:
    group.failed.add(index)
    if group.failure is None:
        group.failure = failure
    if _ends_course(group):
        fail_course(state, group.course, failure, is_abrupt=True)
        return
    _block_dependents(state, group, index)


def _ends_course(group: Group) -> bool:
    """Whether a failure in this group ends a `fail-fast` pipeline: nothing around it may let it pass."""
    course = group.course
    if not course.is_fail_fast or course.is_failing is not None:
        return False
    owner = group.owner
    while owner is not None and owner.course is course:
        if has_fallback(owner):
            return False
        if owner.fan is not None and len(owner.fan.failures) < owner.fan.allowed:
            return False
        part = owner.part  # a fallback stands for its step, which may have another one
        owner = owner.group.owner if part is None else part.of
    return True


def _wake_dependents(state: State, group: Group, index: int) -> None:
    waiting = group.waiting
    for dependent in group.code.dependents[index]:
        waiting[dependent] -= 1
        if waiting[dependent] == 0 and group.status[dependent] == WAITING:
            state.ready.append((group, dependent))


def _block_dependents(state: State, group: Group, index: int) -> None:
    by = group.code.steps[index].path
    frontier = [index]
    while frontier:
        for dependent in group.code.dependents[frontier.pop()]:
            if group.status[dependent] != WAITING:
                continue
            path = group.code.steps[dependent].path
            is_known = (path, group.item, group.round) in state.past.steps
            if not is_known and group.course.is_failing is not None:
                continue  # it was stopped before that
            group.status[dependent] = SETTLED
            group.left -= 1
            group.failed.add(dependent)
            frontier.append(dependent)
            if not is_known:
                fact = StepBlocked(
                    at=state.now, step=path, by=by, item=group.item, round=group.round
                )
                state.facts.append(fact)
