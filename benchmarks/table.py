"""The table: what was measured, ours beside a peer, the ratio, the goal and whether it is reached.

In: `Results`. Out: a Markdown table that also reads well in a terminal, and the same as JSON. Figures are
medians with least and most in brackets; a ratio is the median of the rounds' own ratios.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.contest import Ceiling, Comparison, RatioGoal, Results, Spread

HEAD = ("what", "ours", "peer", "ratio", "goal", "reached")
UNITS = {"us": "µs", "ms": "ms", "bytes": "B", "growth": "×"}
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison, with its figures."""

    comparison: Comparison
    ours: Spread | None
    peer: Spread | None
    ratios: Spread | None = None
    """Ours over the peer's, round by round; None where there is nothing to divide."""
    problem: str | None = None

    @property
    def ratio(self) -> float | None:
        """The ratio of a usual round."""
        return None if self.ratios is None else self.ratios.median

    @property
    def is_reached(self) -> bool | None:
        """Whether the goal is met; None without a goal or without figures."""
        match self.comparison.goal:
            case RatioGoal(at_most):
                return None if self.ratio is None else self.ratio <= at_most
            case Ceiling(at_most):
                return None if self.ours is None else self.ours.median <= at_most
            case None:
                return None


def lines(results: Results) -> list[Line]:
    """The lines of one benchmark, in order."""
    return [_line(results, one) for one in results.benchmark.comparisons]


def markdown(all_lines: Iterable[Line]) -> str:
    """The table, columns aligned."""
    rows = [HEAD, *(_cells(one) for one in all_lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    shown = [" | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    rule = " | ".join("-" * width for width in widths)
    return "\n".join(f"| {one} |" for one in (shown[0], rule, *shown[1:]))


def as_json(line: Line) -> dict[str, object]:
    """One line as plain data, every figure with its spread."""
    comparison = line.comparison
    return {
        "what": comparison.what,
        "quantity": comparison.quantity,
        "ours": _spread_json(line.ours),
        "peer": None if comparison.peer is None else comparison.peer,
        "peer_figures": _spread_json(line.peer),
        "ratio": line.ratio,
        "ratios": _spread_json(line.ratios),
        "goal": _goal(comparison),
        "reached": line.is_reached,
        "problem": line.problem,
    }


def _line(results: Results, comparison: Comparison) -> Line:
    ours = results.spread(comparison.ours, comparison.quantity)
    peer = results.spread(comparison.peer, comparison.quantity) if comparison.peer else None
    problem = results.problems.get(comparison.ours) or results.problems.get(comparison.peer or "")
    if comparison.is_difference:
        ours = ours.less(peer.median) if ours is not None and peer is not None else None
        return Line(comparison, ours, peer, problem=problem)
    peers_name = comparison.peer or ""
    ratios = results.ratio(comparison.ours, peers_name, comparison.quantity)
    return Line(comparison, ours, peer, ratios, problem)


def _cells(line: Line) -> tuple[str, ...]:
    comparison = line.comparison
    peer = f"{_figures(line.peer, comparison)} {comparison.peer}" if comparison.peer else NOTHING
    if line.problem is not None:
        return (comparison.what, _figures(line.ours, comparison), peer, NOTHING, *_judged(line))
    ratio = NOTHING if line.ratios is None else _ratios(line.ratios)
    return (comparison.what, _figures(line.ours, comparison), peer, ratio, *_judged(line))


def _judged(line: Line) -> tuple[str, str]:
    if line.problem is not None:
        return _goal(line.comparison), "no figures, see below"
    match line.is_reached:
        case None:
            return _goal(line.comparison), NOTHING
        case True:
            return _goal(line.comparison), "yes" + _pride(line)
        case False:
            return _goal(line.comparison), f"no, {_miss(line):.1f}× too much"


def _pride(line: Line) -> str:
    match line.comparison.goal:
        case RatioGoal(reach=float(reach)) if line.ratio is not None and line.ratio <= reach:
            return ", and more"
        case _:
            return ""


def _miss(line: Line) -> float:
    """How many times too much it is."""
    assert line.comparison.goal is not None
    assert line.ours is not None
    figure = line.ours.median
    if isinstance(line.comparison.goal, RatioGoal):
        assert line.ratio is not None
        figure = line.ratio
    return figure / line.comparison.goal.at_most


def _goal(comparison: Comparison) -> str:
    match comparison.goal:
        case RatioGoal(at_most, reach):
            more = "" if reach is None else f" (reach {fraction(reach)})"
            return f"≤ {fraction(at_most)}{more}"
        case Ceiling(at_most):
            above = "+" if comparison.is_difference else ""
            return f"≤ {above}{amount(at_most)} {unit(comparison.quantity)}"
        case None:
            return NOTHING


def _figures(spread: Spread | None, comparison: Comparison) -> str:
    if spread is None:
        return NOTHING
    between = f"{amount(spread.least)}–{amount(spread.most)}"
    return f"{amount(spread.median)} {unit(comparison.quantity)} [{between}]"


def _ratios(ratios: Spread) -> str:
    median, *ends = (fraction(one) for one in (ratios.median, ratios.least, ratios.most))
    return median if ends == [median] * 2 else f"{median} [{'–'.join(ends)}]"


def _spread_json(spread: Spread | None) -> dict[str, float] | None:
    if spread is None:
        return None
    return {"median": spread.median, "min": spread.least, "max": spread.most}


def fraction(ratio: float) -> str:
    """A ratio as people say it: `1/12`, `1.4×`."""
    if 0 < ratio < 0.67:
        return f"1/{1 / ratio:.3g}"
    return f"{ratio:.2f}×"


def amount(figure: float) -> str:
    """A figure with three digits that count."""
    return f"{figure:,.0f}" if abs(figure) >= 100 else f"{figure:.3g}"


def unit(quantity: str) -> str:
    """The unit of a quantity, as it is written."""
    return UNITS[quantity.rsplit("_", 1)[-1]]
