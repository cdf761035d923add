"""W4: a chain of a thousand steps that do nothing, each needing the one before.

In: how many steps. Out: microseconds per step of one run, journaled, for steps that only `return` and for
steps that call a pure async function. The text is loaded before the clock starts;
the first run of a process also makes it ready to run, as LangGraph does before its clock starts.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.contest import Benchmark, Comparison, Contender, RatioGoal, Work
from benchmarks.stopwatch import TURNS, Stopwatch

STEPS = 1_000
OURS, OURS_CALLS, TASKS = "misy, return", "misy, pure function", "asyncio tasks"
LANGGRAPH, LANGGRAPH_SQLITE = "LangGraph", "LangGraph + SQLite"

HEAD = """misy 1
agent same(value: int) -> int

pipeline chain -> int {
"""


def benchmark(*, steps: int = STEPS) -> Benchmark:
    """Who takes part in W4."""
    arguments = {"steps": steps}
    peers, goal = "benchmarks.peers", RatioGoal(1 / 20)
    graph = f"{peers}.langgraph_steps"
    return Benchmark(
        "W4",
        (
            Contender(OURS, Work("benchmarks.chain:ours_values", arguments), is_ours=True),
            Contender(OURS_CALLS, Work("benchmarks.chain:ours_calls", arguments), is_ours=True),
            Contender(TASKS, Work(f"{peers}.asyncio_tasks:chain", arguments)),
            Contender(LANGGRAPH, Work(f"{graph}:chain", arguments)),
            Contender(LANGGRAPH_SQLITE, Work(f"{graph}:chain_with_sqlite", arguments)),
        ),
        (
            Comparison(f"W4 chain of {steps:,} `return` steps", "step_us", OURS, LANGGRAPH, goal),
            Comparison("W4 function steps", "step_us", OURS_CALLS, LANGGRAPH, goal),
            Comparison("W4 `return` steps, first run", "first_step_us", OURS, LANGGRAPH),
            Comparison("W4 `return` steps", "step_us", OURS, LANGGRAPH_SQLITE),
            Comparison("W4 function steps", "step_us", OURS_CALLS, LANGGRAPH_SQLITE),
            Comparison("W4 `return` steps", "step_us", OURS, TASKS),
            Comparison("W4 function steps", "step_us", OURS_CALLS, TASKS),
        ),
    )


def text_of(steps: int, *, body: str) -> str:
    """The pipeline; `body` is what a step does with its `{value}`."""
    lines = [f"  step s0 {{ {body.format(value=7)} }}"]
    lines += [f"  step s{n} {{ {body.format(value=f's{n - 1}')} }}" for n in range(1, steps)]
    return "\n".join([HEAD, *lines, f"  return s{steps - 1}", "}\n"])


def ours_values(*, steps: int, place: str) -> dict[str, float]:
    """Steps that only return a value."""
    return _ours(steps, place, body="return {value}")


def ours_calls(*, steps: int, place: str) -> dict[str, float]:
    """Steps that call a pure async function of this process."""
    return _ours(steps, place, body="call same(value: {value})")


def _ours(steps: int, place: str, *, body: str) -> dict[str, float]:
    import misydsl

    @misydsl.agent(pure=True)
    async def same(value: int) -> int:
        return value

    bound = {"same": same}
    journal = Path(place) / "journal.db"
    assert misydsl.load(text_of(5, body=body)).run(agents=bound, journal=journal).result == 7
    pipeline = misydsl.load(text_of(steps, body=body))
    figures: dict[str, float] = {}
    for turn in TURNS:
        with Stopwatch() as watch:
            result = pipeline.run(agents=bound, journal=journal).result
        assert result == 7
        figures |= watch.per_step(steps, turn)
    return figures
