"""W0915: `repeat up to 1`, which goes round once.

In: a file without errors. Out: a remark at the number. One round is a plain step whose `until` can only
make it fail; `exhausted: "keep"` takes even that away, so nothing of `repeat` is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from misydsl.diagnostics.diagnostic import Edit, Fix
from misydsl.expressions.nodes import Literal
from misydsl.language.cuts import item_cut, words_cut
from misydsl.language.lints import wording
from misydsl.language.lints.linted import LintedFile, Remark, Rule, steps_of
from misydsl.language.syntax import RepeatSyntax, SettingSyntax, StepSyntax, UntilSyntax

_KEEP: Final = '"keep"'


def _look(linted: LintedFile) -> Iterator[Remark]:
    steps = (step for pipeline, _ in linted.pipelines() for step in steps_of(pipeline))
    for step in steps:
        for one in step.modifiers:
            if isinstance(one, RepeatSyntax) and _is_one(one):
                is_kept = _is_kept(step, linted.module.source.text)
                fix = _removal(step, one, linted) if is_kept else None
                yield Remark(one.limit.span, wording.single_round(is_kept=is_kept), fix)


def _is_kept(step: StepSyntax, text: str) -> bool:
    """Whether the result of the only round is taken whatever `until` says."""
    settings = (item for item in step.block.items if isinstance(item, SettingSyntax))
    return any(
        item.name.text == "exhausted" and text[item.value.span.start : item.value.span.end] == _KEEP
        for item in settings
    )


def _removal(step: StepSyntax, repeat: RepeatSyntax, linted: LintedFile) -> Fix | None:
    """Makes a plain step of one whose only round is kept."""
    if "previous" in linted.uses.within(step.block):
        return None
    text = linted.module.source.text
    settings = [item for item in step.block.items if isinstance(item, SettingSyntax)]
    gone = [item.span for item in settings if item.name.text in ("exhausted", "every")]
    gone += [item.span for item in step.block.items if isinstance(item, UntilSyntax)]
    cuts = [words_cut(text, repeat.span), *(item_cut(text, span) for span in gone)]
    return Fix("remove `repeat` and `until`", tuple(Edit(cut, "") for cut in cuts))


def _is_one(repeat: RepeatSyntax) -> bool:
    return (
        isinstance(repeat.limit, Literal)
        and type(repeat.limit.value) is int
        and repeat.limit.value == 1
    )


RULE = Rule("W0915", _look)
