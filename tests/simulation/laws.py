"""The laws of a run, read from its facts.

In: a `Story` and what the naive model expects of it. Out: nothing, or an `AssertionError` that names the law.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from misydsl.failures import Failure
from misydsl.history.events import (
    AttemptFailed,
    AttemptStarted,
    CancelRequested,
    Event,
    PipelineFailing,
    RoundFinished,
    RunFinished,
    RunOwned,
    RunPaused,
    StepBlocked,
    StepFailed,
    StepFinished,
    StepSkipped,
)
from misydsl.history.fold import History
from misydsl.values import decode_json
from tests.simulation.expected import End, Expected
from tests.simulation.oracle import Address
from tests.simulation.world import Story

StepEnd = StepFinished | StepFailed | StepSkipped | StepBlocked
OF_THE_RUN: Final = (RunOwned, RunPaused, RunFinished, CancelRequested, PipelineFailing)


def stopped(story: Story) -> dict[Address, Failure]:
    """The pipelines that a failure stopped."""
    found = (one for one in story.facts if isinstance(one, PipelineFailing))
    return {(one.step, one.item, one.round): one.failure for one in found}


def ends(story: Story) -> dict[Address, tuple[int, StepEnd]]:
    """The end of each step and its place among the facts; no step ends twice."""
    found: dict[Address, tuple[int, StepEnd]] = {}
    for place, one in enumerate(story.facts):
        if isinstance(one, StepEnd):
            address = (one.step, one.item, one.round)
            assert address not in found, f"{address} ended twice"
            found[address] = place, one
    return found


# ------------------------------------------------------------------ whatever the program


def check_order(story: Story, history: History) -> None:
    """What holds for every run, known or not."""
    assert not story.is_stuck, "everybody waits for somebody else"
    assert not story.problem, story.problem
    final = [place for place, one in enumerate(story.facts) if isinstance(one, RunFinished)]
    assert final == [len(story.facts) - 1], "the last fact is the only terminal one"
    assert history.status == story.facts[-1].status  # type: ignore[union-attr]  # it is RunFinished
    _check_keys(story)
    _check_effects(story)
    _check_cancel(story)


def _check_keys(story: Story) -> None:
    keys: dict[Address, str] = {}
    for one in story.facts:
        if isinstance(one, AttemptStarted):
            address = (one.step, one.item, one.round)
            assert keys.setdefault(address, one.key) == one.key, f"{address} has two keys"
    for effect in story.effects:
        known = keys.setdefault(effect.address, effect.key)
        assert known == effect.key, f"{effect.address} was called with another key"
    assert len(set(keys.values())) == len(keys), "two calls share a key"


def _check_effects(story: Story) -> None:
    """No call without its intent on the disk; none after the end of its step, or of the run."""
    begun: dict[tuple[Address, int], int] = {}
    over: dict[Address, int] = {}
    for place, one in enumerate(story.facts):
        if isinstance(one, AttemptStarted):
            address = (one.step, one.item, one.round)
            assert (address, one.attempt) not in begun, (
                f"{address} made attempt {one.attempt} twice"
            )
            begun[address, one.attempt] = place
        elif isinstance(one, RoundFinished | StepFinished | StepFailed):
            over.setdefault((one.step, one.item, one.round), place)
    for effect in story.effects:
        intent = begun.get((effect.address, effect.attempt))
        is_durable = intent is not None and intent < effect.durable
        assert is_durable or effect.is_pure, f"{effect.address} was called without an intent"
        end = over.get(effect.address)
        assert end is None or end >= effect.durable, f"{effect.address} was called after its end"


def _check_cancel(story: Story) -> None:
    """Cancelling is recorded first; nothing is called from there on."""
    asked = [place for place, one in enumerate(story.facts) if isinstance(one, CancelRequested)]
    assert len(asked) == is_cancelled(story), "cancelled without a word, or twice"
    for place in asked:
        late = [one.address for one in story.effects if one.durable > place]
        assert not late, f"called after the cancel: {late}"


def is_cancelled(story: Story) -> bool:
    """Whether somebody cancelled the run."""
    return isinstance(last := story.facts[-1], RunFinished) and last.status == "cancelled"


# ------------------------------------------------------------------ what the model says


def check_model(story: Story, expected: Expected, history: History) -> None:
    """The run came to what it must come to, and every step of it."""
    last = story.facts[-1]
    assert isinstance(last, RunFinished)
    found = ends(story)
    _check_ends(found, expected, stopped(story))
    _check_needs(story, found, expected)
    _check_attempts(story, expected, history)
    _check_rounds(story, expected)
    if is_cancelled(story):
        return  # as far as it came
    assert last.status == expected.end.status, f"it {last.status}: {last.failure}"
    if last.status == "succeeded":
        assert decode_json(bytes(last.result)) == expected.end.value
    _check_completeness(found, expected, stopped(story))
    _check_undo(story, found, expected)
    _check_handlers(found, expected)


def _check_ends(
    found: Mapping[Address, tuple[int, StepEnd]],
    expected: Expected,
    stops: Mapping[Address, Failure],
) -> None:
    """Every end is the one that is expected."""
    for address, (_, fact) in found.items():
        entry = expected.entries.get(address)
        assert entry is not None, f"{address} should never have ended: {fact}"
        is_cancelled = isinstance(fact, StepFailed) and fact.failure.kind == "cancelled"
        if is_cancelled:
            assert _is_stopped(entry.course, stops), f"{address} was stopped by nobody"
            continue
        assert _is_like(fact, entry.end, is_fan=entry.is_fan), f"{address}: {fact} ≠ {entry.end}"


def _check_completeness(
    found: Mapping[Address, tuple[int, StepEnd]],
    expected: Expected,
    stops: Mapping[Address, Failure],
) -> None:
    """Every end that is expected is there."""
    for address, entry in expected.entries.items():
        if address not in found:
            may_miss = entry.may_miss or _is_stopped(entry.course, stops)
            assert may_miss, f"{address} has no end: {entry.end}"


def _is_stopped(course: object, stops: Mapping[Address, Failure]) -> bool:
    while course is not None:
        if not course.is_aftermath and course.address in stops:  # type: ignore[attr-defined]
            return True
        course = course.around  # type: ignore[attr-defined]
    return False


def _is_like(fact: StepEnd, end: End, *, is_fan: bool) -> bool:
    match fact:
        case StepFinished():
            is_same = is_fan or decode_json(bytes(fact.value)) == end.value
            return end.status == "succeeded" and is_same
        case StepFailed():
            return end.status == "failed" and end.kind in (None, fact.failure.kind)
        case StepSkipped():
            return end.status == "skipped"
        case StepBlocked():
            return end.status == "blocked"


def _check_needs(
    story: Story, found: Mapping[Address, tuple[int, StepEnd]], expected: Expected
) -> None:
    first: dict[Address, int] = {}
    for place, one in enumerate(story.facts):
        if not isinstance(one, OF_THE_RUN):
            first.setdefault((one.step, one.item, one.round), place)  # type: ignore[union-attr]
    for address, place in first.items():
        entry = expected.entries.get(address)
        for need in () if entry is None else entry.needs:
            if entry is not None and entry.end.status == "blocked":
                continue
            ended_at = found[need][0] if need in found else len(story.facts)
            assert ended_at < place, f"{address} began before {need}"


def _check_attempts(story: Story, expected: Expected, history: History) -> None:
    made: dict[Address, int] = {}
    for one in history.attempts:
        if one.status in {"failed", "succeeded"}:
            address = (one.step, one.item, one.round)
            made[address] = made.get(address, 0) + 1
    for address, count in made.items():
        most = expected.attempts[address]
        assert count <= most, f"{address} made {count} of {most} attempts"
    for effect in story.effects:
        if effect.is_pure and effect.life < len(story.lives) - 1:
            continue  # called in a life of which nothing may be left
        assert effect.inputs == expected.inputs[effect.address], f"{effect.address}: inputs"


def _check_rounds(story: Story, expected: Expected) -> None:
    seen: set[Address] = set()
    for one in story.facts:
        if isinstance(one, RoundFinished):
            address = (one.step, one.item, one.round)
            assert address not in seen, f"round {address} ended twice"
            seen.add(address)
            assert decode_json(bytes(one.value)) == expected.rounds[address], f"round {address}"


# ------------------------------------------------------------------ undo and handlers


def _check_undo(
    story: Story, found: Mapping[Address, tuple[int, StepEnd]], expected: Expected
) -> None:
    done: list[tuple[int, int, Address]] = []
    for address in expected.undoable:
        undo = (f"{address[0]}/:undo", *address[1:])
        end = found.get(address)
        is_due = (
            end is not None and isinstance(end[1], StepFinished) and expected.is_undone(address)
        )
        assert is_due == (undo in found), f"{undo} {'is missing' if is_due else 'has no reason'}"
        if end is not None and undo in found:
            assert end[0] < found[undo][0], f"{undo} before the end of its step"
            done.append((end[0], found[undo][0], address))
    if not stopped(story):
        _check_undo_order(sorted(done), expected)


def _check_undo_order(done: list[tuple[int, int, Address]], expected: Expected) -> None:
    """What one pipeline undoes, it undoes from the end."""
    by: dict[Address, list[int]] = {}
    for _, undone, address in done:
        by.setdefault(_undoes(expected, address), []).append(undone)
    for pipeline, places in by.items():
        assert places == sorted(places, reverse=True), f"{pipeline!r} undoes in the wrong order"


def _undoes(expected: Expected, address: Address) -> Address:
    course = expected.undoable[address]
    while not course.has_failed:
        assert course.around is not None
        course = course.around
    return course.address


def _check_handlers(found: Mapping[Address, tuple[int, StepEnd]], expected: Expected) -> None:
    for handlers in expected.handlers:
        places = [found[one][0] for one in handlers if one in found]
        assert places == sorted(places), f"{handlers} in another order"
        assert len(places) in {0, len(handlers)}, f"only some of {handlers}"


def facts_of(story: Story) -> Iterator[str]:
    """The facts for people, lives apart."""
    for place, one in enumerate(story.facts):
        if place in story.lives:
            yield f"---- life {story.lives.index(place) + 1}"
        yield f"{place:4} {_shown(one)}"


def _shown(fact: Event) -> str:
    words = [type(fact).__name__]
    for name in ("step", "item", "round", "attempt", "value", "failure", "by", "status", "reason"):
        value = getattr(fact, name, None)
        if value not in (None, "", 0):
            words.append(f"{name}={value.message if isinstance(value, Failure) else value}")
    if isinstance(fact, AttemptFailed):
        words.append(f"retry_at={fact.retry_at}")
    return " ".join(str(word) for word in words)
