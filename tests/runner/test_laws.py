"""Laws of a run, whatever the pipeline, the failures, the order of replies and the moment of a crash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from misydsl.history.events import (
    AttemptStarted,
    Event,
    FanOut,
    StepBlocked,
    StepFailed,
    StepFinished,
    StepSkipped,
)
from misydsl.history.fold import fold
from tests.runner.scripts import Crash, Script, ending, perform, recorded, scripts

Ends = (StepFinished, StepFailed, StepSkipped, StepBlocked)
ORDERS = st.lists(st.integers(0, 9), min_size=1, max_size=12)


@given(scripts(), ORDERS, ORDERS, st.lists(st.floats(0, 1), min_size=1, max_size=3))
@settings(max_examples=250)
def test_a_run_that_crashed_anywhere_ends_like_one_that_did_not(
    script: Script, order: list[int], other: list[int], crashes: list[float]
) -> None:
    whole: list[Event] = []
    perform(script, whole, order=order)
    check_laws(script, whole)
    broken: list[Event] = []
    for share in crashes:
        most = max(len(broken) + 1, int(share * len(whole)))
        try:
            perform(script, broken, order=other, most=most)
            break
        except Crash:
            continue
    else:
        perform(script, broken, order=order)
    check_laws(script, broken)
    if not script.fails_fast:  # else what was begun before the first failure differs
        assert ending(broken) == ending(whole)
    assert ending(broken)[0] == ending(whole)[0]


def check_laws(script: Script, journal: Sequence[Event]) -> None:
    """Nothing is settled twice, called again or begun too early, and keys never change."""
    settled: set[tuple[str, str]] = set()
    keys: dict[tuple[str, str], str] = {}
    numbers: Counter[tuple[str, str]] = Counter()
    needs = {one.name: one.needs for one in script.steps}
    fans: set[tuple[str, str]] = set()
    for event in journal:
        match event:
            case StepFinished() | StepFailed() | StepSkipped() | StepBlocked():
                address = (event.step, event.item)
                assert address not in settled, f"{address} was settled twice"
                settled.add(address)
            case AttemptStarted():
                address = (event.step, event.item)
                assert address not in settled, f"{address} was called again"
                assert keys.setdefault(address, event.key) == event.key
                numbers[address] += 1
                assert event.attempt == numbers[address]
                for need in needs[event.step.split("/")[0]]:
                    assert (need, "") in settled, f"{address} began before {need} was recorded"
            case FanOut():
                assert (event.step, event.item) not in fans
                fans.add((event.step, event.item))
            case _:
                pass
    assert len(set(keys.values())) == len(keys)
    history = fold(recorded(journal))
    assert history.status == ending(journal)[0]
    if history.status == "succeeded":
        assert {one.name for one in script.steps} <= {step for step, _ in settled}
