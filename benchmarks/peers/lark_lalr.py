"""Plain Lark: its LALR parser with `propagate_positions`, on the same grammar and the same tokens.

The tokens come from our lexer, with the separators folded as the grammar wants them, and are given to
Lark with offsets and line numbers; that is inside of the clock, as it is in ours. There is no check.
Productions without a name pass their one part on, as with us: that is Lark's `?`, and twice as fast.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lark import Lark
from lark.lexer import Lexer, LexerState, Token

from benchmarks.parsing import WARM_UP, text_of
from benchmarks.stopwatch import Stopwatch
from misydsl.language.lexer import tokenize
from misydsl.language.separators import pieces_of, separate
from misydsl.language.tables import grammar_text, tables
from misydsl.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lark.common import LexerConf

RULE: Final = re.compile(r"^(\w+):", re.MULTILINE)


class MisyTokens(Lexer):
    """Our tokens, as Lark's."""

    __future_interface__ = True  # Lark then gives the parser's state too

    def __init__(self, conf: LexerConf) -> None:  # noqa: ARG002 - Lark gives it
        self._tables = tables()

    def lex(self, lexer_state: LexerState, parser_state: object) -> Iterator[Token]:  # noqa: ARG002
        """The tokens with their places."""
        text = str(lexer_state.text.text)
        tokens, problems = tokenize(Source("<text>", text))
        assert not problems
        stream = separate(tokens.source, pieces_of(tokens), self._tables)
        names = self._tables.terminals
        line, line_start, seen = 1, 0, 0
        places = zip(stream.terminals[:-1], stream.starts[:-1], stream.ends[:-1], strict=True)
        for terminal, start, end in places:
            breaks = text.count("\n", seen, start)
            if breaks:
                line, line_start = line + breaks, text.rfind("\n", seen, start) + 1
            seen = start
            written, column = text[start:end], start - line_start + 1
            last = column + end - start
            yield Token(names[terminal], written, start, line, column, line, last, end)


def parse(*, steps: int) -> dict[str, float]:
    """Parse to a tree with positions."""
    lark = Lark(
        RULE.sub(r"?\1:", grammar_text()),
        parser="lalr",
        lexer=MisyTokens,
        start="file",
        propagate_positions=True,
        maybe_placeholders=True,
    )
    lark.parse(text_of(WARM_UP))
    text = text_of(steps)
    with Stopwatch() as watch:
        tree = lark.parse(text)
    assert sum(1 for _ in tree.find_data("step")) == steps
    return watch.per_step(steps)
