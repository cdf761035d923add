"""W2: a thousand steps at once over HTTP, to an agent that answers at once, and a step that gathers.

In: the address of the agents and how many steps. Out: microseconds per step of one run, journaled with
`synchronous=FULL`, for a thousand steps in the text and for one `for` over a thousand items.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.contest import Benchmark, Comparison, Contender, RatioGoal, Work
from benchmarks.stopwatch import TURNS, Stopwatch

STEPS = 1_000
WARM_UP = 20
OURS, OURS_ITEMS = "misy, steps", "misy, one for"
ASYNCIO, AIOHTTP, LANGGRAPH = "asyncio + httpx", "asyncio + aiohttp", "LangGraph + httpx"

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
    arguments = {"steps": steps}
    peers = "benchmarks.peers"
    goal = RatioGoal(1 / 10, reach=1 / 20)
    return Benchmark(
        "W2",
        (
            Contender(OURS, Work("benchmarks.fan_out:ours_steps", arguments), is_ours=True),
            Contender(OURS_ITEMS, Work("benchmarks.fan_out:ours_items", arguments), is_ours=True),
            Contender(ASYNCIO, Work(f"{peers}.asyncio_httpx:fan_out", arguments)),
            Contender(AIOHTTP, Work(f"{peers}.asyncio_aiohttp:fan_out", arguments)),
            Contender(LANGGRAPH, Work(f"{peers}.langgraph_steps:fan_out", arguments)),
        ),
        (
            Comparison(f"W2 {steps:,} HTTP steps, per step", "step_us", OURS, ASYNCIO, goal),
            Comparison("W2 one `for`, per item", "step_us", OURS_ITEMS, ASYNCIO, goal),
            Comparison("W2 steps, first run", "first_step_us", OURS, ASYNCIO),
            Comparison("W2 steps", "step_us", OURS, LANGGRAPH),
            Comparison("W2 steps", "step_us", OURS, AIOHTTP),
        ),
    )


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
