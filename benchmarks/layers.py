"""W3: ten thousand steps that do nothing, in a hundred layers, each needing two of the layer before.

In: how many layers and how wide. Out: microseconds per step of one run, journaled, for steps that only
`return` and for steps that call a pure async function. The text is loaded before the clock starts;
the first run of a process also makes it ready to run, as LangGraph does before its clock starts.
The slow ones get fewer layers. That flatters those whose cost per step grows with their number, and is
hard on those whose flow costs something by itself (Prefect), so no goal is held against them here.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.contest import Argument, Benchmark, Comparison, Contender, RatioGoal, Work
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
    named,
)

LAYERS, WIDTH = 100, 100
OURS, OURS_CALLS = "misy, return", "misy, pure function"
TASKS, TASKS_GATHER = "asyncio tasks", "asyncio tasks, gather"
FEWER = {LANGGRAPH: 10, LANGGRAPH_SQLITE: 10, PREFECT: 2, DBOS: 3, DASK: 10}
"""How many layers the slow ones get at most."""

HEAD = """misy 1
agent same(value: int) -> int

pipeline layers -> int {
"""


def benchmark(*, layers: int = LAYERS, width: int = WIDTH) -> Benchmark:
    """Who takes part in W3."""
    contenders, goal = _contenders(layers, width), RatioGoal(2, reach=1)
    whole = f"W3 {layers * width:,} `return` steps, per step"
    calls = "W3 function steps"
    name = {one.system: one.name for one in contenders}
    others = (LANGGRAPH, LANGGRAPH_SQLITE, PREFECT, DBOS)
    return Benchmark(
        "W3",
        contenders,
        (
            Comparison(whole, "step_us", OURS, TASKS_GATHER, goal),
            Comparison(calls, "step_us", OURS_CALLS, TASKS_GATHER, goal),
            Comparison("W3 `return` steps, first run", "first_step_us", OURS, TASKS_GATHER),
            Comparison("W3 `return` steps", "step_us", OURS, TASKS, goal),
            Comparison(calls, "step_us", OURS_CALLS, TASKS, goal),
            *(Comparison(calls, "step_us", OURS_CALLS, name[one]) for one in others),
        ),
    )


def _contenders(layers: int, width: int) -> tuple[Contender, ...]:
    arguments, tasks = {"layers": layers, "width": width}, "benchmarks.peers.asyncio_tasks"
    ours = Work("benchmarks.layers:ours_values", arguments)
    ours_calls = Work("benchmarks.layers:ours_calls", arguments)
    gather = Work(f"{tasks}:layers_gathered", arguments)
    return (
        Contender(OURS, ours, is_ours=True, system=MISY_OTHER),
        Contender(OURS_CALLS, ours_calls, is_ours=True, system=MISY),
        Contender(TASKS, Work(f"{tasks}:layers", arguments)),
        Contender(TASKS_GATHER, gather, system=BY_HAND),
        _langgraph(LANGGRAPH, layers, width),
        _langgraph(LANGGRAPH_SQLITE, layers, width),
        *(_heavy(one, layers, width) for one in (PREFECT, DBOS, HAMILTON, DASK)),
    )


def _langgraph(system: str, layers: int, width: int) -> Contender:
    (arguments, size), entry = (
        _fewer(system, layers, width),
        "benchmarks.peers.langgraph_steps:layers",
    )
    if system == LANGGRAPH_SQLITE:
        return kept_by(system, entry, arguments=arguments, size=size)
    name = named(system, size)
    return Contender(name, Work(entry, arguments), system=system, size=size)


def _heavy(system: str, layers: int, width: int) -> Contender:
    arguments, size = _fewer(system, layers, width)
    return heavy(system, "layers", arguments=arguments, size=size)


def _fewer(system: str, layers: int, width: int) -> tuple[dict[str, Argument], str]:
    """The arguments, and how many steps these are, where they are fewer."""
    most = min(layers, FEWER.get(system, layers))
    size = f"{most * width:,} steps" if most < layers else ""
    return {"layers": most, "width": width}, size


def needs_of(layer: int, place: int, width: int) -> tuple[str, str]:
    """The two steps of the layer before that a step needs."""
    return f"s{layer - 1}-{place}", f"s{layer - 1}-{place_beside(place, width)}"


def place_beside(place: int, width: int) -> int:
    """Where the other step is that a step needs."""
    return (place + 1) % width


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
