"""Systems beside one another: a row a system, a column a workload, everything in units of ours.

In: the `Results` of W1 to W4. Out: a Markdown table. A cell is how many times as much as ours the system
takes, and the most memory its processes had; ours has the figure itself. A system that was not measured
has a dash, one that failed says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from benchmarks.contest import Contender, Results
from benchmarks.systems import MISY, SYSTEMS, System
from benchmarks.table import NOTHING, amount, unit

QUANTITIES = {"W1": "overhead_ms", "W2": "step_us", "W3": "step_us", "W4": "step_us"}
HEADS = {
    "W1": "W1: 3 calls of 50 ms, above 150 ms",
    "W2": "W2: 1,000 calls at once, a step",
    "W3": "W3: 10,000 no-op steps in layers, a step",
    "W4": "W4: a chain of 1,000 no-op steps, a step",
}
FAILED = "failed, see below"


def matrix(measured: Iterable[Results]) -> str:
    """The table of those workloads that were measured; empty when none was."""
    by_name = {one.benchmark.name: one for one in measured if one.benchmark.name in QUANTITIES}
    if not by_name:
        return ""
    heads = ["system", *(HEADS[name] for name in by_name), "keeps"]
    rows = [_row(system, by_name) for system in SYSTEMS]
    rule = ["---"] * len(heads)
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, rule, *rows))


def _row(system: System, by_name: Mapping[str, Results]) -> list[str]:
    cells = [_cell(system, one, QUANTITIES[name]) for name, one in by_name.items()]
    return [system.name, *cells, system.keeps]


def _cell(system: System, results: Results, quantity: str) -> str:
    contender = _contender(system.name, results)
    base = _contender(MISY, results)
    if contender is None or base is None:
        return NOTHING
    figures = results.spread(contender.name, quantity)
    memory = results.spread(contender.name, "peak_bytes")
    if figures is None or memory is None:
        return FAILED
    cost = f"{amount(figures.median)} {unit(quantity)}"
    if contender is not base:
        ratio = results.ratio(contender.name, base.name, quantity)
        cost = FAILED if ratio is None else f"**{amount(ratio.median)}×** ({cost})"
    size = f", {contender.size}" if contender.size else ""
    return f"{cost}, {amount(memory.median / 1e6)} MB{size}"


def _contender(system: str, results: Results) -> Contender | None:
    return next((one for one in results.benchmark.contenders if one.system == system), None)
