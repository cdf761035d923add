"""Imports: which declarations of other files a file can name.

In: a file's links and the modules of the files they lead to. Out: entries of `context.names`; names that
cannot be found are told and mean `any` from then on. And: which imports nobody uses.
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
from misydsl.language.tokens import NAME_KINDS
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


def look_for_unused(file: LoadedFile, context: ModuleContext) -> None:
    """W0901 for each imported name that stands nowhere else in the file."""
    links = [link for link in file.links if link.target is not None]
    if not links or context.report.began_broken:
        return
    said = _names_said(file, [link.syntax.span for link in links]) | context.mentioned
    for link in links:
        for name in link.syntax.names:
            alias = name.alias.text
            if alias not in said and alias not in context.poisoned:
                finding = messages.import_unused(alias)
                context.report.add(name.span, finding, fix=_removal(link.syntax, name, file))


def _names_said(file: LoadedFile, imports: list[Span]) -> set[str]:
    """Every name in the file outside of its imports."""
    tokens = file.parsed.tokens
    import_starts = iter(sorted(imports))
    current = next(import_starts, None)
    said: set[str] = set()
    for index, kind in enumerate(tokens.kinds):
        start = tokens.starts[index]
        while current is not None and start >= current.end:
            current = next(import_starts, None)
        if kind in NAME_KINDS and not (current is not None and start >= current.start):
            said.add(tokens.text_of(index))
    return said


def _removal(syntax: ImportSyntax, name: ImportName, file: LoadedFile) -> Fix:
    """Takes the name out, with the comma that goes with it; the whole import when it is the last."""
    text = file.parsed.tree.source.text
    if len(syntax.names) == 1:
        end = syntax.span.end
        while end < len(text) and text[end] in " \t\r":
            end += 1
        end += 1 if end < len(text) and text[end] == "\n" else 0
        return Fix("remove the import", (Edit(Span(syntax.span.start, end), ""),))
    index = syntax.names.index(name)
    if index + 1 < len(syntax.names):
        span = Span(name.span.start, syntax.names[index + 1].span.start)
    else:
        span = Span(syntax.names[index - 1].span.end, name.span.end)
    return Fix(f"remove `{name.alias.text}`", (Edit(span, ""),))
