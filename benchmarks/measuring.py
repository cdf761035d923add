"""Measuring: every contender in a fresh process, in turns, several times.

In: a `Benchmark` and how many rounds. Out: its `Results`. Contenders alternate (A B C A B C …), so that
what else the machine does falls on all of them alike. A contender that fails is left out of the later
rounds and its last words are kept. Whole processes get one turn before, so that caches on the disk are
there for all. The heavy peers have an environment of their own, and nobody there calls home.
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

from benchmarks.contest import Benchmark, Command, Contender, Home, Quantities, Results, Work

CHECKOUT = Path(__file__).resolve().parent.parent
OUT = CHECKOUT / "benchmarks" / "out"  # journals are written beside the code: on a disk, not in RAM
PEERS = Path(f"{sys.prefix}-peers") / "bin" / "python"  # where `make bench` puts the heavy peers
TIMEOUT_S = 600.0
FOREIGN = ("LANG", "PYTHON", "MISY_", "PREFECT_", "DBOS_", "DASK_")
QUIET = {
    "DO_NOT_TRACK": "1",
    "HAMILTON_TELEMETRY_ENABLED": "false",
    "PREFECT_HOME": str(OUT / "prefect"),  # its tables are made once; that takes half a minute
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
}

Tell = Callable[[str], None]


class ContenderFailed(Exception):
    """A contender ended without figures; the text is its last line."""


def measure(
    benchmark: Benchmark, rounds: int, *, agents: str, tell: Tell, peers: Path = PEERS
) -> Results:
    """Let the contenders take turns; `agents` is where the agents' server listens.

    `peers` is the Python that has the heavy peers.
    """
    samples: dict[str, list[Quantities]] = {one.name: [] for one in benchmark.contenders}
    problems: dict[str, str] = {}
    for turn in range(rounds + 1):
        for contender in _taking_part(benchmark, turn):
            if contender.name in problems:
                continue
            tell(f"{benchmark.name} {turn}/{rounds}: {contender.name}")
            try:
                figures = sample(contender, agents, peers=peers)
            except ContenderFailed as problem:
                problems[contender.name] = str(problem)
            else:
                samples[contender.name] += figures if turn > 0 else ()
    return Results(benchmark, samples, problems)


def _taking_part(benchmark: Benchmark, turn: int) -> list[Contender]:
    """Turn 0 is not counted, and only for whole processes."""
    if turn == 0:
        return [one for one in benchmark.contenders if isinstance(one.does, Command)]
    return [one for one in benchmark.contenders if one.rounds is None or turn <= one.rounds]


def sample(contender: Contender, agents: str, *, peers: Path = PEERS) -> list[Quantities]:
    """One turn of one contender: what it measured each time; raises `ContenderFailed`."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=OUT) as place:
        match contender.does:
            case Work() as work:
                return _work(work, place, agents, python=_python(work.home, peers))
            case Command() as command:
                return [_command(command, place)]


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


def _python(home: Home, peers: Path) -> str:
    match home:
        case Home.HERE:
            return sys.executable
        case Home.PEERS if not peers.exists():
            raise ContenderFailed("not installed; `make bench` makes the environment of the peers")
        case Home.PEERS:
            return str(peers)


def _work(work: Work, place: str, agents: str, *, python: str) -> list[Quantities]:
    given = {**work.arguments, "place": place, "agents": agents}
    arguments = [python, "-m", "benchmarks.contend", work.entry, json.dumps(given)]
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
    quantities: list[Quantities] = json.loads(done.stdout.splitlines()[-1])
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
    ours = {"LANG": "C.UTF-8", "MISY_HOME": place, "PYTHONPYCACHEPREFIX": bytecode}
    return {**kept, **QUIET, **ours}


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
