"""W2: a thousand steps at once over HTTP, to an agent that answers at once, and a step that gathers.

In: the address of the agents and how many steps. Out: microseconds per step of one run, journaled with
`synchronous=FULL`, for a thousand steps in the text and for one `for` over a thousand items.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.contest import Benchmark, Comparison, Contender, RatioGoal, Work
from benchmarks.stopwatch import TURNS, Stopwatch
from benchmarks.systems import (
    BY_HAND,
    BY_HAND_AIOHTTP,
    DASK,
    DBOS,
    HAMILTON,
    LANGGRAPH,
    LANGGRAPH_SQLITE,
    MISY,
    MISY_OTHER,
    PREFECT,
    heavy,
    kept_by,
)

STEPS = 1_000
WARM_UP = 20
OURS, OURS_ITEMS = "misy, steps", "misy, one for"
FEWER = {PREFECT: 200, DBOS: 300, HAMILTON: 300}
"""What the slow ones get at most. A flow of Prefect costs something by itself, which fewer steps share: no goal."""

AGENT = """misy 1
agent worker(value: int) -> {{ value: int }} {{ url: "{agents}/wait/0" }}
"""
ITEMS = """
pipeline fan(values: list[int]) -> int {
  step worked for value in values { call worker(value) }
  step gathered { return sum([one.value for one in worked]) }
  return gathered
}
"""


def benchmark(*, steps: int = STEPS) -> Benchmark:
    """Who takes part in W2."""
    contenders, goal = _contenders(steps), RatioGoal(1 / 10, reach=1 / 20)
    name = {one.system: one.name for one in contenders}
    others = (BY_HAND_AIOHTTP, LANGGRAPH, LANGGRAPH_SQLITE, PREFECT, DBOS)
    return Benchmark(
        "W2",
        contenders,
        (
            Comparison(f"W2 {steps:,} HTTP steps, per step", "step_us", OURS, BY_HAND, goal),
            Comparison("W2 one `for`, per item", "step_us", OURS_ITEMS, BY_HAND, goal),
            Comparison("W2 steps, first run", "first_step_us", OURS, BY_HAND),
            *(Comparison("W2 steps", "step_us", OURS, name[one]) for one in others),
        ),
    )


def _contenders(steps: int) -> tuple[Contender, ...]:
    arguments, peers = {"steps": steps}, "benchmarks.peers"
    ours = Work("benchmarks.fan_out:ours_steps", arguments)
    ours_items = Work("benchmarks.fan_out:ours_items", arguments)
    httpx = Work(f"{peers}.asyncio_httpx:fan_out", arguments)
    aiohttp = Work(f"{peers}.asyncio_aiohttp:fan_out", arguments)
    langgraph = f"{peers}.langgraph_steps:fan_out"
    return (
        Contender(OURS, ours, is_ours=True, system=MISY),
        Contender(OURS_ITEMS, ours_items, is_ours=True, system=MISY_OTHER),
        Contender(BY_HAND, httpx, system=BY_HAND),
        Contender(BY_HAND_AIOHTTP, aiohttp, system=BY_HAND_AIOHTTP),
        Contender(LANGGRAPH, Work(langgraph, arguments), system=LANGGRAPH),
        kept_by(LANGGRAPH_SQLITE, langgraph, arguments=arguments),
        *(_heavy(one, steps) for one in (PREFECT, DBOS, HAMILTON, DASK)),
    )


def _heavy(system: str, steps: int) -> Contender:
    most = min(steps, FEWER.get(system, steps))
    size = f"{most:,} steps" if most < steps else ""
    return heavy(system, "fan_out", arguments={"steps": most}, size=size)


def text_of_steps(steps: int, agents: str) -> str:
    """The pipeline with one step for each call."""
    lines = [f"  step s{n} {{ call worker(value: {n}) }}" for n in range(steps)]
    values = ", ".join(f"s{n}.value" for n in range(steps))
    gathered = f"  step gathered {{ return sum([{values}]) }}\n  return gathered"
    return "\n".join(
        [AGENT.format(agents=agents), "pipeline fan -> int {", *lines, gathered, "}\n"]
    )


def ours_steps(*, steps: int, place: str, agents: str) -> dict[str, float]:
    """A run of a thousand steps, each with its own line in the text."""
    import misydsl

    journal = Path(place) / "journal.db"
    assert misydsl.load(text_of_steps(WARM_UP, agents)).run(journal=journal).result == _sum(WARM_UP)
    pipeline = misydsl.load(text_of_steps(steps, agents))
    figures: dict[str, float] = {}
    for turn in TURNS:
        with Stopwatch() as watch:
            result = pipeline.run(journal=journal).result
        assert result == _sum(steps)
        figures |= watch.per_step(steps, turn)
    return figures


def ours_items(*, steps: int, place: str, agents: str) -> dict[str, float]:
    """A run of one step with a thousand items."""
    import misydsl

    journal = Path(place) / "journal.db"
    pipeline = misydsl.load(AGENT.format(agents=agents) + ITEMS)
    assert pipeline.run(journal=journal, values=list(range(WARM_UP))).result == _sum(WARM_UP)
    values = list(range(steps))
    figures: dict[str, float] = {}
    for turn in TURNS:
        with Stopwatch() as watch:
            result = pipeline.run(journal=journal, values=values).result
        assert result == _sum(steps)
        figures |= watch.per_step(steps, turn)
    return figures


def _sum(steps: int) -> int:
    return sum(range(steps))
