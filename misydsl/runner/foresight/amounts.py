"""Amounts: numbers that may depend on how many items a `for` will have.

In: numbers, and the paths of the `for` steps whose items only a run can count. Out: `Amount`, a sum of
terms such as `4 + 3 × items of scripts`, exact wherever nothing is unknown. Numbers never overflow: what is
over any measure stays at `UTMOST`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Final, TypeAlias

Number: TypeAlias = int | float
Factors: TypeAlias = tuple[str, ...]
"""The `for` steps, by path, whose counts a term is multiplied with; () for the part that is known."""

UTMOST: Final = 10**18
"""What no run comes to: larger products of nested `for`s are not told apart."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of calls, seconds or cost, as far as it is known."""

    terms: Mapping[Factors, Number]

    @property
    def known(self) -> Number | None:
        """The number; None while items are to be counted."""
        return None if any(self.terms.keys()) else self.terms.get((), 0)

    @property
    def unknowns(self) -> tuple[str, ...]:
        """The `for` steps it depends on, by path, each once."""
        return tuple(dict.fromkeys(path for factors in self.terms for path in factors))

    def times(self, factor: Number) -> Amount:
        """So many times as much."""
        if factor == 1:
            return self
        made = {factors: bounded(number * factor) for factors, number in self.terms.items()}
        return Amount({factors: number for factors, number in made.items() if number})

    def at(self, counts: Mapping[str, int]) -> Number | None:
        """The number for these counts of items; None where one of them is missing."""
        if any(path not in counts for path in self.unknowns):
            return None
        parts = (
            number * prod(counts[path] for path in factors)
            for factors, number in self.terms.items()
        )
        return bounded(sum(map(bounded, parts)))


NOTHING: Final = Amount({})


def amount(number: Number, factors: Factors = ()) -> Amount:
    """So much for each combination of items of these `for`s."""
    return Amount({factors: bounded(number)}) if number else NOTHING


def total(amounts: Iterable[Amount]) -> Amount:
    """All together, in time linear in their terms."""
    listed = [one for one in amounts if one.terms]
    if len(listed) < 2:
        return listed[0] if listed else NOTHING
    sums: Counter[Factors] = Counter()
    for one in listed:
        for factors, number in one.terms.items():
            sums[factors] = bounded(sums[factors] + number)  # type: ignore[assignment]  # floats too
    return Amount(dict(sums))


def larger(left: Amount, right: Amount) -> Amount:
    """An amount that is at least as large as both, whatever the counts come to."""
    if not left.terms or not right.terms:
        return left if left.terms else right
    factors = dict.fromkeys((*left.terms, *right.terms))
    return Amount({one: max(left.terms.get(one, 0), right.terms.get(one, 0)) for one in factors})


def bounded(number: Number) -> Number:
    """The number, or the utmost."""
    return min(number, UTMOST)
