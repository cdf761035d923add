"""Why a step failed, was skipped, was never run or was stopped.

In: a `Matter` whose step has ended without a value. Out: each attempt, why there was no further one, what its
fallbacks came to; the condition that was false with what its names stood for; the step to blame.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from misydsl.expressions.free import free_names
from misydsl.expressions.printer import to_text
from misydsl.failures import Failure
from misydsl.graph.blocks import part_name
from misydsl.history.states import StepState
from misydsl.history.status import RUN_FINAL
from misydsl.runner.program import BlockCode
from misydsl.values import Value
from misydsl.workspace.reasons import words
from misydsl.workspace.reasons.calls import shown
from misydsl.workspace.reasons.matter import Matter, Told
from misydsl.workspace.reasons.places import Place, condition_of
from misydsl.workspace.reasons.told_calls import MOST_ATTEMPTS

_NOT_RECORDED: Final = frozenset({"env", "secret", "run"})
_MOST_NAMES: Final = 12


def told_failed(matter: Matter, state: StepState) -> Told:
    """It has no value, for good."""
    failure = state.failure
    if failure is None:
        return Told((f"{matter.where} {words.STATUSES['failed']}.",))
    attempts = matter.attempts
    # one attempt says no more than the step itself
    is_one = len(attempts) == 1 and attempts[0].failure == failure
    took_s = attempts[0].duration_s if is_one else None
    lines = [words.failed(matter.where, failure, after_s=took_s)]
    if attempts:
        lines += [] if is_one else [words.attempt_line(one) for one in attempts[-MOST_ATTEMPTS:]]
        lines += _why_no_further(matter, failure, made=len(attempts))
    lines += told_fallbacks(matter, state)
    told = Told(tuple(lines)).and_then(_inside(matter, failure))
    if failure.advice:
        told = told.and_then(Told((words.advice(failure.advice),)))
    if matter.history.status not in RUN_FINAL:
        return told
    return told.and_then(Told(commands=(("retry", "--failed"),)))


def _why_no_further(matter: Matter, failure: Failure, *, made: int) -> list[str]:
    """Why no attempt followed the last one."""
    last = matter.attempts[-1].failure or failure
    lines = [words.BREAKER] if last.kind == "breaker" else []
    policy = matter.place.policy() if matter.place is not None else None
    if policy is None or last.kind in ("cancelled", "deadline"):
        return lines
    retry = policy.retry
    if retry.attempts == 1:
        return [*lines, words.NO_RETRY]
    if not any(last.matches(word) for word in retry.on):
        return [*lines, words.not_listed(last.kind, last.status, retry.on)]
    if made >= retry.attempts:
        return [*lines, words.used_up(retry.attempts)]
    return [*lines, words.OVER_RESTARTS]


def told_fallbacks(matter: Matter, state: StepState) -> list[str]:
    """What its fallbacks came to."""
    if not state.turned_by:
        return []
    return [words.turned(state.turned_by[0]), *fallback_lines(matter, state)]


def fallback_lines(matter: Matter, state: StepState) -> list[str]:
    """One line for each fallback that was begun."""
    # what made it turn to the next one is how the one before ended
    lines = [
        words.fallback_line(number, words.fallback_failed(_own_failure(matter, number) or one))
        for number, one in enumerate(state.turned_by[1:], 1)
    ]
    match state.status:
        case "succeeded":
            last = "gave the result"
        case "failed":
            last = "failed too"
        case _:
            last = "has not ended"
    return [*lines, words.fallback_line(state.fallback, last)]


def _own_failure(matter: Matter, number: int) -> Failure | None:
    """Why a fallback failed, without what it was there for."""
    state = matter.about(f"{matter.step}/{part_name('fallback', number)}")
    return None if state is None else state.failure


def _inside(matter: Matter, failure: Failure) -> Told:
    """Where in it the failure happened, for a step that is made of others."""
    if failure.step is None:
        return Told()
    here, there = (matter.step, matter.item), (failure.step, failure.item or "")
    if here == there or (failure.step == matter.step and not failure.item):
        return Told()
    item = ("--item", there[1]) if there[1] else ()
    known = matter.history.steps.get(there)
    if known is None:
        return Told()
    return Told((words.failed_in(words.where(*there)),), commands=(("why", there[0], *item),))


# ------------------------------------------------------------------ skipped


def told_skipped(matter: Matter) -> Told:
    """Its condition was false, with what the names in it stood for."""
    place = matter.place
    if place is None:
        return Told((words.skipped(matter.where, ()), words.NOT_READABLE))
    conditions = condition_of(place.code)
    lines = [words.skipped(matter.where, [to_text(one) for one in conditions])]
    names = sorted({name for one in conditions for name in free_names(one)})
    lines += [_name_line(place, name) for name in names[:_MOST_NAMES]]
    return Told(tuple(lines))


def _name_line(place: Place, name: str) -> str:
    found = None if name in _NOT_RECORDED else place.value(name)
    return words.name_line(name, None if found is None else _safely(found[0]))


def _safely(value: Value) -> str | None:
    try:
        return shown(value)
    except (TypeError, ValueError):  # a secret, or what has no JSON
        return None


# ------------------------------------------------------------------ blocked


def told_blocked(matter: Matter, state: StepState) -> Told:
    """It was never run, because something it needs failed."""
    by = state.blocked_by or ""
    chain = _chain(matter, by)
    blamed = _blamed(matter, by)
    head = words.blocked(matter.where, chain or [matter.step, by])
    if blamed is None or blamed.failure is None:
        return Told((head,), commands=(("why", by),))
    place = (blamed.step, *(("--item", blamed.item) if blamed.item else ()))
    reason = words.failed(words.where(blamed.step, blamed.item), blamed.failure)
    return Told((head, words.because(reason)), commands=(("why", *place),))


def _blamed(matter: Matter, step: str) -> StepState | None:
    """The state of the step to blame, in the same item or in one around it."""
    item = matter.item
    while True:
        found = matter.history.steps.get((step, item))
        if found is not None or not item:
            return found
        item = item.rpartition("/")[0]


def _chain(matter: Matter, by: str) -> list[str]:
    """The steps from this one to the one to blame, each needing the next."""
    block = matter.place.link.block if matter.place is not None else None
    if block is None:
        return []
    paths = [one.path for one in block.steps]
    if by not in paths:
        return []
    start, goal = paths.index(by), paths.index(matter.step)
    before: dict[int, int] = {start: start}
    waiting = deque([start])
    while waiting and goal not in before:
        current = waiting.popleft()
        for dependent in block.dependents[current]:
            if dependent not in before:
                before[dependent] = current
                waiting.append(dependent)
    if goal not in before:
        return []
    chain = [goal]
    while chain[-1] != start:
        chain.append(before[chain[-1]])
    return [paths[one] for one in chain]


def needs_of(block: BlockCode, path: str) -> list[str]:
    """The paths of the steps beside it that a step waits for."""
    paths = [one.path for one in block.steps]
    own = paths.index(path)
    return [paths[at] for at, dependents in enumerate(block.dependents) if own in dependents]
