"""The mistakes people make, each mended as it was meant.

In: a `Standstill`. Out: whether the mistake was this one; then the parser can go on and the mistake was
told. They are tried in the order of `MISTAKES`; the last of them is whatever small thing, added here,
lets the text go on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from misydsl.diagnostics.similar import similar
from misydsl.language import wording_parse as wording
from misydsl.language.foreign import FOREIGN
from misydsl.language.separators import CLOSERS, VALUE_STARTS
from misydsl.language.setting_aside import set_aside
from misydsl.language.standstill import HEADS, Standstill
from misydsl.language.tokens import KEYWORD_KINDS, NAME_KINDS, NUMBERS, RESERVED
from misydsl.language.wording_foreign import other_word
from misydsl.language.wording_shapes import untyped_parameter
from misydsl.language.wording_text import UNITS
from misydsl.source import Span

# What other languages and tools call our declarations and items.
OTHER_WORDS: Final = {
    "pipeline": frozenset(
        {"def", "function", "func", "fn", "workflow", "flow", "dag", "graph", "chain", "job"}
    ),
    "agent": frozenset({"tool", "actor", "llm", "worker", "service", "connector", "assistant"}),
    "type": frozenset({"class", "interface", "struct", "schema", "enum", "record", "model"}),
    "let": frozenset({"const", "var", "val", "set", "define"}),
    "prompt": frozenset({"template"}),
    "import": frozenset({"include", "require", "use", "using"}),
    "step": frozenset({"task", "node", "stage", "activity", "action", "paso", "etapa"}),
    "call": frozenset({"invoke", "await", "run", "exec", "execute", "llamar"}),
    "return": frozenset({"yield", "output", "give", "devolver"}),
}
# What goes on with a value, so that what stands before it is no name of an input.
AFTER_VALUE: Final = frozenset(
    {
        "DOT",
        "QDOT",
        "LPAR",
        "LSQB",
        "PLUS",
        "MINUS",
        "STAR",
        "SLASH",
        "COALESCE",
        "AND",
        "OR",
        "NOT",
    }
    | {"EQ", "NE", "LT", "GT", "LE", "GE", "IN"}
)
# What may be missing, in the order it is tried: the terminals to add and what to say.
MISSING: Final[tuple[tuple[tuple[str, ...], wording.Missing], ...]] = (
    (("COLON",), wording.colon_missing),
    (("ASSIGN",), wording.assign_missing),
    (("IN",), wording.in_missing),
    (("UP", "TO"), wording.up_to_missing),
    (("TO",), wording.up_to_missing),
    (("COLON", "ERROR"), wording.typed_value_missing),
    (("ASSIGN", "ERROR"), wording.assigned_value_missing),
    (("LPAR", "RPAR"), wording.parentheses_missing),
    (("LPAR", "RPAR", "LBRACE", "ERROR", "RBRACE"), wording.block_missing),
    (("LBRACE", "ERROR", "RBRACE"), wording.block_missing),
    (("THEN", "ERROR", "ELSE", "ERROR"), wording.then_missing),
    (("ELSE", "ERROR"), wording.else_missing),
    (("IN", "ERROR"), wording.in_missing),
    (("IN", "ERROR", "LBRACE", "ERROR", "RBRACE"), wording.in_missing),
    (("ERROR", "LBRACE", "ERROR", "RBRACE"), wording.value_and_block_missing),
    (("STRING",), wording.text_missing),
    (("FROM", "STRING"), wording.from_missing),
)


def equals_sign(at: Standstill) -> bool:
    """`timeout = 3s`, and `when a = b`."""
    if at.kind() != "ASSIGN":
        return False
    if at.accepts("COLON") and not at.accepts("COLON", "NOT") and at.kind(-2) != "STEP":
        at.say(untyped_parameter(at.source, at.place(), at.written(-1)))
        at.add("COLON", "ERROR")
        return True
    for meant, words in (("COLON", wording.colon_meant), ("EQ", wording.equality_meant)):
        if at.accepts(meant):
            at.say(words(at.source, at.place(), at.written(-1)))
            at.take_as(meant)
            return True
    return False


def python_block(at: Standstill) -> bool:
    """`pipeline p():` or `step s:` with its body indented below."""
    if at.kind() == "COLON" and is_line_end(at, 0) and at.accepts("LBRACE"):
        name = (at.unfinished() or at.written(-1)).rpartition(" ")[2]
        problem = wording.python_block(at.source, at.place(), name)
        if at.kind(1) != "LBRACE":
            skip_indented(at, 0)
            set_aside(at, problem)
            return True
        at.say(problem)
        at.driver.index += 1
        return True
    return python_step(at)


def python_step(at: Standstill) -> bool:
    """`step s:`, whose body was taken for the step's type."""
    for ahead in (-1, -2, -3):
        if at.kind(ahead) == "COLON" and at.kind(ahead - 2) == "STEP":
            break
    else:
        return False
    if not is_line_end(at, ahead):
        return False
    problem = wording.python_block(at.source, at.place(ahead), at.written(ahead - 1))
    if at.kind(ahead + 1) == "LBRACE" and at.rewind_to(ahead, 1):
        at.say(problem)
        return True
    skip_indented(at, ahead)
    set_aside(at, problem)
    return True


