"""W0903: a let or step of a block that is used before the text defines it.

In: a file. Out: a remark at the first such use of each name. Order has no meaning in the language, so
this is only about reading; names that need each other in a circle are told elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from misydsl.expressions.nodes import Reference
from misydsl.language import messages
from misydsl.language.lints.linted import LintedFile, Remark, Rule, blocks_of
from misydsl.language.lints.nodes import nodes_in
from misydsl.language.ordering import is_circle, needed_first
from misydsl.language.syntax import BlockSyntax, LetSyntax, StepSyntax
from misydsl.source import Span

Member = LetSyntax | StepSyntax


def _look(linted: LintedFile) -> Iterator[Remark]:
    for pipeline, _ in linted.pipelines():
        for block in blocks_of(pipeline):
            yield from _in_block(block, linted)


def _in_block(block: BlockSyntax, linted: LintedFile) -> Iterator[Remark]:
    first: dict[str, Member] = {}
    for item in block.items:
        if isinstance(item, (LetSyntax, StepSyntax)):
            first.setdefault(item.name.text, item)
    if not first:
        return
    members = list(first.values())
    number = {name: index for index, name in enumerate(first)}
    needs = [sorted(number[name] for name in _used(one, linted) & number.keys()) for one in members]
    if all(not one or one[-1] < index for index, one in enumerate(needs)):
        return
    circles = {index for group in needed_first(needs) if is_circle(group, needs) for index in group}
    for index, member in enumerate(members):
        early = {members[need].name.text for need in needs[index] if need > index}
        if early and index not in circles:
            for name, span in _first_uses(member, early):
                yield Remark(span, messages.used_early(name))


def _used(member: Member, linted: LintedFile) -> frozenset[str]:
    if isinstance(member, StepSyntax):
        return linted.uses.of_step(member)
    return linted.uses.of_value(member.value)


def _first_uses(syntax: msgspec.Struct, names: set[str]) -> Sequence[tuple[str, Span]]:
    """The first reference to each of the names, in the order of the text."""
    places: dict[str, Span] = {}
    for node in nodes_in(syntax):
        if isinstance(node, Reference) and node.name in names:
            places[node.name] = min(node.span, places.get(node.name, node.span))
    return sorted(places.items(), key=lambda place: place[1])


RULE = Rule("W0903", _look, needs="nothing")
