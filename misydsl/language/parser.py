"""The parser: from a source to its syntax tree, whatever the text is.

In: a `Source`. Out: `Parsed`: the tree, the tokens and the diagnostics in the order of the text, the
first fifty and then how many more. Nothing is raised for a wrong text, nothing recurses over it, and
the time is linear in its length. The garbage collector rests meanwhile: no node can be in a cycle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast

from misydsl.diagnostics import Diagnostic
from misydsl.language.abridging import MOST_ERRORS, abridged
from misydsl.language.brackets import are_sound, mend
from misydsl.language.build_declarations import File
from misydsl.language.collector import collector_paused
from misydsl.language.drive import Driver
from misydsl.language.lexer import tokenize
from misydsl.language.recovery import recover
from misydsl.language.separators import pieces_of, separate
from misydsl.language.standstill import Standstill
from misydsl.language.syntax import SyntaxTree
from misydsl.language.tables import tables
from misydsl.language.tokens import Tokens
from misydsl.source import Source

END_OF_FILE: Final = "E0112"  # told of a file that stops; brackets still open have the same cause


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was read: a whole tree even of a wrong text, its tokens, and what is wrong."""

    tree: SyntaxTree
    tokens: Tokens
    diagnostics: tuple[Diagnostic, ...]
    left_out: int = 0
    """How many more errors there are, which the last diagnostic says."""


def parse(source: Source) -> Parsed:
    """The syntax tree of a text. Never raises for what the text says."""
    with collector_paused():
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
    ordered = sorted(problems, key=lambda problem: (problem.span, problem.code))
    left_out = max(len(ordered) - MOST_ERRORS, 0) + more
    return Parsed(tree, tokens, abridged(ordered, more), left_out)
