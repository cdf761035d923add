"""Settling: what follows when a step, an item or a group has its outcome.

In: a settled unit from the state's queue. Out: dependants made ready or blocked, fans and groups closed and
recorded, and in the end the run's own outcome. Every step settles exactly once; the work is linear in
the edges of the graph.
"""

from __future__ import annotations

from typing import cast

from misydsl.acceptance import Mismatch
from misydsl.expressions.evaluate import EvaluationError
from misydsl.failures import Failure
from misydsl.history.events import StepBlocked, StepFinished
from misydsl.runner.program import PipelineCode
from misydsl.runner.state import (
    MISSING,
    SETTLED,
    WAITING,
    Fan,
    Finished,
    Group,
    Outcome,
    Skipped,
    State,
    Unit,
)
from misydsl.runner.units import evaluation_failure, fail_unit, finish_value
from misydsl.values import Value


def settle(state: State, unit: Unit, outcome: Outcome) -> None:
    """Carry one outcome to whoever waits for it."""
    if unit.fan is not None:
        _settle_item(state, unit, unit.fan, outcome)
    else:
        _settle_step(state, unit.group, unit.index, outcome)


def close_group(state: State, group: Group) -> None:
    """All steps of a group are settled: its result, or its failure, goes to its owner."""
    owner = group.owner
    if group.failure is not None:
        if owner is None:
            state.outcome = group.failure
        else:
            fail_unit(state, owner, group.failure)
        return
    try:
        value = group.code.result(group.frame) if group.code.result is not None else None
    except EvaluationError as problem:
        _fail_result(state, group, problem)
        return
    if owner is None:
        state.outcome = Finished(value)
    else:
        _finish_owner(state, owner, value)


def _fail_result(state: State, group: Group, problem: EvaluationError) -> None:
    if group.owner is not None:
        fail_unit(state, group.owner, evaluation_failure(group.owner, problem))
    else:
        state.outcome = Failure("evaluation", problem.message, advice="mend the `return`")


def _finish_owner(state: State, owner: Unit, value: Value) -> None:
    body = owner.choice.body
    try:
        if isinstance(body, PipelineCode):
            value = body.accept(value)
        value = owner.step.check_value(value)
    except Mismatch as mismatch:
        words = f"the result of `{owner.step.path}`: {mismatch}"
        fail_unit(state, owner, Failure("wrong-type", words, step=owner.step.path))
        return
    finish_value(state, owner, value)


def _settle_item(state: State, unit: Unit, fan: Fan, outcome: Outcome) -> None:
    fan.open -= 1
    if isinstance(outcome, Failure):
        fan.failures.append((unit.number, outcome))
        if len(fan.failures) > fan.allowed and _ends_run(state, fan.group):
            state.outcome = outcome
    else:
        fan.results[unit.number] = outcome.value if isinstance(outcome, Finished) else None
    if not fan.is_over:
        if fan.open == fan.limit - 1:  # it had been full, so nobody else queued it
            state.fans.append(fan)
    elif fan.open == 0:
        _close_fan(state, fan)


def _close_fan(state: State, fan: Fan) -> None:
    path, item = fan.step.path, fan.group.item
    unit = Unit(fan.group, fan.index, fan.step, fan.step.choices[0], fan.group.frame, item)
    if len(fan.failures) > fan.allowed:
        fail_unit(state, unit, _too_many(fan))
        return
    values = cast("list[Value]", [value for value in fan.results if value is not MISSING])
    if fan.failures:
        _remember_failures(fan)
    past = state.past.get((path, item))
    if past is None or past.outcome is None:
        state.facts.append(StepFinished(at=state.now, step=path, item=item))
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
    if group.left == 0 and state.outcome is None:
        state.ready.append((group, -1))


def _settle_failure(state: State, group: Group, index: int, failure: Failure) -> None:
    group.failed.add(index)
    if group.failure is None:
        group.failure = failure
    if _ends_run(state, group):
        state.outcome = failure
        return
    _block_dependents(state, group, index)


def _ends_run(state: State, group: Group) -> bool:
    """Whether a failure in this group ends a `fail-fast` run: no `for` around it may let it pass."""
    owner = group.owner if state.is_fail_fast else None
    while owner is not None:
        if owner.fan is not None and len(owner.fan.failures) < owner.fan.allowed:
            return False
        owner = owner.group.owner
    return state.is_fail_fast


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
            group.status[dependent] = SETTLED
            group.left -= 1
            group.failed.add(dependent)
            frontier.append(dependent)
            path = group.code.steps[dependent].path
            if (path, group.item) not in state.past:
                state.facts.append(StepBlocked(at=state.now, step=path, by=by, item=group.item))
