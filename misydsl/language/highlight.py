"""Highlighting: which class each piece of a text is of, for every tool that colours `.misy`.

In: the lexer's tokens, of any text, right or wrong. Out: `Piece`s that joined are the text, each of one
`TokenClass`. `CLASSES` is the one table: Pygments, TextMate, CodeMirror and editors read their names in it.
A soft keyword is one only where the grammar could mean it (`SOFT`); a name's class is told by what stands
beside it. Time is linear, nothing recurses, nothing is raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from misydsl.expressions.functions import FUNCTIONS
from misydsl.language.names import IMPLICIT_NAMES
from misydsl.language.separators import VALUE_STARTS
from misydsl.language.tokens import NAME_KINDS, NUMBERS, Tokens
from misydsl.language.type_expressions import BUILT_IN_TYPES


@dataclass(frozen=True, slots=True)
class TokenClass:
    """One way to be coloured: the lexer's kinds it is for, and what other tools call it.

    Without kinds it is for pieces told by their place: a name that is declared, an escape in a text.
    """

    name: str
    kinds: frozenset[str]
    pygments: str
    """A token type of Pygments."""
    scope: str
    """A TextMate scope, without the language at its end."""
    codemirror: str
    """A tag of CodeMirror 6, with its modifiers, that Jupyter's theme knows; empty for none."""


def _class(name: str, kinds: str, *, pygments: str, scope: str, codemirror: str) -> TokenClass:
    return TokenClass(name, frozenset(kinds.split()), pygments, scope, codemirror)


CLASSES: Final[Mapping[str, TokenClass]] = {
    one.name: one
    for one in (
        _class(
            "space",
            "WHITESPACE NEWLINE BOM",
            pygments="Text.Whitespace",
            scope="text",
            codemirror="",
        ),
        _class(
            "comment",
            "COMMENT",
            pygments="Comment.Single",
            scope="comment.line.number-sign",
            codemirror="lineComment",
        ),
        _class(
            "documentation",
            "DOC",
            pygments="String.Doc",
            scope="comment.line.documentation",
            codemirror="docComment",
        ),
        _class(
            "declaration",
            "MISY IMPORT FROM AS TYPE LET AGENT PROMPT PIPELINE STEP",
            pygments="Keyword.Declaration",
            scope="storage.type",
            codemirror="definitionKeyword",
        ),
        _class(
            "control",
            "CALL RETURN UNTIL FALLBACK UNDO ON WHEN AFTER REPEAT UP TO FOR IF THEN ELSE",
            pygments="Keyword",
            scope="keyword.control",
            codemirror="controlKeyword",
        ),
        _class(
            "word-operator",
            "AND OR NOT IN",
            pygments="Operator.Word",
            scope="keyword.operator.word",
            codemirror="operatorKeyword",
        ),
        _class(
            "constant",
            "TRUE FALSE NULL",
            pygments="Keyword.Constant",
            scope="constant.language",
            codemirror="bool",
        ),
        _class("name", "NAME", pygments="Name", scope="variable.other", codemirror="variableName"),
        _class(
            "declared",
            "",
            pygments="Name.Function",
            scope="entity.name.function",
            codemirror="variableName.definition",
        ),
        _class(
            "key",
            "",
            pygments="Name.Attribute",
            scope="entity.other.attribute-name",
            codemirror="propertyName",
        ),
        _class(
            "type",
            "",
            pygments="Keyword.Type",
            scope="support.type",
            codemirror="variableName.standard",
        ),
        _class(
            "function",
            "",
            pygments="Name.Builtin",
            scope="support.function",
            codemirror="variableName.standard",
        ),
        _class(
            "implicit",
            "",
            pygments="Name.Builtin.Pseudo",
            scope="variable.language",
            codemirror="variableName.special",
        ),
        _class(
            "integer",
            "INT",
            pygments="Number.Integer",
            scope="constant.numeric.integer",
            codemirror="integer",
        ),
        _class(
            "float",
            "FLOAT",
            pygments="Number.Float",
            scope="constant.numeric.float",
            codemirror="float",
        ),
        _class(
            "measure",
            "DURATION SIZE PERCENT RATE",
            pygments="Number",
            scope="constant.numeric.unit",
            codemirror="number",
        ),
        _class(
            "text",
            "STRING TEXT_OPEN TEXT_PART TEXT_CLOSE",
            pygments="String.Double",
            scope="string.quoted.double",
            codemirror="string",
        ),
        _class(
            "escape",
            "",
            pygments="String.Escape",
            scope="constant.character.escape",
            codemirror="variableName.special",
        ),
        _class(
            "interpolation",
            "INTERPOLATION_OPEN INTERPOLATION_CLOSE",
            pygments="String.Interpol",
            scope="punctuation.section.interpolation",
            codemirror="operator",
        ),
        _class(
            "operator",
            "SPREAD ARROW ASSIGN QMARK BAR EQ NE LT GT LE GE COALESCE PLUS MINUS STAR SLASH",
            pygments="Operator",
            scope="keyword.operator",
            codemirror="operator",
        ),
        _class(
            "punctuation",
            "LBRACE RBRACE LPAR RPAR LSQB RSQB COLON COMMA DOT QDOT",
            pygments="Punctuation",
            scope="punctuation",
            codemirror="separator",
        ),
        _class(
            "unknown", "UNKNOWN", pygments="Error", scope="invalid.illegal", codemirror="invalid"
        ),
    )
}
CLASS_OF: Final[Mapping[str, TokenClass]] = {
    kind: one for one in CLASSES.values() for kind in one.kinds
}
"""The class of each kind of token, wherever it stands."""