def block_taken_for_value(at: Standstill) -> bool:
    """`step s when { call … }`: the block stands where a value is missing."""
    for height in range(len(at.driver.states) - 1, max(len(at.driver.states) - 8, 0), -1):
        if at.terminal_at(height) == "LBRACE":
            break
    else:
        return False
    place = at.driver.firsts[height]
    if place >= at.driver.index:  # a `{` that was added
        return False
    before = at.kinds[at.stream.terminals[place - 1]] if place else ""
    numbers = [at.number["ERROR"], at.number["LBRACE"]]
    if before not in {"WHEN", "IN", "TO"} or not at.driver.accepts(numbers, height):
        return False
    if not at.rewind_to(place - at.driver.index, 0):
        return False
    at.say(wording.value_missing(at.situation()))
    at.add("ERROR")
    return True


def is_line_end(at: Standstill, ahead: int) -> bool:
    """Whether the terminal `ahead` is the last of its line, a `{` after it not counted."""
    following = ahead + (2 if at.kind(ahead + 1) == "LBRACE" else 1)
    between = at.source.text[at.place(ahead).end : at.place(following).start]
    return "\n" in between or at.kind(following) in {"$END", "SEP"}


def skip_indented(at: Standstill, ahead: int) -> None:
    """Pass over the lines that are indented further than the line of a terminal."""
    text, driver = at.source.text, at.driver
    head = at.indent_at(at.place(ahead).start)
    terminals, starts = at.stream.terminals, at.stream.starts
    separator, end = at.number["SEP"], at.number["$END"]
    while terminals[driver.index] != end:
        following = driver.index + 1
        if (
            terminals[driver.index] == separator
            and "\n" in text[starts[driver.index] : starts[following]]
        ):
            if at.indent_at(starts[following]) <= head:
                return
        elif at.kind() in CLOSERS and at.indent_at(starts[driver.index]) <= head:
            return
        driver.index += 1


def brace_below(at: Standstill) -> bool:
    """A `{` on a line of its own."""
    if at.kind() == "SEP" and at.kind(1) == "LBRACE" and at.accepts("LBRACE"):
        end = at.stream.ends[at.driver.index - 1]
        at.say(wording.brace_below(at.source, Span(end, end), at.place(1)))
        at.driver.index += 1
        return True
    if at.kind() == "LBRACE" and at.kind(-1) == "SEP" and not at.accepts("ERROR", "LBRACE"):
        set_aside(at, wording.brace_apart(at.source, at.place()))
        return True
    return False


def unit_apart(at: Standstill) -> bool:
    """`30 s`: a number and its unit with a space between."""
    unit = UNITS.get(at.written(), at.written())
    if at.kind() != "NAME" or at.kind(-1) not in NUMBERS or unit not in UNITS.values():
        return False
    span = Span(at.place(-1).start, at.place().end)
    at.say(wording.unit_apart(at.source, span, at.written(-1) + unit))
    at.driver.index += 1
    return True


def reserved_name(at: Standstill) -> bool:
    """One of the eleven reserved words where a name belongs."""
    if at.written() not in RESERVED or not at.accepts("NAME", at.kind(1)):
        return False
    begins_item = at.kind(1) == "COLON" and at.accepts("STEP", "NAME", "LBRACE")
    problem = wording.reserved(at.source, at.place(), at.written(), begins_item=begins_item)
    at.say(problem)
    at.take_as("NAME")
    return True


def name_missing(at: Standstill) -> bool:
    """`step { … }`, `pipeline () { … }`: a name is needed, and something else stands there."""
    needs_name = {"STEP", "PIPELINE", "AGENT", "PROMPT", "TYPE", "LET"}
    if at.kind(-1) not in needs_name or at.kind() in NAME_KINDS or not at.accepts("NAME"):
        return False
    if at.written() in RESERVED or at.kind() in {"COLON", "ASSIGN"}:
        return False
    set_aside(at, wording.unexpected(at.situation()))
    return True


