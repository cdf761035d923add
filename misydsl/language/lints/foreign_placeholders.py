"""W0917: text with `{{ topic }}`, `{topic}` or `$topic` in it, where `${topic}` was meant.

In: a file without errors. Out: a remark at each such place whose name is in sight there: a lone brace is text
here, so JSON needs no escapes, and a name in sight tells the one from the other. `{{ steps.x.output }}`
and other roots of templates are told without a cure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

import msgspec

from misydsl.diagnostics.diagnostic import Edit, Fix
from misydsl.expressions.nodes import Literal, Text
from misydsl.language.hidden_steps import step_blocks
from misydsl.language.lints import wording
from misydsl.language.lints.linted import LintedFile, Remark, Rule
from misydsl.language.lints.nodes import nodes_in
from misydsl.language.syntax import (
    BlockSyntax,
    FallbackSyntax,
    ForSyntax,
    LetSyntax,
    OnSyntax,
    ParametersSyntax,
    ParameterSyntax,
    PipelineSyntax,
    PromptSyntax,
    StepSyntax,
    UndoSyntax,
)
from misydsl.pipeline.model import Prompt
from misydsl.source import Span

_NAME: Final = r"[^\W\d]\w*(?:-\w+)*"
# What may not stand before is looked at last: a pattern that begins with a sign is found many times sooner.
_PLACEHOLDER: Final = re.compile(
    rf"\{{\{{-?\s*(?P<moustache>\$?{_NAME}(?:\.{_NAME})*)\s*-?\}}\}}"
    rf"|\{{(?<![{{$\w]\{{)(?P<braces>{_NAME})\}}(?!\}})"
    rf"|\$(?<![\w$\\]\$)(?P<dollar>{_NAME})"
)
_ROOTS: Final = frozenset(
    {"steps", "inputs", "input", "outputs", "params", "workflow", "tasks", "context", "state"}
)
"""What the templates of other tools begin with."""
_MOST_TOLD: Final = 50  # remarks of one file; more are never shown


class _Seen(NamedTuple):
    """A piece of the file and the names in sight there."""

    node: msgspec.Struct
    names: frozenset[str]


def names_meant(text: str) -> Iterator[str]:
    """The names a text has in the way of other templates."""
    for found in _PLACEHOLDER.finditer(text):
        yield from _path(found).removeprefix("$").split(".")


def _look(linted: LintedFile) -> Iterator[Remark]:
    if _PLACEHOLDER.search(linted.module.source.text) is None:
        return
    told = 0
    for seen in _pieces(linted):
        for node in nodes_in(seen.node):
            if not isinstance(node, Literal | Text) or told >= _MOST_TOLD:
                continue
            for remark in _in_text(linted.module.source.text, node.span, seen.names):
                told += 1
                yield remark


def look_in_text(key: str, linted: LintedFile) -> Iterator[Remark]:
    """The same in a file that prompts of this one take their text from; places are places there."""
    text = linted.texts[key].text
    if _PLACEHOLDER.search(text) is None:
        return
    lets = _lets(linted)
    for one in linted.module.names.values():
        if isinstance(one, Prompt) and one.text_file == key:
            names = lets | {parameter.name for parameter in one.parameters}
            yield from islice(_in_text(text, Span(0, len(text)), names), _MOST_TOLD)


def _in_text(text: str, span: Span, names: frozenset[str]) -> Iterator[Remark]:
    for found in _PLACEHOLDER.finditer(text, span.start, span.end):
        place = Span(found.start(), found.end())
        path = _path(found)
        root = path.partition(".")[0]
        if root in names:
            right = f"${{{path}}}"
            fix = Fix(f"write `{right}`", (Edit(place, right),))
            yield Remark(place, wording.placeholder(found[0], right), fix)
        elif found["moustache"] and (root in _ROOTS or root.startswith("$")):
            yield Remark(place, wording.placeholder(found[0], None))


def _path(found: re.Match[str]) -> str:
    return found["moustache"] or found["braces"] or found["dollar"]


def _pieces(linted: LintedFile) -> Iterator[_Seen]:
    lets = _lets(linted)
    for one in linted.file.parsed.tree.declarations:
        if isinstance(one, PromptSyntax) and not one.is_file:
            yield _Seen(one.text, lets | _inputs(one.parameters))
        elif isinstance(one, PipelineSyntax):
            yield from _in_blocks(one.block, lets | _inputs(one.parameters))


def _lets(linted: LintedFile) -> frozenset[str]:
    declarations = linted.file.parsed.tree.declarations
    return frozenset(one.name.text for one in declarations if isinstance(one, LetSyntax))


def _inputs(parameters: ParametersSyntax | None) -> frozenset[str]:
    items = parameters.items if parameters is not None else ()
    return frozenset(item.name.text for item in items if isinstance(item, ParameterSyntax))


def _in_blocks(block: BlockSyntax, around: frozenset[str]) -> Iterator[_Seen]:
    waiting = [(block, around)]
    while waiting:
        current, outer = waiting.pop()
        own = [one for one in current.items if isinstance(one, LetSyntax | StepSyntax)]
        names = outer | {one.name.text for one in own}
        for item in current.items:
            match item:
                case StepSyntax():
                    inner = (names - {item.name.text}) | _loop_names(item)
                    yield from (_Seen(one, inner) for one in item.modifiers)
                    waiting.extend((one, inner) for one in step_blocks(item))
                case FallbackSyntax() | UndoSyntax() | OnSyntax():
                    waiting.append((item.block, names))
                case LetSyntax():
                    yield _Seen(item, names - {item.name.text})
                case _:
                    yield _Seen(item, names)


def _loop_names(step: StepSyntax) -> frozenset[str]:
    loops = [one for one in step.modifiers if isinstance(one, ForSyntax)]
    found = {one.name.text for one in loops}
    return frozenset(found | {one.index_name.text for one in loops if one.index_name is not None})


RULE = Rule("W0917", _look)
