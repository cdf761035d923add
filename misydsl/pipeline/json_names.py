"""Names of steps from ids of a JSON workflow.

In: ids, any texts. Out: for each a name that a path can hold and a file can spell: itself where it is one, else one
that looks like it and is nobody else's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

RESERVED: Final = frozenset(
    ("and", "or", "not", "in", "if", "then", "else", "for", "true", "false", "null")
)
_NAME: Final = re.compile(r"[^\W\d]\w*(?:-\w+)*")
_OTHERS: Final = re.compile(r"[^\w]+")
_LONGEST: Final = 100


def is_name(text: str) -> bool:
    """Whether it may be a name as it is."""
    is_normal = unicodedata.is_normalized("NFC", text)
    is_short = len(text) <= _LONGEST
    return is_normal and is_short and bool(_NAME.fullmatch(text)) and text not in RESERVED


def names_of(ids: Iterable[str]) -> Mapping[str, str]:
    """The name of each id; equal ids have one name."""
    distinct = list(dict.fromkeys(ids))
    names = {one: one for one in distinct if is_name(one)}
    taken = set(names)
    numbers: dict[
        str, int
    ] = {}  # the next to try, so that thousands alike are not tried from the first on
    for one in distinct:
        if one not in names:
            names[one] = _free(_alike(one), taken, numbers)
            taken.add(names[one])
    return names


def _alike(text: str) -> str:
    plain = _OTHERS.sub("-", unicodedata.normalize("NFC", text)).strip("-_")[:_LONGEST].rstrip("-")
    return plain if is_name(plain) else f"step-{plain}" if plain else "step"


def _free(name: str, taken: set[str], numbers: dict[str, int]) -> str:
    number, found = numbers.get(name, 2), name
    while found in taken:
        found, number = f"{name}-{number}", number + 1
    numbers[name] = number
    return found
