"""Types and values of them, made up: what the laws of the ground are tested on."""

from __future__ import annotations

from hypothesis import strategies as st

from misydsl.relations import unite
from misydsl.types import (
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INT,
    NULL,
    STRING,
    URL,
    Field,
    ListType,
    LiteralType,
    MapType,
    Primitive,
    RecordType,
    Type,
    UnionType,
)

NAMES = st.sampled_from(["a", "b", "título", "x-y", "9 lives"])
SCALARS = st.sampled_from([STRING, INT, FLOAT, BOOL, NULL, DURATION, DATE, DATETIME, URL])
LITERALS = st.sampled_from(
    [LiteralType("x"), LiteralType("y"), LiteralType(1), LiteralType(0), LiteralType(True)]
)


def _records(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    fields = st.dictionaries(NAMES, inner, max_size=3)
    return fields.map(lambda f: RecordType(tuple(Field(*pair) for pair in f.items())))


TYPES: st.SearchStrategy[Type] = st.recursive(
    SCALARS | LITERALS,
    lambda inner: st.one_of(
        inner.map(ListType),
        inner.map(MapType),
        _records(inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda types: unite(*types)),
    ),
    max_leaves=8,
)
"""Any type without `any`."""

PLAIN_TYPES: st.SearchStrategy[Type] = st.recursive(
    SCALARS | LITERALS,
    lambda inner: st.one_of(
        inner.map(ListType),
        inner.map(MapType),
        st.lists(inner, min_size=1, max_size=3).map(lambda types: unite(*types)),
    ),
    max_leaves=8,
)
"""Types without records: where width comes in, `{a} → {} → {a?}` breaks a chain on purpose."""

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | FLOATS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


def json_of(type_: Type) -> st.SearchStrategy[object]:
    """JSON an agent may send for a type."""
    match type_:
        case Primitive(name=name):
            return _SCALAR_JSON[name]
        case LiteralType(value=value):
            return st.just(value)
        case ListType(item=item):
            return st.lists(json_of(item), max_size=3)
        case MapType(value=value):
            return st.dictionaries(NAMES, json_of(value), max_size=3)
        case RecordType(fields=fields):
            return st.fixed_dictionaries({field.name: json_of(field.type) for field in fields})
        case UnionType(members=members):
            return st.one_of(*(json_of(member) for member in members))
        case _:
            return st.nothing()


_SCALAR_JSON: dict[str, st.SearchStrategy[object]] = {
    "string": TEXTS,
    "int": st.integers(-(2**63), 2**63 - 1),
    "float": FLOATS | st.integers(-(2**53), 2**53),
    "bool": st.booleans(),
    "null": st.none(),
    "duration": st.sampled_from(["30s", "1h30m", 5, 0.25]),
    "date": st.dates().map(lambda day: day.isoformat()),
    "datetime": st.datetimes().map(lambda moment: moment.isoformat()),
    "url": st.sampled_from(["http://localhost:3000/x", "mcp+stdio://tools"]),
}
