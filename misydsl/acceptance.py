"""Whether a value that came from outside is of a type, and the value as that type holds it.

In: a type, once; then values born from JSON, from Python or from the command line. Out: the value
with its measures, dates and floats made, absent optional fields filled with null and extra fields
kept; or a `Mismatch` that names the path, what was expected and what came. Nothing is coerced: a text
is never a number, and `3.0` is no int.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from functools import lru_cache
from typing import Final, assert_never

from misydsl.relations import admits_null, describe, without_null
from misydsl.types import (
    FLOAT,
    INT,
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
from misydsl.values import (
    Duration,
    JsonInvalid,
    JsonUnwritable,
    Percent,
    Rate,
    Secret,
    Size,
    Value,
    decode_json,
    encode_json,
    parse_date,
    parse_datetime,
    parse_measure,
    with_article,
)

Acceptor = Callable[[Value], Value]

_LONGEST_EXCERPT: Final = 60  # of the value that came, in a message
_INT_BOUND: Final = 2**63  # the journal, JSON readers and pandas hold no more


class Mismatch(ValueError):
    """A value that is not of its type: where (`.trends[3].score`), what was wanted, what came."""

    def __init__(self, path: str, expected: str, got: str) -> None:
        self.path, self.expected, self.got = path, expected, got
        place = f"at `{path}`: " if path else ""
        super().__init__(f"{place}expected {expected}, got {got}")

    def inside(self, segment: str) -> Mismatch:
        """The same mismatch seen from the value around: `.field` or `[index]` goes in front."""
        return Mismatch(segment + self.path, self.expected, self.got)


def accept_anything(value: Value) -> Value:
    """What `any` accepts: the value as it is."""
    return value


@lru_cache(maxsize=1024)
def acceptor(wanted: Type) -> Acceptor:
    """The check and conversion for a type, compiled once; it raises `Mismatch`."""
    match wanted:
        case Any():
            return accept_anything
        case Primitive(name=name):
            return _primitive(name)
        case LiteralType():
            return _choice((wanted,), wanted)
        case ListType(item=item):
            return _list(item, wanted)
        case MapType(value=value):
            return _map(value, wanted)
        case RecordType():
            return _record(wanted)
        case UnionType():
            return _union(wanted)
        case Nothing():
            return _choice((), wanted)
        case never:
            assert_never(never)


def read_text(text: str, wanted: Type) -> Value:
    """The value a person typed for a parameter, read by its declared type.

    Raises: `Mismatch` with the words a person needs.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):  # bytes that are no UTF-8
        raise Mismatch("", _typed(wanted), "text that is not UTF-8")
    if admits_null(wanted):
        if text == "null":
            return None
        return read_text(text, without_null(wanted))
    readers: tuple[Callable[[str], Value], ...] = (str, _read_word, _read_json)
    for read in readers if not isinstance(wanted, Any) else (_read_json, str):
        try:
            return acceptor(wanted)(read(text))
        except (Mismatch, JsonInvalid):
            continue
    raise Mismatch("", _typed(wanted), _excerpt(text))


def _read_word(text: str) -> Value:
    """Numbers as the language writes them: `1_000`."""
    return _read_json(text.strip().replace("_", ""))


def _read_json(text: str) -> Value:
    return decode_json(text.encode())


def _typed(wanted: Type) -> str:
    examples: dict[Type, str] = {INT: "like 3", FLOAT: "like 0.5"}
    hint = examples.get(wanted) or _FORMS.get(getattr(wanted, "name", None) or "")
    if isinstance(wanted, ListType | MapType | RecordType):
        hint = "as JSON"
    return f"{describe(wanted)} ({hint})" if hint else describe(wanted)


_FORMS: Final[dict[str, str]] = {
    "bool": "true or false",
    "duration": "like 30s",
    "size": "like 64MiB",
    "rate": "like 10/s",
    "percent": "like 20%",
    "date": "like 2026-03-01",
    "datetime": "like 2026-03-01T10:00:00Z",
    "url": "like https://example.org",
}


