"""W0901: an imported name that stands nowhere else in the file.

In: a file that was read in full. Out: a remark at each such name, with the edit that takes it out. A name
that a prompt's own file mentions is used, and one that could not be imported is told elsewhere.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from misydsl.diagnostics.diagnostic import Edit, Fix
from misydsl.language import messages
from misydsl.language.imports import LoadedFile
from misydsl.language.lints.linted import LintedFile, Remark, Rule
from misydsl.language.syntax import ImportName, ImportSyntax
from misydsl.language.tokens import NAME_KINDS, Tokens
from misydsl.source import Span


def _look(linted: LintedFile) -> Iterator[Remark]:
    links = [link for link in linted.file.links if link.target is not None]
    if not links:
        return
    said = names_said(linted.file).keys() | linted.mentioned
    for link in links:
        for name in link.syntax.names:
            alias = name.alias.text
            if alias not in said and alias not in linted.unreadable:
                removal = _removal(link.syntax, name, linted.file)
                yield Remark(name.span, messages.import_unused(alias), removal)


def names_said(file: LoadedFile) -> dict[str, int]:
    """Every name in the file outside of its imports, and how often."""
    tokens = file.parsed.tokens
    text, ends = tokens.source.text, islice(tokens.starts, 1, None)
    places = zip(tokens.kinds, tokens.starts, ends, strict=False)
    said = Counter([text[start:end] for kind, start, end in places if kind in NAME_KINDS])
    imports = (one for one in file.parsed.tree.declarations if isinstance(one, ImportSyntax))
    said -= Counter(name for one in imports for name in _names_within(one.span, tokens))
    normal: Counter[str] = Counter()
    for name, count in said.items():
        normal[unicodedata.normalize("NFC", name)] += count
    return normal


def _names_within(span: Span, tokens: Tokens) -> Iterator[str]:
    index = bisect_left(tokens.starts, span.start)
    while tokens.starts[index] < span.end:
        if tokens.kinds[index] in NAME_KINDS:
            yield tokens.text_of(index)
        index += 1


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


RULE = Rule("W0901", _look, needs="whole text")
