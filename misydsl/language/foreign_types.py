"""Types, parameters and imports as other languages write them.

In: a `Standstill`. Out: whether `string[]`, `[string]`, `list<string>`, `a?: int`, `string q`,
`type T: …` or `import a from` stood there; then it was told, and the type is `any`.
"""

from __future__ import annotations

from typing import Final

from misydsl.language import wording_shapes as wording
from misydsl.language.separators import CLOSERS
from misydsl.language.standstill import Standstill
from misydsl.language.tokens import NAME_KINDS
from misydsl.source import Span

_TYPE_NAMES: Final = frozenset(
    {"string", "int", "float", "bool", "any", "date", "datetime", "duration", "url", "size"}
    | {"str", "integer", "number", "boolean", "text", "double", "long", "object"}
)
_LISTS: Final = frozenset({"list", "List", "array", "Array", "Sequence", "Iterable"})
_FARTHEST: Final = 20  # terminals of a type in angle brackets


def list_brackets(at: Standstill) -> bool:
    """`string[]`, and `[string]`."""
    if at.kind() == "RSQB" and at.kind(-1) == "LSQB" and at.kind(-2) in NAME_KINDS:
        span = Span(at.place(-2).start, at.place().end)
        name, start = at.written(-2), -2
    elif at.kind() == "LSQB" and at.kind(1) in NAME_KINDS and at.kind(2) == "RSQB":
        span = Span(at.place().start, at.place(2).end)
        name, start = at.written(1), 0
    else:
        return False
    if not _takes_type(at, start):
        return False
    at.say(wording.list_type(at.source, span, name))
    return _pass_over_type(at, start, 3)


def angle_brackets(at: Standstill) -> bool:
    """`list<string>`, `Map<string, int>`."""
    if at.kind() != "LT" or at.kind(-1) not in NAME_KINDS or not _takes_type(at, -1):
        return False
    ends = (ahead for ahead in range(1, _FARTHEST) if at.kind(ahead) in {"GT", "$END"})
    end = next(ends, None)
    if end is None or at.kind(end) != "GT" or "\n" in _text(at, 0, end):
        return False
    is_list = at.written(-1) in _LISTS
    span = Span(at.place(-1).start, at.place(end).end)
    inner = _text(at, 1, end - 1)
    at.say(wording.angle_brackets(at.source, span, inner if is_list else None))
    return _pass_over_type(at, -1, end + 2)


def optional_name(at: Standstill) -> bool:
    """`a?: int`."""
    if at.kind() != "QMARK" or at.kind(1) != "COLON" or at.kind(-1) not in NAME_KINDS:
        return False
    is_whole = at.kind(2) in NAME_KINDS and at.kind(3) in CLOSERS | {"SEP"}
    end = at.place(2).end if is_whole else None
    at.say(wording.optional_name(at.source, at.place(), at.written(-1), end))
    at.driver.index += 1
    return True


def type_first(at: Standstill) -> bool:
    """`agent a(string topic)`."""
    if at.kind() != "NAME" or at.written(-1) not in _TYPE_NAMES or not at.accepts("COLON"):
        return False
    if at.kind(-2) not in {"LPAR", "SEP"} or at.accepts("COLON", "NOT"):
        return False
    span = Span(at.place(-1).start, at.place().end)
    at.say(wording.type_first(at.source, span, at.written(), at.written(-1)))
    return at.rewind_to(-1, 1)


def type_with_colon(at: Standstill) -> bool:
    """`type T: { … }`."""
    if at.kind() != "COLON" or at.kind(-2) != "TYPE" or not at.accepts("ASSIGN"):
        return False
    at.say(wording.type_with_colon(at.source, at.place(-1), at.place()))
    at.take_as("ASSIGN")
    return True


def import_without_braces(at: Standstill) -> bool:
    """`import writer from "./agents.misy"`."""
    if at.kind(-1) != "IMPORT" or at.kind() not in NAME_KINDS or at.kind(1) != "FROM":
        return False
    if not at.accepts("LBRACE", "NAME", "RBRACE", "FROM"):
        return False
    at.say(wording.import_without_braces(at.source, at.place()))
    at.add_here("LBRACE")
    at.take_as("NAME")
    at.add("RBRACE")
    return True


def _text(at: Standstill, first: int, last: int) -> str:
    return at.source.text[at.place(first).start : at.place(last).end]


def _takes_type(at: Standstill, start: int) -> bool:
    """Whether a type begins at the terminal `start`, and no value could."""
    height = at.height_at(start) if start else len(at.driver.states)
    if height is None:
        return False
    number = at.number
    takes = at.driver.accepts([number["ERROR"]], height)
    return takes and not at.driver.accepts([number["NOT"]], height)


def _pass_over_type(at: Standstill, start: int, count: int) -> bool:
    if start:
        at.rewind_to(start, 0)
    at.add_here("ERROR")
    at.driver.index += count
    return True
