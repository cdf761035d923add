"""W1: three steps one after another, over HTTP, each agent taking 50 ms.

In: the address of the agents. Out: what a run takes above those 150 ms, for the first run of a process
(connections, journal file, imports) and for later ones. Journaled as always: `synchronous=FULL`.
"""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmarks.contest import Benchmark, Ceiling, Comparison, Contender, Work
from benchmarks.stopwatch import Stopwatch
from benchmarks.systems import (
    BY_HAND,
    BY_HAND_AIOHTTP,
    DASK,
    DBOS,
    HAMILTON,
    LANGGRAPH,
    LANGGRAPH_SQLITE,
    MISY,
    PREFECT,
    heavy,
    kept_by,
)

AGENT_MS = 50
LATER_RUNS = 5
OURS = "misy"

TEXT = """misy 1
agent worker(value: int) -> {{ value: int }} {{ url: "{agents}/wait/{agent_ms}" }}

pipeline three-steps -> int {{
  step trend-discovery {{ call worker(value: 1) }}
  step content-creation {{ call worker(value: trend-discovery.value + 1) }}
  step schedule-content {{ call worker(value: content-creation.value + 1) }}
  return schedule-content.value
}}
"""


def benchmark(*, agent_ms: int = AGENT_MS) -> Benchmark:
    """Who takes part in W1."""
    others = (BY_HAND_AIOHTTP, LANGGRAPH, LANGGRAPH_SQLITE, PREFECT, DBOS)
    return Benchmark(
        "W1",
        _contenders(agent_ms),
        (
            Comparison("W1 overhead over 150 ms", "overhead_ms", OURS, BY_HAND, Ceiling(3)),
            *(Comparison("W1 the same", "overhead_ms", OURS, one) for one in others),
            Comparison("W1 overhead, first run", "first_overhead_ms", OURS, BY_HAND),
        ),
    )


def _contenders(agent_ms: int) -> tuple[Contender, ...]:
    arguments, peers = {"agent_ms": agent_ms}, "benchmarks.peers"
    ours = Work("benchmarks.three_steps:ours", arguments)
    httpx = Work(f"{peers}.asyncio_httpx:three_steps", arguments)
    aiohttp = Work(f"{peers}.asyncio_aiohttp:three_steps", arguments)
    langgraph = f"{peers}.langgraph_steps:three_steps"
    return (
        Contender(OURS, ours, is_ours=True, system=MISY),
        Contender(BY_HAND, httpx, system=BY_HAND),
        Contender(BY_HAND_AIOHTTP, aiohttp, system=BY_HAND_AIOHTTP),
        Contender(LANGGRAPH, Work(langgraph, arguments), system=LANGGRAPH),
        kept_by(LANGGRAPH_SQLITE, langgraph, arguments=arguments),
        *(
            heavy(one, "three_steps", arguments=arguments)
            for one in (PREFECT, DBOS, HAMILTON, DASK)
        ),
    )


def ours(*, agent_ms: int, place: str, agents: str) -> dict[str, float]:
    """The overhead of the first run of this process, and of later ones."""
    import misydsl

    pipeline = misydsl.load(TEXT.format(agents=agents, agent_ms=agent_ms))
    taken_ms = []
    for _ in range(1 + LATER_RUNS):
        with Stopwatch() as watch:
            result = pipeline.run(journal=Path(place) / "journal.db").result
        assert result == 3
        taken_ms.append(watch.elapsed_s * 1e3)
    return overheads(taken_ms, agent_ms)


def overheads(taken_ms: list[float], agent_ms: int) -> dict[str, float]:
    """The quantities of W1 from the runs of one process, in order."""
    first, *later = (taken - 3 * agent_ms for taken in taken_ms)
    return {"first_overhead_ms": first, "overhead_ms": statistics.median(later)}
