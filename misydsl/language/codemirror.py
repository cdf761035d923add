"""The table that CodeMirror 6 colours `.misy` with, in JupyterLab, Notebook 7 and any page.

In: the classes and places of `highlight`, and the lexer's own patterns. Out: them as plain data, and as the
text of `labextension/static/table.js`, which `tokenizer.js` beside it walks with. Patterns are said in
JavaScript's way: the same matches, without comments and possessive repeats.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

from misydsl.expressions.functions import FUNCTIONS
from misydsl.language.characters import ADDRESS, BLANKS, QUOTED, SCHEME_BEFORE, SIGNS
from misydsl.language.highlight import (
    BLOCK_ESCAPE,
    CLASS_OF,
    CLASSES,
    NAMED_BY,
    SOFT,
    TEXT_ESCAPE,
    TYPE_STARTS,
)
from misydsl.language.lexer import BLOCK_TEXT, CODE, END_OF_DIGITS, NUMBER, TEXT
from misydsl.language.names import IMPLICIT_NAMES
from misydsl.language.tokens import KEYWORD_KINDS, PUNCTUATION
from misydsl.language.type_expressions import BUILT_IN_TYPES

Json = str | list["Json"] | dict[str, "Json"]

_HEAD: Final = (
    "// Written by `misy grammar --codemirror`, from the one table of colours; not by hand.\n"
)
_MAGIC_TAGS: Final = {"magic": "keyword", "arguments": ""}
"""The first line of a cell, which is not of the language."""
_PART: Final = re.compile(
    r"(?P<escaped>\\.)|(?P<class>\[(?:\\.|[^\]\\])+\])|(?P<named>\(\?P<)"
    r"|(?P<possessive>[+*?]\+)|(?P<blank>\s+)|(?P<other>.)",
    re.DOTALL,
)
_LETTERS: Final = r"\p{L}\p{N}_"
_IDENTITY: Final = re.compile(r'\\(["#])')


def codemirror_text() -> str:
    """The table as it stands in its file."""
    table = json.dumps(codemirror_table(), indent=1, ensure_ascii=True)
    return f"{_HEAD}export const TABLE = {table};\n"


def codemirror_table() -> Json:
    """What the tokenizer in JavaScript has to know."""
    return {
        "code": in_javascript(CODE),
        "numbers": [[kind, in_javascript(pattern)] for kind, pattern in NUMBER],
        "digits": in_javascript(END_OF_DIGITS),
        "text": in_javascript(TEXT),
        "blockText": in_javascript(BLOCK_TEXT),
        "textEscape": in_javascript(TEXT_ESCAPE),
        "blockEscape": in_javascript(BLOCK_ESCAPE),
        "quoted": [[mark, in_javascript(pattern)] for mark, pattern in QUOTED.items()],
        "scheme": in_javascript(SCHEME_BEFORE),
        "address": in_javascript(ADDRESS),
        "blanks": _listed(BLANKS),
        "signs": {sign: kind for sign, (kind, _) in SIGNS.items()},
        "punctuation": dict(PUNCTUATION),
        "keywords": {word: KEYWORD_KINDS[word] for word in sorted(KEYWORD_KINDS)},
        "soft": {kind: [_listed(after), _listed(before)] for kind, (after, before) in SOFT.items()},
        "namedBy": _listed(NAMED_BY),
        "typeStarts": _listed(TYPE_STARTS),
        "functions": _listed(FUNCTIONS),
        "types": _listed(BUILT_IN_TYPES),
        "implicit": _listed(IMPLICIT_NAMES),
        "classOf": {kind: CLASS_OF[kind].name for kind in sorted(CLASS_OF)},
        "tags": {**{one.name: one.codemirror for one in CLASSES.values()}, **_MAGIC_TAGS},
    }


def in_javascript(pattern: re.Pattern[str]) -> str:
    """The same pattern for JavaScript's `u` flag, which lets nothing be escaped that need not be."""
    is_verbose = bool(pattern.flags & re.VERBOSE)
    return "".join(_part(found, is_verbose) for found in _PART.finditer(pattern.pattern))


def _part(found: re.Match[str], is_verbose: bool) -> str:
    written = found[0]
    match found.lastgroup:
        case "escaped":
            return f"[{_LETTERS}]" if written == r"\w" else _IDENTITY.sub(r"\1", written)
        case "class":
            return _character_class(written)
        case "named":
            return "(?<"
        case "possessive":
            return written[0]
        case "blank" if is_verbose:
            return ""
        case _:
            return written


def _character_class(written: str) -> str:
    r"""A class in brackets; Python's `\w` has letters and numbers of every script."""
    if written == r"[^\W\d]":
        return r"[\p{L}\p{Nl}\p{No}_]"
    return _IDENTITY.sub(r"\1", written.replace(r"\w", _LETTERS))


def _listed(words: Iterable[str]) -> list[Json]:
    return [*sorted(words)]
