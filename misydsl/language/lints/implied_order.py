"""W0914: `after` names a step that is waited for anyway.

In: a file without errors. Out: a remark at each such name: the step uses its result, or waits for another
step that does. Linear in the steps and their dependencies, because only steps with `after` are followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from misydsl.language.lints import wording
from misydsl.language.lints.linted import LintedFile, Remark, Rule, steps_of
from misydsl.language.lints.meant_steps import blocks_in
from misydsl.language.syntax import AfterSyntax, Identifier
from misydsl.pipeline.dependencies import Needs, dependencies
from misydsl.pipeline.model import Block
from misydsl.source import Span

_MOST_FOLLOWED = 200  # waits behind one `after`; more is a file that machines write
_MOST_NAMED = 50  # steps after one `after`, for the same reason


def _look(linted: LintedFile) -> Iterator[Remark]:
    for pipeline, meant in linted.pipelines():
        written = {
            step.name.span: [
                path[0]
                for one in step.modifiers
                if isinstance(one, AfterSyntax)
                for path in one.paths
                if len(path) == 1
            ]
            for step in steps_of(pipeline)
        }
        for block in blocks_in(meant):
            if any(step.after for step in block.steps):
                yield from _in_block(block, written)


def _in_block(block: Block, written: dict[Span, list[Identifier]]) -> Iterator[Remark]:
    needs = dependencies(block)
    index = {step.name: number for number, step in enumerate(block.steps)}
    for number, step in enumerate(block.steps):
        for name in written.get(step.span, ())[:_MOST_NAMED] if step.after else ():
            if name.text not in index:
                continue
            through = _waits_anyway(number, index[name.text], needs)
            if through is not None:
                other = None if through == number else block.steps[through].name
                yield Remark(name.span, wording.after_implied(name.text, step.name, other))


def _waits_anyway(step: int, target: int, needs: Sequence[Needs]) -> int | None:
    """The step itself when it uses the target, else the one it waits for that waits for it."""
    if target in needs[step].data:
        return step
    through = {other: other for other in needs[step].all if other != target}
    waiting = list(through)
    followed = 0
    while waiting and followed < _MOST_FOLLOWED:
        current = waiting.pop()
        for need in needs[current].all:
            followed += 1
            if need == target:
                return through[current]
            if need not in through:
                through[need] = through[current]
                waiting.append(need)
    return None


RULE = Rule("W0914", _look)
