"""W4: a chain of a thousand steps that do nothing, each needing the one before.

In: how many steps. Out: microseconds per step of one run, journaled, for steps that only `return` and for
steps that call a pure async function. The text is loaded before the clock starts;
the first run of a process also makes it ready to run, as LangGraph does before its clock starts.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.contest import Benchmark, Comparison, Contender, RatioGoal, Work
from benchmarks.stopwatch import TURNS, Stopwatch
from benchmarks.systems import (
    BY_HAND,
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
OURS, OURS_CALLS, TASKS = "misy, return", "misy, pure function", "asyncio tasks"
FEWER = {HAMILTON: 300}
"""The one whose recursion does not reach 1,000; goals are only held against those who do them all."""

HEAD = """misy 1
agent same(value: int) -> int

pipeline chain -> int {
"""


def benchmark(*, steps: int = STEPS) -> Benchmark:
    """Who takes part in W4."""
    contenders, twentieth, hundredth = _contenders(steps), RatioGoal(1 / 20), RatioGoal(1 / 100)
    name = {one.system: one.name for one in contenders}
    values, calls = "W4 `return` steps", "W4 function steps"
    whole = f"W4 chain of {steps:,} `return` steps"
    return Benchmark(
        "W4",
        contenders,
        (
            Comparison(whole, "step_us", OURS, LANGGRAPH, twentieth),
            Comparison(calls, "step_us", OURS_CALLS, LANGGRAPH, twentieth),
            Comparison(values, "step_us", OURS, name[PREFECT], hundredth),
            Comparison(calls, "step_us", OURS_CALLS, name[PREFECT], hundredth),
            Comparison(values, "step_us", OURS, name[DBOS], hundredth),
            Comparison(calls, "step_us", OURS_CALLS, name[DBOS], hundredth),
            Comparison("W4 `return` steps, first run", "first_step_us", OURS, LANGGRAPH),
            Comparison(values, "step_us", OURS, LANGGRAPH_SQLITE),
            Comparison(calls, "step_us", OURS_CALLS, LANGGRAPH_SQLITE),
            Comparison(values, "step_us", OURS, TASKS),
            Comparison(calls, "step_us", OURS_CALLS, TASKS),
        ),
    )


def _contenders(steps: int) -> tuple[Contender, ...]:
    arguments, graph = {"steps": steps}, "benchmarks.peers.langgraph_steps:chain"
    ours = Work("benchmarks.chain:ours_values", arguments)
    ours_calls = Work("benchmarks.chain:ours_calls", arguments)
    tasks = Work("benchmarks.peers.asyncio_tasks:chain", arguments)
    return (
        Contender(OURS, ours, is_ours=True, system=MISY_OTHER),
        Contender(OURS_CALLS, ours_calls, is_ours=True, system=MISY),
        Contender(TASKS, tasks, system=BY_HAND),
        Contender(LANGGRAPH, Work(graph, arguments), system=LANGGRAPH),
        kept_by(LANGGRAPH_SQLITE, graph, arguments=arguments),
        *(_heavy(one, steps) for one in (PREFECT, DBOS, HAMILTON, DASK)),
    )


def _heavy(system: str, steps: int) -> Contender:
    most = min(steps, FEWER.get(system, steps))
    size = f"{most:,} steps" if most < steps else ""
    return heavy(system, "chain", arguments={"steps": most}, size=size)


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
