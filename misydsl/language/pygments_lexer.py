"""`.misy` for Pygments, and so for nbconvert, Sphinx, MkDocs and `pygmentize`.

In: any text. Out: Pygments' token types, by our own lexer and the one table of `highlight`: nested `${…}`,
block texts and soft keywords are as the parser reads them. Nothing is lost and nothing is raised. Pygments
finds it by the entry point; whoever only looks through all lexers does not load the language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from pygments.lexer import Lexer
from pygments.token import _TokenType, string_to_tokentype

_EDITION: Final = re.compile(r"(?:\ufeff|\s|#[^\n]*\n)*misy[ \t]+[0-9]+[ \t]*(?:#|\r?\n|$)")


class MisyLexer(Lexer):  # type: ignore[misc]  # Pygments ships no types
    """The lexer `misy`."""

    name = "misy"
    url = "https://pypi.org/project/misydsl/"
    aliases: ClassVar[list[str]] = ["misy"]
    filenames: ClassVar[list[str]] = ["*.misy"]
    mimetypes: ClassVar[list[str]] = ["text/x-misy"]

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        """Offset, type and text of each piece."""
        from misydsl.language.highlight import CLASSES, highlight
        from misydsl.language.lexer import tokenize
        from misydsl.source import Source

        types = {name: string_to_tokentype(one.pygments) for name, one in CLASSES.items()}
        tokens, _ = tokenize(Source("", text))
        for start, end, found in highlight(tokens):
            yield start, types[found.name], text[start:end]

    @staticmethod
    def analyse_text(text: str) -> float:
        """How likely a text is misy: sure when it begins with its edition."""
        return 1.0 if _EDITION.match(text) else 0.0