def misspelt_word(at: Standstill) -> bool:
    """`pipelin p() {` and `stpe s {`: a keyword that is not quite one."""
    for ahead in (0, -1):
        if at.kind(ahead) != "NAME":
            continue
        fitting, written = words_fitting(at, ahead), at.written(ahead)
        other = next((ours for ours in fitting if written in OTHER_WORDS.get(ours, ())), None)
        meant = other or similar(written, fitting)
        if meant is None:
            continue
        words = other_word if other else wording.misspelt
        at.say(words(at.source, at.place(ahead), written, meant))
        if ahead < 0:
            at.driver.cut(len(at.driver.states) - 1)
            at.driver.index -= 1
        at.take_as(KEYWORD_KINDS[meant])
        return True
    return False


def words_fitting(at: Standstill, ahead: int) -> list[str]:
    """The keywords that could stand at a place, given what follows it."""
    driver = at.driver
    if ahead < 0 and driver.firsts[-1] != driver.index - 1:
        return []
    height = len(driver.states) + ahead
    number, following = at.number, at.number[at.kind(ahead + 1)]
    return [
        word
        for word, kind in KEYWORD_KINDS.items()
        if driver.accepts([number[kind], following], height)
    ]


def value_missing(at: Standstill) -> bool:
    """An operator, a `:` or a `=` with nothing after it."""
    kind = at.kind()
    stands = kind in {"SEP", "$END", "THEN", "ELSE", "LBRACE"} or kind in CLOSERS
    if not stands or at.kind(-1) in {"SEP", ""} or not at.accepts("ERROR", kind):
        return False
    at.say(at.words_here(wording.value_missing))
    at.add("ERROR")
    return True


def separator_missing(at: Standstill) -> bool:
    """Two items side by side."""
    kind = at.kind()
    if not at.accepts("SEP", kind):
        return False
    following = at.kind(1)
    if following != "$END" and not at.accepts("SEP", kind, following):
        return False
    is_named = kind in NAME_KINDS and following == "COLON" and at.kind(-1) != "NAME"
    is_item = kind in HEADS or at.kind(-1) == "RBRACE"
    words = wording.comma_missing if is_named or is_item else wording.separator_missing
    at.say(words(at.situation()))
    at.add("SEP")
    return True


def something_missing(at: Standstill) -> bool:
    """Whatever small thing lets the text go on from here."""
    is_repeat = at.kind(-1) in {"REPEAT", "UP"}
    is_loop = "FOR" in {at.kind(-1), at.kind(-2), at.kind(-4)}  # `for x, i` has four terminals
    for kinds, words in MISSING:
        if "TO" in kinds and not is_repeat:  # elsewhere it would be taken for a name
            continue
        if "IN" in kinds and not is_loop:  # elsewhere it would be taken for a comparison
            continue
        if words in (wording.block_missing, wording.text_missing) and at.accepts("ERROR"):
            continue  # a value is missing before anything else
        if at.accepts(*kinds, at.kind()):
            at.say(at.words_here(words))
            at.add(*kinds)
            return True
    return False


def input_without_name(at: Standstill) -> bool:
    """`call a("x")`: a value where an input's name belongs."""
    for ahead in (0, _last_begins(at)):
        if at.kind(ahead - 1) not in {"LPAR", "SEP"} or not _begins_value(at, ahead):
            continue
        height = at.height_at(ahead) if ahead else len(at.driver.states)
        if height is None or not _takes_input(at, height):
            continue
        if ahead:
            at.rewind_to(ahead, 0)
        at.driver.reading.forget(at.place())  # a text is no wrong name when it is no name at all
        at.say(wording.input_without_name(at.situation()))
        at.add_here("NAME", "COLON")
        return True
    return False


def _takes_input(at: Standstill, height: int) -> bool:
    """Whether an input of a call could come there: `topic` or `topic: …`."""
    ways = ("NAME", "RPAR"), ("NAME", "COLON")
    return all(at.driver.accepts([at.number[kind] for kind in way], height) for way in ways)


def _last_begins(at: Standstill) -> int:
    """How many terminals ago began what was read last: a text has several."""
    return min(at.driver.firsts[-1] - at.driver.index, -1)


def _begins_value(at: Standstill, ahead: int) -> bool:
    """Whether a terminal begins a value that cannot be read as an input's name."""
    kind = at.kind(ahead)
    if ahead == 0:
        return kind in VALUE_STARTS and kind not in NAME_KINDS
    if kind in {"STRING", "TEXT_OPEN"}:
        return at.kind() in AFTER_VALUE or at.kind() in {"RPAR", "SEP"}
    return kind in NAME_KINDS and at.kind() in AFTER_VALUE


MISTAKES: Final[tuple[Callable[[Standstill], bool], ...]] = (
    python_block,
    *FOREIGN,
    input_without_name,
    equals_sign,
    brace_below,
    unit_apart,
    block_taken_for_value,
    name_missing,
    reserved_name,
    misspelt_word,
    value_missing,
    separator_missing,
    something_missing,
)
