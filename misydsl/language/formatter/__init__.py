"""The formatter: the one way a `.misy` file is laid out.

In: a `Source`. Out: `Formatted`: the same words and comments, in the same order, on lines of at most
100 columns where that is possible. A bracket followed by a line break stays vertical, everything else
is on one line if it fits. Strings and prompts are never touched. It promises that formatting twice is
formatting once, and that the parser sees the same tokens; what would break that is refused, with
`FormatRefused`. A text with errors comes back as it is, with its diagnostics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from misydsl.diagnostics import Diagnostic
from misydsl.failures import MisyError
from misydsl.language.brackets import are_sound
from misydsl.language.build_declarations import EDITION
from misydsl.language.collector import collector_paused
from misydsl.language.formatter.laws import difference
from misydsl.language.formatter.roles import Roles, read_roles
from misydsl.language.formatter.shape import shape_of
from misydsl.language.formatter.words import Words, read_words
from misydsl.language.formatter.writing import write
from misydsl.language.lexer import tokenize
from misydsl.language.parser import parse
from misydsl.language.separators import Stream, pieces_of, separate
from misydsl.language.tables import tables
from misydsl.language.tokens import Tokens
from misydsl.source import Source

__all__ = ["FormatRefused", "Formatted", "format_text"]


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text laid out; with errors among the diagnostics it is the text as it was."""

    text: str
    diagnostics: tuple[Diagnostic, ...]
    changed: bool


class FormatRefused(MisyError):
    """Laying out a right text would have changed what it says; a bug of the formatter."""


class _Read(NamedTuple):
    """A text without errors, ready to be laid out."""

    tokens: Tokens
    stream: Stream
    roles: Roles


def format_text(source: Source) -> Formatted:
    """The text laid out, in time linear in its length. Raises: FormatRefused."""
    with collector_paused():
        read = _read(source)
        if read is None:
            found = parse(source).diagnostics
            return Formatted(source.text, found, changed=False)
        words = read_words(read.tokens, read.stream)
        text = _written(source, words, read.roles)
        if text != source.text:
            _prove(source, read, words, text)
    return Formatted(text, (), changed=text != source.text)


def _read(source: Source) -> _Read | None:
    """The text as the grammar sees it; None where the parser has an error to tell."""
    pair = _separated(source)
    if pair is None:
        return None
    tokens, stream = pair
    if len(stream.terminals) == 1:
        return _Read(tokens, stream, Roles())
    roles = read_roles(stream)
    return None if roles is None or _is_of_another_edition(stream) else _Read(*pair, roles)


def _separated(source: Source) -> tuple[Tokens, Stream] | None:
    tokens, problems = tokenize(source)
    pieces = pieces_of(tokens)
    if problems or not are_sound(pieces):
        return None
    stream = separate(source, pieces, tables())
    return None if stream.problems else (tokens, stream)


def _is_of_another_edition(stream: Stream) -> bool:
    misy, number = (tables().terminal_of[kind] for kind in ("MISY", "INT"))
    written = stream.source.text[stream.starts[1] : stream.ends[1]]
    return stream.terminals[:2] == [misy, number] and written != str(EDITION)


def _written(source: Source, words: Words, roles: Roles) -> str:
    """The layout, with the line breaks and the byte-order mark the text has."""
    mark = "\ufeff" if source.text.startswith("\ufeff") else ""
    breaks = source.text.count("\n")
    line_break = "\r\n" if 0 < breaks == source.text.count("\r\n") else "\n"
    lines = write(shape_of(words, roles))
    return f"{mark}{line_break.join(lines)}{line_break}"


def _prove(source: Source, read: _Read, words: Words, text: str) -> None:
    """Read the layout again: it must say the same and be its own layout. Raises: FormatRefused."""
    again = Source(source.name, text, source.path)
    pair = _separated(again)
    if pair is None:
        raise FormatRefused(_refusal(source, "it could not be read any more"))
    added = not words.has_edition
    differs = difference((read.tokens, read.stream), pair, is_edition_added=added)
    if differs is not None:
        raise FormatRefused(_refusal(source, differs))
    # The same terminals have the same roles, but those of an added edition are counted too.
    roles = (read_roles(pair[1]) or Roles()) if added else read.roles
    if _written(again, read_words(*pair), roles) != text:
        raise FormatRefused(_refusal(source, "formatting it twice would not be formatting it once"))


def _refusal(source: Source, why: str) -> str:
    return (
        f"{source.name} was not formatted, because laying it out would have changed it: {why}. "
        "The text is right; this is a bug in misy, please report it with the file"
    )
