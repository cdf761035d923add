"""A whole run over agents that misbehave: what is recorded of each, what is tried again, and when.

Every misbehaviour is a step of one pipeline, all at once, with two attempts each; a healthy step among them
does not notice.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest

import misydsl
from misydsl.history.events import AttemptFailed
from misydsl.store.memory import MemoryJournal
from tests.agents.in_the_reply import IN_THE_REPLY
from tests.agents.misbehaviour import QUICK_S, Misbehaviour
from tests.agents.on_the_wire import ON_THE_WIRE
from tests.agents.rogue import Rogue, rogue_server

ROWS = (*ON_THE_WIRE, *IN_THE_REPLY)
FAILING = [row for row in ROWS if row.kind != "reply"]
DELAY_S = 0.01
LONGEST_S = 0.04  # `max-delay`: what an agent asks for beyond is cut to it
RETRY = 'retry: { attempts: 2, delay: 10ms, max-delay: 40ms, jitter: "none" }'
CROWD = 200


@pytest.fixture(scope="module")
def rogue() -> Iterator[Rogue]:
    with rogue_server() as server:
        yield server


def step_name(row: Misbehaviour) -> str:
    return "s-" + row.name.replace(".", "-")


@pytest.fixture(scope="module")
def failures(rogue: Rogue) -> Mapping[str, list[AttemptFailed]]:
    """The failed attempts of each step, in order."""
    agents = [
        f'agent {step_name(row)}-agent(text: string) -> any {{ url: "{rogue.url(row.name)}" }}'
        for row in ROWS
    ]
    steps = [
        f'  step {step_name(row)} {{ call {step_name(row)}-agent(text: "ñ")\n'
        # who ends by itself gets all the time it needs on a busy machine
        f"    timeout: {30 if row.timeout_s >= QUICK_S else row.timeout_s}s\n    {RETRY} }}"
        for row in ROWS
    ]
    text = "\n".join(["misy 1", *agents, "pipeline p() {", *steps, "}"])
    run = misydsl.load(text).run(journal=MemoryJournal())
    assert run.status == "failed"
    found: dict[str, list[AttemptFailed]] = defaultdict(list)
    for recorded in run.facts():
        if isinstance(recorded.event, AttemptFailed):
            found[recorded.event.step].append(recorded.event)
    return found


@pytest.mark.parametrize("row", FAILING, ids=lambda row: row.name)
def test_a_misbehaviour_is_recorded_and_tried_again_as_the_policy_says(
    row: Misbehaviour, failures: Mapping[str, list[AttemptFailed]]
) -> None:
    attempts = failures[step_name(row)]
    assert [one.attempt for one in attempts] == ([1, 2] if row.is_retried else [1])
    for attempt in attempts:
        failure = attempt.failure
        assert (failure.kind, failure.status) == (row.kind, row.status)
        assert failure.retry_after_s == row.retry_after_s
        assert (failure.agent, failure.step) == (f"{step_name(row)}-agent", step_name(row))
        if row.timeout_s < QUICK_S:
            assert attempt.duration_s <= 10 * row.timeout_s
    assert attempts[-1].retry_at is None
    if row.is_retried:
        asked_s = min(row.retry_after_s or 0.0, LONGEST_S)
        assert attempts[0].retry_at is not None
        waits_s = attempts[0].retry_at - attempts[0].at
        assert waits_s == pytest.approx(max(DELAY_S, asked_s), abs=1e-3)


def test_harmless_oddities_are_no_failures(failures: Mapping[str, list[AttemptFailed]]) -> None:
    harmless = [step_name(row) for row in ROWS if row.kind == "reply"]
    assert len(harmless) > 5
    assert not [step for step in harmless if step in failures]


@pytest.mark.parametrize("name", ["status-503-asking", "closed-before-the-head"])
def test_two_hundred_that_failed_together_are_not_tried_again_together(
    name: str, rogue: Rogue
) -> None:
    text = f"""misy 1
agent busy(n: int) -> any {{ url: "{rogue.url(name)}", concurrency: {CROWD} }}
pipeline p() {{
  step each for n in range({CROWD}) {{
    call busy(n: n)
    retry: {{ attempts: 2, delay: 1s }}
  }}
}}"""
    run = misydsl.load(text).start(journal=MemoryJournal())
    first: list[AttemptFailed] = []
    while len(first) < CROWD and not run.is_final:
        first = [one for one in _failed(run) if one.attempt == 1]
    run.cancel()
    run.wait()
    moments = [(one.at, one.retry_at) for one in first if one.retry_at is not None]
    assert len(moments) == CROWD
    assert _busiest([again for _, again in moments]) <= CROWD // 4
    assert (
        _busiest([again - failed for failed, again in moments]) <= CROWD // 4
    )  # had all failed at once


def _busiest(moments: list[float]) -> int:
    """How many lie within one window of 50 ms, at most."""
    ordered = sorted(moments)
    after = [bisect_right(ordered, moment + 0.05) for moment in ordered]
    return max(end - begin for begin, end in enumerate(after))


def _failed(run: misydsl.Run) -> list[AttemptFailed]:
    return [one.event for one in run.facts() if isinstance(one.event, AttemptFailed)]
