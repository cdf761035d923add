"""Where something stands in a text of JSON.

In: a text that is JSON, and the way to a value: names of objects and numbers of lists. Out: the span of the
value, or of its name. Only what lies on the way is looked into; the rest is passed over in one step each.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from misydsl.source import Span

Way = Sequence[str | int]
"""`("steps", 2, "agent")`."""

_BLANK: Final = " \t\n\r"
# numbers are passed over as texts: they may have more digits than Python converts
_read: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).raw_decode


def place_of(text: str, way: Way) -> Span:
    """The span of the value; of the last value on the way that is there, when this one is not.

    An object or a list that stands for something missing in it is only its bracket: `Span(at, at + 1)`.
    """
    at = _past_blank(text, text.startswith("\ufeff"))
    for part in way:
        found = _member(text, at, part)
        if found is None:
            return Span(at, at + 1)
        at = found[1]
    return Span(at, _end(text, at))


def name_place(text: str, way: Way) -> Span:
    """The span of the name of the object's member, quotes included; of the value in a list."""
    at = _past_blank(text, text.startswith("\ufeff"))
    name = at
    for part in way:
        found = _member(text, at, part)
        if found is None:
            return Span(at, at + 1)
        name, at = found
    return Span(name, _end(text, name))


def _member(text: str, at: int, part: str | int) -> tuple[int, int] | None:
    """Where the member's name and its value begin; None when the value has no such member."""
    is_object = text[at] == "{"
    if is_object is not isinstance(part, str) or text[at] not in "{[":
        return None
    number, at = 0, _past_blank(text, at + 1)
    while text[at] not in "}]":
        name_at, name = at, str(number)
        if is_object:
            name, at = _read(text, at)
            at = _past_blank(text, _past_blank(text, at) + 1)  # the colon
        if name == str(part):
            return (name_at, at)
        at = _past_blank(text, _end(text, at))
        if text[at] == ",":
            at = _past_blank(text, at + 1)
        number += 1
    return None


def _end(text: str, at: int) -> int:
    return int(_read(text, at)[1])


def _past_blank(text: str, at: int) -> int:
    while text[at] in _BLANK:
        at += 1
    return at
