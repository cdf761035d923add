"""Imports: which declarations of other files a file can name.

In: a file's links and the modules of the files they lead to. Out: entries of `context.names`; names that
cannot be found are told and mean `any` from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from misydsl.diagnostics.diagnostic import Edit, Fix
from misydsl.expressions.nodes import Literal
from misydsl.language import messages
from misydsl.language.context import ModuleContext
from misydsl.language.imports import LoadedFile
from misydsl.language.syntax import ImportName, ImportSyntax
from misydsl.language.tokens import NAME_KINDS, Tokens
from misydsl.pipeline.model import Declaration, Module
from misydsl.source import Span


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A file that was checked before: what it declares, and what nobody could read in it."""

    module: Module
    unreadable: frozenset[str]


def bind_imports(
    file: LoadedFile, neighbours: Mapping[str, Neighbour], context: ModuleContext
) -> None:
    """Puts what is imported into `context.names`, under the names it has here."""
    for link in file.links:
        neighbour = neighbours.get(link.target) if link.target is not None else None
        for name in link.syntax.names:
            found = _own(neighbour.module, name.name.text) if neighbour is not None else None
            if found is not None:
                context.names.setdefault(name.alias.text, found)
                continue
            context.poisoned.add(name.alias.text)
            if neighbour is not None and name.name.text not in neighbour.unreadable:
                _report_unknown(link.syntax, name, neighbour.module, file, context)


def _own(module: Module, name: str) -> Declaration | None:
    """What a file itself declares under a name; what it imports is not handed on."""
    found = module.names.get(name)
    return found if found is not None and found.module == module.key else None


def _report_unknown(
    syntax: ImportSyntax,
    name: ImportName,
    module: Module,
    file: LoadedFile,
    context: ModuleContext,
) -> None:
    written = syntax.path.value if isinstance(syntax.path, Literal) else module.key
    own = [one for one in module.names if _own(module, one) is not None]
    candidate = context.suggest(name.name.text, own)
    is_handed_on = name.name.text in module.names
    finding = messages.no_such_import(
        str(written), name.name.text, candidate, is_handed_on=is_handed_on
    )
    fix = _renaming(name, candidate, file) if messages.certain(candidate) else None
    context.report.add(name.name.span, finding, fix=fix)


def _renaming(name: ImportName, right: str | None, file: LoadedFile) -> Fix:
    """Writes the right name, and without `as` wherever the file says the wrong one."""
    right = str(right)
    places = {name.name.span}
    if name.alias.span == name.name.span:
        tokens = file.parsed.tokens
        words = [n for n, kind in enumerate(tokens.kinds) if kind in NAME_KINDS]
        places |= {_place(tokens, n) for n in words if _says(tokens, n, name.name.text)}
    return Fix(f"write `{right}`", tuple(Edit(span, right) for span in sorted(places)))


def _place(tokens: Tokens, number: int) -> Span:
    return Span(tokens.starts[number], tokens.starts[number + 1])


def _says(tokens: Tokens, number: int, name: str) -> bool:
    """Whether a token says a name as such: no field after a dot, no key before a colon."""
    if tokens.text_of(number) != name:
        return False
    before = tokens.kinds[number - 1] if number else ""
    after = tokens.kinds[number + 1] if number + 1 < len(tokens.kinds) else ""
    return before not in {"DOT", "QDOT"} and after != "COLON"