def _primitive(name: PrimitiveName) -> Acceptor:
    """The acceptor of a built-in type: its plain Python type first, then its conversion."""
    plain = _PLAIN[name]
    convert = _CONVERSIONS.get(name)

    def accept(value: Value) -> Value:
        if type(value) is plain:
            return value
        converted = convert(value) if convert is not None else None
        if converted is None:
            raise Mismatch("", name, _excerpt(value))
        return converted

    def accept_bounded(value: Value) -> Value:
        if type(value) is int and -_INT_BOUND <= value < _INT_BOUND:
            return value
        raise Mismatch("", name, _excerpt(value))

    return accept_bounded if name == "int" else accept


def _to_float(value: Value) -> Value:
    if type(value) is int or type(value) is Percent:
        try:
            return float(value)
        except OverflowError:
            return None
    return None


def _measure(kind: type[Duration | Percent | Rate]) -> Acceptor:
    def convert(value: Value) -> Value:
        if type(value) is str:
            measure = parse_measure(value)
            return measure if type(measure) is kind else None
        if (type(value) is int or type(value) is float) and abs(value) < _INT_BOUND:
            return kind(value)
        return None

    return convert


def _to_size(value: Value) -> Value:
    if type(value) is int and 0 <= value < _INT_BOUND:
        return Size(value)
    measure = parse_measure(value) if type(value) is str else None
    return measure if type(measure) is Size else None


def _to_url(value: Value) -> Value:
    scheme, colon, rest = value.partition("://") if type(value) is str else ("", "", "")
    return value if scheme and colon and rest and not any(c.isspace() for c in rest) else None


def _to_date(value: Value) -> Value:
    return parse_date(value) if type(value) is str else None


def _to_datetime(value: Value) -> Value:
    return parse_datetime(value) if type(value) is str else None


class _Never:
    """The exact type of no value: every value goes through the conversion."""


_PLAIN: Final[dict[PrimitiveName, type]] = {
    "string": str,
    "int": int,
    "float": float,
    "bool": bool,
    "null": type(None),
    "duration": Duration,
    "size": Size,
    "rate": Rate,
    "percent": Percent,
    "date": dt.date,
    "datetime": dt.datetime,
    "url": _Never,
    "secret": Secret,
}
_CONVERSIONS: Final[dict[PrimitiveName, Acceptor]] = {
    "float": _to_float,
    "duration": _measure(Duration),
    "rate": _measure(Rate),
    "percent": _measure(Percent),
    "size": _to_size,
    "date": _to_date,
    "datetime": _to_datetime,
    "url": _to_url,
}


_CONVERTED: Final[dict[PrimitiveName, tuple[type, ...]]] = {
    "float": (int, Percent),
    "duration": (str, int, float),
    "rate": (str, int, float),
    "percent": (str, int, float),
    "size": (str, int),
    "date": (str,),
    "datetime": (str,),
    "url": (str,),
}
"""What each conversion may make a value from."""


def _choice(literals: tuple[LiteralType, ...], wanted: Type) -> Acceptor:
    """One of a few texts, ints or bools; `1` is not `true`."""
    allowed = frozenset((type(literal.value), literal.value) for literal in literals)

    def accept(value: Value) -> Value:
        if isinstance(value, str | int) and (type(value), value) in allowed:
            return value
        raise Mismatch("", describe(wanted), _excerpt(value))

    return accept


def _list(item: Type, wanted: Type) -> Acceptor:
    accept_item = acceptor(item)
    plain = {_PLAIN[item.name]} if isinstance(item, Primitive) and item != INT else None

    def accept(value: Value) -> Value:
        if type(value) is not list:
            raise Mismatch("", describe(wanted), _excerpt(value))
        if accept_item is accept_anything or set(map(type, value)) == plain:
            return value
        accepted: list[Value] = []
        try:
            for element in value:
                accepted.append(accept_item(element))  # noqa: PERF401 - its length is the index
        except Mismatch as mismatch:
            raise mismatch.inside(f"[{len(accepted)}]") from None
        return accepted

    return accept


