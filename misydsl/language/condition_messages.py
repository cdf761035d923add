"""The words for what is no yes or no, and for what is no list.

In: the facts of a `Problem`. Out: `Finding`s whose cure fits the type that was found. Other values are
worded in `value_messages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from misydsl.language.report import Finding
from misydsl.relations import admits_null, base_of, describe, is_assignable, without_null
from misydsl.types import (
    BOOL,
    FLOAT,
    INT,
    STRING,
    ListType,
    LiteralType,
    MapType,
    RecordType,
    Type,
)

Facts = Mapping[str, object]
_LONGEST_SHOWN: Final = 30  # characters of a value that are written again in its cure
_LONGEST_RANGE: Final = 100_000


def not_a_bool(facts: Facts, shown: str) -> Finding:
    """E0509."""
    found, what = cast("Type", facts["found"]), facts["what"]
    if what == "or" and facts.get("is_default"):
        message = f"`or` needs yes or no (bool) on both sides, this is {shown}"
        return Finding("E0509", message, "for a default write `… ?? …`")
    message = f"`{what}` needs yes or no (bool), this is {shown}"
    return Finding("E0509", message, _comparison(found, str(facts.get("text", "…"))))


def _comparison(found: Type, text: str) -> str:
    """How a value of a type is turned into a yes or no."""
    target = text if len(text) <= _LONGEST_SHOWN else "…"
    if isinstance(found, LiteralType) and found.value in ("true", "false"):
        return f"write it without quotes: `{found.value}`"
    if admits_null(found) and isinstance(without_null(found), RecordType):
        return f"compare it: `{target} != null`"
    kind = base_of(found) if isinstance(found, LiteralType) else found
    match kind:
        case RecordType(fields=fields):
            answers = [one.name for one in fields if is_assignable(one.type, BOOL)]
            return f"take the answer in it: `{target}.{answers[0]}`" if answers else _ANY
        case ListType() | MapType():
            return f"compare its length: `length({target}) > 0`"
        case _ if kind == STRING:
            return f'compare it: `{target} != ""`'
        case _ if kind in (INT, FLOAT):
            return f"compare it: `{target} > 0`"
        case _:
            return _ANY


_ANY: Final = "compare it: `… != null`, `length(…) > 0`"


def not_a_list(facts: Facts, shown: str) -> Finding:
    """E0508."""
    found = cast("Type", facts["found"])
    message = f"`{facts['what']}` needs a list, this is {shown}"
    if isinstance(found, MapType):
        return Finding("E0508", message, "take `keys(…)` or `values(…)` of it")
    if isinstance(found, LiteralType) and type(found.value) is int and facts["what"] == "for":
        right = f"range({found.value})"
        is_range = 0 <= found.value <= _LONGEST_RANGE
        return Finding("E0508", message, f"write `{right}`", right if is_range else None)
    if describe(found) == "int":
        return Finding("E0508", message, "write `range(…)` to count")
    return Finding("E0508", message)
