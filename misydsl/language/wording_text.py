"""The words of this pass: what is said about characters, tokens and brackets, and nowhere else.

In: a source, a place and the facts. Out: diagnostics E0101 to E0111, E0118 and E0119. The sentences
about what the parser did not expect stand in `wording_parse`. No word here is a token's or a rule's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from misydsl.diagnostics import Diagnostic, Edit, Fix
from misydsl.source import Source, Span

UNITS: Final = {
    "milliseconds": "ms", "millisecond": "ms", "millis": "ms", "msec": "ms", "msecs": "ms",
    "seconds": "s", "second": "s", "secs": "s", "sec": "s", "S": "s",
    "minutes": "m", "minute": "m", "mins": "m", "min": "m", "M": "m",
    "hours": "h", "hour": "h", "hrs": "h", "hr": "h", "H": "h",
    "days": "d", "day": "d", "D": "d",
    "b": "B", "K": "kB", "k": "kB", "kb": "kB", "mb": "MB", "gb": "GB", "G": "GB", "Mb": "MB",
    "kib": "KiB", "mib": "MiB", "gib": "GiB",
    "/sec": "/s", "/second": "/s", "/min": "/m", "/minute": "/m", "/hour": "/h", "/day": "/d",
    "percent": "%",
    "segundos": "s", "segundo": "s", "minutos": "m", "minuto": "m", "horas": "h", "hora": "h",
    "días": "d", "dias": "d", "día": "d", "dia": "d",
}  # fmt: skip
LOOK_AHEAD: Final = (
    200  # characters of the rest of a line that are looked at, so that time stays linear
)
_ADVICE: Final = {
    "$": "`${…}` only has meaning inside a text; an environment variable is `env.NAME`",
    "%": "a percentage is written `20%`; what is left of a division is `mod(a, b)`",
    "@": "text stands in quotes",
    "€": "an amount is a plain number",
    "£": "an amount is a plain number",
}
"""What to write instead of a character that has a meaning elsewhere."""


def _say(code: str, message: str, source: Source, span: Span) -> Diagnostic:
    return Diagnostic(code, message, source, span)


def _replace(
    code: str, message: str, source: Source, span: Span, *, text: str, cure: str | None = None
) -> Diagnostic:
    """A diagnostic whose cure is certain: other words at the same place."""
    title = cure or f"write `{text}`"
    return Diagnostic(code, message, source, span, help=title, fix=Fix(title, (Edit(span, text),)))


# ------------------------------------------------------------------ text


def text_unclosed(source: Source, start: int, end: int) -> Diagnostic:
    """A `"` text that its line does not end; `end` is where the quote is probably missing."""
    del start
    span = Span(end, end + 1 if end < len(source.text) and source.text[end] not in "\r\n" else end)
    message = 'this text is never closed: a `"` is missing before the end of the line'
    return Diagnostic("E0101", message, source, span)


def block_unclosed(source: Source, start: int, end: int) -> Diagnostic:
    """A block text without its three closing quotes."""
    del end
    return _say(
        "E0101", 'this text is never closed: `"""` is missing', source, Span(start, start + 3)
    )


def interpolation_unclosed(source: Source, span: Span) -> Diagnostic:
    """A `${` without its brace."""
    return _say("E0101", "this `${` is never closed: a `}` is missing", source, span)


def escape_unknown(source: Source, span: Span) -> Diagnostic:
    """A backslash before something that has no meaning there."""
    written = source.text[span.start : span.end]
    message = f"I don't know the escape `{written}`"
    if written.startswith("\\u"):
        return Diagnostic(
            "E0105", message, source, span, help="write the character's number: `\\u{e9}`"
        )
    doubled = "\\" + written
    return Diagnostic(
        "E0105",
        message,
        source,
        span,
        help=f'write `{doubled}`, or use """…""" where backslashes are ordinary',
        fix=Fix(f"write `{doubled}`", (Edit(Span(span.start, span.start), "\\"),)),
    )


# ------------------------------------------------------------------ characters


def character_unknown(source: Source, span: Span, character: str) -> Diagnostic:
    """A character that means nothing in the language."""
    name = unicodedata.name(character, "").lower()
    if character.isprintable() and not character.isspace():
        message = f"I don't know the character `{character}`"
    else:
        described = f" ({name})" if name else ""
        message = f"I don't know the invisible character U+{ord(character):04X}{described}"
    help_ = _ADVICE.get(character)
    if help_ is None and unicodedata.category(character) == "So":  # an emoji, say
        help_ = "names have letters, digits, `-` and `_`; signs go in a title or another text"
    return Diagnostic("E0102", message, source, span, help=help_)


def sign_unknown(source: Source, span: Span, meant: str) -> Diagnostic:
    """A sign of books and word processors where the language has one of ASCII."""
    written = source.text[span.start : span.end]
    is_apart = source.text[span.start - 1 : span.start].isspace()
    text = meant if is_apart or meant in {"...", "null"} else f" {meant} "
    message = f"I don't know the character `{written}`. In misy it is written `{meant}`"
    return _replace("E0102", message, source, span, text=text, cure=f"write `{meant}`")


def address_bare(source: Source, span: Span) -> Diagnostic:
    """`url: http://localhost:3007`."""
    address = source.text[span.start : span.end]
    message = "an address is a text, so it stands in quotes"
    return _replace("E0102", message, source, span, text=f'"{address}"')


def quotes_unknown(source: Source, span: Span) -> Diagnostic:
    """Text in quotes that are not the language's."""
    written = source.text[span.start : span.end]
    inner = written[1:-1].replace("\\'", "'").replace('"', '\\"')
    message = f"I don't know the character `{written[0]}`. Use double quotes for text"
    title = f'write `"{inner}"`' if len(inner) <= 40 else "use double quotes"
    return Diagnostic(
        "E0102",
        message,
        source,
        Span(span.start, span.start + 1),
        help=title,
        fix=Fix(title, (Edit(span, f'"{inner}"'),)),
    )


def blank_unknown(source: Source, start: int) -> Diagnostic:
    """White space that is none of the ordinary ones; it comes with pasting."""
    span = Span(start, start + 1)
    code = ord(source.text[start])
    name = unicodedata.name(source.text[start], "").lower()
    described = f" ({name})" if name else ""
    message = f"I don't know the invisible character U+{code:04X}{described}"
    return _replace("E0102", message, source, span, text=" ", cure="write an ordinary space")


def slashes(source: Source, span: Span) -> Diagnostic:
    """A comment as other languages write it."""
    return _replace("E0102", "comments start with `#`, not `//`", source, span, text="#")


def semicolon(source: Source, span: Span) -> Diagnostic:
    """A `;` between items."""
    message = "I don't know the character `;`. A line break or a comma separates items"
    rest = source.text[span.end : span.end + LOOK_AHEAD].partition("\n")[0].lstrip(" \t\r")
    if rest[:1] in {"", "}", ")", "]", "#"}:
        return _replace("E0102", message, source, span, text="", cure="remove it")
    return _replace("E0102", message, source, span, text=",")


def operator_foreign(source: Source, span: Span, meant: str) -> Diagnostic:
    """An operator of other languages."""
    written = source.text[span.start : span.end]
    before = source.text[span.start - 1 : span.start]
    after = source.text[span.end : span.end + 1]
    text = (" " if before.isalnum() else "") + meant + ("" if after.isspace() else " ")
    message = f"I don't know `{written}`. In misy it is the word `{meant}`"
    return _replace("E0102", message, source, span, text=text, cure=f"write `{meant}`")


def direction_mark(source: Source, span: Span) -> Diagnostic:
    """An invisible character that makes text read differently from what it does."""
    character = source.text[span.start]
    name = unicodedata.name(character, "direction mark").lower()
    message = f"the invisible character U+{ord(character):04X} ({name}) changes how this line reads"
    return _replace("E0107", message, source, span, text="", cure="remove it")


def scripts_mixed(source: Source, span: Span, scripts: Mapping[str, str]) -> Diagnostic:
    """A name whose letters come from scripts that look alike; one letter of each is given."""
    ordered = sorted(scripts, key=lambda script: script != "LATIN")
    names = " and ".join(script.capitalize() for script in ordered)
    name = source.text[span.start : span.end]
    odd = ordered[-1]
    place = name.find(scripts[odd])
    where = "the first letter" if place == 0 else f"letter {place + 1}"
    return Diagnostic(
        "E0106",
        f"this file mixes {names} letters in one name: `{name}`",
        source,
        span,
        help=f"{where} is {odd.capitalize()} «{scripts[odd]}»; retype it",
    )


def encoding_wrong(source: Source, span: Span, what: str) -> Diagnostic:
    """Bytes that are not the UTF-8 text a file has to be."""
    return Diagnostic("E0108", what, source, span, help="save the file as UTF-8")


# ------------------------------------------------------------------ numbers

_THOUSANDS: Final = re.compile(r"\d{1,3}(\.\d{3}){2,}", re.ASCII)


def number_unknown(source: Source, span: Span) -> Diagnostic:
    """Digits followed by something that is no unit."""
    written = source.text[span.start : span.end]
    digits = written.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/")
    unit = UNITS.get(written[len(digits) :])
    message = f"`{written}` is not a number I understand"
    if digits and unit is not None and digits.replace("_", "").replace(".", "").isdigit():
        return _replace("E0103", message, source, span, text=digits + unit)
    if written[:1] == "0" and written[1:2] in {"x", "o", "b", "X", "O", "B"}:
        return Diagnostic("E0103", message, source, span, help="write it with decimal digits")
    if _THOUSANDS.fullmatch(written):
        return _replace("E0103", message, source, span, text=written.replace(".", "_"))
    help_ = "a name begins with a letter" if len(written) > len(digits) + 3 else None
    return Diagnostic("E0103", message, source, span, help=help_)


def date_bare(source: Source, span: Span) -> Diagnostic:
    """`2026-11-27`, which would be a subtraction."""
    right = f'date("{source.text[span.start : span.end]}")'
    message = "a date is written in quotes; without them this is a subtraction"
    return _replace("E0103", message, source, span, text=right)


def number_too_large(source: Source, span: Span) -> Diagnostic:
    """A number that no machine of the path can hold."""
    written = source.text[span.start : span.end]
    shown = written if len(written) <= 24 else f"{written[:20]}…"
    message = f"`{shown}` is too large a number"
    is_whole = written.replace("_", "").isdecimal()
    help_ = "whole numbers go up to 9,223,372,036,854,775,807" if is_whole else None
    return Diagnostic("E0103", message, source, span, help=help_)


def units_out_of_order(source: Source, span: Span) -> Diagnostic:
    """A duration such as `30m1h` or `1h2h`."""
    written = source.text[span.start : span.end]
    return Diagnostic(
        "E0103",
        f"`{written}` is not a duration I understand",
        source,
        span,
        help="each unit once, the largest first: `1d12h30m15s500ms`",
    )


# ------------------------------------------------------------------ separators and brackets

_HIDDEN_CLOSER: Final = re.compile(r"^[^\"#]*#[^\s#].*[)\]}]")


def comma_too_many(source: Source, span: Span) -> Diagnostic:
    """A comma with nothing before it."""
    return _replace("E0104", "one comma too many", source, span, text="", cure="remove it")


def bracket_unclosed(source: Source, span: Span) -> Diagnostic:
    """An opener without its closer."""
    message = f"this `{source.text[span.start : span.end]}` is never closed"
    line = source.text[span.end : span.end + LOOK_AHEAD].partition("\n")[0]
    is_hidden = _HIDDEN_CLOSER.search(line) is not None
    help_ = "from `#` on the line is a comment: text stands in quotes" if is_hidden else None
    return Diagnostic("E0110", message, source, span, help=help_)


def bracket_stray(source: Source, span: Span) -> Diagnostic:
    """A closer without an opener."""
    written = source.text[span.start : span.end]
    return _say("E0111", f"nothing is open that `{written}` could close", source, span)


def bracket_wrong(source: Source, span: Span, opener: str, closer: str) -> Diagnostic:
    """A closer of the wrong shape."""
    written = source.text[span.start : span.end]
    message = f"`{written}` cannot close the `{opener}` before it"
    return _replace("E0111", message, source, span, text=closer)


def brace_missing(source: Source, span: Span) -> Diagnostic:
    """A header line without the `{` that a later `}` closes."""
    message = "a `{` is missing at the end of this line"
    return Diagnostic(
        "E0111",
        message,
        source,
        span,
        help="write ` {` here",
        fix=Fix("write ` {` here", (Edit(Span(span.start, span.start), " {"),)),
    )


def too_deep_brackets(source: Source, span: Span, limit: int) -> Diagnostic:
    """Brackets in brackets past the limit."""
    message = f"this is nested too deeply: {limit} brackets are open here already"
    return Diagnostic("E0118", message, source, span, help="give a part of it a name with `let`")


def too_deep_expression(source: Source, span: Span, limit: int) -> Diagnostic:
    """Operators on operators past the limit."""
    message = f"this is nested too deeply: more than {limit} operations hang on each other"
    return Diagnostic("E0118", message, source, span, help="give a part of it a name with `let`")


def too_many_loops(source: Source, span: Span, limit: int) -> Diagnostic:
    """More `for` in one list than are evaluated."""
    message = f"over {limit} `for` in one list"
    return Diagnostic("E0118", message, source, span, help="give a part of it a name with `let`")


def more_errors(source: Source, span: Span, count: int) -> Diagnostic:
    """How many were left out after the first fifty."""
    noun = "error" if count == 1 else "errors"
    return _say(
        "E0119", f"{count} more {noun} from here on; mend the first ones first", source, span
    )


def more_warnings(source: Source, span: Span, count: int) -> Diagnostic:
    """How many warnings were left out after the first fifty."""
    noun = "warning" if count == 1 else "warnings"
    message = f"{count} more {noun} from here on"
    return Diagnostic("E0119", message, source, span, severity="warning")
