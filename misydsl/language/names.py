"""Names that are declared together: each once, none built in, none hiding another.

In: the identifiers of one block, parameter list or file. Out: what they take, folded as Python folds them;
what is wrong is reported at the later of two names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from misydsl.expressions.functions import FUNCTIONS
from misydsl.language import messages
from misydsl.language.context import ModuleContext, Scope, Taken, python_name
from misydsl.language.syntax import BrokenItem, Identifier, ParametersSyntax
from misydsl.language.type_expressions import BUILT_IN_TYPES

IMPLICIT_NAMES: Final = frozenset({"env", "secret", "run", "human", "previous", "error"})
"""What expressions can say without anybody declaring it."""
Declared = tuple[Identifier, str]
"""A name and what it is: `step`, `let`, `input`, …"""


def take_names(
    declared: Iterable[Declared], around: Scope | None, context: ModuleContext
) -> dict[str, Taken]:
    """The names of one place, folded; the first of two that are equal keeps the name."""
    taken: dict[str, Taken] = {}
    for identifier, kind in declared:
        name = identifier.text
        folded = python_name(name)
        earlier = taken.get(folded)
        outer = around.find(name) if around is not None else None
        if is_built_in(name, kind):
            context.report.add(identifier.span, messages.name_built_in(name))
        elif earlier is not None and earlier.name == name:
            context.report.add(identifier.span, messages.name_twice(name, kind, earlier.kind))
        elif earlier is not None:
            context.report.add(identifier.span, messages.names_fold(name, earlier.name))
        elif outer is not None and outer.name == name:
            context.report.add(identifier.span, messages.name_hides(name))
        elif outer is not None:
            context.report.add(identifier.span, messages.names_fold(name, outer.name))
        taken.setdefault(folded, Taken(name, kind))
    return taken


def take_inputs(
    written: ParametersSyntax | None, context: ModuleContext, around: Scope | None = None
) -> dict[str, Taken]:
    """The names of parameters; without a scope around they are never in sight, so nothing hides."""
    kind = "input" if around is not None else "input of an agent"
    items = written.items if written is not None else ()
    names: list[Declared] = []
    for item in items:
        if isinstance(item, BrokenItem):
            context.poisoned.update(_WORD.findall(context.source.text, *item.span)[:1])
        else:
            names.append((item.name, kind))
    return take_names(names, around, context)


def is_built_in(name: str, kind: str) -> bool:
    """Whether a thing of that kind cannot be called so."""
    match kind:
        case "type":
            return name in BUILT_IN_TYPES
        case "prompt":
            return name in FUNCTIONS or name in IMPLICIT_NAMES
        case "agent" | "pipeline":
            return name == "human"
        case "input of an agent" | "import":
            return False
        case _:
            return name in IMPLICIT_NAMES


_WORD: Final = re.compile(r"[^\W\d]\w*(?:-\w+)*")
_DECLARATION: Final = re.compile(
    r"\b(?:agent|pipeline|prompt|type|let|step)\s+(?P<name>[^\W\d]\w*(?:-\w+)*)"
    r"|(?P<assigned>[^\W\d]\w*(?:-\w+)*)[ \t]*[:=][ \t]*(?:call|await)\b"
)
_ASSIGNED: Final = re.compile(r"\s*(?P<name>[^\W\d]\w*(?:-\w+)*)[ \t]*=")


def broken_names(items: Iterable[object], text: str) -> Iterator[str]:
    """The names in things that could not be read: they are there, only unreadable."""
    for item in items:
        if isinstance(item, BrokenItem):
            for found in _DECLARATION.finditer(text, item.span.start, item.span.end):
                yield found["name"] or found["assigned"]
            assigned = _ASSIGNED.match(text, item.span.start, item.span.end)
            if assigned is not None:
                yield assigned["name"]
