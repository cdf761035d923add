"""What the cache would give: which calls of a step with `cache:` were made before, as far as they are known.

In: the keys of calls whose inputs are known, and a way to look them up. Out: `CacheForecast`: how many would
be taken from the cache, how many made, and why. Nothing is computed here and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from misydsl.store.journal import Memo
from misydsl.values import duration_text

Lookup = Callable[[str], Memo | None]
"""Finds the newest result of equal calls by their key, as `Journal.recall` does."""


@dataclass(frozen=True, slots=True)
class CacheQuestion:
    """The key of so many equal calls; None, with the reason, where their inputs are not known."""

    key: str | None
    calls: int = 1
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class CacheForecast:
    """What the cache would do for a step."""

    kept_s: float
    """The step's `cache:`: how old a result may be."""
    hits: int
    misses: int
    words: str
    """All of it in a sentence."""


def cache_forecast(
    questions: Iterable[CacheQuestion], *, kept_s: float, now: float, lookup: Lookup
) -> CacheForecast:
    """What looking these calls up comes to at this moment."""
    hits = misses = 0
    reasons: dict[str, None] = {}
    for one in questions:
        if one.key is None:
            reasons[one.why_not] = None
            continue
        found = lookup(one.key)
        age_s = None if found is None else max(0.0, now - found.at)
        if found is not None and age_s is not None and age_s <= kept_s:
            hits += one.calls
            reasons[f"hit: run {found.run}, {_age(age_s)} ago"] = None
        else:
            misses += one.calls
            reasons[_miss(age_s, kept_s)] = None
    return CacheForecast(kept_s, hits, misses, _sentence(hits, misses, list(reasons)))


def _miss(age_s: float | None, kept_s: float) -> str:
    if age_s is None:
        return "miss: no equal call was recorded"
    return f"miss: the last equal call was {_age(age_s)} ago, over {duration_text(kept_s)}"


def _sentence(hits: int, misses: int, reasons: list[str]) -> str:
    if not reasons:
        return "nothing to look up"
    words = reasons[0] if len(reasons) == 1 else f"{reasons[0]}, and others"
    calls = hits + misses
    return words if calls <= 1 else f"{hits:,} of {calls:,} calls are there; {words}"


def _age(age_s: float) -> str:
    """To the second, minute or hour: nobody decides by more."""
    unit = 1 if age_s < 60 else 60 if age_s < 3600 else 3600
    return duration_text(age_s // unit * unit)