class Place(NamedTuple):
    """Where a soft keyword is a keyword: after one of these kinds and before one of those."""

    after: frozenset[str]
    before: frozenset[str]


ITEM_STARTS: Final = frozenset({"", "NEWLINE", "COMMA", "LBRACE"})
VALUE_ENDS: Final = frozenset(
    {"NAME", "STRING", "TEXT_CLOSE", "TRUE", "FALSE", "NULL", "ELSE", *NUMBERS}
    | {"RPAR", "RSQB", "RBRACE", "QMARK"}
)
_VALUES: Final = frozenset({*VALUE_STARTS, "LSQB"})
_TEXTS: Final = frozenset({"STRING", "TEXT_OPEN"})
_BRACE: Final = frozenset({"LBRACE"})

SOFT: Final[Mapping[str, Place]] = {
    "MISY": Place(ITEM_STARTS, frozenset({"INT"})),
    "IMPORT": Place(ITEM_STARTS, _BRACE),
    "FROM": Place(VALUE_ENDS, _TEXTS),
    "AS": Place(VALUE_ENDS, NAME_KINDS),
    **dict.fromkeys(
        ("TYPE", "LET", "AGENT", "PROMPT", "PIPELINE", "STEP", "CALL", "ON"),
        Place(ITEM_STARTS, NAME_KINDS),
    ),
    **dict.fromkeys(("RETURN", "UNTIL"), Place(ITEM_STARTS, _VALUES)),
    **dict.fromkeys(("FALLBACK", "UNDO"), Place(ITEM_STARTS, _BRACE)),
    "WHEN": Place(VALUE_ENDS, _VALUES),
    "AFTER": Place(VALUE_ENDS, NAME_KINDS),
    "REPEAT": Place(VALUE_ENDS, frozenset({"UP"})),
    "UP": Place(frozenset({"REPEAT"}), frozenset({"TO"})),
    "TO": Place(frozenset({"UP"}), _VALUES),
}
NAMED_BY: Final = frozenset({"AGENT", "PROMPT", "PIPELINE", "STEP", "CALL"})
"""Keywords before the name of something that can be called or waited for."""
TYPE_STARTS: Final = frozenset({"COLON", "ARROW", "BAR", "ASSIGN", "LIST_OF"})

TEXT_ESCAPE: Final = re.compile(r'\\(?:["\\ntr$]|u\{[0-9A-Fa-f]{1,6}\})')
BLOCK_ESCAPE: Final = re.compile(r'\\(?:\$\{|""")')
BLOCK_QUOTES: Final = '"""'


