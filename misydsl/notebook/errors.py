"""Errors in a cell: words with a caret, and no Python frames.

In: what is wrong with a text or with a command. Out: exceptions that show themselves so. They are real
errors: "Run all", nbclient and continuous integration stop on them.
"""

from __future__ import annotations

from collections.abc import Sequence

from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.terminal import render_all_terminal
from misydsl.failures import MisyError, SourceInvalid

RED, RESET = "\x1b[1;31m", "\x1b[0m"


class CellInvalid(SourceInvalid):
    """The text of a cell has errors; they are shown with their places."""

    def _render_traceback_(self) -> list[str]:
        return render_all_terminal(self.diagnostics).splitlines()


class CommandInvalid(MisyError):
    """A magic that was typed wrongly, or that cannot do what it was asked to."""

    def _render_traceback_(self) -> list[str]:
        return [f"{RED}error{RESET}: {self}"]


def plainly(problem: MisyError) -> MisyError:
    """The same problem, shown without frames."""
    if isinstance(problem, CellInvalid | CommandInvalid):
        return problem
    if isinstance(problem, SourceInvalid):
        return CellInvalid(problem.diagnostics)
    return CommandInvalid(str(problem))


def errors_of(diagnostics: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Those that keep a cell from meaning anything."""
    return tuple(one for one in diagnostics if one.is_error)
