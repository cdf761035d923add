"""Laying out: a text the one way texts are laid out.

In: a file, or a text with a name. Out: the text as `misy fmt` writes it. Nothing is written.
"""

from __future__ import annotations

from pathlib import Path

from misydsl.failures import MisyError, SourceInvalid
from misydsl.language.formatter import FormatRefused, format_text
from misydsl.language.reading import read_source
from misydsl.source import Source


def formatted(source: Source) -> str:
    """The text laid out. Raises: SourceInvalid for one with errors, MisyError for one that is refused."""
    try:
        found = format_text(source)
    except FormatRefused as problem:
        raise MisyError(str(problem)) from problem
    if any(one.is_error for one in found.diagnostics):
        raise SourceInvalid(found.diagnostics)
    return found.text


def source_in(path: Path) -> Source:
    """The text of a file. Raises: SourceInvalid for bytes that are none, MisyError for no file."""
    try:
        source, problems = read_source(path, name=str(path))
    except OSError as problem:
        raise MisyError(f"{path} cannot be read: {problem.strerror or problem}") from problem
    if problems:
        raise SourceInvalid(problems)
    return source
