"""Values as a run holds them, and their strict JSON.

In: bytes from agents and people. Out: plain Python values (`None bool int float str list dict`, plus
`date datetime` and the four measures below), and bytes. Durations, percents, sizes and rates are
numbers that remember what they measure. Decoding is strict: what two JSON readers could understand
differently is refused, and so is writing what no reader could read back. A measure or date as a person writes
it can be read and written: both ways give the same value. A date-time without a zone is UTC, so that
all of them can be compared.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from typing import Any, Final

import msgspec


class Duration(float):
    """A length of time in seconds: `30s`, `1h30m`."""

    __slots__ = ()


class Percent(float):
    """A share: `20%` is 0.2."""

    __slots__ = ()


class Rate(float):
    """How often: calls per second; `100/m` is 1.667."""

    __slots__ = ()


class Size(int):
    """A number of bytes: `64MiB`, `10MB`."""

    __slots__ = ()


class Secret:
    """A text that is never shown; only an agent's `auth` and `headers` may open it."""

    __slots__ = ("_text", "name")

    def __init__(self, name: str, text: str) -> None:
        self.name, self._text = name, text

    def reveal(self) -> str:
        """The text itself; only for the wire."""
        return self._text

    def __repr__(self) -> str:
        return f"<secret {self.name}>"

    __str__ = __repr__


Scalar = None | bool | int | float | str | Duration | Percent | Rate | Size
Value = Scalar | dt.date | dt.datetime | Secret | list["Value"] | dict[str, "Value"]

_LARGEST_MEASURE: Final = 2**63  # in its smallest unit; what is larger is written as one number

MAX_JSON_DEPTH: Final = 100  # deeper replies are refused; the wire contract says so

SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
"""The units of a duration, in seconds."""

BYTES: Final = {
    "B": 1,
    "kB": 10**3,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
"""The units of a size, in bytes."""

RATES: Final = {"s": 1.0, "m": 60.0, "h": 3600.0}
"""What a rate is counted by, in seconds."""

_NUMBER: Final = r"\d[\d_]*(?:\.\d+)?"
_MEASURE: Final = re.compile(
    rf"(?P<duration>(?:{_NUMBER}(?:ms|[smhd]))+)|(?P<percent>{_NUMBER})%"
    rf"|(?P<calls>{_NUMBER})/(?P<per>[smh])|(?P<size>{_NUMBER})(?P<unit>[kKMGT]i?B|B)"
)
_PART: Final = re.compile(rf"({_NUMBER})(ms|[smhd])")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_DATETIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d\d:\d\d)?"
)
_LONGEST_MEASURE: Final = 100  # no measure needs more; keeps hostile digits from the number reader


class JsonInvalid(ValueError):
    """Bytes that are not the strict JSON this library reads; `offset` in bytes where it is known."""

    def __init__(self, message: str, offset: int | None = None) -> None:
        self.message, self.offset = message, offset
        super().__init__(message if offset is None else f"{message} (at byte {offset})")


class JsonUnwritable(ValueError):
    """A value that has no JSON: a secret, NaN, an infinity, half a surrogate pair."""


def decode_json(data: bytes | memoryview) -> Value:
    """The value the bytes say, by RFC 8259 and nothing beside it.

    Raises: `JsonInvalid` for anything else: invalid UTF-8, NaN, trailing bytes, a name twice in one
    object, more than 100 levels, half a surrogate pair, numbers no float can hold.
    """
    try:
        value: Value = msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise _explained(error, bytes(data)) from None
    except UnicodeDecodeError:
        raise _not_utf8(bytes(data)) from None
    except RecursionError:
        raise JsonInvalid(f"it is nested deeper than {MAX_JSON_DEPTH} levels") from None
    if type(value) is dict or type(value) is list:
        _refuse_ambiguous(value, bytes(data))
    return value


def encode_json(value: Value) -> bytes:
    """Compact UTF-8 JSON; measures are numbers (seconds, bytes, per second), dates ISO 8601.

    Raises: `JsonUnwritable` for what JSON cannot hold; a secret is never written.
    """
    try:
        data = _ENCODER.encode(value)
    except (UnicodeEncodeError, TypeError, OverflowError, RecursionError) as error:
        raise JsonUnwritable(str(error)) from None
    if b"null" in data:  # msgspec writes NaN and the infinities so
        _refuse_infinite(value)
    return data


def parse_measure(text: str) -> Duration | Percent | Rate | Size | None:
    """The measure a text says, exactly as a literal of the language; None when it says none."""
    match = _MEASURE.fullmatch(text) if len(text) <= _LONGEST_MEASURE else None
    if match is None:
        return None
    if match["duration"]:
        return Duration(math.fsum(_number(n) * SECONDS[unit] for n, unit in _PART.findall(text)))
    if match["percent"]:
        return Percent(_number(match["percent"]) / 100)
    if match["calls"]:
        return Rate(_number(match["calls"]) / RATES[match["per"]])
    if match["unit"] not in BYTES:
        return None
    return Size(round(_number(match["size"]) * BYTES[match["unit"]]))


def parse_date(text: str) -> dt.date | None:
    """The day of an ISO 8601 text `2026-03-01`; None when there is no such day."""
    if _DATE.fullmatch(text) is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def parse_datetime(text: str) -> dt.datetime | None:
    """The moment of an ISO 8601 text with date and time; without a zone it is UTC."""
    if _DATETIME.fullmatch(text) is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def measure_text(value: Duration | Percent | Rate | Size) -> str:
    """The measure as its literal."""
    match value:
        case Duration():
            return duration_text(value)
        case Percent():
            return percent_text(value)
        case Rate():
            return rate_text(value)
        case _:
            return size_text(value)


