"""The words of this pass: what is said where the parser did not expect something, and nowhere else.

In: the situation (what stands there, what came before, what could come). Out: diagnostics E0100 and
E0112 to E0117, E0103 for a unit apart. Everything is named as a person would: `:`, "a value", "a step
name"; no word here is a token's or a rule's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from misydsl.diagnostics import Diagnostic, Edit, Fix
from misydsl.language.tokens import PUNCTUATION, RESERVED, SOFT_KEYWORDS
from misydsl.language.wording_text import LOOK_AHEAD
from misydsl.source import Source, Span

SYMBOLS: Final = {kind: text for text, kind in PUNCTUATION.items()} | {
    word.upper(): word for word in RESERVED | SOFT_KEYWORDS
}
AFTER_WORD: Final = {
    "STEP": "a step name",
    "PIPELINE": "a name for the pipeline",
    "AGENT": "a name for the agent",
    "PROMPT": "a name for the prompt",
    "TYPE": "a name for the type",
    "LET": "a name for the value",
    "CALL": "the agent or pipeline to call",
    "ON": "`failure` or `finish`",
    "FOR": "a name for each item, such as `for x in …`",
    "AFTER": "the name of a step",
    "AS": "a new name",
    "DOT": "the name of a field",
    "QDOT": "the name of a field",
    "FROM": 'a path in quotes, such as "./agents.misy"',
    "IMPORT": "names in braces: `{ a, b }`",
    "FALLBACK": "`{ … }`",
    "UNDO": "`{ … }`",
}
INSIDE: Final = frozenset({"STEP", "CALL", "RETURN", "UNTIL", "FALLBACK", "UNDO", "ON"})
COMPARISONS: Final = frozenset({"EQ", "NE", "LT", "GT", "LE", "GE", "IN"})
DECLARATION: Final = "`type`, `let`, `agent`, `prompt`, `pipeline` or `import`"
LONGEST: Final = 24  # characters of a piece that are shown in a message


@dataclass(frozen=True, slots=True)
class Situation:
    """A place the parser could not go past, and what is known about it."""

    source: Source
    span: Span
    kind: str
    shown: str
    before_kind: str
    before: str
    before_span: Span
    expected: frozenset[str]
    unfinished: str | None

    @property
    def here(self) -> str:
        """What stands here, for a message."""
        if self.kind == "$END":
            return "the end of the file"
        if self.kind == "SEP" and "," not in self.shown:
            return "the end of the line"
        return f"`{short(self.shown)}`"

    @property
    def after(self) -> str:
        """What stands right before, for a message."""
        return f"`{short(self.before)}`"

    @property
    def gap(self) -> Span:
        """The empty place right after what came before."""
        return Span(self.before_span.end, self.before_span.end)


Missing = Callable[[Situation], Diagnostic]


def short(text: str) -> str:
    """The first line of a piece, clipped, for a message."""
    first = text.split("\n", 1)[0]
    return first if len(first) <= LONGEST and first == text else f"{first[: LONGEST - 1]}…"


def say(
    code: str,
    message: str,
    situation: Situation,
    *,
    span: Span | None = None,
    help_: str | None = None,
) -> Diagnostic:
    """A diagnostic at the situation's place, or at another one."""
    return Diagnostic(code, message, situation.source, span or situation.span, help=help_)


def _insert(situation: Situation, message: str, text: str) -> Diagnostic:
    """E0100 at the gap, whose cure is to write `text` there."""
    title = f"write `{text.strip()}` here"
    fix = Fix(title, (Edit(situation.gap, text),))
    return Diagnostic("E0100", message, situation.source, situation.gap, help=title, fix=fix)


# ------------------------------------------------------------------ what could come


def unexpected(situation: Situation) -> Diagnostic:
    """The last resort: what stands here, and what could."""
    wanted = expected_words(situation)
    message = f"I did not expect {situation.here} here"
    if situation.kind in INSIDE and wanted == DECLARATION:
        help_ = "put it in a pipeline: `pipeline name() { … }`"
        message = f"{situation.here} only has meaning inside a pipeline"
        return say("E0100", message, situation, help_=help_)
    if situation.kind in COMPARISONS and "AND" in situation.expected:
        message = f"comparisons do not chain, so I did not expect {situation.here} here"
        return say("E0100", message, situation, help_="write `a < b and b < c`")
    return say("E0100", f"{message}; expected {wanted}" if wanted else message, situation)


