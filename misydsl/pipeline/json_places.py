"""Where something stands in a text of JSON.

In: a text that is JSON, and the way to a value: names of objects and numbers of lists. Out: the span of the
value, or of its name. Only what lies on the way is looked into, once; the rest is passed over in one step.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, cast

from misydsl.source import Span

Way = Sequence[str | int]
"""`("steps", 2, "agent")`."""
Member = tuple[int, int]
"""Where the name of a member begins, and its value; of a list, twice the same."""

_BLANK: Final = " \t\n\r"
# numbers are passed over as texts: they may have more digits than Python converts
_read: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).raw_decode

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]')


def second_name(text: str) -> Span | None:
    """Where the first name stands that its object has had before; None when there is none."""
    open_names: list[set[str] | None] = []  # None in a list
    is_name = False
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "{" | "[" as bracket:
                open_names.append(set() if bracket == "{" else None)
                is_name = bracket == "{"
            case "}" | "]":
                open_names.pop()
                is_name = False
            case ",":
                is_name = open_names[-1] is not None
            case ":":
                is_name = False
            case written if is_name and (names := open_names[-1]) is not None:
                name = json.loads(written)
                if name in names:
                    return Span(*token.span())
                names.add(name)
    return None


class Places:
    """The places of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._members: dict[int, Mapping[str | int, Member]] = {}

    def value(self, way: Way) -> Span:
        """The span of the value; where it is missing, the bracket of what it is missing in."""
        return self._span(self._find(way), 1)

    def name(self, way: Way) -> Span:
        """The span of the member's name, quotes included; as `value` where there is none."""
        return self._span(self._find(way), 0)

    def _span(self, found: Member | int, part: Literal[0, 1]) -> Span:
        if isinstance(found, int):
            return Span(found, found + 1)
        return Span(found[part], self._end(found[part]))

    def _find(self, way: Way) -> Member | int:
        """The member at the end of the way; where it is missing, the bracket of what it is missing in."""
        at = self._past_blank(int(self._text.startswith("\ufeff")))
        found = (at, at)
        for part in way:
            members = self._members.get(at)
            if members is None:
                members = self._members[at] = self._look_into(at)
            if part not in members:
                return at
            found = members[part]
            at = found[1]
        return found

    def _look_into(self, at: int) -> Mapping[str | int, Member]:
        text, found = self._text, dict[str | int, Member]()
        if text[at] not in "{[":
            return found
        is_object = text[at] == "{"
        at = self._past_blank(at + 1)
        while text[at] not in "}]":
            name_at, name = at, cast("str | int", len(found))
            if is_object:
                name, at = _read(text, at)
                at = self._past_blank(self._past_blank(at) + 1)  # the colon
            found[name] = (name_at, at)
            at = self._past_blank(self._end(at))
            if text[at] == ",":
                at = self._past_blank(at + 1)
        return found

    def _end(self, at: int) -> int:
        return int(_read(self._text, at)[1])

    def _past_blank(self, at: int) -> int:
        while self._text[at] in _BLANK:
            at += 1
        return at
