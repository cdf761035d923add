"""Times of a `for` and of crowded agents, held against a plain simulation of who waits for whom."""

from __future__ import annotations

import heapq
import random
from pathlib import Path

import pytest

from misydsl.workspace import load


def longest_s(text: str, **inputs: object) -> float:
    """The longest time of a plan."""
    found = load(text).plan(inputs=inputs, journal=Path("nowhere.db")).longest_s
    assert found is not None
    return found


def makespan(
    chance: random.Random, *, items: int, limit: int, places: int, attempts: int, wait_s: float
) -> float:
    """When the last of so many items ends: each so many attempts of at most a second, waits between."""
    left = [chance.choice([attempts, attempts, 1]) for _ in range(items)]
    waiting = list(range(min(limit, items)))
    begun, busy, now = len(waiting), 0, 0.0
    timers: list[tuple[float, int, bool]] = []
    while waiting or timers:
        while waiting and busy < places:
            item = waiting.pop(0)
            busy += 1
            heapq.heappush(timers, (now + chance.choice([1.0, 1.0, chance.random()]), item, True))
        now, item, was_call = heapq.heappop(timers)
        if not was_call:
            waiting.append(item)
            continue
        busy -= 1
        left[item] -= 1
        if left[item]:
            heapq.heappush(
                timers, (now + wait_s * chance.choice([1.0, chance.random()]), item, False)
            )
        elif begun < items:
            waiting.append(begun)
            begun += 1
    return now


@pytest.mark.parametrize("seed", range(150))
def test_no_order_of_events_makes_a_for_longer_than_planned(seed: int) -> None:
    chance = random.Random(seed)
    items, limit = chance.randrange(1, 30), chance.randrange(1, 12)
    places, attempts = chance.randrange(1, 12), chance.choice([1, 1, 2, 3])
    wait_s = chance.choice([0, 1, 4])
    planned = longest_s(
        f"""agent a(x: any) -> any {{ concurrency: {places} }}
pipeline p() {{ step s for x in range({items}) {{ call a(x)
  timeout: 1s
  concurrency: {limit}
  retry: {{ attempts: {attempts}, delay: {wait_s}s, backoff: 1, max-delay: {wait_s}s }} }} }}"""
    )
    took = [
        makespan(chance, items=items, limit=limit, places=places, attempts=attempts, wait_s=wait_s)
        for _ in range(20)
    ]
    assert max(took) <= planned + 1e-9


CALL = "{ call a(x: 1)\n timeout: 10s }\n"
AGENT = "agent a(x: any) -> any { concurrency: 2 }\nagent free(x: any) -> any\n"


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("step s { return 1 }", 0),
        (f"step s {CALL}", 10),
        (f"step s {CALL} step t after s {CALL}", 20),
        (f"step s {CALL} step t {CALL}", 10),
        ("step s for x in range(5) { call a(x)\n timeout: 10s }", 30),
        ("step s for x in range(5) { call free(x)\n timeout: 10s }", 10),
        ("step s for x in range(5) { call free(x)\n timeout: 10s\n concurrency: 2 }", 30),
        ("step s for x in range(5) { call free(x)\n timeout: 10s\n concurrency: 1 }", 50),
        # one after the other they never meet, beside each other all six wait for two places
        (f"step s for x in [1, 2] {CALL} step t after s {CALL} step u after t {CALL}", 30),
        (f"step s {CALL} step t {CALL} step u {CALL}", 10 + 30 / 2),
        ("step s repeat up to 3 { call a(x: 1)\n timeout: 10s\n every: 5s\n until false }", 40),
        ('step s when env.NOBODY_SETS_IT == "x" { call a(x: 1) } else { call a(x: 1)\n }', 30),
        (f"step s {{ step t {CALL} step u after t {CALL} return 1 }}", 20),
        ("step s { call a(x: 1)\n timeout: 10s\n fallback { call free(x: 1) } }", 20),
        ("step s { call a(x: 1)\n timeout: 10s\n undo { call free(x: 1) } }", 20),
        (f"step s {CALL} on failure {{ step t {CALL} }}\non finish {{ step u {CALL} }}", 30),
        ('step s { call human.approve(message: "¿sí?")\n timeout: 1h }', 3600),
    ],
)  # fmt: skip
def test_times_add_up_along_the_longest_chain(steps: str, expected: float) -> None:
    assert longest_s(f"{AGENT}pipeline p() {{ {steps} }}") == expected


def test_a_rate_paces_what_could_begin_at_once() -> None:
    text = """agent a(x: any) -> any { rate: 2/s }
pipeline p() { step s for x in range(21) { call a(x)
  timeout: 1s } }"""
    assert longest_s(text) == 1 + 10
    assert load(text).plan(journal=Path("nowhere.db")).facts.time_s.least == 10


def test_a_deadline_inside_bounds_what_is_inside_and_the_own_one_is_told_beside() -> None:
    text = """agent a(x: any) -> any
pipeline inner() { deadline: 20s
  step s { call a(x: 1) } }
pipeline p() { deadline: 15s
  step s { call inner() } }"""
    found = load(text, "p").plan(journal=Path("nowhere.db"))
    assert (found.longest_s, found.facts.time_s.limit) == (20, 15)
    assert found.warnings == (
        "`p` may take 20s and has a deadline of 15s: it would fail then",
        "`inner` may take 30s and has a deadline of 20s: it would fail then",
    )


def test_the_critical_path_is_that_of_the_longest_times_inside_and_out() -> None:
    text = f"""{AGENT}
pipeline inner() {{ step deep {CALL} }}
pipeline p() {{
  step quick {{ call a(x: 1)
    timeout: 1s }}
  step slow {{ step first {CALL}
    step other {{ call a(x: 1)
      timeout: 2s }}
    return first }}
  step last after slow, quick {{ call inner() }}
}}"""
    found = load(text, "p").plan(journal=Path("nowhere.db"))
    assert found.critical_path == ("slow", "slow/first", "last", "last/deep")
