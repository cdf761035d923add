"""A right value of a type, as one would type it after `-p name=`.

In: a type. Out: a short text that the reader of inputs accepts for it, quoted for the shell.
"""

from __future__ import annotations

import json
import shlex
from typing import Final, assert_never

from misydsl.relations import without_null
from misydsl.types import (
    Any,
    ListType,
    LiteralType,
    MapType,
    Nothing,
    Primitive,
    PrimitiveName,
    RecordType,
    Type,
    UnionType,
)

_Sample = str | int | float | bool | list["_Sample"] | dict[str, "_Sample"] | None
_PRIMITIVES: Final[dict[PrimitiveName, _Sample]] = {
    "string": "text",
    "int": 3,
    "float": 0.5,
    "bool": True,
    "null": None,
    "duration": "30s",
    "size": "64MiB",
    "rate": "10/s",
    "percent": "20%",
    "date": "2026-03-01",
    "datetime": "2026-03-01T10:00:00Z",
    "url": "https://example.org",
    "secret": "text",
}


def sample_text(wanted: Type) -> str:
    """A value of the type, ready for the shell: `3`, `30s`, `'["text"]'`."""
    sample = _sample(wanted)
    return shlex.quote(sample if isinstance(sample, str) else json.dumps(sample))


def choices_text(wanted: Type) -> str:
    """The values of a type that is a choice of literals: `bajo, alto`; "" for every other type."""
    rest = without_null(wanted)
    members = rest.members if isinstance(rest, UnionType) else ()
    literals = [one.value for one in members if isinstance(one, LiteralType)]
    if not literals or len(literals) < len(members):
        return ""
    return ", ".join(one if isinstance(one, str) else json.dumps(one) for one in literals)


def _sample(wanted: Type) -> _Sample:
    match wanted:
        case Primitive(name=name):
            return _PRIMITIVES[name]
        case LiteralType(value=value):
            return value
        case ListType(item=item):
            return [_sample(item)]
        case MapType(value=value_type):
            return {"key": _sample(value_type)}
        case RecordType(fields=fields):
            return {one.name: _sample(one.type) for one in fields}
        case UnionType(members=members):
            rest = without_null(wanted)
            return _sample(members[0] if isinstance(rest, UnionType) else rest)
        case Any():
            return "text"
        case Nothing():
            return []
        case _:
            assert_never(wanted)