def expected_words(situation: Situation) -> str:
    """What could come, in the words of a person; empty when it would be a long list."""
    expected = situation.expected
    by_word = AFTER_WORD.get(situation.before_kind)
    if by_word is not None and expected:
        return by_word
    if {"INT", "NULL"} <= expected:
        return "a value" if "FLOAT" in expected else "a type"
    if {"CALL", "STEP", "RETURN"} <= expected and expected & {"RPAR", "SPREAD"}:
        return "the name of an input" if "RPAR" in expected else "the name of a field"
    if {"CALL", "STEP", "RETURN"} <= expected:
        return "a setting, a step, `call`, `let` or `return`"
    if {"AGENT", "PIPELINE", "IMPORT"} <= expected and "COLON" not in expected:
        return "a name" if {"UP", "TO"} <= expected else DECLARATION
    shown = [f"`{SYMBOLS[kind]}`" for kind in sorted(expected) if kind in SYMBOLS]
    shown += ["the next line"] if "SEP" in expected else []
    if not shown or len(shown) > 4:
        return "`{`" if "LBRACE" in expected else ""
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def value_missing(situation: Situation) -> Diagnostic:
    """Nothing where a value or a type has to be."""
    what = "a value" if "FLOAT" in situation.expected else "a type"
    if situation.kind in {"SEP", "$END"}:
        message = f"{what} is missing after {situation.after}"
        return say("E0100", message, situation, span=situation.gap)
    message = f"I did not expect {situation.here} here: {what} is missing after {situation.after}"
    return say("E0100", message, situation)


def end_of_file(situation: Situation) -> Diagnostic:
    """The text stops before something is complete."""
    message = f"the file ends in the middle of `{situation.unfinished}`"
    wanted = expected_words(situation)
    help_ = f"next should be {wanted}" if wanted else None
    return say("E0112", message, situation, span=situation.gap, help_=help_)


# ------------------------------------------------------------------ small things missing


def colon_missing(situation: Situation) -> Diagnostic:
    """`timeout 30s`."""
    return _insert(situation, f"`:` is missing after {situation.after}", ":")


def assign_missing(situation: Situation) -> Diagnostic:
    """`type T { … }`, `let x 3`."""
    return _insert(situation, f"`=` is missing after {situation.after}", " =")


def in_missing(situation: Situation) -> Diagnostic:
    """`for x xs`."""
    message = "`for` is written `for x in xs`: `in` and a list are missing"
    return say("E0100", message, situation, span=situation.gap)


def up_to_missing(situation: Situation) -> Diagnostic:
    """`repeat 3`."""
    text = " up to" if situation.before_kind == "REPEAT" else " to"
    return _insert(situation, "`repeat` is written `repeat up to 3`", text)


def typed_value_missing(situation: Situation) -> Diagnostic:
    """A setting without a value, or a parameter without a type."""
    in_parentheses = situation.kind == "RPAR" or (
        situation.kind == "SEP" and situation.before_kind != "RBRACE"
    )
    what = "a type or a value" if in_parentheses else "a value"
    if situation.kind == "RPAR":
        message = f"the input {situation.after} needs a type"
        help_ = f"{short(situation.before)}: string"
        return say("E0100", message, situation, span=situation.before_span, help_=help_)
    message = f"`:` and {what} are missing after {situation.after}"
    return say("E0100", message, situation, span=situation.gap)


def assigned_value_missing(situation: Situation) -> Diagnostic:
    """`let x`, `type T`."""
    message = f"`=` and what it stands for are missing after {situation.after}"
    return say("E0100", message, situation, span=situation.gap)


def parentheses_missing(situation: Situation) -> Diagnostic:
    """`call a`, `agent a { … }`."""
    return _insert(situation, f"`()` is missing after {situation.after}", "()")


def block_missing(situation: Situation) -> Diagnostic:
    """A header without its block."""
    named = f"`{situation.unfinished}`" if situation.unfinished else "this"
    return say(
        "E0100", f"{named} has no block: `{{ … }}` is missing", situation, span=situation.gap
    )


def value_and_block_missing(situation: Situation) -> Diagnostic:
    """`step s when`."""
    message = f"a value is missing after {situation.after}"
    return say("E0100", message, situation, span=situation.gap)


def then_missing(situation: Situation) -> Diagnostic:
    """`if c`."""
    message = "`if` is written `if … then … else …`: `then` is missing"
    return say("E0100", message, situation, span=situation.gap)


def else_missing(situation: Situation) -> Diagnostic:
    """`if c then a`."""
    message = "`if` is written `if … then … else …`: `else` is missing"
    return say("E0100", message, situation, span=situation.gap)


def text_missing(situation: Situation) -> Diagnostic:
    """`prompt p()` without its text, `import { a } from x`."""
    message = f"text in quotes is missing after {situation.after}"
    return say("E0100", message, situation, span=situation.gap)


def from_missing(situation: Situation) -> Diagnostic:
    """`import { a }`."""
    message = '`import` is written `import { a } from "./agents.misy"`: `from` is missing'
    return say("E0100", message, situation, span=situation.gap)


def separator_missing(situation: Situation) -> Diagnostic:
    """Two items side by side."""
    message = f"a comma, a line break or an operator is missing before {situation.here}"
    return say("E0115", message, situation)


