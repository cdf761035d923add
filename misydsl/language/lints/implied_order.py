"""W0914: `after` names a step that is waited for anyway.

In: a file without errors. Out: a remark at each such name: the step uses its result, or waits for another
step that does. Linear in the steps and their dependencies, because only steps with `after` are followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from misydsl.diagnostics.diagnostic import Edit, Fix
from misydsl.language.cuts import words_cut
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
        waiting = [one for one in blocks_in(meant) if any(step.after for step in one.steps)]
        if not waiting:
            continue
        written = {
            step.name.span: [
                (path[0], one)
                for one in step.modifiers
                if isinstance(one, AfterSyntax)
                for path in one.paths
                if len(path) == 1
            ]
            for step in steps_of(pipeline)
        }
        for block in waiting:
            yield from _in_block(block, written, linted.module.source.text)


def _in_block(
    block: Block, written: dict[Span, list[tuple[Identifier, AfterSyntax]]], text: str
) -> Iterator[Remark]:
    needs = dependencies(block)
    index = {step.name: number for number, step in enumerate(block.steps)}
    for number, step in enumerate(block.steps):
        for name, after in written.get(step.span, ())[:_MOST_NAMED] if step.after else ():
            if index.get(name.text, number) == number:  # nothing waits for itself
                continue
            through = _waits_anyway(number, index[name.text], needs)
            if through is not None:
                other = None if through == number else block.steps[through].name
                finding = wording.after_implied(name.text, step.name, other)
                yield Remark(name.span, finding, _removal(name, after, text))


def _removal(name: Identifier, after: AfterSyntax, text: str) -> Fix:
    """Takes a name out of an `after`, or all of it with its only name."""
    if len(after.paths) == 1:
        return Fix(f"remove `after {name.text}`", (Edit(words_cut(text, after.span), ""),))
    starts = [path[0].span.start for path in after.paths]
    ends = [path[-1].span.end for path in after.paths]
    place = starts.index(name.span.start)
    is_last = place + 1 == len(starts)
    gone = Span(ends[place - 1], ends[place]) if is_last else Span(starts[place], starts[place + 1])
    return Fix(f"remove `{name.text}`", (Edit(gone, ""),))


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
