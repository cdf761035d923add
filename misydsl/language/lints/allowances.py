"""Which warnings a file allows: `# misy: allow W0903`.

In: the tokens of a file. Out: `Allowances`: a comment above the first declaration holds for the file, any
other for its own line and the line below. What such a comment says and cannot mean is told; errors are
never allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from misydsl.diagnostics.catalogue import TITLES
from misydsl.diagnostics.diagnostic import Diagnostic
from misydsl.language.lints import wording
from misydsl.language.lints.linted import Remark
from misydsl.language.tokens import TRIVIA, Tokens
from misydsl.source import Source, Span

_ALLOW: Final = re.compile(r"#+\s*misy:\s*allow\b(?P<codes>.*)", re.DOTALL)
_WORD: Final = re.compile(r"[^\s,]+")


@dataclass(frozen=True, slots=True)
class Allowances:
    """The codes a file allows, everywhere and by line."""

    everywhere: frozenset[str] = frozenset()
    lines: Mapping[int, frozenset[str]] | None = None
    remarks: tuple[Remark, ...] = ()

    def allow(self, diagnostic: Diagnostic) -> bool:
        """Whether nothing is to be said of it."""
        if diagnostic.is_error:
            return False
        if diagnostic.code in self.everywhere:
            return True
        if not self.lines:
            return False
        line = diagnostic.source.position(diagnostic.span.start).line
        here = self.lines.get(line, frozenset()) | self.lines.get(line - 1, frozenset())
        return diagnostic.code in here


NOTHING_ALLOWED: Final = Allowances()


def allowances_of(tokens: Tokens) -> Allowances:
    """What the comments of a file allow."""
    if "misy:" not in tokens.source.text:
        return NOTHING_ALLOWED
    first = _first_declaration(tokens)
    everywhere: set[str] = set()
    lines: dict[int, frozenset[str]] = {}
    remarks: list[Remark] = []
    for start, comment in _comments(tokens):
        found = _ALLOW.match(comment)
        for word in _WORD.finditer(comment, found.start("codes")) if found is not None else ():
            code = word.group()
            if (why := _refusal(code)) is not None:
                span = Span(start + word.start(), start + word.end())
                remarks.append(Remark(span, wording.nothing_to_allow(code, why)))
            elif start < first:
                everywhere.add(code)
            else:
                line = tokens.source.position(start).line
                lines[line] = lines.get(line, frozenset()) | {code}
    return Allowances(frozenset(everywhere), lines, tuple(remarks))


def _comments(tokens: Tokens) -> Iterator[tuple[int, str]]:
    for index, kind in enumerate(tokens.kinds):
        if kind == "COMMENT":
            yield tokens.starts[index], tokens.text_of(index)


def _first_declaration(tokens: Tokens) -> int:
    """Where the first thing stands that is not the edition, a comment or white space."""
    edition = _edition_line(tokens.source)
    for index, kind in enumerate(tokens.kinds):
        start = tokens.starts[index]
        is_edition = tokens.source.position(start).line == edition
        if kind not in TRIVIA and not is_edition:
            return start
    return tokens.starts[-1]


def _edition_line(source: Source) -> int:
    """The line `misy 1` stands on; 0 without one."""
    found = re.match(r"\ufeff?(?:\s*#[^\n]*\n|\s)*misy[ \t]+\d", source.text)
    return source.position(found.end() - 1).line if found is not None else 0


def _refusal(code: str) -> str | None:
    """Why a word cannot be allowed; None when it can."""
    if code not in TITLES:
        return "there is no such code"
    return None if code.startswith("W") else "it is an error"
