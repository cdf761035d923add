"""What holds of a run whose owners were killed, whenever that was.

In: a story, and the story of the same scenario that nobody killed. Out: nothing, or an AssertionError. Nothing is
lost (all ends and the result are the same), nothing happens twice (each effect once, the same ones), and everything
in order: intents before calls, dependencies before dependants, undo backwards, one end.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from misydsl.failures import Failure
from misydsl.history.events import (
    AttemptStarted,
    Event,
    Recorded,
    RunFinished,
    StepBlocked,
    StepFailed,
    StepFinished,
    StepSkipped,
)
from tests.crashes.plays import KILLED, Story
from tests.crashes.scenarios import Scenario

Address = tuple[str, str, int]
"""Step, item, round."""
StepEnd = StepFinished | StepFailed | StepSkipped | StepBlocked
UNDO: Final = "/:undo"


def check(story: Story, expected: Story, scenario: Scenario) -> None:
    """All laws."""
    assert set(story.ends[:-1]) <= {KILLED}
    assert story.runs == 1
    _check_the_end(story, scenario)
    _check_nothing_is_lost(story, expected)
    _check_nothing_happens_twice(story, expected)
    _check_attempts(story)
    _check_order(story, scenario)
    _check_undo(story)


def _check_the_end(story: Story, scenario: Scenario) -> None:
    ends = [one for one in story.facts if isinstance(one.event, RunFinished)]
    assert ends == [story.facts[-1]], "one end, and nothing after it"
    assert _finish(story).status == scenario.ends
    assert [one.seq for one in story.facts] == sorted({one.seq for one in story.facts})


def _check_nothing_is_lost(story: Story, expected: Story) -> None:
    found, wanted = _finish(story), _finish(expected)
    assert bytes(found.result) == bytes(wanted.result)
    assert _told(found.failure) == _told(wanted.failure)
    assert sorted(found.troubles) == sorted(wanted.troubles)
    assert _values(story) == _values(expected)


def _check_nothing_happens_twice(story: Story, expected: Story) -> None:
    assert len({one["key"] for one in story.effects}) == len(story.effects)
    assert _work(story) == _work(expected)


def _check_attempts(story: Story) -> None:
    """A call keeps its key and numbers its attempts, over all owners; what ended is not called again."""
    keys: dict[Address, str] = {}
    numbers: set[tuple[Address, int]] = set()
    for _, one in _of(story, AttemptStarted):
        address = _address(one)
        assert keys.setdefault(address, one.key) == one.key, f"{address} has two keys"
        assert (address, one.attempt) not in numbers, f"{address}: attempt {one.attempt} twice"
        numbers.add((address, one.attempt))
    assert len(set(keys.values())) == len(keys), "two calls share a key"
    assert {call["key"] for call in story.calls} <= set(keys.values()), "a call without intent"


def _check_order(story: Story, scenario: Scenario) -> None:
    """What was on the disk when each call came: its intent, and the ends of what it needs; not its own."""
    intents = {(one.key, one.attempt): (seq, one) for seq, one in _of(story, AttemptStarted)}
    ends = [
        (seq, one) for seq, one in _of(story, StepFinished, StepFailed, StepSkipped, StepBlocked)
    ]
    for call in story.calls:
        newest = call["newest"]
        if newest is None:
            continue
        seq, intent = intents[call["key"], call["attempt"]]
        assert seq <= newest, f"{intent.step} was called before its intent was durable"
        own = [seq for seq, end in ends if _address(end) == _address(intent)]
        assert not own or own[0] > newest, f"{intent.step} was called after its end"
        for need in scenario.needs.get(intent.step, ()):
            found = [seq for seq, end in ends if _is_needed(end, need, intent)]
            assert found, f"{intent.step} was called, and {need} has no end"
            assert max(found) <= newest, f"{intent.step} was called before the end of {need}"


def _check_undo(story: Story) -> None:
    """What finished is undone from the end; each once, as is every effect."""
    done = {_address(one): seq for seq, one in _of(story, StepFinished)}
    keys = {one.key: _address(one) for _, one in _of(story, AttemptStarted)}
    undone = [keys[call["key"]] for call in story.calls if keys[call["key"]][0].endswith(UNDO)]
    ends = [done[step.removesuffix(UNDO), item, number] for step, item, number in undone]
    assert ends == sorted(ends, reverse=True), "undone in another order"


# ------------------------------------------------------------------ reading a story


def _of(story: Story, *kinds: type[Any]) -> Iterator[tuple[int, Any]]:
    return ((one.seq, one.event) for one in story.facts if isinstance(one.event, kinds))


def _address(fact: StepEnd | AttemptStarted) -> Address:
    return fact.step, fact.item, fact.round


def _is_needed(end: StepEnd, need: str, intent: AttemptStarted) -> bool:
    """Whether this end is one that the call waits for: of the same item, of one around it or within it."""
    if end.step != need or end.round not in (0, intent.round):
        return False
    shorter, longer = sorted((_parts(end.item), _parts(intent.item)), key=len)
    return longer[: len(shorter)] == shorter


def _parts(item: str) -> list[str]:
    return item.split("/") if item else []


def _finish(story: Story) -> RunFinished:
    last: Event = story.facts[-1].event
    assert isinstance(last, RunFinished), f"the last fact is {last}"
    return last


def _told(failure: Failure | None) -> tuple[str, str | None] | None:
    return None if failure is None else (failure.kind, failure.step)


def _values(story: Story) -> dict[Address, list[str]]:
    """How each step ended."""
    found: dict[Address, list[str]] = {}
    for fact in story.facts:
        if isinstance(fact.event, StepEnd):
            found.setdefault(_address(fact.event), []).append(_value(fact))
    return found


def _value(fact: Recorded) -> str:
    match fact.event:
        case StepFinished():
            return bytes(fact.event.value).decode()
        case StepFailed():
            return fact.event.failure.kind
        case other:
            return type(other).__name__


def _work(story: Story) -> Counter[str]:
    """What the agents did, however often they were asked."""
    return Counter(json.dumps([one["step"], one["body"]], sort_keys=True) for one in story.effects)
