"""Why a step was called, or was not because its result was known.

In: a `Matter` whose step called an agent, or took over what an equal call came to. Out: how the call went and
the reason for it: no cache, or what differs from the newest earlier call, or what the run builds on.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Raw

from misydsl.failures import MisyError
from misydsl.history.events import BoundAgent, Recorded
from misydsl.history.fold import fold
from misydsl.runner.recall import recorded_calls
from misydsl.workspace.reasons import words
from misydsl.workspace.reasons.calls import (
    Difference,
    MadeCall,
    calls_of,
    differences,
    earlier_call,
)
from misydsl.workspace.reasons.matter import Matter, Told

MOST_ATTEMPTS: Final = 20  # told one by one
_FROM: Final = re.compile(r"--from (\S+)")


def told_ran(matter: Matter, call: MadeCall) -> Told:
    """It was called and succeeded."""
    attempts = matter.attempts
    began = attempts[0].started_at if attempts else call.began_at
    took_s = None if call.ended_at is None else call.ended_at - began
    head = words.called(
        matter.where, words.agent_words(call.agent), attempts=len(attempts), took_s=took_s
    )
    lines = [words.attempt_line(one) for one in attempts[-MOST_ATTEMPTS:]]
    round_ = [words.of_round(call.address[2])] if call.address[2] else []
    told = Told((head, *(lines if len(attempts) > 1 else []), *round_))
    return told.and_then(why_called(matter, call))


def why_called(matter: Matter, call: MadeCall) -> Told:
    """Why its result was not taken from anywhere."""
    accepted = matter.history.accepted
    if accepted is not None and accepted.base is not None:
        return _why_not_from(matter, call, accepted.base, accepted.why)
    if matter.place is not None and matter.place.can_be_undone and _cache_s(matter) is not None:
        return Told((words.NO_CACHE_FOR_EFFECTS,))
    if call.memo is None and _cache_s(matter) is None:
        return Told((words.NO_CACHE,))
    earlier = earlier_call(matter.journal, matter.history, call)
    return Told((words.NEVER_BEFORE,)) if earlier is None else _why_not_like(matter, call, earlier)


def _why_not_like(matter: Matter, call: MadeCall, earlier: MadeCall) -> Told:
    """Why the cache did not give what an earlier call came to."""
    ago_s = max(0.0, call.began_at - (earlier.ended_at or earlier.began_at))
    found = differences(earlier, call)
    limit_s = _cache_s(matter)
    if found:
        head = words.differs(earlier.run, ago_s, is_one=len(found) == 1)
        return Told((head, *_lines(found)), found, earlier.run)
    if earlier.memo is None and earlier.reused is None:
        words_ = words.lacks_cache_before(earlier.run, ago_s)
    elif limit_s is not None and ago_s > limit_s:
        words_ = words.too_old(earlier.run, ago_s, limit_s)
    else:
        words_ = words.not_asked(earlier.run, ago_s)
    return Told((words_,), (), earlier.run)


def _why_not_from(matter: Matter, call: MadeCall, base: str, why: str) -> Told:
    """Why the run this one builds on did not give it."""
    head = Told((words.builds_on(base, why),), compared_with=base)
    asked = _FROM.search(why)
    if asked is not None and matter.redoes is not None and matter.redoes(matter.step):
        return head.and_then(Told((words.asked_anew(matter.step, asked[1]),)))
    try:
        events = list(matter.journal.read(matter.journal.find(base).run))
    except MisyError:
        return head.and_then(Told((words.base_gone(base),)))
    before = calls_of(events, matter.step).get(call.address)
    if before is None or not isinstance(before.outcome, Raw):
        state = fold(events).steps.get((matter.step, matter.item))
        status = "does not occur" if state is None else words.STATUSES.get(state.status, "ended")
        return head.and_then(Told((words.base_without(base, status),)))
    found = differences(before, call)
    if found:
        reason = words.base_differs(base, is_one=len(found) == 1)
        return head.and_then(Told((reason, *_lines(found)), found))
    return head.and_then(Told((_why_not_the_equal(matter, before, events),)))


def _why_not_the_equal(matter: Matter, before: MadeCall, events: list[Recorded]) -> str:
    """Why an equal call of the base was not taken over."""
    if ":on-f" in matter.step:
        return words.HANDLER_ANEW
    address = (matter.step, matter.item, before.address[2])
    recorded = recorded_calls(events).get(address)
    if recorded is not None and recorded.is_undone:
        return words.undone_there(before.run)
    return words.BASE_EQUAL


def told_reused(matter: Matter, source: str) -> Told:
    """It was not called."""
    kept, _, run = source.rpartition(" ")
    call = matter.call
    agent = call.agent if call is not None else BoundAgent("its agent")
    accepted = matter.history.accepted
    if kept != "cache":
        why = accepted.why if accepted is not None else ""
        head = words.reused_from_run(matter.where, run, why)
    else:
        head = words.reused_from_cache(
            matter.where, words.agent_words(agent), run, _ago_s(matter, run)
        )
    if call is None or call.inputs is None:
        return Told((head,), (), run)
    return Told((head, words.equal_parts(words.agent_words(agent), list(call.inputs))), (), run)


def _ago_s(matter: Matter, run: str) -> float | None:
    """How long before the call of another run had ended; None where that one is gone."""
    call = matter.call
    try:
        calls = calls_of(matter.journal.read(matter.journal.find(run).run), matter.step)
    except MisyError:
        return None
    ends = [
        one.ended_at
        for one in calls.values()
        if one.ended_at is not None and call is not None and one.inputs == call.inputs
    ]
    if call is None or call.ended_at is None or not ends:
        return None
    return max(0.0, call.ended_at - ends[-1])


def _cache_s(matter: Matter) -> float | None:
    """How long results of the step are kept; None where they are not, or it is not known."""
    policy = matter.place.policy() if matter.place is not None else None
    return None if policy is None else policy.cache_s


def _lines(found: tuple[Difference, ...]) -> tuple[str, ...]:
    return tuple(words.difference(one.part, one.before, one.after) for one in found)
