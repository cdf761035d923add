"""What a step came to that is more than one call: a `for`, a `repeat`, steps inside, a fallback, a person.

In: a `Matter` of such a step. Out: how its items ended with the first failures, its rounds and why there were
no more, the steps it is made of, who answered.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from misydsl.expressions.evaluate import EvaluationError
from misydsl.expressions.printer import to_text
from misydsl.history.states import StepState
from misydsl.runner.program import ApprovalCode, Choice, GroupCode, PipelineCode, RepeatCode
from misydsl.values import decode_json
from misydsl.workspace.reasons import words, words_open
from misydsl.workspace.reasons.matter import Matter, Told
from misydsl.workspace.reasons.places import Place
from misydsl.workspace.reasons.told_calls import told_ran, told_reused
from misydsl.workspace.reasons.told_ends import fallback_lines

_MOST_FAILURES: Final = 5


def told_succeeded(matter: Matter, state: StepState) -> Told:
    """It has its value."""
    if state.turned_by:
        head = words_open.turned_and_succeeded(matter.where, state.fallback)
        reason = words_open.first_reason(state.turned_by[0])
        return Told((head, reason, *fallback_lines(matter, state)))
    if state.reused is not None and _approval(matter) is None:
        return told_reused(matter, state.reused)
    if _approval(matter) is not None:
        return _answered(matter, state)
    if state.rounds:
        return _rounds(matter, state)
    call = matter.call
    if call is not None and call.agent.name:
        return told_ran(matter, call)
    inner = _inner(matter)
    if inner is None:
        return Told((words_open.computed(matter.where),))
    return Told((words_open.group(matter.where, "succeeded", inner, state.duration_s),))


def _approval(matter: Matter) -> Choice | None:
    code = matter.place.code if matter.place is not None else None
    choices = () if code is None else code.choices
    return next((one for one in choices if isinstance(one.body, ApprovalCode)), None)


def _answered(matter: Matter, state: StepState) -> Told:
    if state.reused is not None:
        return Told((words_open.answer_taken_over(matter.where, state.reused),))
    value = decode_json(bytes(state.value)) if state.value is not None else None
    if not isinstance(value, dict):
        return Told((words_open.computed(matter.where),))
    by, comment = value.get("by"), value.get("comment")
    head = words_open.answered(
        matter.where, None if by is None else str(by), None if comment is None else str(comment),
        is_yes=value.get("approved") is True, after_s=state.duration_s or 0.0,
    )  # fmt: skip
    return Told((head,))


def _inner(matter: Matter) -> list[str] | None:
    """The steps it is made of; None for a step without any."""
    code = matter.place.code if matter.place is not None else None
    for choice in code.choices if code is not None else ():
        match choice.body:
            case GroupCode(block):
                return [one.path for one in block.steps]
            case PipelineCode(course=course):
                return [one.path for one in course.block.steps]
            case _:
                pass
    return None


# ------------------------------------------------------------------ rounds


def _rounds(matter: Matter, state: StepState) -> Told:
    place = matter.place
    until = None if place is None else place.code.step.block.until
    if place is None or until is None:
        return Told((words_open.rounds_so_far(state.rounds, None),))
    is_kept = place.setting("exhausted") == "keep"
    limit = round_limit(place)
    has_run_out = is_kept and limit is not None and state.rounds >= limit
    tell = words_open.rounds_kept if has_run_out and not _holds(matter) else words_open.rounds
    told = Told((tell(matter.where, state.rounds, to_text(until)),))
    call = matter.call
    return told if call is None else told.and_then(Told(tuple(_round_lines(matter))))


def _holds(matter: Matter) -> bool:
    """Whether `until` is true of the last round; a round's steps are read as they stand now."""
    assert matter.place is not None
    repeat, choice = _repeat(matter.place)
    if repeat is None or choice is None:
        return True
    return matter.place.holds(choice, repeat.until, matter.history, matter.item) is not False


def _round_lines(matter: Matter) -> list[str]:
    """One line for each call of a `repeat` that calls in every round."""
    calls = [one for at, one in matter.calls.items() if at[:2] == (matter.step, matter.item)]
    lines = []
    for number, call in enumerate(calls, 1):
        took = None if call.ended_at is None else call.ended_at - call.began_at
        lines.append(words_open.round_line(number, call.agent.name, took, call.reused))
    return lines


def round_limit(place: Place) -> int | None:
    """How many rounds there may be."""
    repeat, _ = _repeat(place)
    if repeat is None or place.frame is None:
        return None
    try:
        limit = repeat.limit(place.around or place.frame)
    except EvaluationError:
        return None
    return limit if isinstance(limit, int) else None


def _repeat(place: Place) -> tuple[RepeatCode | None, Choice | None]:
    found = next((one for one in place.code.choices if one.repeat is not None), None)
    return (None, None) if found is None else (found.repeat, found)


def told_so_far(matter: Matter, state: StepState) -> Told:
    """Rounds of a `repeat` that has not ended."""
    if not state.rounds or matter.place is None:
        return Told()
    return Told((words_open.rounds_so_far(state.rounds, round_limit(matter.place)),))


# ------------------------------------------------------------------ items


def told_items(matter: Matter, own: StepState | None, items: list[StepState]) -> Told:
    """How the items of a step ended; `own` is the state of the `for` itself, if it is the step."""
    counts = Counter(one.status for one in items)
    count = own.count if own is not None and own.count is not None else len(items)
    if count == 0:
        return Told((words_open.items(matter.where, 0, {}, limit=None), words_open.NO_ITEMS))
    ordered = {word: counts[word] for word in words_open.ORDER if counts[word]}
    begun = sum(ordered.values())
    if begun < count and own is not None:
        ordered["not begun"] = count - begun
    lines = [words_open.items(matter.where, count, ordered, limit=_allowed(matter))]
    failed = [one for one in items if one.status == "failed" and one.failure is not None]
    for one in failed[:_MOST_FAILURES]:
        assert one.failure is not None
        lines.append(words_open.item_failed(one.item, one.failure))
    if len(failed) > _MOST_FAILURES:
        lines.append(words_open.more_failed(len(failed) - _MOST_FAILURES))
    reused = sum(one.reused is not None for one in items)
    lines += [words_open.items_reused(reused)] if reused else []
    chosen = min(items, key=lambda one: words_open.TELLING.index(one.status)).item
    return Told(tuple(lines), commands=(("why", matter.step, "--item", chosen),))


def _allowed(matter: Matter) -> int | None:
    found = matter.place.setting("allow-failures") if matter.place is not None else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def told_whole_of(matter: Matter, state: StepState) -> Told:
    """A line for a step whose items were told: why it ended as it did."""
    if state.status == "failed" and state.failure is not None:
        return Told((words.failed(matter.where, state.failure),))
    return Told()
