"""A journal with many runs, and a process that starts with it.

`python -m tests.load.restart JOURNAL` prints, as JSON, the seconds until it has opened the journal (`opened_s`), has
the newest runs (`listed_s`) and has gone on with an unfinished run to its end (`resumed_s`), without those that the
machine was busy with others. `fill` writes the runs: all but a few have come to their end.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from msgspec import Raw

from misydsl.history.events import (
    AttemptStarted,
    Event,
    ModuleText,
    RunAccepted,
    RunFinished,
    RunOwned,
    StepFinished,
)
from misydsl.store.sqlite import SqliteJournal
from tests.agents.measures import Stopwatch

TEXT: Final = """misy 1
agent same(value: int) -> int
pipeline p() {
  step each for n in range(10) { call same(value: n) }
  step last { return length(each) }
  return last
}"""
STEPS: Final = 10
WRITERS: Final = 64  # each waits for its own commit; together they are committed in groups


def fill(place: Path, runs: int, unfinished: int) -> None:
    """Make a journal with so many runs; the newest ones stopped before their end."""
    journal = SqliteJournal(place)

    def write(number: int) -> None:
        run, at = f"run-{number:05}", 1_700_000_000.0 + number
        journal.accept(run, _accepted(at), "host:1", [RunOwned(at=at, owner="host:1")])
        journal.append(run, _facts(at, is_over=number < runs - unfinished))
        if number >= runs - unfinished:
            journal.release(run, "host:1")

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(runs - unfinished)))
    for number in range(runs - unfinished, runs):  # one after the other: these are the newest
        write(number)
    journal.close()


def _accepted(at: float) -> RunAccepted:
    return RunAccepted(
        at=at,
        pipeline="p",
        title=None,
        inputs=Raw(b"{}"),
        session="s",
        modules=(ModuleText(key="<text>", name="<text>", text=TEXT),),
        entry="<text>",
        steps=2,
        fingerprint="",
    )


def _facts(at: float, *, is_over: bool) -> list[Event]:
    facts: list[Event] = []
    for number in range(STEPS if is_over else STEPS // 2):
        item, value = str(number), Raw(str(number).encode())
        key = f"{number:032}"
        facts += [
            AttemptStarted(at=at, step="each", item=item, agent="same", key=key, timeout_s=30.0),
            StepFinished(at=at, step="each", item=item, value=value, attempts=1, agent="same"),
        ]
    if is_over:
        facts.append(RunFinished(at=at + 1, status="succeeded", result=Raw(b"10")))
    return facts


def main() -> None:
    """Start with the journal, go on with a run, and say how long each took."""
    import misydsl

    watch = Stopwatch()
    journal = SqliteJournal(Path(sys.argv[1]))
    opened_s = watch.elapsed_s
    newest = journal.runs(limit=20)
    listed_s = watch.elapsed_s
    calls: list[int] = []

    def same(value: int) -> int:
        calls.append(value)
        return value

    run = misydsl.resume(newest[0].run, journal=journal, agents={"same": same})
    run.wait()
    resumed_s = watch.elapsed_s
    told = {"opened_s": opened_s, "listed_s": listed_s, "resumed_s": resumed_s}
    print(json.dumps({**told, "status": run.status, "result": run.result, "calls": calls}))
    journal.close()


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
