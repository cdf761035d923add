"""Approvals: a step that waits for a person.

In: the question of a step, later an answer from wherever it was given. Out: the fact that somebody was
asked, an entry in `state.asked`, and the answer as the step's value. A question outlives the process: a
resume asks nobody twice and takes the answer that came meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import msgspec
from msgspec import Raw

from misydsl.failures import Failure
from misydsl.history.events import ApprovalAsked
from misydsl.runner.jobs import settings_of
from misydsl.runner.rounds import Called, body_done
from misydsl.runner.state import Answered, Asked, State, Unit
from misydsl.runner.units import StepProblem, evaluation, fail_unit
from misydsl.values import Duration, Value, decode_json, duration_text, encode_json

_log = logging.getLogger("misydsl.runner")


def read_answer(body: bytes) -> Answered | None:
    """The answer that was left for a run's owner; one that says nothing it can use is logged."""
    try:
        return msgspec.json.decode(body, type=Answered)
    except msgspec.MsgspecError as problem:
        _log.warning("an answer cannot be read and is passed over: %s", problem)
        return None


def ask(state: State, unit: Unit, question: Mapping[str, Value]) -> None:
    """Record the question and wait; a `timeout` of the step itself says how long."""
    address = (unit.step.path, unit.item, unit.turn or unit.round)
    past = state.past.steps.get(address)
    asked_at = state.now
    try:
        raw = Raw(encode_json(dict(question)))
    except ValueError as problem:
        raise StepProblem(evaluation(unit, str(problem))) from problem
    if past is None or past.question is None:
        known = None if state.recall is None else state.recall.answer(address, bytes(raw))
        if isinstance(known, Failure):
            raise StepProblem(known)
        if known is not None:
            called = Called(known.raw, "", reused=known.source, inputs=raw)
            body_done(state, unit, decode_json(bytes(known.raw)), called)
            return
        step, item, round_ = address
        state.facts.append(
            ApprovalAsked(at=state.now, step=step, item=item, round=round_, question=raw)
        )
    else:
        asked_at = past.started_at or state.now
    waiting = Asked(unit)
    early = state.answers.pop(address, None)
    if early is not None:
        body_done(state, unit, _value(early))
        return
    state.asked[address] = waiting
    limit = settings_of(unit).get("timeout")
    if isinstance(limit, Duration):
        state.waits.append((waiting, max(0.0, asked_at + float(limit) - state.now)))
    else:
        state.open[waiting] = None


def answer(state: State, answered: Answered) -> None:
    """The answer becomes the step's value; one that comes before its question waits for it.

    A resume hears at once what was answered meanwhile, and comes to the question a little later.
    """
    address = (answered.step, answered.item, answered.round)
    waiting = state.asked.pop(address, None)
    if waiting is None:
        state.answers[address] = answered
    elif waiting in state.open:
        del state.open[waiting]
        state.aborts.append(waiting)
        body_done(state, waiting.unit, _value(answered))


def _value(answered: Answered) -> dict[str, Value]:
    return {
        "approved": answered.is_approved,
        "by": answered.by,
        "comment": answered.comment,
    }


def expire(state: State, waiting: Asked) -> None:
    """Nobody answered in time."""
    unit = waiting.unit
    state.asked.pop((unit.step.path, unit.item, unit.turn or unit.round), None)
    limit = settings_of(unit).get("timeout")
    within = f" within {duration_text(float(limit))}" if isinstance(limit, Duration) else ""
    fail_unit(
        state, unit,
        Failure(
            "timeout", f"nobody answered{within}", step=unit.step.path, item=unit.item or None,
            advice="allow more time with `timeout:`, or say what happens then with `fallback`",
        ),
    )  # fmt: skip