def _map(inner: Type, wanted: Type) -> Acceptor:
    accept_inner = acceptor(inner)

    def accept(value: Value) -> Value:
        if type(value) is not dict:
            raise Mismatch("", describe(wanted), _excerpt(value))
        if accept_inner is accept_anything:
            return value
        accepted: dict[str, Value] = {}
        for key, element in value.items():
            try:
                accepted[key] = accept_inner(element)
            except Mismatch as mismatch:
                raise mismatch.inside(_segment(key)) from None
        return accepted

    return accept


def _record(wanted: RecordType) -> Acceptor:
    fields = tuple(
        (field.name, acceptor(field.type), admits_null(field.type), field.type)
        for field in wanted.fields
    )

    def accept(value: Value) -> Value:
        if type(value) is not dict:
            raise Mismatch("", describe(wanted), _excerpt(value))
        accepted = dict(value)
        for name, accept_field, is_optional, type_ in fields:
            if name not in value:
                if not is_optional:
                    raise Mismatch(_segment(name), describe(type_), "nothing")
                accepted[name] = None
                continue
            try:
                accepted[name] = accept_field(value[name])
            except Mismatch as mismatch:
                raise mismatch.inside(_segment(name)) from None
        return accepted

    return accept


_MOST_TOLD: Final = 20


def _union(wanted: UnionType) -> Acceptor:
    """The first alternative that fits; what JSON holds exactly goes before what is converted."""
    literals = tuple(m for m in wanted.members if isinstance(m, LiteralType))
    others = [m for m in wanted.members if not isinstance(m, LiteralType)]
    # a choice is told by what there is to choose: whoever sends a value may never have seen its name
    told = wanted if others or len(literals) > _MOST_TOLD else UnionType(wanted.members)
    expected = describe(told)
    options: dict[type, list[Acceptor]] = {}
    if literals:
        accept_literal = _choice(literals, told)
        for kind in {type(literal.value) for literal in literals}:
            options[kind] = [accept_literal]
    for member in sorted(others, key=_needs_conversion):
        for kind in _kinds_for(member):
            options.setdefault(kind, []).append(acceptor(member))

    def accept(value: Value) -> Value:
        closest: Mismatch | None = None
        for accept_member in options.get(type(value), ()):
            try:
                return accept_member(value)
            except Mismatch as mismatch:
                if mismatch.path and (closest is None or len(mismatch.path) > len(closest.path)):
                    closest = mismatch
        raise closest or Mismatch("", expected, _excerpt(value))

    return accept


def _needs_conversion(member: Type) -> bool:
    return isinstance(member, Primitive) and member.name in _CONVERSIONS


def _kinds_for(member: Type) -> frozenset[type]:
    """The Python types whose values the acceptor of an alternative may accept."""
    match member:
        case ListType():
            return frozenset({list})
        case MapType() | RecordType():
            return frozenset({dict})
        case Primitive(name=name):
            return frozenset({_PLAIN[name], *_CONVERTED.get(name, ())})
        case _:
            return frozenset()


def _segment(name: str) -> str:
    is_plain = name.replace("-", "_").isidentifier()
    return f".{name}" if is_plain else f"[{encode_json(name).decode()}]"


def _excerpt(value: Value) -> str:
    """What came, in a few words: scalars as JSON, containers by what they hold."""
    if type(value) is list:
        return f"a list of {len(value)}"
    if type(value) is dict:
        names = ", ".join(str(name) for name in list(value)[:4])
        more = ", …" if len(value) > 4 else ""
        return f"an object with {names}{more}" if value else "an empty object"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    try:
        words = encode_json(value[:_LONGEST_EXCERPT] if isinstance(value, str) else value).decode()
    except JsonUnwritable:
        return with_article(type(value).__name__.lower())
    return words if len(words) <= _LONGEST_EXCERPT else words[: _LONGEST_EXCERPT - 1] + "…"
