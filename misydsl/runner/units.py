"""Units: what every part of the state machine does with one execution of a step's body.

In: a `Unit`. Out: its values, its past, its failures with step, item and place, and the facts that settle it.
A unit that failed turns to its `fallback`, if there is one left, before it counts as failed. A problem on
the way is raised as `StepProblem` and caught where the unit was begun.
"""

from __future__ import annotations

from typing import Final, cast

from msgspec import Raw

from misydsl.acceptance import Mismatch
from misydsl.expressions.evaluate import EvaluationError
from misydsl.failures import Failure
from misydsl.history.events import FallbackBegun, StepFailed, StepFinished
from misydsl.history.states import StepState
from misydsl.runner.program import Code
from misydsl.runner.state import Finished, Outcome, Skipped, State, Unit
from misydsl.values import Value, decode_json, encode_json

ROUND_STRIDE: Final = 1_000  # rounds a `repeat` has at most, so that nested ones count apart
RESTORED: Final = frozenset({"succeeded", "skipped", "failed"})
"""How a step may stand in the past so that it is not begun again."""


class StepProblem(Exception):
    """A step cannot be begun; carries the failure to the one place that records it."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


def fail_unit(state: State, unit: Unit, failure: Failure) -> None:
    """A unit failed for good: its next fallback, or the record of it and what follows."""
    if has_fallback(unit) and failure.kind != "cancelled":
        _turn_to_fallback(state, unit, failure)
        return
    past = past_of(state, unit)
    if past is None or past.status != "failed":
        fact = StepFailed(
            at=state.now, step=unit.step.path, failure=failure, item=unit.item, round=unit.round,
            attempts=unit.attempts,
        )  # fmt: skip
        state.facts.append(fact)
    state.settled.append((unit, failure))


def has_fallback(unit: Unit) -> bool:
    """Whether a unit has something left to do when it fails: its items do, a whole `for` has not."""
    step = unit.step
    return (
        unit.fallback < len(step.fallbacks)
        and unit.choice is step.choices[0]
        and (step.loop is None or unit.fan is not None)
    )


def _turn_to_fallback(state: State, unit: Unit, failure: Failure) -> None:
    unit.fallback += 1
    unit.error = failure
    past = past_of(state, unit)
    if past is None or past.fallback < unit.fallback:
        fact = FallbackBegun(
            at=state.now, step=unit.step.path, failure=failure, number=unit.fallback,
            item=unit.item, round=unit.round, attempts=unit.attempts,
        )  # fmt: skip
        state.facts.append(fact)
    state.again.append(unit)


def finish_value(state: State, unit: Unit, value: Value) -> None:
    """Record a computed value and queue what follows from it."""
    try:
        raw = Raw(encode_json(value))
    except ValueError as problem:
        fail_unit(state, unit, evaluation(unit, str(problem)))
        return
    try:
        value = value if unit.step.is_kept else as_recorded(unit, raw)
    except Mismatch as mismatch:
        fail_unit(state, unit, wrong_type(unit, f"the step's value: {mismatch}"))
        return
    if not is_recorded(state, unit):
        fact = StepFinished(
            at=state.now, step=unit.step.path, value=raw, item=unit.item, round=unit.round,
            rounds=rounds_of(unit),
        )  # fmt: skip
        state.facts.append(fact)
    state.settled.append((unit, Finished(value, raw)))


def rounds_of(unit: Unit) -> int:
    """How many rounds of its own `repeat` a unit has come through."""
    return 0 if unit.turn == 0 else (unit.turn - 1) % ROUND_STRIDE + 1


def is_recorded(state: State, unit: Unit) -> bool:
    """Whether the end of a unit was recorded by an earlier owner."""
    past = past_of(state, unit)
    return past is not None and past.status in RESTORED


def past_of(state: State, unit: Unit) -> StepState | None:
    """What earlier owners recorded of a unit."""
    if not state.past:
        return None
    return state.past.steps.get((unit.step.path, unit.item, unit.group.round))


def restored(unit: Unit, past: StepState) -> Outcome:
    """The outcome an earlier owner recorded, its value read back by the step's type."""
    match past.status:
        case "succeeded":
            value = as_recorded(unit, cast("Raw", past.value))
            return Finished(value, past.value, is_reused=past.reused is not None)
        case "skipped":
            return Skipped()
        case _:
            assert past.failure is not None
            return past.failure


def evaluation_failure(unit: Unit, problem: EvaluationError) -> Failure:
    """An expression of a step that could not be computed, with its place in the text."""
    source = unit.step.source
    if not problem.is_placed:
        return evaluation(unit, problem.message)
    line = source.position(problem.span.start).line
    return evaluation(unit, f"{problem.message} ({source.name}, line {line})")


def as_recorded(unit: Unit, raw: Raw) -> Value:
    """A result as a later owner reads it; one that is not kept is so from the start, for all the same."""
    return unit.step.accept(decode_json(bytes(raw)))


def evaluate(unit: Unit, code: Code) -> Value:
    """The value of an expression in the unit's frame; raises `StepProblem`."""
    try:
        return code(unit.frame or unit.around)
    except EvaluationError as problem:
        raise StepProblem(evaluation_failure(unit, problem)) from problem


def evaluation(unit: Unit, message: str) -> Failure:
    """The failure of a unit whose value cannot be computed."""
    return Failure(
        "evaluation", message, step=unit.step.path, item=unit.item or None,
        advice="mend the expression and run again",
    )  # fmt: skip


def wrong_type(unit: Unit, words: str, *, is_given: bool = False) -> Failure:
    """The failure of a unit at whose edge a value does not fit; the words say whose it is, if not the text's own."""
    return Failure(
        "wrong-type", words, step=unit.step.path, item=unit.item or None,
        advice="give what is declared, or declare what is given" if is_given
        else "declare what the producer really returns, or mend the producer",
    )  # fmt: skip
