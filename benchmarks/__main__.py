"""`python -m benchmarks`: every benchmark, or some, and one table at the end.

In: which benchmarks, how many rounds. Out: the table on standard output (progress on standard error), with
`--json` also every figure in a file. Exit code 1 when one of our own contenders failed; a missed goal
or a peer that is not installed is told in the table and is no failure.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import (
    chain,
    fan_out,
    items,
    layers,
    parsing,
    starting,
    three_steps,
)
from benchmarks.contest import Benchmark, Results, Spread
from benchmarks.measuring import OUT, agent_server, measure
from benchmarks.table import amount, as_json, lines, markdown

ROUNDS = 5

WHOLE: dict[str, Callable[[], Benchmark]] = {
    "W1": three_steps.benchmark,
    "W2": fan_out.benchmark,
    "W3": layers.benchmark,
    "W4": chain.benchmark,
    "fan": items.benchmark,
    "parse": parsing.benchmark,
    "import": starting.benchmark,
}
QUICK: dict[str, Callable[[], Benchmark]] = {
    **WHOLE,
    "W2": lambda: fan_out.benchmark(steps=100),
    "W3": lambda: layers.benchmark(layers=10, width=20),
    "W4": lambda: chain.benchmark(steps=100),
    "fan": lambda: items.benchmark(sizes=(100, 300, 1_000)),
    "parse": lambda: parsing.benchmark(sizes=(50, 200)),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; the exit code."""
    asked = _arguments(arguments)
    chosen = QUICK if asked.quick else WHOLE
    benchmarks = [chosen[name]() for name in asked.only or chosen]
    rounds = 1 if asked.quick else asked.repeat
    with agent_server() as agents:
        results = [measure(one, rounds, agents=agents, tell=_tell) for one in benchmarks]
    print(_machine(rounds), end="\n\n")
    print(markdown(line for one in results for line in lines(one)))
    for one in results:
        for contender, problem in one.problems.items():
            print(f"\n{one.benchmark.name}, {contender}: {problem}")
    if asked.json is not None:
        asked.json.write_text(json.dumps(_record(results, rounds), indent=2), encoding="utf-8")
    return 1 if any(_ours_failed(one) for one in results) else 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("benchmarks", description=__doc__)
    parser.add_argument("--only", action="extend", nargs="+", choices=WHOLE, metavar="NAME")
    parser.add_argument("--repeat", type=int, default=ROUNDS, metavar="N", help="rounds: 5")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every figure, for machines")
    parser.add_argument("--quick", action="store_true", help="small and once, to see that it works")
    return parser.parse_args(arguments)


def _tell(words: str) -> None:
    print(f"\r\033[K{words}" if sys.stderr.isatty() else words, file=sys.stderr, flush=True)


def _machine(rounds: int) -> str:
    """What the figures were measured on, and what the disk makes of `synchronous=FULL`."""
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    sync = sync_ms()
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}; "
        f"fsync {amount(sync.median)} ms [{amount(sync.least)}–{amount(sync.most)}]; "
        f"load {load}; medians of {rounds} [least–most], each in a fresh process."
    )


def sync_ms(times: int = 21) -> Spread:
    """How long the disk takes to keep 4 kB for good."""
    OUT.mkdir(parents=True, exist_ok=True)
    file, figures = OUT / "fsync", []
    with file.open("wb") as stream:
        for _ in range(times):
            stream.write(bytes(4_096))
            stream.flush()
            begun = time.perf_counter()
            os.fsync(stream.fileno())
            figures.append((time.perf_counter() - begun) * 1e3)
    file.unlink()
    return Spread.of(figures)


def _record(results: list[Results], rounds: int) -> dict[str, object]:
    return {
        "machine": _machine(rounds),
        "lines": [as_json(line) for one in results for line in lines(one)],
        "samples": {one.benchmark.name: one.samples for one in results},
        "problems": {one.benchmark.name: one.problems for one in results if one.problems},
    }


def _ours_failed(results: Results) -> bool:
    return any(one.is_ours and one.name in results.problems for one in results.benchmark.contenders)


if __name__ == "__main__":
    sys.exit(main())
