"""Units: what every part of the state machine does with one execution of a step's body.

In: a `Unit`. Out: its values, its past, its failures with step, item and place, and the facts that settle it.
A problem on the way is raised as `StepProblem` and caught where the unit was begun.
"""

from __future__ import annotations

from typing import cast

from msgspec import Raw

from misydsl.acceptance import Mismatch
from misydsl.expressions.evaluate import EvaluationError
from misydsl.failures import Failure
from misydsl.history.events import StepFailed, StepFinished
from misydsl.runner.program import Code
from misydsl.runner.state import Finished, Outcome, Past, State, Unit
from misydsl.values import Value, decode_json, encode_json

NOTHING_YET = Past(None, 0)


class StepProblem(Exception):
    """A step cannot be begun; carries the failure to the one place that records it."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


def fail_unit(state: State, unit: Unit, failure: Failure, attempts: int = 0) -> None:
    """Record that a unit failed for good, and queue what follows from it."""
    step, item = unit.step.path, unit.item
    if past_of(state, unit).outcome is None:
        state.facts.append(
            StepFailed(at=state.now, step=step, failure=failure, item=item, attempts=attempts)
        )
    state.settled.append((unit, failure))


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
    state.facts.append(StepFinished(at=state.now, step=unit.step.path, value=raw, item=unit.item))
    state.settled.append((unit, Finished(value, raw)))


def evaluation_failure(unit: Unit, problem: EvaluationError) -> Failure:
    """An expression of a step that could not be computed, with its place in the text."""
    source = unit.step.source
    if not problem.is_placed:
        return evaluation(unit, problem.message)
    line = source.position(problem.span.start).line
    return evaluation(unit, f"{problem.message} ({source.name}, line {line})")


def past_of(state: State, unit: Unit) -> Past:
    """What an earlier owner recorded of a unit."""
    return state.past.get((unit.step.path, unit.item), NOTHING_YET)


def restored(unit: Unit, past: Past) -> Outcome:
    """The outcome an earlier owner recorded, its value read back by the step's type."""
    if isinstance(past.outcome, Finished):
        return Finished(as_recorded(unit, cast("Raw", past.value)), past.value)
    assert past.outcome is not None
    return past.outcome


def as_recorded(unit: Unit, raw: Raw) -> Value:
    """A result as a later owner reads it; one that is not kept is so from the start, for all the same."""
    return unit.step.accept(decode_json(bytes(raw)))


def evaluate(unit: Unit, code: Code) -> Value:
    """The value of an expression in the unit's frame; raises `StepProblem`."""
    try:
        return code(unit.frame)
    except EvaluationError as problem:
        raise StepProblem(evaluation_failure(unit, problem)) from problem


def evaluation(unit: Unit, message: str) -> Failure:
    """The failure of a unit whose value cannot be computed."""
    return Failure(
        "evaluation", message, step=unit.step.path, item=unit.item or None,
        advice="mend the expression and run again",
    )  # fmt: skip


def wrong_type(unit: Unit, words: str) -> Failure:
    """The failure of a unit at whose edge a value does not fit; the words say whose it is."""
    return Failure(
        "wrong-type", words, step=unit.step.path, item=unit.item or None,
        advice="declare what the producer really returns, or mend the producer",
    )  # fmt: skip
