"""Words between a step's name and its block that other languages would put there.

In: a `Standstill`. Out: whether `step s if c {`, `} elif c {`, `step s while c {`, `step s needs [a] {`,
`step s = call a(…)` or the like stood there; then it was told, and the step is read with its block.
"""

from __future__ import annotations

from typing import Final

from misydsl.language import wording_foreign as wording
from misydsl.language.foreign_calls import end_of_call
from misydsl.language.separators import CLOSERS, OPENERS
from misydsl.language.setting_aside import set_aside
from misydsl.language.standstill import Standstill
from misydsl.language.tokens import NAME_KINDS
from misydsl.source import Span

_MEANT: Final = {
    "if": "when",
    "foreach": "for",
    "each": "for",
    "depends_on": "after",
    "dependsOn": "after",
    "depends-on": "after",
    "needs": "after",
    "requires": "after",
    "on": "after",
}
_FARTHEST: Final = 100  # terminals of a header that are passed over


def header_word(at: Standstill) -> bool:
    """`step s if c {`, `else if c {`, `step s needs a {`: another word for one of ours."""
    ours = _MEANT.get(at.written())
    if ours is None or not at.accepts(ours.upper(), at.kind(1)):
        return False
    after_name = at.kind(-2) == "STEP" and at.kind(-1) in NAME_KINDS
    if not (after_name or at.kind(-1) in {"STRING", "ELSE"}) or at.kind(1) == "LBRACE":
        return False
    at.say(wording.other_word(at.source, at.place(), at.written(), ours))
    at.take_as(ours.upper())
    return True


def else_if(at: Standstill) -> bool:
    """`} elif c {`."""
    if at.written() not in {"elif", "elsif", "elseif"} or not at.accepts("ELSE", "WHEN"):
        return False
    at.say(wording.other_word(at.source, at.place(), at.written(), "else when"))
    at.add_here("ELSE")
    at.take_as("WHEN")
    return True


def header_rest(at: Standstill) -> bool:
    """`step s while c {`, `step s (q) {`, `step s repeat until c {`: passed over up to the block."""
    after_name = at.kind(-2) == "STEP" and at.kind(-1) in NAME_KINDS
    is_repeat = at.kind(-1) == "REPEAT" and at.written() in {"until", "while"}
    help_ = wording.header_help(at.written(-1) if is_repeat else at.written())
    if not (after_name or is_repeat) or help_ is None:
        return False
    brace = _brace_ahead(at)
    if brace is None:
        return False
    start = -1 if is_repeat else 0
    problem = wording.in_header(at.source, at.place(start), help_)
    if is_repeat and not at.rewind_to(-1, 0):
        return False
    at.say(problem)
    at.driver.index += brace - start
    return True


def result_by_arrow(at: Standstill) -> bool:
    """`step s -> string {`, `agent a(): string`."""
    if at.kind(1) not in NAME_KINDS | {"LBRACE", "STRING"}:
        return False
    is_step = at.kind() == "ARROW" and at.kind(-2) == "STEP"
    is_result = at.kind() == "COLON" and at.kind(-1) == "RPAR"
    ours = "COLON" if is_step else "ARROW"
    if not (is_step or is_result) or not at.accepts(ours):
        return False
    at.say(wording.result_written_otherwise(at.source, at.place(-1), at.place(), is_step=is_step))
    at.take_as(ours)
    return True


def call_without_braces(at: Standstill) -> bool:
    """`step s call a(…)`, `step s = call a(…)`, `step s: call a(…)`."""
    before = next((one for one in (0, -1, 1) if at.kind(one) == "CALL"), None)
    if before is None or at.kind(before + 1) not in NAME_KINDS:
        return False
    name = before - 1 if at.kind(before - 1) in NAME_KINDS else before - 2
    if at.kind(name) not in NAME_KINDS or at.kind(name - 1) != "STEP":
        return False
    end = end_of_call(at, before + 1)
    whole = None if end is None else Span(at.place(name).end, at.place(end).end)
    call = None if end is None else Span(at.place(before).start, at.place(end).end)
    place = at.place(before).to(at.place(before + 1))
    problem = wording.call_without_braces(at.source, place, whole, call, at.written(name))
    at.rewind_to(name - 1, 0)
    set_aside(at, problem)
    return True


def _brace_ahead(at: Standstill) -> int | None:
    """Where the `{` of the step at hand stands, on the same line."""
    depth = 0
    line = at.line_of(at.place().start)
    for ahead in range(_FARTHEST):
        kind = at.kind(ahead)
        if kind == "$END" or at.line_of(at.place(ahead).start) != line:
            return None
        if kind == "LBRACE" and not depth:
            return ahead
        depth += (kind in OPENERS) - (kind in CLOSERS)
    return None
