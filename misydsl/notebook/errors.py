"""Errors in a cell: words with a caret, and no Python frames.

In: what is wrong with a text, with a command, or with what Python code of a cell asked of the library. Out:
exceptions that show themselves so, and the lines for those that do not. They are real errors: "Run all",
nbclient and continuous integration stop on them.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

import misydsl
from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.terminal import render_all_terminal
from misydsl.failures import MisyError, RunFailed, SourceInvalid

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

RED, RESET = "\x1b[1;31m", "\x1b[0m"
AFTER_A_FAILURE: Final = "every attempt: run.attempts · why a step failed: run.why(STEP)"
_OWN_FILES: Final = (str(Path(misydsl.__file__).parent), sys.prefix)


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


def show_plainly(
    shell: InteractiveShell,
    kind: type[BaseException],
    problem: BaseException,
    frames: TracebackType | None,
    tb_offset: int | None = None,  # noqa: ARG001  # IPython gives it by its name
) -> list[str]:
    """How a shell shows an error of the library: the message, and the line of the cell it came from."""
    lines = plain_lines(problem, frames)
    shell._showtraceback(kind, problem, lines)  # noqa: SLF001  # there is no public way to show lines as an error
    return lines


def plain_lines(problem: BaseException, frames: TracebackType | None) -> list[str]:
    """The words of an error of the library, and where it was asked for."""
    own = getattr(problem, "_render_traceback_", None)
    if own is not None:
        found: list[str] = own()
        return found
    where = _asked_at(frames)
    if isinstance(problem, SourceInvalid):
        return [*render_all_terminal(problem.diagnostics).splitlines(), *where]
    more = [AFTER_A_FAILURE] if isinstance(problem, RunFailed) else []
    return [f"{RED}{type(problem).__name__}{RESET}: {problem}", *more, *where]


def _asked_at(frames: TracebackType | None) -> list[str]:
    """The innermost line that the person wrote: neither this library's nor one of what is installed."""
    for frame in reversed(traceback.extract_tb(frames)):
        if frame.line and not frame.filename.startswith(_OWN_FILES):
            return [f"  in line {frame.lineno}: {frame.line}"]
    return []
