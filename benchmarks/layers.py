"""W3: ten thousand steps that do nothing, in a hundred layers, each needing two of the layer before.

In: how many layers and how wide. Out: microseconds per step of one run, journaled, for steps that only
`return` and for steps that call a pure async function. The text is loaded before the clock starts;
the first run of a process also makes it ready to run, as LangGraph does before its clock starts.
LangGraph gets a tenth of the layers, because what it takes per step grows with their number.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.contest import Benchmark, Comparison, Contender, RatioGoal, Work
from benchmarks.stopwatch import TURNS, Stopwatch

LAYERS, WIDTH = 100, 100
OURS, OURS_CALLS = "misy, return", "misy, pure function"
TASKS, TASKS_GATHER = "asyncio tasks", "asyncio tasks, gather"

HEAD = """misy 1
agent same(value: int) -> int

pipeline layers -> int {
"""


def benchmark(*, layers: int = LAYERS, width: int = WIDTH) -> Benchmark:
    """Who takes part in W3."""
    arguments = {"layers": layers, "width": width}
    graph = {"layers": max(2, layers // 10), "width": width}
    peers, goal = "benchmarks.peers", RatioGoal(2, reach=1)
    whole = f"{layers * width:,}"
    langgraph = f"LangGraph, {graph['layers'] * width:,} steps"
    return Benchmark(
        "W3",
        (
            Contender(OURS, Work("benchmarks.layers:ours_values", arguments), is_ours=True),
            Contender(OURS_CALLS, Work("benchmarks.layers:ours_calls", arguments), is_ours=True),
            Contender(TASKS, Work(f"{peers}.asyncio_tasks:layers", arguments)),
            Contender(TASKS_GATHER, Work(f"{peers}.asyncio_tasks:layers_gathered", arguments)),
            Contender(langgraph, Work(f"{peers}.langgraph_steps:layers", graph)),
        ),
        (
            Comparison(f"W3 {whole} `return` steps, per step", "step_us", OURS, TASKS_GATHER, goal),
            Comparison("W3 function steps", "step_us", OURS_CALLS, TASKS_GATHER, goal),
            Comparison("W3 `return` steps, first run", "first_step_us", OURS, TASKS_GATHER),
            Comparison("W3 `return` steps", "step_us", OURS, TASKS, goal),
            Comparison("W3 function steps", "step_us", OURS_CALLS, TASKS, goal),
            Comparison("W3 `return` steps", "step_us", OURS, langgraph),
            Comparison("W3 function steps", "step_us", OURS_CALLS, langgraph),
        ),
    )


def needs_of(layer: int, place: int, width: int) -> tuple[str, str]:
    """The two steps of the layer before that a step needs."""
    return f"s{layer - 1}-{place}", f"s{layer - 1}-{(place + 1) % width}"


def text_of(layers: int, width: int, *, body: str) -> str:
    """The pipeline; `body` is what a step does with its `{value}`."""
    steps = [f"  step s0-{place} {{ {body.format(value=place)} }}" for place in range(width)]
    for layer in range(1, layers):
        for place in range(width):
            value, other = needs_of(layer, place, width)
            does = body.format(value=value)
            steps.append(f"  step s{layer}-{place} after {other} {{ {does} }}")
    last = " + ".join(f"s{layers - 1}-{place}" for place in range(width))
    return "\n".join([HEAD, *steps, f"  return {last}", "}\n"])


def ours_values(*, layers: int, width: int, place: str) -> dict[str, float]:
    """Steps that only return a value."""
    return _ours(layers, width, place, body="return {value}")


def ours_calls(*, layers: int, width: int, place: str) -> dict[str, float]:
    """Steps that call a pure async function of this process."""
    return _ours(layers, width, place, body="call same(value: {value})")


def _ours(layers: int, width: int, place: str, *, body: str) -> dict[str, float]:
    import misydsl

    @misydsl.agent(pure=True)
    async def same(value: int) -> int:
        return value

    bound = {"same": same}
    journal = Path(place) / "journal.db"
    warm_up = misydsl.load(text_of(2, 3, body=body))
    assert warm_up.run(agents=bound, journal=journal).result == 3
    pipeline = misydsl.load(text_of(layers, width, body=body))
    figures: dict[str, float] = {}
    for turn in TURNS:
        with Stopwatch() as watch:
            result = pipeline.run(agents=bound, journal=journal).result
        assert result == sum(range(width))
        figures |= watch.per_step(layers * width, turn)
    return figures
