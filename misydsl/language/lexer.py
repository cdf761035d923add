"""The lexer: from text to tokens, one regular expression for code and one for each kind of text.

In: a `Source`. Out: `Tokens` that lose nothing, and what is wrong with the characters themselves. Any
text ends in tokens, in time linear in its length. Inside text, `${` goes back to code until its brace
closes; the modes are kept on an explicit stack, so nesting costs no recursion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from misydsl.diagnostics import Diagnostic
from misydsl.language import wording_text as wording
from misydsl.language.characters import (
    check_characters,
    check_name,
    end_of_name,
    is_mark,
    read_unknown,
)
from misydsl.language.tokens import KEYWORD_KINDS, PUNCTUATION, Tokens
from misydsl.source import Source, Span

# The order is by how often a kind occurs. A name holds hyphens only between word characters. Possessive
# repeats (`++`) keep a match from being tried again in shorter forms: that is what makes it linear.
CODE: Final = re.compile(
    r"""
      (?P<WHITESPACE> [ \t\f\v]++ )
    | (?P<NAME> [^\W\d]\w*+ (?: - \w++ )*+ )
    | (?P<FOREIGN> //[^\r\n]*+ | && | \|\| )
    | (?P<PUNCTUATION> \.\.\. | -> | [=!<>]= | \?\? | \?\. | [{}()\[\]:,.=<>|?+*/-] )
    | (?P<NEWLINE> (?: \r?\n [ \t]*+ )++ )
    | (?P<STRING> "(?!"") [^"\\\n\r$]*+ (?: (?: \\[^\n\r] | \$(?!\{) ) [^"\\\n\r$]*+ )*+ " )
    | (?P<INT> [0-9][0-9_]*+ (?! [\w%] | \.[0-9] | /[smhd](?!-?\w) ) )
    | (?P<COMMENT> \#(?!\#(?!\#)) [^\r\n]*+ )
    | (?P<DOC> \#\#(?!\#) [^\r\n]*+ )
    | (?P<NUMBER> [0-9][0-9_]*+ (?:\.[0-9]++)?+ (?: [eE][+-]?[0-9]++ )?+
                  (?: % | /\w++ | (?: \w | \.[0-9] )++ )?+ )
    | (?P<BLOCK> \"\"\" )
    | (?P<QUOTE> " )
    | (?P<OTHER> . )
    """,
    re.VERBOSE | re.DOTALL,
)
NUMBER: Final = (
    ("DURATION", re.compile(r"(?:[0-9][0-9_]*(?:\.[0-9]+)?(?:ms|s|m|h|d))+")),
    ("FLOAT", re.compile(r"[0-9][0-9_]*(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+)")),
    ("PERCENT", re.compile(r"[0-9][0-9_]*(?:\.[0-9]+)?%")),
    ("RATE", re.compile(r"[0-9][0-9_]*(?:\.[0-9]+)?/[smhd]")),
    ("SIZE", re.compile(r"[0-9][0-9_]*(?:\.[0-9]+)?(?:B|[kKMGT]B|[KMGT]iB)")),
)
TEXT: Final = re.compile(r'(?:[^"\\\n\r$]|\\[^\n\r]|\$(?!\{))++')
BLOCK_TEXT: Final = re.compile(r'(?:[^"\\$]|\\(?:\$\{|""")|\\|"(?!"")|\$(?!\{))++')
STOPS: Final = frozenset({"NEWLINE", "NUMBER", "BLOCK", "QUOTE", "FOREIGN", "OTHER"})
# What ends a block text that was never closed: the next declaration at the left margin.
NEXT_DECLARATION: Final = re.compile(r"\n(?=(?:pipeline|agent|prompt|type|let|import)[ \t])")
END_OF_LINE: Final = re.compile(r"[^\r\n]*")
END_OF_DIGITS: Final = re.compile(r"[0-9_]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
BLOCK_QUOTES: Final = '"""'
OPENER_OF: Final = {")": "(", "]": "[", "}": "{"}
WORDS: Final = frozenset({"NAME", *KEYWORD_KINDS.values()})


@dataclass(slots=True)
class OpenText:
    """A text being read; `depth` counts braces open in its `${…}`, None while in the text itself."""

    start: int
    is_block: bool
    depth: int | None = None
    interpolation: int = 0


def tokenize(source: Source) -> tuple[Tokens, list[Diagnostic]]:
    """The tokens of a text, which joined give it back, and what is wrong with its characters."""
    lexing = Lexing(source)
    lexing.run()
    problems = lexing.problems + check_characters(source)
    return Tokens(source, lexing.kinds, lexing.starts), problems


class Lexing:
    """One text on its way into tokens."""

    def __init__(self, source: Source) -> None:
        self.source, self.text = source, source.text
        self.kinds: list[str] = []
        self.starts: list[int] = []
        self.open: list[OpenText] = []
        self.problems: list[Diagnostic] = []
        self.is_ascii = source.text.isascii()
        self.block_quotes: int | None = None

    def run(self) -> None:
        """Read everything; the last start is the length of the text."""
        position, length = 0, len(self.text)
        if self.text.startswith("\ufeff"):
            position = self.put("BOM", 0, 1)
        while position < length:
            if self.open and self.open[-1].depth is None:
                position = self.read_text(position)
            else:
                position = self.read_code(position)
        while self.open:
            self.close_unfinished(length)
        self.starts.append(length)

    def put(self, kind: str, start: int, end: int) -> int:
        """Note a token and answer where the next one starts."""
        self.kinds.append(kind)
        self.starts.append(start)
        return end

    def read_code(self, position: int) -> int:
        """Code up to where another mode begins, or the end; answers where it stopped."""
        kinds, starts = self.kinds, self.starts
        inside = self.open[-1] if self.open else None
        punctuation, keywords = PUNCTUATION, KEYWORD_KINDS
        for match in CODE.finditer(self.text, position):
            kind = match.lastgroup or ""
            if kind == "NAME":
                name = match[0]
                kind = keywords.get(name, "NAME")
                if not self.is_ascii and not name.isascii():
                    return self.read_name(match.start())
            elif kind == "PUNCTUATION":
                kind = punctuation[match[0]]
                if inside is not None and kind in {"LBRACE", "RBRACE"}:
                    return self.read_brace(kind, match.start(), inside)
            elif kind in STOPS and (kind != "NEWLINE" or inside is not None):
                return self.read_special(kind, match)
            kinds.append(kind)
            starts.append(match.start())
        return len(self.text)

    def read_name(self, start: int) -> int:
        """A name beyond ASCII, its combining marks with it."""
        end = end_of_name(self.text, start)
        self.problems += check_name(self.source, Span(start, end))
        return self.put("NAME", start, end)

    def read_brace(self, kind: str, start: int, inside: OpenText) -> int:
        """A brace within `${…}`: the one that closes it ends the code."""
        depth = inside.depth or 0
        if kind == "RBRACE" and depth == 0:
            inside.depth = None
            return self.put("INTERPOLATION_CLOSE", start, start + 1)
        inside.depth = depth + (1 if kind == "LBRACE" else -1)
        return self.put(kind, start, start + 1)

    def read_special(self, kind: str, match: re.Match[str]) -> int:
        """What is rare enough to be read slowly."""
        start, end = match.span()
        match kind:
            case "NEWLINE":
                return self.read_line_break(start, end)
            case "NUMBER":
                return self.read_number(start, end)
            case "BLOCK":
                return self.read_block_quotes(start)
            case "QUOTE":
                return self.read_quote(start)
            case _:
                return self.read_other(start)

    def read_line_break(self, start: int, end: int) -> int:
        """A line break inside `${…}`: fine in a block text, the end of any other text."""
        if self.open and not self.open[-1].is_block:
            self.close_unfinished(start)
            return start
        return self.put("NEWLINE", start, end)

    def read_number(self, start: int, end: int) -> int:
        """A number with a point, an exponent or a unit; one that cannot be read stands as an INT."""
        written = self.text[start:end]
        for kind, pattern in NUMBER:
            if pattern.fullmatch(written):
                return self.put(kind, start, end)
        whole = END_OF_DIGITS.match(self.text, start)
        if whole and "/" in written:  # a division by a name: `10/total`
            return self.put("INT" if whole[0].isdigit() else "FLOAT", start, whole.end())
        self.problems.append(wording.number_unknown(self.source, Span(start, end)))
        return self.put("INT", start, end)

    def read_block_quotes(self, start: int) -> int:
        """Three quotes open a block text, or end the one around an unfinished `${`."""
        if self.open and self.open[-1].is_block:
            self.unclosed_interpolation(self.open[-1], start)
            return start
        self.open.append(OpenText(start, is_block=True))
        position = self.put("TEXT_OPEN", start, start + 3)
        end = self.text.find(BLOCK_QUOTES, position)
        following = NEXT_DECLARATION.search(
            self.text, position, end if end >= 0 else len(self.text)
        )
        if following and self.has_odd_block_quotes():
            return self.cut_block(position, following.start())
        return position

    def has_odd_block_quotes(self) -> bool:
        """Whether some block text of the file is not closed; asked only where one looks like it."""
        if self.block_quotes is None:
            self.block_quotes = self.text.count(BLOCK_QUOTES)
        return self.block_quotes % 2 == 1

    def cut_block(self, position: int, end: int) -> int:
        """End a block text that was never closed before the declaration that follows it."""
        opened = self.open.pop()
        self.block_quotes = 0
        self.put("TEXT_PART", position, end)
        self.problems.append(wording.block_unclosed(self.source, opened.start, end))
        return self.put("TEXT_CLOSE", end, end)

    def read_quote(self, start: int) -> int:
        """A quote whose text has `${…}` in it, or no end."""
        self.open.append(OpenText(start, is_block=False))
        return self.put("TEXT_OPEN", start, start + 1)

    def read_other(self, start: int) -> int:
        """A character that is no part of the language, read as what was probably meant."""
        if is_mark(self.text[start]) and self.kinds and self.kinds[-1] in WORDS:
            before = self.starts[-1]
            if end_of_name(self.text, before) > start:
                del self.kinds[-1], self.starts[-1]
                return self.read_name(before)
        end, kind, problem = read_unknown(self.source, start)
        if problem is not None:
            self.problems.append(problem)
        return self.put(kind, start, end)

    def read_text(self, position: int) -> int:
        """One piece of text: a run of characters, `${`, or the end of it."""
        inside, text = self.open[-1], self.text
        if found := (BLOCK_TEXT if inside.is_block else TEXT).match(text, position):
            ends = text[found.end() : found.end() + 1]
            if not inside.is_block and ends in {"", "\r", "\n", "\\"}:
                return self.cut_text(position)
            return self.put("TEXT_PART", position, found.end())
        if text.startswith("${", position):
            inside.depth, inside.interpolation = 0, position
            return self.put("INTERPOLATION_OPEN", position, position + 2)
        if text[position] == '"':
            self.open.pop()
            return self.put("TEXT_CLOSE", position, position + (3 if inside.is_block else 1))
        return self.cut_text(position)

    def cut_text(self, position: int) -> int:
        """End a text that its line does not end, before the brackets that close what is around it."""
        inside = self.open.pop()
        line = END_OF_LINE.match(self.text, position)
        assert line is not None
        end = position + _before_closers(line[0])
        if end > position:
            self.put("TEXT_PART", position, end)
        self.report_once_a_line(wording.text_unclosed(self.source, inside.start, end))
        return self.put("TEXT_CLOSE", end, end)

    def report_once_a_line(self, problem: Diagnostic) -> None:
        """Note an unclosed text, unless its line already has one: they have one cause."""
        last = self.problems[-1] if self.problems else None
        start = problem.span.start
        if last is None or last.code != problem.code or "\n" in self.text[last.span.end : start]:
            self.problems.append(problem)

    def close_unfinished(self, end: int) -> None:
        """End the innermost text where its `${` or the whole file ends."""
        inside = self.open[-1]
        if inside.depth is not None:
            self.unclosed_interpolation(inside, end)
        else:
            problem = wording.block_unclosed if inside.is_block else wording.text_unclosed
            self.report_once_a_line(problem(self.source, inside.start, end))
        self.open.pop()
        self.put("TEXT_CLOSE", end, end)

    def unclosed_interpolation(self, inside: OpenText, end: int) -> None:
        """Close a `${` that nothing closed; the text around it goes on."""
        inside.depth = None
        start = inside.interpolation
        self.report_once_a_line(wording.interpolation_unclosed(self.source, Span(start, start + 2)))
        self.put("INTERPOLATION_CLOSE", end, end)


def _before_closers(line: str) -> int:
    """Where a text that misses its quote probably ends: before closers it does not open itself."""
    tail = len(line.rstrip(" \t,)]}"))
    waiting: list[str] = []
    for index, character in enumerate(line):
        if character in "([{":
            waiting.append(character)
        elif character in ")]}":
            if waiting and waiting[-1] == OPENER_OF[character]:
                waiting.pop()
            elif index >= tail:
                return len(line[:index].rstrip())
            else:
                return len(line.rstrip())
    return len(line.rstrip())
