"""`python -m benchmarks`: every benchmark, or some, and one table at the end.

In: which benchmarks, how many rounds. Out: the tables on standard output (progress on standard error), with
`--json` also every figure in a file, with `--write` in both READMEs. Exit code 1 when one of our own
contenders failed; a missed goal or a peer that is not installed is told in the tables and is no failure.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import (
    chain,
    fan_out,
    items,
    layers,
    parsing,
    serving,
    starting,
    three_steps,
)
from benchmarks.between import write_between
from benchmarks.contest import Benchmark, Results
from benchmarks.machine import load, machine, versions
from benchmarks.matrix import matrix
from benchmarks.measuring import CHECKOUT, PEERS, agent_server, measure
from benchmarks.table import as_json, lines, markdown

ROUNDS = 3
MARKED = "benchmarks"

WHOLE: dict[str, Callable[[], Benchmark]] = {
    "W1": three_steps.benchmark,
    "W2": fan_out.benchmark,
    "W3": layers.benchmark,
    "W4": chain.benchmark,
    "fan": items.benchmark,
    "parse": parsing.benchmark,
    "import": starting.benchmark,
    "serve": serving.benchmark,
}
QUICK: dict[str, Callable[[], Benchmark]] = {
    **WHOLE,
    "W2": lambda: fan_out.benchmark(steps=100),
    "W3": lambda: layers.benchmark(layers=10, width=20),
    "W4": lambda: chain.benchmark(steps=100),
    "fan": lambda: items.benchmark(sizes=(100, 300, 1_000)),
    "parse": lambda: parsing.benchmark(sizes=(50, 200)),
    "serve": lambda: serving.benchmark(requests=80),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print, or write; the exit code."""
    asked = _arguments(arguments)
    chosen = QUICK if asked.quick else WHOLE
    benchmarks = [chosen[name]() for name in asked.only or chosen]
    rounds, load_before = 1 if asked.quick else asked.repeat, load()
    with agent_server() as agents:
        results = [
            measure(one, rounds, agents=agents, tell=_tell, peers=asked.peers) for one in benchmarks
        ]
    using = f"{machine(rounds, load_before=load_before)}\n\n{versions(asked.peers)}"
    if asked.json is not None:
        record = json.dumps(_record(results, using), indent=2)
        asked.json.write_text(record, encoding="utf-8")
    if asked.write:
        write_between(CHECKOUT / "README.md", MARKED, _short(results, using))
        write_between(CHECKOUT / "benchmarks" / "README.md", MARKED, _whole(results, using))
    else:
        print(_whole(results, using))
    return 1 if any(_ours_failed(one) for one in results) else 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("benchmarks", description=__doc__)
    parser.add_argument("--only", action="extend", nargs="+", choices=WHOLE, metavar="NAME")
    parser.add_argument("--repeat", type=int, default=ROUNDS, metavar="N", help="rounds: 3")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every figure, for machines")
    parser.add_argument("--quick", action="store_true", help="small and once, to see that it works")
    parser.add_argument(
        "--peers", type=Path, default=PEERS, metavar="PYTHON", help="the Python of the heavy peers"
    )
    parser.add_argument("--write", action="store_true", help="into both READMEs")
    asked = parser.parse_args(arguments)
    if asked.write and (asked.quick or asked.only):
        parser.error("only all of it, measured in one run, is written")
    return asked


def _tell(words: str) -> None:
    print(f"\r\033[K{words}" if sys.stderr.isatty() else words, file=sys.stderr, flush=True)


def _whole(results: list[Results], using: str) -> str:
    """Everything: the systems beside one another, every line, and what went wrong."""
    table = markdown(line for one in results for line in lines(one))
    return "\n\n".join(one for one in (using, matrix(results), table, *_problems(results)) if one)


def _short(results: list[Results], using: str) -> str:
    """The systems beside one another, and the lines that have a goal."""
    goals = markdown(
        line for one in results for line in lines(one) if line.comparison.goal is not None
    )
    return "\n\n".join([matrix(results), goals, using, *_problems(results)])


def _problems(results: list[Results]) -> list[str]:
    return [
        f"{one.benchmark.name}, {contender}: {problem}"
        for one in results
        for contender, problem in one.problems.items()
    ]


def _record(results: list[Results], using: str) -> dict[str, object]:
    return {
        "machine": using,
        "lines": [as_json(line) for one in results for line in lines(one)],
        "samples": {one.benchmark.name: one.samples for one in results},
        "problems": {one.benchmark.name: one.problems for one in results if one.problems},
    }


def _ours_failed(results: Results) -> bool:
    return any(one.is_ours and one.name in results.problems for one in results.benchmark.contenders)


if __name__ == "__main__":
    sys.exit(main())
