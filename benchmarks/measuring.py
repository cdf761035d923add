"""Measuring: every contender in a fresh process, in turns, several times.

In: a `Benchmark` and how many rounds. Out: its `Results`. Contenders alternate (A B C A B C …), so that
what else the machine does falls on all of them alike. A contender that fails is left out of the later
rounds and its last words are kept. Whole processes get one turn before, so that caches on the disk are
there for all.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.contest import Benchmark, Command, Contender, Quantities, Results, Work

CHECKOUT = Path(__file__).resolve().parent.parent
OUT = CHECKOUT / "benchmarks" / "out"  # journals are written beside the code: on a disk, not in RAM
TIMEOUT_S = 600.0
FOREIGN = ("LANG", "PYTHON", "MISY_")

Tell = Callable[[str], None]


class ContenderFailed(Exception):
    """A contender ended without figures; the text is its last line."""


def measure(benchmark: Benchmark, rounds: int, *, agents: str, tell: Tell) -> Results:
    """Let the contenders take turns; `agents` is where the agents' server listens."""
    samples: dict[str, list[Quantities]] = {one.name: [] for one in benchmark.contenders}
    problems: dict[str, str] = {}
    for turn in range(rounds + 1):
        for contender in _taking_part(benchmark, turn):
            if contender.name in problems:
                continue
            tell(f"{benchmark.name} {turn}/{rounds}: {contender.name}")
            try:
                figures = sample(contender, agents)
            except ContenderFailed as problem:
                problems[contender.name] = str(problem)
            else:
                samples[contender.name] += [figures] * (turn > 0)
    return Results(benchmark, samples, problems)


def _taking_part(benchmark: Benchmark, turn: int) -> list[Contender]:
    """Turn 0 is not counted, and only for whole processes."""
    return [one for one in benchmark.contenders if turn > 0 or isinstance(one.does, Command)]


def sample(contender: Contender, agents: str) -> Quantities:
    """One turn of one contender; raises `ContenderFailed`."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=OUT) as place:
        match contender.does:
            case Work() as work:
                return _work(work, place, agents)
            case Command() as command:
                return _command(command, place)


@contextmanager
def agent_server() -> Iterator[str]:
    """The agents' server in a process of its own, while the block lasts; gives its address."""
    arguments = [sys.executable, "-m", "benchmarks.server"]
    with subprocess.Popen(arguments, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _work(work: Work, place: str, agents: str) -> Quantities:
    given = {**work.arguments, "place": place, "agents": agents}
    arguments = [sys.executable, "-m", "benchmarks.contend", work.entry, json.dumps(given)]
    try:
        done = subprocess.run(
            arguments,
            cwd=CHECKOUT,
            env=_environment(place),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as problem:
        raise ContenderFailed(f"no end after {TIMEOUT_S:g} s") from problem
    if done.returncode != 0:
        raise ContenderFailed(_last_line(done.stderr) or f"exit code {done.returncode}")
    quantities: Quantities = json.loads(done.stdout.splitlines()[-1])
    return quantities


def _command(command: Command, place: str) -> Quantities:
    """CPU time of the process and its children, as the system counted it when it ended."""
    arguments = [sys.executable, *(one.replace("{place}", place) for one in command.arguments)]
    with tempfile.TemporaryFile(dir=place) as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            arguments,
            cwd=CHECKOUT,
            env=_environment(place),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, used = os.wait4(process.pid, 0)
        wall_ms = (time.perf_counter() - begun) * 1e3
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            errors.seek(0)
            words = _last_line(errors.read().decode(errors="replace"))
            raise ContenderFailed(words or f"exit code {process.returncode}")
    return {"cpu_ms": (used.ru_utime + used.ru_stime) * 1e3, "wall_ms": wall_ms}


def _environment(place: str) -> dict[str, str]:
    """This environment with the journal in the contender's own place, and as a person has it.

    Nobody traces (`LANG…`), and Python keeps its bytecode (`PYTHON…`), as it does once installed.
    """
    kept = {name: one for name, one in os.environ.items() if not name.startswith(FOREIGN)}
    bytecode = str(OUT / "bytecode")
    return {**kept, "LANG": "C.UTF-8", "MISY_HOME": place, "PYTHONPYCACHEPREFIX": bytecode}


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