def with_article(noun: str) -> str:
    """What something is, in a sentence: `an object`, `a set`."""
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"


def duration_text(seconds: float) -> str:
    """Seconds as a literal: 5400 is `1h30m`, 0.25 is `250ms`, 1.5 is `1s500ms`."""
    if seconds < 0:
        return "-" + duration_text(-seconds)
    milliseconds = round(seconds * 1000) if seconds < _LARGEST_MEASURE else 0
    if not math.isclose(milliseconds, seconds * 1000, rel_tol=1e-12, abs_tol=1e-9):
        return f"{_decimal(seconds)}s"
    parts, rest = [], milliseconds
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        count, rest = divmod(rest, length)
        parts += [f"{count}{unit}"] if count else []
    parts += [f"{rest}ms"] if rest else []
    return "".join(parts) or "0s"


def percent_text(share: float) -> str:
    """A share as a literal: 0.2 is `20%`."""
    return f"{_decimal(round(share * 100, 12))}%"


def rate_text(per_second: float) -> str:
    """Calls per second as a literal: the largest unit that gives a whole number, else per second."""
    for unit, length in RATES.items():
        count = per_second * length
        if 0 < abs(count) < _LARGEST_MEASURE and math.isclose(count, round(count), rel_tol=1e-12):
            return f"{round(count)}/{unit}"
    return f"{_decimal(per_second)}/s"


def size_text(size_bytes: int) -> str:
    """A number of bytes as a literal: the largest unit that divides it."""
    units = ("TiB", "TB", "GiB", "GB", "MiB", "MB", "KiB", "kB")
    for unit in units:
        if size_bytes and size_bytes % BYTES[unit] == 0:
            return f"{size_bytes // BYTES[unit]}{unit}"
    return f"{int(size_bytes)}B"


def moment_text(value: dt.date | dt.datetime) -> str:
    """ISO 8601; UTC as `Z`."""
    return value.isoformat().replace("+00:00", "Z")


def _number_of(value: Any) -> int | float:
    """What stands for a measure in JSON; msgspec asks for each type it does not know."""
    if isinstance(value, Size):
        return int(value)
    if isinstance(value, float):
        number = float(value)
        if not math.isfinite(number):
            raise TypeError(f"{number} has no JSON")
        return number
    if isinstance(value, Secret):
        raise TypeError(f"the secret {value.name} would be written")
    raise TypeError(f"{with_article(type(value).__name__)} has no JSON")


_ENCODER: Final = msgspec.json.Encoder(enc_hook=_number_of)


def _refuse_ambiguous(value: Value, data: bytes) -> None:
    """Refuse depth over the limit and objects that say one name twice.

    Each `":` of the bytes (white space allowed) may be the end of a name. If there are no more of
    them than names in the value, none was said twice; else the slow reader looks at each object.
    """
    names = _count_names(value)
    ends = data.count(b'":')
    if ends > names or any(mark in data for mark in (b" :", b"\n:", b"\t:", b"\r:")):
        json.loads(data, object_pairs_hook=_distinct_names)


def _count_names(value: Value) -> int:
    """How many names all objects of the value have; raises when it is nested too deeply."""
    names, depth, level = 0, 0, [value]
    while level:
        depth += 1
        if depth > MAX_JSON_DEPTH:
            raise JsonInvalid(f"it is nested deeper than {MAX_JSON_DEPTH} levels")
        inner: list[Value] = []
        for container in level:
            if type(container) is dict:
                names += len(container)
                inner += container.values()
            elif type(container) is list:
                inner += container
        level = [child for child in inner if type(child) is dict or type(child) is list]
    return names


def _distinct_names(pairs: list[tuple[str, object]]) -> None:
    seen = set()
    for name, _ in pairs:
        if name in seen:
            raise JsonInvalid(f"the name {json.dumps(name)} is twice in one object")
        seen.add(name)


def _refuse_infinite(value: Value) -> None:
    rest = [value]
    while rest:
        current = rest.pop()
        if type(current) is dict:
            rest += current.values()
        elif type(current) is list:
            rest += current
        elif isinstance(current, float) and not math.isfinite(current):
            raise JsonUnwritable(f"{current} has no JSON")


def _explained(error: msgspec.DecodeError, data: bytes) -> JsonInvalid:
    words = str(error)
    if not data.strip():
        return JsonInvalid("it is empty, not JSON")
    if "truncated" in words:
        return JsonInvalid(_why_truncated(data), len(data))
    offset = words.rpartition("(byte ")[2].rstrip(")")
    reason = words.removeprefix("JSON is malformed: ").partition(" (byte ")[0]
    return JsonInvalid(f"it is not JSON: {reason}", int(offset) if offset.isdigit() else None)


def _why_truncated(data: bytes) -> str:
    """Half a surrogate pair at the end of a text is `truncated` to msgspec; the stdlib reads it."""
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return "the JSON ends too early"
    return "a text of it holds half a surrogate pair"


def _not_utf8(data: bytes) -> JsonInvalid:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return JsonInvalid("it is not UTF-8", error.start)
    return JsonInvalid("it is not UTF-8")


def _number(digits: str) -> float:
    return float(digits.replace("_", ""))


def _decimal(number: float) -> str:
    """The shortest digits that give the number back, without an exponent."""
    shortest = repr(float(number))
    if "e" in shortest:
        shortest = f"{number:.20f}".rstrip("0")
    return shortest.removesuffix(".0").removesuffix(".")
