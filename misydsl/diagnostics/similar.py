"""Which name was probably meant.

In: a name that does not exist and the names that do. Out: the one it most likely stands for, or None; a
`Guess` is a text that also knows whether no other candidate is as near.
Names are compared folded (case, accents, `-` and `_` do not count), then by edit distance where two
neighbours swapped count as one slip. The answer depends on nothing but its inputs: of two equally near
names the first in the alphabet wins.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Self

_LONGEST = 80  # longer names are not typed by hand, and the distance is quadratic


class Guess(str):
    """A name that was probably meant."""

    __slots__ = ("is_clear",)

    def __new__(cls, name: str, *, is_clear: bool) -> Self:
        """The name, and whether it is the only one so near."""
        guess = super().__new__(cls, name)
        guess.is_clear = is_clear
        return guess

    is_clear: bool


def similar(name: str, candidates: Iterable[str]) -> Guess | None:
    """The candidate nearest to `name`, when it is near enough to be a slip of the keyboard."""
    folded = fold(name)
    if not folded or len(folded) > _LONGEST:
        return None
    best, found, is_clear = _allowance(folded) + 1, "", True
    for candidate in sorted(set(candidates)):
        limit = min(best, _allowance(folded))
        distance = _distance(folded, fold(candidate), limit)
        if distance is None:
            continue
        if distance < best:
            best, found, is_clear = distance, candidate, True
        else:
            is_clear = False
    return Guess(found, is_clear=is_clear) if found else None


def fold(name: str) -> str:
    """The name without what people slip on: case, accents, hyphens and underscores."""
    plain = name.replace("-", "").replace("_", "")
    if plain.isascii():
        return plain.lower()
    parts = unicodedata.normalize("NFD", plain.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _allowance(folded: str) -> int:
    """How many slips are believable: one in a short name, more in a long one, never half of it."""
    if len(folded) <= 2:
        return 0 if len(folded) == 1 else 1
    return min(3, 1 + len(folded) // 5)


def _distance(left: str, right: str, limit: int) -> int | None:
    """Edits from one to the other (swapped neighbours are one edit), None when over `limit`."""
    if limit < 0 or abs(len(left) - len(right)) > limit or len(right) > _LONGEST:
        return None
    if left == right:
        return 0
    missing = Counter(left) - Counter(right)
    if missing.total() > limit or 2 * limit >= len(left) + len(right):
        return None
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, letter in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            cost = min(
                previous[column] + 1,
                current[column - 1] + 1,
                previous[column - 1] + (letter != other),
            )
            if row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return None
        before, previous = previous, current
    return previous[-1] if previous[-1] <= limit else None
