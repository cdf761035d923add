"""What formatting may never change, told from the two texts alone.

In: the tokens of a text before and after, with their streams. Out: the first place where something
other than white space, commas and line breaks differs, or None. The edition may have been added.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

from misydsl.language.separators import Stream
from misydsl.language.tables import tables
from misydsl.language.tokens import Tokens

LOOSE: Final = frozenset({"WHITESPACE", "NEWLINE", "COMMA", "BOM"})
COMMENTS: Final = frozenset({"COMMENT", "DOC"})
EDITION: Final = ["MISY", "INT"]


def difference(
    before: tuple[Tokens, Stream], after: tuple[Tokens, Stream], *, is_edition_added: bool
) -> str | None:
    """What is not the same in two texts, in words; None when they say the same."""
    old_said, new_said = _said(before[0]), _said(after[0])
    if is_edition_added:
        _leave_out_edition(new_said)
    if old_said != new_said:
        old, new = next(pair for pair in zip_longest(old_said, new_said) if pair[0] != pair[1])
        return f"{_shown(old)} became {_shown(new)}"
    numbers = tables().terminal_of
    old_terminals = before[1].terminals
    if is_edition_added:
        separator = [numbers["SEP"]] if len(old_terminals) > 1 else []
        old_terminals = [*(numbers[kind] for kind in EDITION), *separator, *old_terminals]
    if old_terminals != after[1].terminals:
        return "items that were separate would be read as one, or the other way round"
    return None


def _said(tokens: Tokens) -> list[tuple[str, str]]:
    """Kind and text of all that counts, comments at their places."""
    text, starts = tokens.source.text, tokens.starts
    return [
        (kind, text[start:end].rstrip() if kind in COMMENTS else text[start:end])
        for kind, start, end in zip(tokens.kinds, starts, starts[1:], strict=False)
        if kind not in LOOSE
    ]


def _leave_out_edition(said: list[tuple[str, str]]) -> None:
    kinds = (place for place, (kind, _) in enumerate(said) if kind not in COMMENTS)
    first = next(kinds, 0)
    del said[first : first + len(EDITION)]


def _shown(said: tuple[str, str] | None) -> str:
    return "nothing" if said is None else f"`{said[1]}`"
