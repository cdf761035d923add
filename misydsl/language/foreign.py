"""Mistakes of people who come from another language or tool, each mended as it was meant.

In: a `Standstill`. Out: whether the mistake was this one, as in `mistakes`; these are tried first, because
they explain a cause where the others would only name what is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from misydsl.language import wording_foreign as wording
from misydsl.language.foreign_calls import call_as_value, call_assigned
from misydsl.language.foreign_headers import (
    call_without_braces,
    else_if,
    header_rest,
    header_word,
    result_by_arrow,
)
from misydsl.language.foreign_types import (
    angle_brackets,
    import_without_braces,
    list_brackets,
    optional_name,
    type_first,
    type_with_colon,
)
from misydsl.language.foreign_values import (
    after_call,
    choice_in_braces,
    edition_written,
    fallback_value,
    human_without_call,
    inputs_in_braces,
    kind_before_name,
    range_dots,
    stars_for_spread,
)
from misydsl.language.setting_aside import set_aside
from misydsl.language.standstill import HEADS, Standstill
from misydsl.language.tokens import NAME_KINDS
from misydsl.source import Span

_PREFIXES: Final = frozenset({"f", "r", "b", "u", "fr", "rf", "F", "R"})
_TYPE_NAMES: Final = frozenset({"string", "int", "float", "bool", "any", "list", "map", "date"})


def foreign_syntax(at: Standstill) -> bool:
    """What is written so in JSON, YAML, Python or JavaScript, and has no meaning here."""
    if len(at.problems) >= _MOST_HEARD:
        return False
    problem = wording.foreign(at.situation())
    if problem is None:
        return False
    set_aside(at, problem)
    return True


def call_missing(at: Standstill) -> bool:
    """`step s { writer(topic) }`."""
    if at.kind() != "LPAR" or at.kind(-1) != "NAME" or at.place().start != at.place(-1).end:
        return False
    numbers = [at.number[kind] for kind in ("CALL", "NAME", "LPAR")]
    if not at.driver.accepts(numbers, len(at.driver.states) - 1):
        return False
    if not at.rewind_to(-1, 0):
        return False
    at.say(wording.call_missing(at.source, at.place(), at.written()))
    at.add_here("CALL")
    return True


def name_in_parts(at: Standstill) -> bool:
    """`step primer borrador { … }`, `step draft/final { … }`."""
    if at.kind(-2) not in HEADS or at.kind(-1) not in NAME_KINDS:
        return False
    joint = at.kind() in {"SLASH", "DOT", "PLUS", "MINUS"} and at.kind(1) in NAME_KINDS
    last = 1 if joint else 0
    is_apart = at.kind() == "NAME" and at.written() not in _TYPE_NAMES
    if not (joint or is_apart) or at.kind(last + 1) not in {"LBRACE", "LPAR", "FOR", "STRING"}:
        return False
    span = Span(at.place(-1).start, at.place(last).end)
    at.say(wording.name_in_parts(at.source, span, f"{at.written(-1)}-{at.written(last)}"))
    at.driver.index += last + 1
    return True


def text_prefix(at: Standstill) -> bool:
    """`f"Hola {tema}"`."""
    is_text = at.kind() in {"STRING", "TEXT_OPEN"} and at.kind(-1) == "NAME"
    if not is_text or at.written(-1) not in _PREFIXES or at.place().start != at.place(-1).end:
        return False
    if not at.driver.accepts([at.number[at.kind()]], len(at.driver.states) - 1):
        return False
    at.say(wording.text_prefix(at.source, at.place(-1)))
    return at.rewind_to(-1, 1)


def decimal_comma(at: Standstill) -> bool:
    """`backoff: 1,5`."""
    if at.kind() != "INT" or at.kind(-1) != "SEP" or at.kind(-2) != "INT":
        return False
    span = Span(at.place(-2).start, at.place().end)
    if at.place(-2).end != at.place(-1).start or at.place(-1).end != at.place().start:
        return False
    at.say(wording.decimal_comma(at.source, span))
    at.driver.index += 1
    return True


def equals_twice(at: Standstill) -> bool:
    """`a === b`, `a is b`, `a is not b`."""
    is_third = at.kind() == "ASSIGN" and at.kind(-1) in {"EQ", "NE"}
    if is_third and at.place().start == at.place(-1).end:
        at.say(wording.equals_twice(at.source, at.place(-1).to(at.place())))
        at.driver.index += 1
        return True
    if at.written() != "is" or not at.accepts("EQ"):
        return False
    is_not = at.kind(1) == "NOT"
    at.say(wording.equals_twice(at.source, at.place().to(at.place(1 if is_not else 0))))
    at.take_as("NE" if is_not else "EQ")
    at.driver.index += is_not
    return True


_MOST_HEARD: Final = 50  # what is said later is only counted, so its cause need not be found
FOREIGN: Final[tuple[Callable[[Standstill], bool], ...]] = (
    call_without_braces,
    call_as_value,
    call_assigned,
    header_word,
    else_if,
    header_rest,
    result_by_arrow,
    list_brackets,
    angle_brackets,
    optional_name,
    type_first,
    type_with_colon,
    import_without_braces,
    inputs_in_braces,
    after_call,
    kind_before_name,
    human_without_call,
    fallback_value,
    stars_for_spread,
    range_dots,
    choice_in_braces,
    edition_written,
    call_missing,
    name_in_parts,
    text_prefix,
    decimal_comma,
    equals_twice,
    foreign_syntax,
)
