"""The nouns of a benchmark: who takes part, what is compared, and how far a goal reaches.

In: made by the modules of the benchmarks. Out: `Benchmark`, plain data that `measuring` works through
and `table` shows. A quantity carries its unit in its name: `step_us`, `overhead_ms`, `item_bytes`.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

Argument = str | int
Quantities = Mapping[str, float]


class Home(Enum):
    """In which environment a contender is installed."""

    HERE = "beside this library"
    PEERS = "in an environment of the heavy peers"


@dataclass(frozen=True, slots=True)
class Work:
    """A function in a fresh process: `module:function`, called with the arguments.

    If it takes them it also gets `place`, a directory to write in, and `agents`, the address of the
    agents. It answers its quantities, measured by itself after a warm-up, or a list of them, one for
    each time it did the work, and raises if its result is wrong. `peak_bytes` is added to them.
    """

    entry: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    home: Home = Home.HERE


@dataclass(frozen=True, slots=True)
class Command:
    """A whole process, as a person starts it; answers `cpu_ms` and `wall_ms` from start to end."""

    arguments: tuple[str, ...]
    """What follows the interpreter: `-c`, `pass`."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do the work of a benchmark."""

    name: str
    does: Work | Command
    is_ours: bool = False
    system: str = ""
    """The row of the comparison of systems that it fills; none if empty."""
    size: str = ""
    """How much of the work it does, where that is not all: `200 steps`."""
    rounds: int | None = None
    """In how many rounds it takes part, where its start alone takes long."""


@dataclass(frozen=True, slots=True)
class RatioGoal:
    """Ours is at most this much of the peer; `reach` is what one would be proud of."""

    at_most: float
    reach: float | None = None


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Ours is at most this much, in the unit of the quantity."""

    at_most: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One line of the table: a quantity of ours, beside the same one of a peer."""

    what: str
    quantity: str
    ours: str
    peer: str | None = None
    goal: RatioGoal | Ceiling | None = None
    is_difference: bool = False
    """Whether ours counts above the peer (`import` above bare Python), not as a whole."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Contenders that take turns, and the lines they fill."""

    name: str
    contenders: tuple[Contender, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """Repeated figures of one quantity."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, figures: list[float]) -> Spread:
        """The spread of at least one figure."""
        return cls(statistics.median(figures), min(figures), max(figures))

    def less(self, amount: float) -> Spread:
        """The same, above an amount."""
        return Spread(self.median - amount, self.least - amount, self.most - amount)


@dataclass(frozen=True, slots=True)
class Results:
    """What one benchmark gave: figures by contender, or why a contender has none."""

    benchmark: Benchmark
    samples: Mapping[str, list[Quantities]]
    problems: Mapping[str, str]

    def spread(self, contender: str, quantity: str) -> Spread | None:
        """A quantity over all rounds; None when the contender gave none."""
        figures = self._figures(contender, quantity)
        return Spread.of(figures) if figures else None

    def ratio(self, over: str, under: str, quantity: str) -> Spread | None:
        """One contender's figures over another's, round by round: what slows a round slows both."""
        pairs = zip(self._figures(over, quantity), self._figures(under, quantity), strict=False)
        ratios = [above / below for above, below in pairs if below > 0]
        return Spread.of(ratios) if ratios else None

    def _figures(self, contender: str, quantity: str) -> list[float]:
        return [one[quantity] for one in self.samples.get(contender, ()) if quantity in one]
