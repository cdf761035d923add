"""Completion inside of `%%misy` cells, from what the checker knows.

In: the cell and the place of the cursor. Out: the names that may stand there: agents, pipelines, prompts, types
and lets, inputs and steps, fields of a type behind a dot, settings with their types, texts of an enumeration,
functions, keywords. The text may be half written: a name is put at the cursor, and the rest is recovered as
for any wrong text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from misydsl.diagnostics.catalogue import CATALOGUE
from misydsl.language.suggestions import Suggestion, suggestions
from misydsl.notebook.line_magics import COMMANDS
from misydsl.relations import describe
from misydsl.workspace.runs import Run

if TYPE_CHECKING:
    from misydsl.notebook.magic import MisyMagics

OPTIONS: Final = ("--run", "-r", "--param", "-p", "--agents")
_WORD: Final = re.compile(r"[\w-]*$")
_LINE: Final = re.compile(r"%misy\s")


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
    begin = text.rfind("\n", 0, offset) + 1
    line = text[begin:offset]
    head = text.find("\n") + 1
    found: Iterable[Suggestion] = ()
    if text.startswith("%%misy") and head and offset >= head:
        found = suggestions(text[head:], offset - head, magics.looked_at)
    elif line.startswith("%%misy ") and begin == 0:
        found = _words_of_cell(magics, line, text[head:] if head else "")
    elif _LINE.match(line):
        found = _words_of_line(magics, line.split()[1:-1] if fragment else line.split()[1:])
    return list(_beginning(found, fragment)), fragment


def _words_of_cell(magics: MisyMagics, line: str, text: str) -> Iterator[Suggestion]:
    """What may stand behind `%%misy`: options, and the inputs of what the cell runs."""
    before = _WORD.sub("", line).split()[-1]
    if before not in ("-p", "--param"):
        yield from (Suggestion(one, "magic") for one in OPTIONS)
        return
    library = magics.looked_at(text).library
    for pipeline in library.main.pipelines() if library is not None else ():
        for one in pipeline.parameters:
            yield Suggestion(f"{one.name}=", "input", describe(one.type))


def _words_of_line(magics: MisyMagics, words: Sequence[str]) -> Iterator[Suggestion]:
    """What may stand behind `%misy`: a command, and what it is about."""
    match words:
        case []:
            yield from (Suggestion(one, "magic") for one in COMMANDS)
        case ["explain"]:
            yield from (Suggestion(one, "code", it.title) for one, it in CATALOGUE.items())
        case ["show" | "why" | "resume" | "approve"]:
            yield from (Suggestion(one, "run") for one in _runs_named(magics))
        case ["why" | "approve", run]:
            known = magics.here.user_ns.get(run)
            steps = known.history().steps if isinstance(known, Run) else {}
            yield from (Suggestion(one, "step") for one in dict.fromkeys(path for path, _ in steps))
        case _:
            return


def _runs_named(magics: MisyMagics) -> list[str]:
    """The names in the notebook that stand for runs; `_` and the like are IPython's."""
    values = magics.here.user_ns.items()
    return [name for name, it in values if isinstance(it, Run) and not name.startswith("_")]


def _beginning(found: Iterable[Suggestion], fragment: str) -> Iterator[Suggestion]:
    folded = fragment.casefold().replace("_", "-")
    for one in found:
        if one.text.casefold().replace("_", "-").startswith(folded):
            yield one
