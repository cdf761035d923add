"""Plays: a scenario lived by one process after another, each killed at its trap, until one comes to the end.

In: a scenario and traps. Out: a `Story`: what is in the journal, what the agents were asked and did, how often an
owner was killed. A `Nursery` is one process that forks the lives, so a life costs milliseconds; plays of different
nurseries go on at once.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from misydsl.history.events import Recorded
from misydsl.store.sqlite import SqliteJournal
from tests.crashes.life import Life, Trap, as_line, ask
from tests.crashes.scenarios import Scenario

ROOT: Final = Path(__file__).resolve().parents[2]
KILLED: Final = -signal.SIGKILL
PATIENCE_S: Final = 20.0
MOST_LIVES: Final = 40  # a play that needs more makes no progress


@dataclass(frozen=True)
class Story:
    """What is left of a play."""

    facts: tuple[Recorded, ...]
    runs: int
    calls: Sequence[dict[str, Any]]
    effects: Sequence[dict[str, Any]]
    ends: tuple[int, ...]
    """How each life ended: 0, or less the signal."""

    @property
    def kills(self) -> int:
        """How many owners were killed."""
        return self.ends.count(KILLED)


class Nursery:
    """A process that forks lives, one at a time."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.crashes.life"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, life: Life) -> int:
        """Begin a life; its process."""
        assert self.process.stdin is not None
        self.process.stdin.write(as_line(life))
        self.process.stdin.flush()
        return int(self._said())

    def ended(self) -> int:
        """How the life that was begun last ended, when it has."""
        return int(self._said())

    def live(self, life: Life) -> int:
        """A life from its beginning to its end: 0, or less the signal."""
        self.begin(life)
        return self.ended()

    def close(self) -> None:
        """End the process, with whom it has forked."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()

    def _said(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the nursery has died"
        return line


@contextmanager
def agents() -> Iterator[str]:
    """The agents' process; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crashes.agents"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@dataclass(frozen=True)
class Stage:
    """Where plays are given."""

    nursery: Nursery
    agents: str
    folder: Path

    def play(self, name: str, scenario: Scenario, traps: Iterable[Trap] = ()) -> Story:
        """Live a scenario to its end, the first lives with a trap each."""
        place, url = self.folder / f"{name}.db", f"{self.agents}/{name}"
        SqliteJournal(place).close() if _is_watched(traps := list(traps)) else None
        if place.exists():
            ask(url, "journal", str(place))
        ends = list(self._lives(Life(scenario.text, str(place), url), scenario, traps))
        told = ask(url, "told")
        ask(url, "forget")
        assert isinstance(told, dict)
        journal = SqliteJournal(place)
        runs = journal.runs()
        facts = tuple(fact for run in runs for fact in journal.read(run.run))
        journal.close()
        place.unlink()
        return Story(facts, len(runs), told["calls"], told["effects"], tuple(ends))

    def _lives(self, life: Life, scenario: Scenario, traps: list[Trap]) -> Iterator[int]:
        left = list(traps)
        for _ in range(MOST_LIVES):
            trap = left.pop(0) if left else None
            own = Life(life.text, life.place, life.agents, trap, stops_when_asked=scenario.asks)
            end = self.nursery.live(own)
            ask(life.agents, "arm")  # nobody: whoever gets this pid next is not meant
            yield end
            if end != KILLED:
                assert end == 0, f"a life ended as {end}"
                return
            if scenario.asks:
                answering = Life(life.text, life.place, life.agents, task="answer")
                assert self.nursery.live(answering) == 0
        raise AssertionError("no progress")


def _is_watched(traps: Sequence[Trap]) -> bool:
    """Whether the agents look into the journal: not where its making is what is killed."""
    return not any(trap.moment in ("statement", "late") for trap in traps)


def shown(story: Story) -> str:
    """A story for people."""
    facts = [json.dumps([one.seq, type(one.event).__name__, _place(one)]) for one in story.facts]
    calls = [json.dumps(call, ensure_ascii=False) for call in story.calls]
    return "\n".join([f"lives: {story.ends}", *facts, *calls])


def _place(recorded: Recorded) -> str:
    names = ("step", "item", "round", "attempt", "key")
    return " ".join(str(getattr(recorded.event, name, "")) for name in names)
