"""Owners that are dead, alive, or several: a run has one, and a dead one is in nobody's way."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from misydsl.history.events import CancelRequested, Recorded, RunFinished, RunOwned
from misydsl.store.leases import SILENCE_S
from misydsl.store.sqlite import SqliteJournal
from tests.crashes.life import BUSY, Life, ask
from tests.crashes.plays import KILLED, PATIENCE_S, Nursery, agents
from tests.crashes.scenarios import AGENTS

OWNERS = 4
HELD = (
    AGENTS
    + """pipeline p() {
  step a { call echo(text: "a") }
  step each after a for n in range(20) { call slow(text: "${n}")
    concurrency: 4 }
  step held after each { call stuck(text: "for ever")
    timeout: 1m }
  return held.text
}"""
)
FREE = HELD.replace("call stuck", "call echo")


@pytest.fixture
def nurseries() -> Iterator[list[Nursery]]:
    with ExitStack() as ends:
        yield [ends.enter_context(closing(Nursery())) for _ in range(OWNERS)]


@pytest.fixture
def address() -> Iterator[str]:
    with agents() as url:
        yield url


def _until(address: str, key: str, least: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while _told(address)[key] < least:
        assert time.monotonic() < until, f"there are fewer than {least} {key}"
        time.sleep(0.005)


def _told(address: str) -> Any:
    return ask(address, "counted")


def _facts(place: Path) -> list[Recorded]:
    journal = SqliteJournal(place)
    (run,) = journal.runs()
    found = list(journal.read(run.run))
    journal.close()
    return found


def test_a_run_of_a_living_owner_is_refused_and_of_a_killed_one_taken_at_once(
    nurseries: list[Nursery], address: str, tmp_path: Path
) -> None:
    play, place = f"{address}/held", tmp_path / "journal.db"
    life = Life(HELD, str(place), play)
    owner, *others = nurseries
    pid = owner.begin(life)
    _until(play, "calls", 22)
    assert [other.live(life) for other in others] == [BUSY] * len(others)
    assert _told(play) == {"calls": 22, "effects": 21}
    killed_at = time.time()
    os.kill(pid, signal.SIGKILL)
    assert owner.ended() == KILLED
    taking = others[0].begin(life)
    _until(play, "calls", 23)
    owned = [one.event for one in _facts(place) if isinstance(one.event, RunOwned)]
    assert [one.is_resume for one in owned] == [False, True]
    assert owned[1].at - killed_at < SILENCE_S / 3
    assert _told(play) == {"calls": 23, "effects": 21}
    os.kill(taking, signal.SIGKILL)
    assert others[0].ended() == KILLED


def test_of_many_who_want_the_run_of_a_dead_owner_one_gets_it(
    nurseries: list[Nursery], address: str, tmp_path: Path
) -> None:
    play, place = f"{address}/wanted", tmp_path / "journal.db"
    life = Life(FREE, str(place), play)
    pid = nurseries[0].begin(life)
    _until(play, "calls", 6)
    os.kill(pid, signal.SIGKILL)
    assert nurseries[0].ended() == KILLED
    for nursery in nurseries:
        nursery.begin(life)
    ends = [nursery.ended() for nursery in nurseries]
    assert set(ends) <= {0, BUSY}, ends
    assert 0 in ends
    facts = _facts(place)
    owned = [one.event for one in facts if isinstance(one.event, RunOwned)]
    assert [one.is_resume for one in owned] == [False, True], "others found it final, or owned"
    assert [one for one in facts if isinstance(one.event, RunFinished)] == facts[-1:]
    assert _told(play)["effects"] == 22


def test_a_run_that_is_cancelled_while_nobody_owns_it_stays_so(
    nurseries: list[Nursery], address: str, tmp_path: Path
) -> None:
    play, place = f"{address}/cancelled", tmp_path / "journal.db"
    owner, other, *_ = nurseries
    pid = owner.begin(Life(HELD, str(place), play))
    _until(play, "calls", 22)
    os.kill(pid, signal.SIGKILL)
    assert owner.ended() == KILLED
    assert other.live(Life(HELD, str(place), play, task="cancel")) == 0
    assert other.live(Life(HELD, str(place), play)) == 0
    asked, last = [one.event for one in _facts(place)][-2:]
    assert isinstance(asked, CancelRequested)
    assert isinstance(last, RunFinished)
    assert last.status == "cancelled"
    assert _told(play) == {"calls": 22, "effects": 21}


def test_a_living_owner_is_cancelled_from_elsewhere_within_its_next_look(
    nurseries: list[Nursery], address: str, tmp_path: Path
) -> None:
    play, place = f"{address}/told", tmp_path / "journal.db"
    owner, other, *_ = nurseries
    owner.begin(Life(HELD, str(place), play))
    _until(play, "calls", 22)
    assert other.live(Life(HELD, str(place), play, task="cancel")) == 0
    assert owner.ended() == 0
    last = _facts(place)[-1].event
    assert isinstance(last, RunFinished)
    assert last.status == "cancelled"
