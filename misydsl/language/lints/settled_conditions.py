"""W0905: a `when` or `until` whose answer is known before anything runs.

In: a file without errors. Out: a remark at the condition: one that names nothing is computed here, and an
`else when` that repeats an earlier condition of its step is never taken. A condition that reads a let is
left alone: such a let is a switch somebody turns by hand.
"""

from __future__ import annotations

from collections.abc import Iterator

from misydsl.diagnostics.diagnostic import Edit, Fix
from misydsl.expressions.evaluate import EvaluationError, compile_expression
from misydsl.expressions.frames import Names
from misydsl.expressions.free import called_names, free_names
from misydsl.expressions.functions import FUNCTIONS
from misydsl.expressions.nodes import Binary, Expression
from misydsl.expressions.printer import to_text
from misydsl.language.cuts import words_cut
from misydsl.language.lints import wording
from misydsl.language.lints.linted import LintedFile, Remark, Rule, blocks_of
from misydsl.language.syntax import StepSyntax, UntilSyntax, WhenSyntax


def _look(linted: LintedFile) -> Iterator[Remark]:
    for pipeline, _ in linted.pipelines():
        for item in (item for block in blocks_of(pipeline) for item in block.items):
            if isinstance(item, UntilSyntax):
                yield from _settled("until", item.condition)
            elif isinstance(item, StepSyntax):
                yield from _in_step(item, linted.module.source.text)


def _in_step(step: StepSyntax, source_text: str) -> Iterator[Remark]:
    for one in step.modifiers if not step.otherwise else ():
        if isinstance(one, WhenSyntax) and _answer(one.condition) is True:
            fix = Fix("remove it", (Edit(words_cut(source_text, one.span), ""),))
            yield Remark(one.condition.span, wording.always("when", is_true=True), fix)
            return
    conditions = [one.condition for one in step.modifiers if isinstance(one, WhenSyntax)]
    conditions += [one.condition for one in step.otherwise if one.condition is not None]
    taken: set[str] = set()
    for condition in conditions:
        yield from _settled("when", condition)
        text = to_text(condition) if len(conditions) > 1 else ""
        if text in taken:
            yield Remark(condition.span, wording.branch_unreachable(text))
        taken.add(text)


def _settled(word: str, condition: Expression) -> Iterator[Remark]:
    answer = _answer(condition)
    if answer is not None:
        yield Remark(condition.span, wording.always(word, is_true=answer))


def _answer(condition: Expression) -> bool | None:
    """What a condition always comes to; None when that depends on something."""
    if isinstance(condition, Binary) and condition.operator in ("and", "or"):
        sides = _answer(condition.left), _answer(condition.right)
        decisive = condition.operator == "or"
        if decisive in sides:
            return decisive
        return None if None in sides else not decisive
    if free_names(condition) or not called_names(condition) <= FUNCTIONS.keys():
        return None
    names = Names()
    try:
        value = compile_expression(condition, names)(names.new_frame())
    except EvaluationError:  # it fails when the step runs, and is told there
        return None
    return value if isinstance(value, bool) else None


RULE = Rule("W0905", _look)
