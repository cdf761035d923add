"""fan: one `for` over up to a hundred thousand items, each a call of a pure async function.

In: how many items. Out: microseconds per item, and bytes of memory per item at the peak of the run. What
the values themselves take is measured beside it, in a process that has only them: the inputs' numbers
are there before, the results' numbers come.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.contest import Benchmark, Ceiling, Comparison, Contender, RatioGoal, Work
from benchmarks.stopwatch import Growth, Stopwatch

SIZES = (1_000, 10_000, 100_000)
WARM_UP = 50
VALUES = "values only"
FIRST_VALUE = 1_000  # above the small numbers that Python keeps one of

TEXT = """misy 1
agent same(value: int) -> int

pipeline items(values: list[int]) -> list[int] {
  step worked for value in values { call same(value) }
  return worked
}
"""


def benchmark(*, sizes: tuple[int, int, int] = SIZES) -> Benchmark:
    """Who takes part in the fan-out over items: ourselves, at three sizes."""
    few, some, many = (f"{size:,} items" for size in sizes)
    contenders = [
        Contender(name, Work("benchmarks.items:ours", {"items": size}), is_ours=True)
        for name, size in zip((few, some, many), sizes, strict=True)
    ]
    alone = Contender(VALUES, Work("benchmarks.items:values_only", {"items": sizes[-1]}))
    flat = RatioGoal(1.25)
    return Benchmark(
        "fan",
        (*contenders, alone),
        (
            Comparison(
                f"fan: memory per item, {many}, above the values",
                "item_bytes",
                many,
                VALUES,
                Ceiling(1_024),
                is_difference=True,
            ),
            Comparison(f"fan: cost per item, {some}", "item_us", some, few, flat),
            Comparison(f"fan: cost per item, {many}", "item_us", many, few, flat),
        ),
    )


def ours(*, items: int, place: str) -> dict[str, float]:
    """One run over the items."""
    import misydsl

    @misydsl.agent(pure=True)
    async def same(value: int) -> int:
        return value

    bound = {"same": same}
    journal = Path(place) / "journal.db"
    pipeline = misydsl.load(TEXT)
    values = list(range(FIRST_VALUE, FIRST_VALUE + items))
    warm_up = pipeline.run(agents=bound, journal=journal, values=values[:WARM_UP])
    assert warm_up.result == values[:WARM_UP]
    with Growth() as growth, Stopwatch() as watch:
        run = pipeline.run(agents=bound, journal=journal, values=values)
    assert run.result == values
    return {
        "item_us": watch.elapsed_s / items * 1e6,
        "item_bytes": growth.peak_bytes / items,
    }


def values_only(*, items: int) -> dict[str, float]:
    """The same numbers a second time, and nothing else."""
    values = list(range(FIRST_VALUE, FIRST_VALUE + items))
    with Growth() as growth:
        results = [value + 0 for value in map(int, map(str, values))]
    assert results == values
    return {"item_bytes": growth.peak_bytes / items}
