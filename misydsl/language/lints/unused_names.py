"""W0910, W0911, W0912: a let, an input or a loop variable that nobody uses.

In: a file without errors. Out: a remark at the name. A name that begins with `_` says that this is meant;
inputs of agents are sent and so never unused, and `for _ in range(3)` just counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from misydsl.diagnostics.diagnostic import Edit, Fix
from misydsl.expressions.free import free_names
from misydsl.expressions.nodes import Apply, Expression, Reference
from misydsl.language.cuts import item_cut
from misydsl.language.lints import wording
from misydsl.language.lints.foreign_placeholders import names_meant
from misydsl.language.lints.linted import LintedFile, Remark, Rule, blocks_of, steps_of
from misydsl.language.syntax import ForSyntax, LetSyntax, ParameterSyntax, PromptSyntax
from misydsl.pipeline.model import Prompt
from misydsl.source import Span


def _lets(linted: LintedFile) -> Iterator[Remark]:
    for pipeline, _ in linted.pipelines():
        for block in blocks_of(pipeline):
            lets = [item for item in block.items if isinstance(item, LetSyntax)]
            said = linted.uses.within(block) if lets else frozenset()
            for item in (item for item in lets if _is_idle(item.name.text, said)):
                fix = _removal(item, linted.module.source.text)
                yield Remark(item.name.span, wording.let_unused(item.name.text), fix)


def _removal(item: LetSyntax, text: str) -> Fix | None:
    """Takes a let out; its value is computed from nothing but values, so nothing else changes."""
    if item.description is not None:
        return None
    return Fix("remove it", (Edit(item_cut(text, item.span), ""),))


def _inputs(linted: LintedFile) -> Iterator[Remark]:
    for pipeline, _ in linted.pipelines():
        items = pipeline.parameters.items if pipeline.parameters is not None else ()
        said = linted.uses.within(pipeline.block) | _meant(linted, pipeline.block.span)
        yield from _idle_inputs(items, said, pipeline.name.text)
    for one in linted.file.parsed.tree.declarations:
        prompt = linted.module.names.get(one.name.text) if isinstance(one, PromptSyntax) else None
        if isinstance(one, PromptSyntax) and isinstance(prompt, Prompt):
            said = free_names(prompt.text) | _meant(linted, one.text.span)
            if prompt.text_file is not None and prompt.text_file in linted.texts:
                said |= frozenset(names_meant(linted.texts[prompt.text_file].text))
            yield from _idle_inputs(one.parameters.items, said, prompt.name)


def _meant(linted: LintedFile, span: Span) -> frozenset[str]:
    """Names that are used as in other languages, which another lint tells."""
    return frozenset(names_meant(linted.module.source.text[span.start : span.end]))


def _idle_inputs(items: tuple[object, ...], said: frozenset[str], owner: str) -> Iterator[Remark]:
    for item in items:
        if isinstance(item, ParameterSyntax) and _is_idle(item.name.text, said):
            yield Remark(item.name.span, wording.parameter_unused(item.name.text, owner))


def _variables(linted: LintedFile) -> Iterator[Remark]:
    for pipeline, _ in linted.pipelines():
        for step in steps_of(pipeline):
            for loop in (one for one in step.modifiers if isinstance(one, ForSyntax)):
                yield from _in_loop(loop, linted.uses.inside(step) | _meant(linted, step.span))


def _in_loop(loop: ForSyntax, said: frozenset[str]) -> Iterator[Remark]:
    if loop.index_name is not None and _is_idle(loop.index_name.text, said):
        finding = wording.variable_unused(loop.index_name.text, is_index=True)
        comma = Span(loop.name.span.end, loop.index_name.span.end)
        yield Remark(loop.index_name.span, finding, Fix("remove it", (Edit(comma, ""),)))
    index_is_used = loop.index_name is not None and loop.index_name.text in said
    if _is_idle(loop.name.text, said) and not index_is_used and not _counts(loop.iterable):
        yield Remark(loop.name.span, wording.variable_unused(loop.name.text, is_index=False))


def _counts(iterable: Expression) -> bool:
    """Whether a list is there for its length alone: `range(3)`."""
    return (
        isinstance(iterable, Apply)
        and isinstance(iterable.target, Reference)
        and iterable.target.name == "range"
    )


def _is_idle(name: str, said: frozenset[str]) -> bool:
    return name not in said and not name.startswith("_")


RULES = (Rule("W0910", _lets), Rule("W0911", _inputs), Rule("W0912", _variables))
