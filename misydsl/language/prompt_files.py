"""The text of a prompt: in the file itself, or `from "x.md"` beside it.

In: a `prompt` as written and the shelf. Out: its text as an expression, and the context in which that text
is checked: what is wrong in `x.md` is told there. The file is read as the inside of a `\"\"\"` text, so
`${…}` works in it and nothing else is special.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from misydsl.expressions.nodes import Broken, Expression, Literal
from misydsl.language import messages
from misydsl.language.context import ModuleContext
from misydsl.language.parser import parse
from misydsl.language.report import Report
from misydsl.language.shelves import Refusal, Shelf, shown_name, target_key
from misydsl.language.syntax import LetSyntax, PromptSyntax
from misydsl.pipeline.model import NO_SPAN
from misydsl.source import Source

_BEFORE: Final = 'let text = """\n'
_AFTER: Final = '\n"""\n'


@dataclass(frozen=True, slots=True)
class PromptText:
    """The text of a prompt and where it is checked."""

    text: Expression
    context: ModuleContext


def read_prompt_text(written: PromptSyntax, context: ModuleContext, shelf: Shelf) -> PromptText:
    """The text of a prompt; one that cannot be read is told and is `any`."""
    path = written.text
    if not written.is_file:
        return PromptText(path, context)
    if not isinstance(path, Literal) or not isinstance(path.value, str):
        if not context.report.is_broken(path.span):
            context.report.add(path.span, messages.import_path_not_plain())
        return PromptText(Broken(path.span), context)
    key = target_key(context.key, path.value, has_folder=context.has_folder)
    if isinstance(key, Refusal):
        context.report.add(path.span, messages.import_refused(path.value, key))
        return PromptText(Broken(path.span), context)
    loaded = shelf.load(key, shown_name(context.source.name, path.value))
    if loaded is None:
        context.report.add(path.span, messages.no_file(path.value, None))
        return PromptText(Broken(path.span), context)
    source, diagnostics = loaded
    return _read(source, Report(source, diagnostics, shift=len(_BEFORE)), key, context)


def _read(source: Source, report: Report, key: str, context: ModuleContext) -> PromptText:
    escaped = source.text.removeprefix("\ufeff").rstrip("\r\n").replace('"""', '\\"""')
    parsed = parse(Source(source.name, f"{_BEFORE}{escaped}{_AFTER}"))
    for one in parsed.diagnostics:
        report.keep(replace(one, source=source, span=report.place(one.span), fix=None))
    context.text_files[key] = report
    inner = replace(context, report=report, source=source, typed=None)
    first = next(iter(parsed.tree.declarations), None)
    return PromptText(first.value if isinstance(first, LetSyntax) else Broken(NO_SPAN), inner)
