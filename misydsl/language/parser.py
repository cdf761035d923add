"""The parser: from a source to its syntax tree, whatever the text is.

In: a `Source`. Out: `Parsed`: the tree, the tokens and the diagnostics in the order of the text, the
first fifty and then how many more. Nothing is raised for a wrong text, nothing recurses over it, and
the time is linear in its length. The garbage collector rests meanwhile: no node can be in a cycle.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, cast

from misydsl.diagnostics import Diagnostic
from misydsl.language import wording_text
from misydsl.language.brackets import are_sound, mend
from misydsl.language.build_declarations import File
from misydsl.language.drive import Driver
from misydsl.language.lexer import tokenize
from misydsl.language.recovery import recover
from misydsl.language.separators import pieces_of, separate
from misydsl.language.standstill import Standstill
from misydsl.language.syntax import SyntaxTree
from misydsl.language.tables import tables
from misydsl.language.tokens import Tokens
from misydsl.source import Source

MOST_ERRORS: Final = 50  # what a person can take in; the rest is a number
END_OF_FILE: Final = "E0112"  # told of a file that stops; brackets still open have the same cause


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was read: a whole tree even of a wrong text, its tokens, and what is wrong."""

    tree: SyntaxTree
    tokens: Tokens
    diagnostics: tuple[Diagnostic, ...]


def parse(source: Source) -> Parsed:
    """The syntax tree of a text. Never raises for what the text says."""
    with _collector_paused():
        tokens, problems = tokenize(source)
        pieces, unfinished = pieces_of(tokens), list[Diagnostic]()
        if not are_sound(pieces):
            pieces, found, unfinished = mend(source, pieces)
            problems += found
        stream = separate(source, pieces, tables())
        problems += stream.problems
        if len(stream.terminals) == 1:
            tree, more = SyntaxTree(source, None, ()), 0
            problems += unfinished
        else:
            driver = Driver(stream)
            standstill = Standstill(driver, problems + unfinished)
            while not driver.drive():
                recover(standstill)
            edition, declarations = cast("File", driver.values[-2])
            tree = SyntaxTree(source, edition, tuple(declarations))
            problems += driver.reading.problems + standstill.problems
            if not any(problem.code == END_OF_FILE for problem in standstill.problems):
                problems += unfinished
            more = standstill.count - len(standstill.problems)
    return Parsed(tree, tokens, _first_of(source, problems, more))


def _first_of(source: Source, problems: list[Diagnostic], more: int) -> tuple[Diagnostic, ...]:
    """The first diagnostics in the order of the text; what is left out is counted in one more."""
    ordered = sorted(problems, key=lambda problem: (problem.span, problem.code))
    left = len(ordered) - MOST_ERRORS + more
    if left <= 0:
        return tuple(ordered)
    span = ordered[min(MOST_ERRORS, len(ordered) - 1)].span
    return (*ordered[:MOST_ERRORS], wording_text.more_errors(source, span, left))


@contextmanager
def _collector_paused() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
