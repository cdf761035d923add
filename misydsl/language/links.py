"""Imports: which declarations of other files a file can name.

In: a file's links and the modules of the files they lead to. Out: entries of `context.names`; names that
cannot be found are told and mean `any` from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from misydsl.expressions.nodes import Literal
from misydsl.language import messages
from misydsl.language.context import ModuleContext
from misydsl.language.imports import LoadedFile
from misydsl.language.syntax import ImportName, ImportSyntax
from misydsl.pipeline.model import Declaration, Module


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
                _report_unknown(link.syntax, name, neighbour.module, context)


def _own(module: Module, name: str) -> Declaration | None:
    """What a file itself declares under a name; what it imports is not handed on."""
    found = module.names.get(name)
    return found if found is not None and found.module == module.key else None


def _report_unknown(
    syntax: ImportSyntax, name: ImportName, module: Module, context: ModuleContext
) -> None:
    written = syntax.path.value if isinstance(syntax.path, Literal) else module.key
    own = [one for one in module.names if _own(module, one) is not None]
    candidate = context.suggest(name.name.text, own)
    finding = messages.no_such_import(str(written), name.name.text, candidate)
    context.report.add(name.name.span, finding)
