"""One life of an owner: a process that goes on with the run of a journal until it is killed, or to the end.

`python -m tests.crashes.life` imports everything once; for each line of JSON (a `Life`) it forks a process that
lives it, prints its pid at once and how it ended afterwards (0, or less the signal). A `Trap` kills the process at
a point that is counted from its beginning: before its n-th statement, at its n-th commit, at its n-th call.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

import aiohttp  # noqa: F401  # what a run needs is imported before the first life
import apsw

from misydsl.failures import MisyError, RunBusy
from misydsl.store.sqlite import SqliteJournal
from misydsl.store.writer import Batch, Writer, _Task
from misydsl.workspace.pipelines import load
from misydsl.workspace.runs import Run, resume

Moment = Literal["statement", "commit", "committed", "told", "asked", "done", "answered", "late"]
WRITING: Final[tuple[Moment, ...]] = ("commit", "committed", "told")
"""Facts written and not committed; committed, and nobody knows it; everybody knows it."""
CALLING: Final[tuple[Moment, ...]] = ("asked", "done", "answered")
"""The agent has the call; it has done its work; it has answered."""
BUSY: Final = 17
"""How a life ends that another living process is in the way of."""


@dataclass(frozen=True)
class Trap:
    """Where the process dies: at the n-th such moment (`late`: after n milliseconds)."""

    moment: Moment
    number: int


@dataclass(frozen=True)
class Life:
    """What a process is to do."""

    text: str
    place: str
    """The journal's file."""
    agents: str
    """The address of the agents, with the play in it."""
    trap: Trap | None = None
    task: Literal["go", "answer", "cancel"] = "go"
    stops_when_asked: bool = False
    """Whether it dies as soon as a person was asked: nobody owns the run while the answer comes."""


def main() -> None:
    """Live what is asked for, one life after another, until the input ends."""
    load("misy 1\npipeline p() { step s { return 1 } }")  # the tables of the grammar are read once
    for line in sys.stdin:
        wanted = json.loads(line)
        trap = wanted.pop("trap")
        life = Life(**wanted, trap=None if trap is None else Trap(**trap))
        assert threading.active_count() == 1, "a fork would lose threads"
        pid = os.fork()
        if not pid:
            os._exit(_lived(life))
        print(pid, flush=True)
        if life.trap is not None and life.trap.moment == "late":
            time.sleep(life.trap.number / 1000)  # not a wait for anything: the moment is the test
            os.kill(pid, signal.SIGKILL)  # nobody else has its number before it was waited for
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


def as_line(life: Life) -> str:
    """A life, as `main` reads it."""
    return json.dumps(asdict(life)) + "\n"


def _lived(life: Life) -> int:
    os.environ["AGENTS"] = life.agents
    try:
        _set(life)
        journal = SqliteJournal(Path(life.place))
        _do(life, journal)
        journal.close()
    except RunBusy:
        return BUSY
    except BaseException:  # noqa: BLE001  # whatever it is, the parent is told
        traceback.print_exc()
        return 1
    return 0


def _do(life: Life, journal: SqliteJournal) -> None:
    runs = journal.runs()
    match life.task:
        case "go":
            run = resume(runs[0].run, journal=journal) if runs else _begun(life, journal)
            run.wait()
        case "answer":
            for run in [Run(one.run, journal) for one in runs]:
                _answer(run)
        case "cancel":
            Run(runs[0].run, journal).cancel(by="ana")


def _begun(life: Life, journal: SqliteJournal) -> Run:
    return load(life.text, "p").start(journal=journal)


def _answer(run: Run) -> None:
    """Say yes to every question that nobody has answered."""
    for question in run.questions:
        try:
            run.approve(question.step, item=question.item or None, by="ana", comment="¡sí!")
        except MisyError as known:
            if "already" not in str(known):
                raise


# ------------------------------------------------------------------ traps


def _set(life: Life) -> None:
    trap = life.trap
    if life.stops_when_asked:
        _after_commits(_dies_when_asked)
    if trap is None:
        return
    dies = _counting(trap.number)
    match trap.moment:
        case "late":
            pass  # `main` sees to that
        case "statement":
            _before_statements(lambda _: dies())
        case "commit":
            _before_statements(lambda sql: dies() if sql == "COMMIT" else None)
        case "committed":
            _after_commits(lambda _: dies())
        case "told":
            _after_telling(dies)
        case "asked" | "done" | "answered":
            arm(life.agents, trap)


def arm(agents: str, trap: Trap) -> None:
    """Have the agents kill this process."""
    whom = {"pid": os.getpid(), "call": trap.number, "moment": trap.moment}
    ask(agents, "arm", whom)


def ask(agents: str, what: str, body: object = None) -> object:
    """Ask something of the agents themselves."""
    address = urlsplit(agents)
    connection = http.client.HTTPConnection(address.netloc, timeout=20)
    try:
        connection.request("POST", f"{address.path}/-/{what}", json.dumps(body))
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _counting(number: int) -> Callable[[], None]:
    """What dies when it is called for the n-th time."""
    left = number

    def count() -> None:
        nonlocal left
        left -= 1
        if not left:
            _die()

    return count


def _before_statements(act: Callable[[str], None]) -> None:
    """Act before each statement on any connection."""

    def traced(_: apsw.Cursor, sql: str, __: object) -> bool:
        act(sql)
        return True

    def hook(connection: apsw.Connection) -> None:
        connection.exec_trace = traced

    apsw.connection_hooks.append(hook)


def _after_commits(act: Callable[[list[Batch]], None]) -> None:
    """Act after each commit, before anybody is told of it."""
    original = Writer._commit

    def commit(
        writer: Writer, batches: list[Batch], tasks: list[_Task]
    ) -> list[Callable[[], None]]:
        answers = original(writer, batches, tasks)
        if batches or tasks:
            act(batches)
        return answers

    setattr(Writer, "_commit", commit)  # noqa: B010  # in this process only, which is to die


def _after_telling(act: Callable[[], None]) -> None:
    """Act when everybody who waited for a commit was told."""
    original = Writer._settle

    def settle(writer: Writer, group: list[Batch | _Task]) -> None:
        original(writer, group)
        if group:
            act()

    setattr(Writer, "_settle", settle)  # noqa: B010  # in this process only, which is to die


def _dies_when_asked(batches: list[Batch]) -> None:
    if any('"approval-asked"' in text for batch in batches for text in batch.texts):
        _die()


if __name__ == "__main__":
    main()
