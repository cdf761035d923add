"""From the grammar's text to tables: the only module that imports Lark.

In: the text of `grammar/misy.lark`. Out: the tables as plain data for `tables`. Lark checks that the
grammar is LALR(1) without conflicts (`strict=True`); it never sees a `.misy` file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from lark import Lark
from lark.lexer import Lexer, Token
from lark.parsers.lalr_analysis import IntParseTable, Shift
from lark.parsers.lalr_parser import LALR_Parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lark.common import LexerConf
    from lark.grammar import Rule

# An action is 0 for "not expected", `state + 1` to shift, `-(rule + 1)` to reduce.
Row = list[int]


class TablesJson(TypedDict):
    """The cached form: rows are sparse, `[column, value, column, value, …]`."""

    terminals: list[str]
    nonterminals: list[str]
    rules: list[tuple[int, int, str | None, list[int | None] | None]]
    actions: list[Row]
    gotos: list[Row]
    start: int
    end: int


class NoTokens(Lexer):
    """Stands where Lark wants a lexer; the tokens come from `misydsl.language.lexer`."""

    def __init__(self, conf: LexerConf) -> None:
        """Takes no notice of the terminals: all of them are declared, none has a pattern."""

    def lex(self, _text: object, _state: object) -> Iterator[Token]:
        """No tokens at all."""
        return iter(())


def compile_grammar(grammar: str) -> TablesJson:
    """The tables of a grammar. Raises `lark.exceptions.GrammarError` on a conflict."""
    lark = Lark(
        grammar, parser="lalr", lexer=NoTokens, strict=True, start="file", maybe_placeholders=True
    )
    table = _parse_table(lark)
    rules = list(lark.rules)
    numbers = {rule: number for number, rule in enumerate(rules)}
    nonterminals = sorted({rule.origin.name for rule in rules})
    symbols = {symbol for row in table.states.values() for symbol in row}
    terminals = sorted(symbols - set(nonterminals))
    actions: list[Row] = [[] for _ in table.states]
    gotos: list[Row] = [[] for _ in table.states]
    for state, row in table.states.items():
        for symbol, (action, target) in sorted(row.items()):
            if symbol in nonterminals:
                gotos[state] += [nonterminals.index(symbol), target]
            else:
                does = target + 1 if action is Shift else -(numbers[target] + 1)
                actions[state] += [terminals.index(symbol), does]
    start, end = table.start_states["file"], table.end_states["file"]
    # Lark stops when it reaches the end state; here the end of the file is a terminal like any other.
    actions[end] += [terminals.index("$END"), end + 1]
    return {
        "terminals": terminals,
        "nonterminals": nonterminals,
        "rules": [
            (nonterminals.index(rule.origin.name), len(rule.expansion), rule.alias, _slots(rule))
            for rule in rules
        ],
        "actions": actions,
        "gotos": gotos,
        "start": start,
        "end": end,
    }


def _parse_table(lark: Lark) -> IntParseTable:
    """Lark keeps the table behind its parser; its states are numbered without gaps."""
    parser = lark.parser.parser
    assert isinstance(parser, LALR_Parser)
    table = parser.parser.parse_table
    assert isinstance(table, IntParseTable)
    assert set(table.states) == set(range(len(table.states)))
    return table


def _slots(rule: Rule) -> list[int | None] | None:
    """Which part stands at each position, when optional parts of the production are left out."""
    if not any(rule.options.empty_indices):
        return None
    parts = iter(range(len(rule.expansion)))
    return [None if is_empty else next(parts) for is_empty in rule.options.empty_indices]
