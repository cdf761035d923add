"""Characters that deceive or mean nothing: what they are, and what was probably meant.

In: a `Source` and a place. Out: the kind such a piece is read as, so that the rest still has meaning,
and its diagnostic. Invisible direction marks are refused anywhere, because they make a text read
differently from what it does; so are names that mix scripts whose letters look alike.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple, cast

from misydsl.diagnostics import Diagnostic
from misydsl.language import wording_text as wording
from misydsl.source import Source, Span

# Unicode's Bidi_Control characters (UAX 9, and UTS 55 on source code).
DIRECTION_MARKS: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
# Bounded, so that quotes without an end are not looked for again and again along a line.
QUOTED: Final = {
    "'": re.compile(r"'[^'\r\n]{0,300}'"),
    "`": re.compile(r"`[^`\r\n]{0,300}`"),
    "“": re.compile("“[^”\r\n]{0,300}”"),
    "‘": re.compile("‘[^’\r\n]{0,300}’"),
    "«": re.compile("«[^»\r\n]{0,300}»"),
}
BLANKS: Final = frozenset(
    "\r\u00a0\u1680\u2007\u202f\u205f\u3000\ufeff\u200b\u2060\u2028\u2029\u0085"
)
# Latin may stand beside these in one name (UTS 39, "highly restrictive"); other mixtures may not.
BESIDE_LATIN: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"})
SCRIPTS: Final = frozenset(
    {
        "LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "GEORGIAN", "HEBREW", "ARABIC",
        "DEVANAGARI", "BENGALI", "TAMIL", "TELUGU", "THAI", "LAO", "TIBETAN", "ETHIOPIC", "KHMER",
        "MONGOLIAN", *BESIDE_LATIN,
    }
)  # fmt: skip


# Signs of books and word processors, what they are read as and what they are here.
SIGNS: Final = {
    "–": ("MINUS", "-"), "—": ("MINUS", "-"), "−": ("MINUS", "-"), "×": ("STAR", "*"),
    "÷": ("SLASH", "/"), "≥": ("GE", ">="), "≤": ("LE", "<="), "≠": ("NE", "!="),
    "→": ("ARROW", "->"), "⇒": ("ARROW", "->"), "…": ("SPREAD", "..."), "~": ("NULL", "null"),
}  # fmt: skip
SCHEME_BEFORE: Final = re.compile(r"(?<![\w-])(?:https?|wss?):$")
ADDRESS: Final = re.compile(r"[^\s,})\]]*")


class Unknown(NamedTuple):
    """A piece that is not of the language: where it ends, what to read it as, what to say."""

    end: int
    kind: str
    problem: Diagnostic | None


def check_characters(source: Source) -> list[Diagnostic]:
    """A diagnostic for each invisible character that changes the direction of reading."""
    if source.text.isascii():
        return []
    return [
        wording.direction_mark(source, Span(*found.span()))
        for found in DIRECTION_MARKS.finditer(source.text)
    ]


def end_of_name(text: str, start: int) -> int:
    """Where the name at `start` ends; combining marks belong to it, hyphens between its letters."""
    position, length = start, len(text)
    while position < length:
        character = text[position]
        if not (character == "_" or character.isalnum() or is_mark(character)):
            after = text[position + 1 : position + 2]
            if character != "-" or not (after == "_" or after.isalnum()):
                break
        position += 1
    return position


def is_mark(character: str) -> bool:
    """Whether a character joins the one before it, as an accent written apart does."""
    return character > "\u02ff" and unicodedata.category(character) in {"Mn", "Mc"}


def check_name(source: Source, span: Span) -> list[Diagnostic]:
    """What is wrong with the letters of a name that goes beyond ASCII."""
    name = unicodedata.normalize("NFC", source.text[span.start : span.end])
    for character in name:
        if character != "-" and not ("_" + character).isidentifier():
            return [wording.character_unknown(source, span, character)]
    scripts: dict[str, str] = {}
    for character in name:
        script = _script(character)
        if script is not None:
            scripts.setdefault(script, character)
    others = scripts.keys() - {"LATIN"}
    if len(scripts) < 2 or others <= BESIDE_LATIN:
        return []
    return [wording.scripts_mixed(source, span, scripts)]


def read_unknown(source: Source, start: int) -> Unknown:
    """What stands at `start`, where no token of the language begins."""
    text = source.text
    character = text[start]
    quoted = QUOTED[character].match(text, start) if character in QUOTED else None
    if quoted:
        return Unknown(quoted.end(), "STRING", wording.quotes_unknown(source, Span(*quoted.span())))
    if character in BLANKS:
        said = None if character == "\r" else wording.blank_unknown(source, start)
        return Unknown(start + 1, "WHITESPACE", said)
    if character in SIGNS:
        kind, meant = SIGNS[character]
        span = Span(start, start + 1)
        return Unknown(span.end, kind, wording.sign_unknown(source, span, meant))
    scheme = SCHEME_BEFORE.search(text, max(start - 8, 0), start)
    if scheme and text.startswith("//", start):
        end = cast("re.Match[str]", ADDRESS.match(text, start)).end()
        problem = wording.address_bare(source, Span(scheme.start(), end))
        return Unknown(end, "UNKNOWN", problem)
    if text.startswith("//", start):
        end = _end_of_line(text, start)
        return Unknown(end, "COMMENT", wording.slashes(source, Span(start, start + 2)))
    for written, kind, meant in (("&&", "AND", "and"), ("||", "OR", "or"), ("!", "NOT", "not")):
        if text.startswith(written, start):
            span = Span(start, start + len(written))
            return Unknown(span.end, kind, wording.operator_foreign(source, span, meant))
    if character == ";":
        return Unknown(start + 1, "COMMA", wording.semicolon(source, Span(start, start + 1)))
    span = Span(
        start,
        start + len(text[start : start + 80]) - len(text[start : start + 80].lstrip(character)),
    )
    if DIRECTION_MARKS.match(character):  # said once, with those inside text
        return Unknown(span.end, "UNKNOWN", None)
    return Unknown(span.end, "UNKNOWN", wording.character_unknown(source, span, character))


def _script(character: str) -> str | None:
    """The script of a letter by its Unicode name; None for marks, digits and what all scripts share."""
    if not character.isalpha():
        return None
    word = unicodedata.name(character, "").partition(" ")[0]
    return word if word in SCRIPTS else None


def _end_of_line(text: str, start: int) -> int:
    end = text.find("\n", start)
    end = len(text) if end < 0 else end
    return end - 1 if end > start and text[end - 1] == "\r" else end
