"""The TextMate grammar, which VS Code, Sublime Text, GitHub and Shiki colour `.misy` with.

In: the table and the places of `highlight`, and the lexer's own patterns. Out: the grammar as plain data and
as the text of `editors/misy.tmLanguage.json`. It sees one line at a time, so it knows a soft keyword by what
follows it only; texts, `${…}` and numbers end where the lexer ends them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

from misydsl.expressions.functions import FUNCTIONS
from misydsl.language.highlight import (
    BLOCK_ESCAPE,
    CLASSES,
    NAMED_BY,
    SOFT,
    TEXT_ESCAPE,
    TokenClass,
)
from misydsl.language.lexer import NUMBER
from misydsl.language.names import IMPLICIT_NAMES
from misydsl.language.tokens import NUMBERS, PUNCTUATION, RESERVED
from misydsl.language.type_expressions import BUILT_IN_TYPES

Json = str | list["Json"] | dict[str, "Json"]

_NAME: Final = r"[^\W\d]\w*(?:-\w+)*"
_HERE: Final = r"(?<![\w.-])"
"""Where a word may begin: not inside another, not a field."""
_OVER: Final = r"(?!\w|-\w)"
_NUMBER_OVER: Final = r"(?![\w%.])"
_TYPE_BEFORE: Final = r"(?:(?<=[:|=>\[])|(?<=[:|=>\[] ))"
"""Right after `:`, `|`, `=`, `->` or `[`, or one blank further."""
_BRACKETS: Final = frozenset({"LBRACE", "RBRACE"})


def textmate_text() -> str:
    """The grammar as it stands in its file."""
    return json.dumps(textmate_grammar(), indent=2, ensure_ascii=False) + "\n"


def textmate_grammar() -> Json:
    """The grammar as plain data."""
    return {
        "name": "misy",
        "scopeName": "source.misy",
        "fileTypes": ["misy"],
        "patterns": [{"include": "#code"}],
        "repository": {
            "code": {
                "patterns": [
                    {"include": f"#{one}"} for one in ("comments", "texts", "braces", "words")
                ]
            },
            "comments": {
                "patterns": [
                    _match("documentation", r"##(?!#).*"),
                    _match("comment", r"#.*"),
                ]
            },
            "texts": {"patterns": [_block(), _line()]},
            "interpolation": _between("interpolation", r"\$\{", r"\}", inner="meta.interpolation"),
            "braces": _between("punctuation", r"\{", r"\}", inner="meta.braces"),
            "words": {"patterns": [*_names(), *_keywords(), *_numbers(), *_signs()]},
        },
    }


def _scope(token_class: TokenClass | str) -> str:
    one = CLASSES[token_class] if isinstance(token_class, str) else token_class
    return f"{one.scope}.misy"


def _match(token_class: TokenClass | str, pattern: str) -> Json:
    return {"name": _scope(token_class), "match": pattern}


def _between(token_class: str, begin: str, end: str, *, inner: str) -> Json:
    """Code between two marks."""
    return {
        "name": f"{inner}.misy",
        "begin": begin,
        "end": end,
        "captures": {"0": {"name": _scope(token_class)}},
        "patterns": [{"include": "#code"}],
    }


def _block() -> Json:
    return _text('"""', '"""', BLOCK_ESCAPE.pattern)


def _line() -> Json:
    return _text('"', '"|$', TEXT_ESCAPE.pattern)


def _text(begin: str, end: str, escape: str) -> Json:
    return {
        "name": _scope("text"),
        "begin": begin,
        "end": end,
        "patterns": [_match("escape", escape), {"include": "#interpolation"}],
    }


def _names() -> list[Json]:
    """Names told by their neighbours; what none of these is has no colour."""
    return [
        *(_naming(kind) for kind in sorted(NAMED_BY)),
        _naming("TYPE"),
        _match("key", rf"{_HERE}{_NAME}(?=[ \t]*:)"),
        _match("function", rf"{_HERE}{_any_of(FUNCTIONS)}{_OVER}(?=[ \t]*\()"),
        _match("type", rf"{_TYPE_BEFORE}{_any_of(BUILT_IN_TYPES - RESERVED)}{_OVER}(?![ \t]*[.(])"),
    ]


def _naming(kind: str) -> Json:
    """A keyword and the name after it."""
    named = "type" if kind == "TYPE" else "declared"
    return {
        "match": rf"{_HERE}({kind.lower()})[ \t]+({_NAME}){_OVER}",
        "captures": {"1": {"name": _scope(_class_of(kind))}, "2": {"name": _scope(named)}},
    }


def _keywords() -> list[Json]:
    """Soft keywords where something fits after them, then the reserved words."""
    named = [
        _match(_class_of(kind), rf"{_HERE}{kind.lower()}{_OVER}(?=[ \t]*{_start_of(place.before)})")
        for kind, place in SOFT.items()
        if kind not in NAMED_BY and kind != "TYPE"
    ]
    reserved: list[Json] = []
    for name in ("control", "word-operator", "constant"):
        words = {word for word in RESERVED if word.upper() in CLASSES[name].kinds}
        reserved.append(_match(name, rf"{_HERE}{_any_of(words)}{_OVER}"))
    implicit = _match("implicit", rf"{_HERE}{_any_of(IMPLICIT_NAMES)}{_OVER}")
    plain: Json = {"match": _NAME}
    return [*named, *reserved, implicit, plain]


def _numbers() -> list[Json]:
    """Numbers as the lexer reads them, longest first; whole ones are what is left."""
    kinds = [(_class_of(kind), pattern.pattern) for kind, pattern in NUMBER]
    return [
        *(_match(found, f"{pattern}{_NUMBER_OVER}") for found, pattern in kinds),
        _match(_class_of("INT"), r"[0-9][0-9_]*"),
    ]


def _signs() -> list[Json]:
    """Operators and punctuation, long ones first; braces have a rule of their own."""
    found: list[Json] = []
    for length in (3, 2, 1):
        for name in ("operator", "punctuation"):
            kinds = CLASSES[name].kinds - _BRACKETS
            signs = [s for s, kind in PUNCTUATION.items() if kind in kinds and len(s) == length]
            found += [_match(name, _any_of(signs))] if signs else []
    return found


def _class_of(kind: str) -> TokenClass:
    return next(one for one in CLASSES.values() if kind in one.kinds)


def _start_of(kinds: frozenset[str]) -> str:
    """What a token of one of these kinds begins with."""
    starts = [r"[^\W\d]"] if "NAME" in kinds else sorted(kind.lower() for kind in kinds & set(SOFT))
    starts += ["[0-9]"] if kinds & NUMBERS else []
    starts += ['"'] if "TEXT_OPEN" in kinds else []
    starts += [re.escape(sign) for sign, kind in PUNCTUATION.items() if kind in kinds]
    return f"(?:{'|'.join(starts)})"


def _any_of(words: Iterable[str]) -> str:
    """One of these, the longest that fits."""
    return f"(?:{'|'.join(re.escape(one) for one in sorted(words, key=lambda w: (-len(w), w)))})"
