"""Real crashes: processes killed with -9 at each write to the journal, agents elsewhere that keep a ledger.

Whatever the moment, the run ends as one that was never killed: nothing is lost, nothing has its effect twice
(every call of a step carries the same key), nothing is called before what it depends on.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from misydsl.history.events import RunFinished
from misydsl.history.fold import fold
from misydsl.store.sqlite import SqliteJournal
from misydsl.values import decode_json
from tests.journeys.conftest import ROOT, Ledger

AGENTS = """misy 1
let base = env.LEDGER ?? "unset"
agent echo(text: string) -> { text: string } { url: "${base}/echo" }
agent never(text: string) -> any { url: "${base}/no" }
"""
PIPELINES = {
    "succeeds": """pipeline p() {
  step first { call echo(text: "uno") }
  step each for n in range(4) { call echo(text: "${first.text} ${n}"), concurrency: 2 }
  step round after each repeat up to 3 {
    step inner { call echo(text: "${previous?.text ?? ""}y") }
    until inner.text == "yy"
    return inner
  }
  step safe after round { call never(text: "no"), fallback { call echo(text: "plan b") } }
  step last { call echo(text: "fin ${safe.text}") }
  on finish { step bye { call echo(text: "adiós") } }
  return { last: last.text, each: [one.text for one in each] }
}""",
    "fails": """pipeline p() {
  step hotel { call echo(text: "hotel"), undo { call echo(text: "sin ${hotel.text}") } }
  step sub after hotel { call inner() }
  step pay after sub { call never(text: "pago") }
  on failure { step tell { call echo(text: "falló ${error.step}") } }
}
pipeline inner() {
  step vuelo { call echo(text: "vuelo"), undo { call echo(text: "sin ${vuelo.text}") } }
  return vuelo
}""",
}
ORDERS = {
    "succeeds": ["uno", "uno 0", "y", "yy", "plan b", "fin plan b", "adiós"],
    "fails": ["hotel", "vuelo", "pago", "sin vuelo", "sin hotel", "falló pay"],
}


def work(folder: Path, ledger: Ledger, *, write: int, moment: str) -> int:
    """Let a process work on the run; its exit code, negative for a signal."""
    words = [str(folder / "journal.db"), str(folder / "p.misy"), str(write), moment]
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.killed", *words],
        cwd=ROOT,
        env={**os.environ, "LEDGER": ledger.url},
        capture_output=True,
        timeout=50,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode


def ending(folder: Path) -> tuple[str, Any]:
    """How the run ended, and with what; every step settled once."""
    journal = SqliteJournal(folder / "journal.db")
    (row,) = journal.runs()
    events = list(journal.read(row.run))
    journal.close()
    assert sum(isinstance(one.event, RunFinished) for one in events) == 1
    history = fold(events)
    result = None if history.result is None else decode_json(bytes(history.result))
    return history.status, result


def check_ledger(ledger: Ledger, name: str) -> None:
    """One key a call, one call a key, and nothing before what it depends on."""
    keys: dict[str, str] = {}
    for line in ledger.lines():
        text = str(line["body"]["text"])
        assert keys.setdefault(text, str(line["key"])) == line["key"], f"“{text}” has two keys"
    assert len(set(keys.values())) == len(keys)
    firsts = list(keys)
    places = [firsts.index(text) for text in ORDERS[name]]
    assert places == sorted(places)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", PIPELINES)
def test_a_run_killed_at_any_write_ends_like_one_that_was_not(
    tmp_path: Path, ledger: Ledger, name: str, seed: int
) -> None:
    (tmp_path / "p.misy").write_text(AGENTS + PIPELINES[name], "utf-8")
    chance = random.Random(f"{name} {seed}")
    kills = 0
    for number in range(40):
        moment = chance.choice(("before", "after"))
        write = 1 + (number if seed == 0 else chance.randint(1, 4))
        if work(tmp_path, ledger, write=write, moment=moment) == 0:
            break
        kills += 1
    else:
        assert work(tmp_path, ledger, write=0, moment="never") == 0
    assert kills >= 3
    status, result = ending(tmp_path)
    check_ledger(ledger, name)
    if name == "fails":
        assert status == "failed"
    else:
        each = [f"uno {number}" for number in range(4)]
        assert (status, result) == ("succeeded", {"last": "fin plan b", "each": each})
