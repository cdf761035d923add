"""The words for types, imports, calls and values in the shape of another language.

In: the place, and what was written there. Out: diagnostics that show it in ours, with a fix where the
meaning is beyond doubt.
"""

from __future__ import annotations

from typing import Final

from misydsl.diagnostics import Diagnostic, Edit, Fix
from misydsl.language.wording_parse import short
from misydsl.source import Source, Span

_LONGEST_CURE: Final = 80  # characters that are shown of what to write


def _instead(
    code: str, message: str, source: Source, span: Span, right: str, *, help_: str | None = None
) -> Diagnostic:
    fix = Fix(f"write `{right}`", (Edit(span, right),))
    return Diagnostic(code, message, source, span, help=help_ or fix.title, fix=fix)


def list_type(source: Source, span: Span, name: str) -> Diagnostic:
    """`string[]`, `[string]`."""
    message = "the type of a list is written with its name"
    return _instead("E0100", message, source, span, f"list[{name}]")


def angle_brackets(source: Source, span: Span, inner: str | None) -> Diagnostic:
    """`list<string>`; `inner` for a list whose item it is."""
    message = "the type inside a type stands in square brackets"
    if inner is not None:
        return _instead("E0100", message, source, span, f"list[{inner}]")
    help_ = "write `list[string]`, or `map[int]` with the type of the values"
    return Diagnostic("E0100", message, source, span, help=help_)


def optional_name(source: Source, mark: Span, name: str, end: int | None) -> Diagnostic:
    """`a?: int`; `end` of the type when that is one name."""
    message = f"the `?` goes after the type, not after `{short(name)}`"
    fix = None
    if end is not None:
        edits = (Edit(mark, ""), Edit(Span(end, end), "?"))
        fix = Fix("write it after the type", edits)
    return Diagnostic("E0100", message, source, mark, help=f"{short(name)}: string?", fix=fix)


def type_first(source: Source, span: Span, name: str, type_: str) -> Diagnostic:
    """`string topic`."""
    message = "the type goes after the name"
    return _instead("E0100", message, source, span, f"{name}: {type_}")


def type_with_colon(source: Source, name: Span, colon: Span) -> Diagnostic:
    """`type T: { … }`."""
    fix = Fix("write `=`", (Edit(Span(name.end, colon.end), " ="),))
    message = "a type is declared with `=`"
    return Diagnostic("E0100", message, source, colon, help=fix.title, fix=fix)


def untyped_parameter(source: Source, span: Span, name: str) -> Diagnostic:
    """`agent a(q = "x")`."""
    message = f"the input `{short(name)}` needs a type, and then its default"
    return Diagnostic("E0113", message, source, span, help=f"{short(name)}: string = …")


def import_without_braces(source: Source, name: Span) -> Diagnostic:
    """`import writer from "./agents.misy"`."""
    message = "what is imported is named in braces"
    return _instead("E0100", message, source, name, f"{{ {source.text[name.start : name.end]} }}")


# ------------------------------------------------------------------ calls


def inputs_in_braces(source: Source, opener: Span, closer: Span | None) -> Diagnostic:
    """`call a { q: 1 }`."""
    message = "the inputs of a call stand in parentheses"
    fix = None
    if closer is not None:
        before = opener.start - 1
        start = before if source.text[before] == " " else opener.start
        edits = (Edit(Span(start, opener.end), "("), Edit(closer, ")"))
        fix = Fix("write `(…)`", edits)
    return Diagnostic("E0100", message, source, opener, help="call agent(name: …)", fix=fix)


def after_call(source: Source, span: Span) -> Diagnostic:
    """`call a(…).text`, `call a(…) | f`, `call a(…) as x`, `call a(…) with …`."""
    written = source.text[span.start : span.end]
    helps = {
        ".": "take its part where you use it, by the step's name: my-step.text",
        "?.": "take its part where you use it, by the step's name: my-step?.text",
        "as": "the name of the result is the name of the step",
        "with": "settings stand on lines of their own: timeout: 30s",
        "|": "give the result to the next step by name: call other(text: my-step)",
        "[": "take its part where you use it, by the step's name: my-step[0]",
    }
    message = f"a call ends with its inputs, so I did not expect `{short(written)}` here"
    return Diagnostic("E0100", message, source, span, help=helps.get(written, "begin a new line"))


def kind_before_name(source: Source, span: Span, name: str) -> Diagnostic:
    """`call agent writer(…)`."""
    message = f"a call names what it calls: `call {short(name)}(…)`"
    fix = Fix("remove the word", (Edit(Span(span.start, span.end), ""),))
    shown = Span(span.start, len(source.text[: span.end].rstrip()))
    return Diagnostic("E0100", message, source, shown, fix=fix)


def fallback_value(source: Source, span: Span, value: Span | None) -> Diagnostic:
    """`fallback "x"`."""
    message = "what comes instead stands in braces"
    help_ = "fallback { return … }"
    fix = None
    if value is not None:
        right = f"{{ return {source.text[value.start : value.end]} }}"
        fix = Fix(f"write `{short(right)}`", (Edit(value, right),))
    return Diagnostic("E0100", message, source, span, help=help_, fix=fix)


def spread(source: Source, span: Span) -> Diagnostic:
    """`call a(**inputs)`."""
    return _instead("E0100", "the fields of a record are spread with `...`", source, span, "...")


# ------------------------------------------------------------------ values


def range_dots(source: Source, span: Span, first: str, last: str) -> Diagnostic:
    """`0..3`."""
    message = "there is no `..` in misy"
    help_ = f"`range({first}, {last})` has no {last} in it"
    return Diagnostic("E0100", message, source, span, help=help_)


def choice_in_braces(source: Source, span: Span, parts: tuple[str, str, str] | None) -> Diagnostic:
    """`if c { a } else { b }` as a value; the parts are the condition and both values."""
    message = "a choice between values has no braces"
    if parts is None or not all(part.strip() for part in parts) or "\n" in "".join(parts):
        return Diagnostic("E0100", message, source, span, help="write `if … then … else …`")
    condition, then, otherwise = parts
    right = f"if {condition} then {then} else {otherwise}"
    fix = Fix("write `then` and `else`", (Edit(span, right),))
    help_ = f"write `{right}`" if len(right) <= _LONGEST_CURE else "write `if … then … else …`"
    return Diagnostic("E0100", message, source, span, help=help_, fix=fix)
