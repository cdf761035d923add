"""Completion inside of `%%misy` cells, from what the checker knows.

In: the cell and the place of the cursor. Out: the names that may stand there: agents, pipelines, prompts, types
and lets, inputs and steps, fields of a type behind a dot, settings with their types, texts of an enumeration,
functions, keywords. The text may be half written: a name is put at the cursor, and the rest is recovered as
for any wrong text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from misydsl.language.suggestions import Suggestion, suggestions
from misydsl.notebook.line_magics import COMMANDS

if TYPE_CHECKING:
    from misydsl.notebook.magic import MisyMagics

_WORD: Final = re.compile(r"[\w-]*$")


def complete_in(magics: MisyMagics) -> Callable[[Any], Any]:
    """The matcher for one shell."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher(identifier="misydsl")  # type: ignore[untyped-decorator]  # IPython's has no types
    def matcher(context: Any) -> dict[str, object]:
        found, fragment = _found(magics, context.full_text, _offset(context))
        completions = [SimpleCompletion(one.text, type=one.kind) for one in found]
        return {
            "completions": completions,
            "matched_fragment": fragment,
            "suppress": bool(completions),
        }

    matcher.magics = magics
    found: Callable[[Any], Any] = matcher
    return found


def _offset(context: Any) -> int:
    """The cursor in the whole text."""
    lines: list[str] = context.full_text.split("\n")
    column: int = context.cursor_position
    return sum(len(one) + 1 for one in lines[: context.cursor_line]) + column


def _found(magics: MisyMagics, text: str, offset: int) -> tuple[list[Suggestion], str]:
    match = _WORD.search(text[:offset])
    fragment = match.group() if match else ""
    if text.lstrip().startswith("%misy "):
        names = (Suggestion(one, "magic") for one in COMMANDS)
        return list(_beginning(names, fragment)), fragment
    if not text.startswith("%%misy") or "\n" not in text:
        return [], fragment
    head = text.index("\n") + 1
    if offset < head:
        return [], fragment
    found = suggestions(text[head:], offset - head, magics.looked_at)
    return list(_beginning(found, fragment)), fragment


def _beginning(found: Iterable[Suggestion], fragment: str) -> Iterator[Suggestion]:
    folded = fragment.casefold().replace("_", "-")
    for one in found:
        if one.text.casefold().replace("_", "-").startswith(folded):
            yield one
