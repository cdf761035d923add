"""Two hundred calls that hang: a cancel ends them all at once, and so does their deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

import misydsl
from misydsl.history.events import AttemptFailed, CancelRequested, RunFinished
from misydsl.store.memory import MemoryJournal
from tests.agents.measures import LATE_S
from tests.crashes.life import ask

CALLS = 200
CANCEL_S = 1.0
PATIENCE_S = 20.0
TIMEOUT_S = 1.0


def _hanging(url: str, settings: str) -> misydsl.Pipeline:
    return misydsl.load(f"""misy 1
agent stuck(n: int) -> any {{ url: "{url}/hang", concurrency: {CALLS}, {settings} }}
pipeline p() {{
  step each for n in range({CALLS}) {{
    call stuck(n: n)
    concurrency: {CALLS}
  }}
}}""")


def _told(url: str, is_enough: Callable[[Any], bool]) -> Any:
    until = time.monotonic() + PATIENCE_S
    while not is_enough(told := ask(url, "told")):
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.01)
    return told


def test_a_cancel_while_two_hundred_calls_hang_ends_within_a_second(address: str) -> None:
    url = f"{address}/cancelled"
    run = _hanging(url, "timeout: 5m").start(journal=MemoryJournal())
    _told(url, lambda told: told["hanging"] == CALLS)
    run.cancel()
    assert run.wait(PATIENCE_S) == "cancelled"
    (asked,) = [one.event for one in run.facts() if isinstance(one.event, CancelRequested)]
    (last,) = [one.event for one in run.facts() if isinstance(one.event, RunFinished)]
    assert last.at - asked.at < CANCEL_S
    told = _told(url, lambda told: not told["hanging"])
    assert len(told["calls"]) == CALLS
    assert told["effects"] == []


@pytest.mark.timeout(60)
def test_no_call_of_two_hundred_outlives_its_deadline(address: str) -> None:
    url = f"{address}/late"
    settings = f"timeout: {TIMEOUT_S}s, retry: {{ attempts: 1 }}"
    run = _hanging(url, settings).run(journal=MemoryJournal())
    assert run.status == "failed"
    failed = [one.event for one in run.facts() if isinstance(one.event, AttemptFailed)]
    assert {one.failure.kind for one in failed} == {"timeout"}
    assert len(failed) <= CALLS
    late = [one.duration_s - TIMEOUT_S for one in failed]
    assert max(late) <= LATE_S
    told = _told(url, lambda told: not told["hanging"])
    assert len(told["hung_s"]) == len(told["calls"])
