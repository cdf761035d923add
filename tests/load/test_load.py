"""Much at once, and much over time: exact results, exact counters, memory that stays flat.

`MISY_LOAD` is by how much the sizes are multiplied; `make load` does ten times as much.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import misydsl
from misydsl.store.sqlite import SqliteJournal
from misydsl.workspace import Pipeline
from tests.agents.measures import given_back, open_descriptors, resident_bytes
from tests.crashes.agents import is_refused
from tests.crashes.life import ask
from tests.crashes.plays import ROOT

SIZE = int(os.environ.get("MISY_LOAD", "1"))
ITEMS = 100_000
ITEM_BYTES = 1_024  # the promise of the README: above what the values themselves take
VALUE_BYTES = 64  # a number, and its places in two lists

TOGETHER = 200

ROUNDS, PER_ROUND = 8 * SIZE, 40
ATTEMPTS, SEED, PERCENT = 2, 7, 20
FLAT_BYTES = 24 * 1024 * 1024
KEPT = PER_ROUND + 8  # a connection for each run, kept for the next call; the engine's own


@pytest.mark.timeout(120 * SIZE)
def test_a_hundred_thousand_items_take_little_and_leave_exactly_their_facts(tmp_path: Path) -> None:
    items = ITEMS * SIZE
    process = subprocess.run(
        [sys.executable, "-m", "tests.load.fan", str(tmp_path / "journal.db"), str(items)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    told = json.loads(process.stdout)
    assert told["is_right"]
    once = {"RunAccepted": 1, "RunOwned": 1, "FanOut": 1, "RunFinished": 1}
    assert told["kinds"] == {**once, "AttemptStarted": items, "StepFinished": items + 1}
    assert told["ends"] == items + 1
    assert told["item_bytes"] <= ITEM_BYTES + VALUE_BYTES


def _text(url: str, body: str) -> str:
    return f"""misy 1
type Said = {{ text: string }}
agent echo(text: string) -> Said {{ url: "{url}/echo", concurrency: 50 }}
agent flaky(text: string) -> Said {{
  url: "{url}/flaky/1"
  retry: {{ attempts: 2, delay: 5ms }}
}}
agent shaky(text: string) -> Said {{
  url: "{url}/shaky/{SEED}/{PERCENT}"
  retry: {{ attempts: {ATTEMPTS}, delay: 2ms }}
}}
pipeline p(name: string) -> any {{
{body}
}}"""


def _told(url: str) -> Any:
    return ask(url, "told")


@pytest.mark.timeout(120)
def test_two_hundred_runs_at_once_have_each_its_own_results_and_exact_counters(
    address: str, tmp_path: Path
) -> None:
    url = f"{address}/together"
    body = """step each for n in range(4) { call echo(text: "${name} ${n}") }
  step last { call flaky(text: "${name}: ${length(each)}") }
  return last.text"""
    pipeline = misydsl.load(_text(url, body))
    journal = SqliteJournal(tmp_path / "journal.db")
    runs = [pipeline.start({"name": f"r{n}"}, journal=journal) for n in range(TOGETHER)]
    assert [run.wait(100) for run in runs] == ["succeeded"] * TOGETHER
    assert [run.result for run in runs] == [f"r{n}: 4" for n in range(TOGETHER)]
    told = _told(url)
    work = Counter(one["body"]["text"] for one in told["effects"])
    expected = {f"r{n} {item}" for n in range(TOGETHER) for item in range(4)}
    assert work == Counter({*expected, *(f"r{n}: 4" for n in range(TOGETHER))})
    assert Counter(Counter(one["key"] for one in told["calls"]).values()) == {
        1: 4 * TOGETHER,
        2: TOGETHER,
    }
    made = [
        sum(type(one.event).__name__ == "AttemptStarted" for one in run.facts()) for run in runs
    ]
    assert made == [6] * TOGETHER
    journal.close()


def _attempts(text: str) -> tuple[int, bool]:
    """How often a shaky call is made, and whether it comes to anything: what the model says."""
    for number in range(1, ATTEMPTS + 1):
        if not is_refused(SEED, PERCENT, {"text": text}, number):
            return number, True
    return ATTEMPTS, False


async def _round(
    pipeline: Pipeline, journal: SqliteJournal, number: int, ends: Counter[str]
) -> Counter[str]:
    """So many runs at once; each must end as the model says. How often each text may be sent."""
    names = [f"{number}-{n}" for n in range(PER_ROUND)]
    runs = [pipeline.start({"name": name}, journal=journal) for name in names]
    expected: Counter[str] = Counter()
    for name, run in zip(names, runs, strict=True):
        await run
        made = {text: _attempts(text) for text in (f"{name} {n}" for n in range(4))}
        lost = sum(not is_done for _, is_done in made.values())
        assert run.status == ("failed" if lost > 1 else "succeeded"), name
        if lost <= 1:
            assert run.result == 4 - lost
        ends[run.status] += 1
        expected.update({text: times for text, (times, _) in made.items()})
    return expected


@pytest.mark.timeout(120 * SIZE)
async def test_with_a_fifth_of_all_calls_refused_every_run_ends_as_it_must(
    address: str, tmp_path: Path
) -> None:
    body = """step each for n in range(4) {
    call shaky(text: "${name} ${n}")
    allow-failures: 1
    concurrency: 1
  }
  return length(each)"""
    descriptors = open_descriptors()
    journal = SqliteJournal(tmp_path / "journal.db")
    sizes: list[int] = []
    sent: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    skipped = 0
    for number in range(ROUNDS):
        url = f"{address}/soak-{number}"
        expected = await _round(misydsl.load(_text(url, body)), journal, number, ends)
        found = Counter(one["body"]["text"] for one in _told(url)["calls"])
        assert found <= expected, "more calls than the model makes"
        skipped += _skipped(expected, found)
        sent += found
        ask(url, "forget")
        gc.collect()
        sizes.append(resident_bytes())
    assert sum(sent.values()) > 4 * PER_ROUND * ROUNDS, "nothing was tried again"
    assert skipped == 0
    assert set(ends) == {"failed", "succeeded"}, "too good or too bad to tell anything"
    assert max(sizes[ROUNDS // 2 :]) - max(sizes[: ROUNDS // 2]) <= FLAT_BYTES
    journal.close()
    assert await given_back(descriptors + KEPT)


def _skipped(expected: Counter[str], found: Counter[str]) -> int:
    """How many texts were never sent though nothing before them in their run ended it."""
    by_run: dict[str, list[str]] = {}
    for text in sorted(expected):
        by_run.setdefault(text.rpartition(" ")[0], []).append(text)
    skipped = 0
    for texts in by_run.values():
        ended = False
        failures = 0
        for text in texts:
            skipped += (found[text] != expected[text]) and not ended
            failures += not _attempts(text)[1]
            ended = ended or failures > 1
    return skipped
