"""W0915: `repeat up to 1`, which goes round once.

In: a file without errors. Out: a remark at the number. One round is a plain step whose `until` can only
make it fail; `exhausted: "keep"` takes even that away, so nothing of `repeat` is left.
"""

from __future__ import annotations

from collections.abc import Iterator

from misydsl.expressions.nodes import Literal
from misydsl.language.lints import wording
from misydsl.language.lints.linted import LintedFile, Remark, Rule, steps_of
from misydsl.language.syntax import RepeatSyntax


def _look(linted: LintedFile) -> Iterator[Remark]:
    for pipeline, _ in linted.pipelines():
        for one in (one for step in steps_of(pipeline) for one in step.modifiers):
            if isinstance(one, RepeatSyntax) and _is_one(one):
                yield Remark(one.limit.span, wording.single_round())


def _is_one(repeat: RepeatSyntax) -> bool:
    return (
        isinstance(repeat.limit, Literal)
        and type(repeat.limit.value) is int
        and repeat.limit.value == 1
    )


RULE = Rule("W0915", _look)