class Piece(NamedTuple):
    """A part of the text, `[start, end)`, of one class."""

    start: int
    end: int
    token_class: TokenClass


def highlight(tokens: Tokens) -> Iterator[Piece]:
    """The pieces of a text in order, none empty; each token is one piece, a text with escapes several."""
    return _Highlighting(tokens).pieces()


class _Highlighting:
    """One walk over the tokens; what stood before is kept in few words."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.following = _following(tokens.kinds)
        self.left = ""
        """The kind before, white space and comments aside; a line break counts."""
        self.previous = ""
        """As `left`, line breaks aside too."""
        self.is_after_type = False
        self.open_texts: list[bool] = []
        """For each text around: whether it is a block."""

    def pieces(self) -> Iterator[Piece]:
        """Every piece."""
        starts = self.tokens.starts
        for index, kind in enumerate(self.tokens.kinds):
            start, end = starts[index], starts[index + 1]
            if kind in SOFT and not self._is_keyword(kind, index):
                kind = "NAME"  # noqa: PLW2901  # what it is here
            found = self._name_class(index) if kind == "NAME" else CLASS_OF[kind]
            if start < end:
                escape = self._escape(kind, start)
                yield from _split(self.tokens.source.text, Piece(start, end, found), escape)
            self._pass(kind, start, found)

    def _is_keyword(self, kind: str, index: int) -> bool:
        place = SOFT[kind]
        is_behind = self.left in place.after or self.previous in place.after
        return is_behind and self.following[index] in place.before

    def _name_class(self, index: int) -> TokenClass:
        previous, following = self.previous, self.following[index]
        if previous in NAMED_BY:
            return CLASSES["declared"]
        if previous == "TYPE":
            return CLASSES["type"]
        if previous in {"DOT", "QDOT"}:
            return CLASSES["name"]
        if following == "COLON":
            return CLASSES["key"]
        name = self.tokens.text_of(index)
        if following == "LPAR" and name in FUNCTIONS:
            return CLASSES["function"]
        if previous in TYPE_STARTS and following != "DOT" and name in BUILT_IN_TYPES:
            return CLASSES["type"]
        return CLASSES["implicit" if name in IMPLICIT_NAMES else "name"]

    def _escape(self, kind: str, start: int) -> re.Pattern[str] | None:
        """What escapes look like in this token; None where there are none."""
        if kind == "STRING" and self.tokens.source.text[start] == '"':
            return TEXT_ESCAPE
        if kind == "TEXT_PART":
            return BLOCK_ESCAPE if self.open_texts and self.open_texts[-1] else TEXT_ESCAPE
        return None

    def _pass(self, kind: str, start: int, found: TokenClass) -> None:
        """Remember what stood here."""
        if kind == "TEXT_OPEN":
            self.open_texts.append(self.tokens.source.text.startswith(BLOCK_QUOTES, start))
        elif kind == "TEXT_CLOSE":
            self.open_texts.pop()
        if found.name in {"space", "comment", "documentation", "unknown"}:
            self.left = "NEWLINE" if kind == "NEWLINE" else self.left
            return
        is_list = kind == "LSQB" and self.is_after_type
        self.left = self.previous = "LIST_OF" if is_list else kind
        self.is_after_type = found.name == "type"


def _following(kinds: list[str]) -> list[str]:
    """For each token the kind after it, blanks aside; a line break counts."""
    found = [""] * len(kinds)
    following = ""
    for index in range(len(kinds) - 1, -1, -1):
        found[index] = following
        if kinds[index] != "WHITESPACE":
            following = kinds[index]
    return found


def _split(text: str, piece: Piece, escape: re.Pattern[str] | None) -> Iterator[Piece]:
    """A piece, its escapes apart."""
    position = piece.start
    for match in escape.finditer(text, piece.start, piece.end) if escape else ():
        if match.start() > position:
            yield Piece(position, match.start(), piece.token_class)
        position = match.end()
        yield Piece(match.start(), position, CLASSES["escape"])
    if position < piece.end:
        yield Piece(position, piece.end, piece.token_class)