def comma_missing(situation: Situation) -> Diagnostic:
    """Two items side by side, where the second begins with its name: `q: "x" n: 2`."""
    message = f"a comma or a line break is missing before {situation.here}"
    fix = Fix("write `,` between them", (Edit(situation.gap, ","),))
    span = situation.span
    return Diagnostic("E0115", message, situation.source, span, help=fix.title, fix=fix)


def input_without_name(situation: Situation) -> Diagnostic:
    """`call a("x")`; the checker knows the inputs and says it better."""
    message = "inputs are given by name, such as `topic: …`"
    return say("E0311", message, situation)


# ------------------------------------------------------------------ mistakes people make


def colon_meant(source: Source, span: Span, name: str) -> Diagnostic:
    """`timeout = 3s`."""
    message = f"settings use `:` here, not `=`: write `{short(name)}: …`"
    start = span.start
    while start > 0 and source.text[start - 1] in " \t":
        start -= 1
    fix = Fix("write `:`", (Edit(Span(start, span.end), ":"),))
    return Diagnostic("E0113", message, source, span, fix=fix)


def equality_meant(source: Source, span: Span, _name: str) -> Diagnostic:
    """`when a = b`."""
    fix = Fix("write `==`", (Edit(span, "=="),))
    message = "`=` does not compare"
    return Diagnostic("E0100", message, source, span, help="write `==`", fix=fix)


def python_block(source: Source, span: Span, name: str) -> Diagnostic:
    """`pipeline p():`."""
    message = f"`{short(name)}:` is not expected here"
    rest = source.text[span.end : span.end + LOOK_AHEAD]
    if rest.lstrip(" \t").startswith("{"):
        fix = Fix("remove the `:`", (Edit(span, ""),))
        return Diagnostic("E0114", message, source, span, help=fix.title, fix=fix)
    help_ = "misy uses braces: { … } instead of `:` and indentation"
    return Diagnostic("E0114", message, source, span, help=help_)


def brace_below(source: Source, end: Span, brace: Span) -> Diagnostic:
    """A `{` on the line after its header."""
    message = "put `{` at the end of this line, not on a line of its own"
    between = source.text[end.end : brace.start]
    fix = None
    if not between.strip():
        fix = Fix("put `{` on this line", (Edit(Span(end.end, brace.start), " "),))
    return Diagnostic("E0116", message, source, end, fix=fix)


def brace_apart(source: Source, span: Span) -> Diagnostic:
    """A `{` that belongs to nothing."""
    message = "put `{` on the same line as what it belongs to"
    return Diagnostic("E0116", message, source, span)


def unit_apart(source: Source, span: Span, meant: str) -> Diagnostic:
    """`30 s`."""
    fix = Fix(f"write `{meant}`", (Edit(span, meant),))
    written = source.text[span.start : span.end]
    message = (
        f"`{short(written)}` is not a number I understand: a unit stands right after its number"
    )
    return Diagnostic("E0103", message, source, span, help=f"write `{meant}`", fix=fix)


_IN_HEADER: Final = {
    "if": "step my-step when … { … }",
    "for": "step my-step for x in … { … }",
    "in": "step my-step for x in … { … }",
}


def reserved(source: Source, span: Span, word: str, *, begins_item: bool) -> Diagnostic:
    """`step for { … }`; `begins_item` when a setting could begin there."""
    message = f"`{word}` is a word of the language and cannot be a name"
    help_ = "choose another name"
    if begins_item and word in _IN_HEADER:
        message = f"`{word}` is no setting: it goes before the `{{` of the step"
        help_ = _IN_HEADER[word]
    return Diagnostic("E0100", message, source, span, help=help_)


def misspelt(source: Source, span: Span, word: str, meant: str) -> Diagnostic:
    """`pipelin p() { … }`."""
    message = f"I don't know `{short(word)}`. Did you mean `{meant}`?"
    fix = Fix(f"write `{meant}`", (Edit(span, meant),))
    return Diagnostic("E0100", message, source, span, fix=fix)


def not_plain(source: Source, span: Span, what: str) -> Diagnostic:
    """`${…}` where only plain text has meaning."""
    message = f"`${{…}}` has no meaning in {what}"
    return Diagnostic("E0100", message, source, span, help="write the text itself")


def edition_unknown(source: Source, span: Span, known: int) -> Diagnostic:
    """`misy 2`."""
    written = " ".join(source.text[span.start : span.end].split())
    digits = written.removeprefix("misy ")
    if digits.isdecimal() and digits.lstrip("0") and len(digits) < LONGEST:
        message = f"`{written}` is newer than this misydsl (it knows {known})"
        return Diagnostic("E0117", message, source, span, help="pip install -U misydsl")
    message = f"there is no `{short(written)}`: the first edition is {known}"
    fix = Fix(f"write `misy {known}`", (Edit(span, f"misy {known}"),))
    return Diagnostic("E0117", message, source, span, help=fix.title, fix=fix)
