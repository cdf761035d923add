"""What a step waits for, and why one that had no turn had none.

In: a `Matter` whose step is running, waiting, asking somebody, stopped, or was never begun. Out: the open call
and its limits, the next attempt, the question and the command that answers it, the steps it depends on.
"""

from __future__ import annotations

from misydsl.history.states import StepState
from misydsl.history.status import RUN_FINAL, STEP_DONE
from misydsl.runner.program import BlockCode
from misydsl.values import Duration
from misydsl.workspace.questions import Question, question_of
from misydsl.workspace.reasons import words, words_open
from misydsl.workspace.reasons.matter import Matter, Told
from misydsl.workspace.reasons.told_ends import needs_of, told_fallbacks


def told_open(matter: Matter, state: StepState) -> Told:
    """It has begun, and has not ended."""
    match state.status:
        case "retrying":
            return _retrying(matter, state).and_then(_standstill(matter))
        case "asking":
            return _asking(matter, question_of(state)).and_then(_standstill(matter))
        case "running":
            return _running(matter, state).and_then(_standstill(matter))
        case _ if state.question is not None:
            return _asking(matter, question_of(state)).and_then(_standstill(matter))
        case _ if state.started_at is not None:
            return Told((words_open.was_begun(matter.where),)).and_then(_standstill(matter))
        case _:
            return _waiting(matter)


def _running(matter: Matter, state: StepState) -> Told:
    attempts = matter.attempts
    last = attempts[-1] if attempts else None
    is_open = last is not None and last.status == "running"
    began = last.started_at if is_open and last is not None else state.started_at
    policy = matter.place.policy() if matter.place is not None else None
    head = words_open.running(
        matter.where,
        last.agent if is_open and last is not None else None,
        attempt=last.attempt if last is not None else 1,
        of=None if policy is None else policy.retry.attempts,
        for_s=matter.now - (began or matter.now),
    )
    lines = [words.attempt_line(one) for one in attempts[:-1]]
    limit = [words_open.allowed(policy.timeout_s)] if is_open and policy is not None else []
    return Told((head, *lines, *limit, *told_fallbacks(matter, state)))


def _retrying(matter: Matter, state: StepState) -> Told:
    attempts = matter.attempts
    policy = matter.place.policy() if matter.place is not None else None
    number = attempts[-1].attempt + 1 if attempts else state.attempts + 1
    head = words_open.retrying(
        matter.where, number, None if policy is None else policy.retry.attempts
    )
    due = state.next_attempt_at
    lines = [words.attempt_line(one) for one in attempts]
    return Told((head, *lines, *([] if due is None else [words_open.due(due - matter.now)])))


def _asking(matter: Matter, question: Question) -> Told:
    asked_s = matter.now - question.asked_at
    limit = matter.place.setting("timeout") if matter.place is not None else None
    within = words_open.NO_LIMIT_TO_ANSWER
    if isinstance(limit, Duration):
        within = words_open.answer_within(float(limit) - asked_s)
    return Told(
        (
            words_open.asking(matter.where, question.to, asked_s),
            words_open.question(question.message, question.options),
            within,
        ),
        commands=(("approve", question.where), ("approve", question.where, "--deny")),
    )


def _waiting(matter: Matter) -> Told:
    """It has not begun, and may still."""
    needs = _open_needs(matter)
    if needs:
        return Told((words_open.waits_for(matter.where, needs),)).and_then(_standstill(matter))
    outer = matter.place.outer if matter.place is not None else ()
    unbegun = next((path for path in outer if not _has_begun(matter, path)), None)
    if unbegun is not None:
        head = words_open.outer_waits(matter.where, unbegun)
        return Told((head,), commands=(("why", unbegun),)).and_then(_standstill(matter))
    return Told((words_open.ready(matter.where),)).and_then(_standstill(matter))


def _has_begun(matter: Matter, path: str) -> bool:
    """Whether anything is recorded of a step around it."""
    states = (one for (step, _), one in matter.history.steps.items() if step == path)
    return any(one.started_at is not None or one.count is not None for one in states)


def _open_needs(matter: Matter) -> dict[str, str]:
    block: BlockCode | None = matter.place.link.block if matter.place is not None else None
    if block is None:
        return {}
    states = {path: matter.about(path) for path in needs_of(block, matter.step)}
    found = {path: "waiting" if one is None else one.status for path, one in states.items()}
    return {path: status for path, status in found.items() if status not in STEP_DONE}


def _standstill(matter: Matter) -> Told:
    """Why nothing goes on, where nothing does."""
    history = matter.history
    resume = ("resume",)
    if history.status == "paused":
        budget = ("--budget", "calls=…") if "budget" in (history.pause_reason or "") else ()
        return Told((words_open.run_paused(history.pause_reason),), commands=((*resume, *budget),))
    if history.status in RUN_FINAL or matter.is_owned:
        return Told()
    return Told((words_open.RUN_ABANDONED,), commands=(resume,))


# ------------------------------------------------------------------ never, or not to the end


def told_never(matter: Matter) -> Told:
    """Nothing is recorded of it."""
    part = next((one for one in matter.step.split("/") if one.startswith(":")), None)
    outer = _outer(matter)
    if part is not None:
        owner = matter.step.partition(f"/{part}")[0] if f"/{part}" in matter.step else ""
        word = words_open.PARTS[part.rstrip("0123456789-")]
        whose = words.where(owner, matter.item) if owner else words_open.PIPELINE
        is_over = matter.history.status in RUN_FINAL
        tell = words_open.not_needed if is_over else words_open.not_needed_yet
        return Told((tell(matter.where, whose, word),))
    if outer is not None and outer.status in ("skipped", "blocked", "failed", "cancelled"):
        head = words_open.inside_of(matter.where, outer.step, outer.status)
        return Told((head,), commands=(("why", outer.step),))
    if outer is not None and outer.status == "succeeded":
        return Told((words_open.not_chosen(matter.where, outer.step),))
    if matter.history.status in RUN_FINAL:
        return Told((words_open.never(matter.where, words_open.ENDS[matter.history.status]),))
    return _waiting(matter)


def _outer(matter: Matter) -> StepState | None:
    """The nearest step around it that something is recorded of."""
    outer = matter.place.outer if matter.place is not None else ()
    for path in reversed(outer):
        item = matter.item
        while True:
            found = matter.history.steps.get((path, item))
            if found is not None:
                return found
            if not item:
                break
            item = item.rpartition("/")[0]
    return None


def told_cancelled(matter: Matter, state: StepState) -> Told:
    """It was stopped."""
    if matter.history.cancelled_by is not None:
        return Told((words_open.cancelled(matter.where, matter.history.cancelled_by),))
    outer = [*(matter.place.outer if matter.place is not None else ()), ""]
    failing = (one for (path, _, _), one in matter.history.failing.items() if path in outer)
    why = next(failing, None)
    if why is not None:
        return Told((words_open.stopped(matter.where, why),))
    reason = state.failure.message if state.failure is not None else "the run ended"
    return Told((words_open.stopped_itself(matter.where, reason),))
