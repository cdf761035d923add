"""The text of a prompt: in the file itself, or `from "x.md"` beside it.

In: a `prompt` as written and the shelf. Out: its text as an expression, and the context in which that text
is checked: what is wrong in `x.md` is told there. The file is read as the inside of a `\"\"\"` text, so
`${…}` works in it and nothing else is special.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import msgspec

from misydsl.expressions.nodes import Broken, Expression, Literal
from misydsl.language import messages
from misydsl.language.context import ModuleContext
from misydsl.language.parser import parse
from misydsl.language.report import Report
from misydsl.language.shelves import Refusal, Shelf, shown_name, target_key
from misydsl.language.syntax import LetSyntax, PromptSyntax
from misydsl.pipeline.model import NO_SPAN
from misydsl.source import Source, Span

_BEFORE: Final = 'let text = """\n'
_AFTER: Final = '\n"""\n'
_QUOTES: Final = '"""'
_ESCAPED: Final = '\\"""'
Moved = TypeVar("Moved", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class PromptText:
    """The text of a prompt and where it is checked."""

    text: Expression
    context: ModuleContext
    file: str | None = None
    """The key of the file it was read from; the spans of the text are places there."""


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
    if isinstance(loaded, Refusal):
        context.report.add(path.span, messages.import_refused(path.value, loaded))
        return PromptText(Broken(path.span), context)
    if loaded is None:
        context.report.add(path.span, messages.no_file(path.value, None))
        return PromptText(Broken(path.span), context)
    source, diagnostics = loaded
    if any(one.is_error for one in diagnostics):  # bytes that are no text: told at their place
        context.text_files[key] = Report(source, diagnostics)
        return PromptText(Broken(path.span), context, key)
    return _read(source, Report(source, diagnostics), key, context)


def _read(source: Source, report: Report, key: str, context: ModuleContext) -> PromptText:
    original = source.text.removeprefix("\ufeff").rstrip("\r\n")
    places = _Places(source.text, original)
    parsed = parse(Source(source.name, f"{_BEFORE}{original.replace(_QUOTES, _ESCAPED)}{_AFTER}"))
    for one in parsed.diagnostics:
        report.keep(replace(one, source=source, span=places.of(one.span), fix=None))
    context.text_files[key] = report
    inner = replace(context, report=report, source=source, typed=None)
    first = next(iter(parsed.tree.declarations), None)
    if not isinstance(first, LetSyntax):
        return PromptText(Broken(NO_SPAN), inner, key)
    return PromptText(places.moved(first.value), inner, key)


class _Places:
    """Where the parts of a file are that was read with something before it and its quotes escaped."""

    def __init__(self, whole: str, original: str) -> None:
        self._most = len(whole)
        self._start = len(whole) - len(whole.removeprefix("\ufeff"))
        self._escapes: list[int] = []
        """The offset of each backslash that was put in, as it was read."""
        found = original.find(_QUOTES)
        while found >= 0:
            self._escapes.append(len(_BEFORE) + found + len(self._escapes))
            found = original.find(_QUOTES, found + len(_QUOTES))

    def of(self, span: Span) -> Span:
        """The place in the file."""
        return Span(self._offset(span.start), self._offset(span.end))

    def _offset(self, offset: int) -> int:
        before = offset - len(_BEFORE) - bisect_left(self._escapes, offset)
        return min(max(before, 0) + self._start, self._most)

    def moved(self, node: Moved) -> Moved:
        """The node with the places of the file in it; its nesting is bounded by the parser."""
        changes: dict[str, object] = {}
        for field in node.__struct_fields__:
            value = getattr(node, field)
            moved = self._moved_value(value)
            if moved is not value:
                changes[field] = moved
        return msgspec.structs.replace(node, **changes)

    def _moved_value(self, value: object) -> object:
        if isinstance(value, Span):
            return self.of(value)
        if isinstance(value, msgspec.Struct):
            return self.moved(value)
        if isinstance(value, tuple):
            return tuple([self._moved_value(one) for one in value])
        return value
