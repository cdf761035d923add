"""What stands between a step's name and its block: `for`, `when`, `repeat up to`, `after`.

In: a step as written. Out: `Modifiers`, each once, and the checks that are theirs alone: what `for` goes
through, how often `repeat` may go round, which steps `after` names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, assert_never

from misydsl.expressions.members import item_of
from misydsl.expressions.problems import Problem
from misydsl.language import structure_messages as messages
from misydsl.language.context import ModuleContext, Scope, Taken
from misydsl.language.hidden_steps import hiding_place
from misydsl.language.names import take_names
from misydsl.language.report import Report
from misydsl.language.setting_values import literal_number
from misydsl.language.syntax import (
    AfterSyntax,
    ForSyntax,
    Identifier,
    RepeatSyntax,
    StepSyntax,
    WhenSyntax,
)
from misydsl.pipeline.model import Loop
from misydsl.relations import admits_null, without_null
from misydsl.types import ANY, INT, NULL, Nothing, Type

MOST_ROUNDS: Final = 1000  # the language's limit on `repeat up to`


@dataclass(slots=True)
class Modifiers:
    """The modifiers of one step."""

    loop: ForSyntax | None = None
    when: WhenSyntax | None = None
    repeat: RepeatSyntax | None = None
    after: list[tuple[Identifier, ...]] = field(default_factory=list)


def sort_modifiers(step: StepSyntax, report: Report) -> Modifiers:
    """The modifiers by kind; a second `for`, `when` or `repeat` is reported and left out."""
    found = Modifiers()
    for one in step.modifiers:
        word = None
        match one:
            case ForSyntax() if found.loop is None:
                found.loop = one
            case WhenSyntax() if found.when is None:
                found.when = one
            case RepeatSyntax() if found.repeat is None:
                found.repeat = one
            case AfterSyntax(paths=paths):
                found.after.extend(paths)
            case ForSyntax():
                word = "for"
            case WhenSyntax():
                word = "when"
            case RepeatSyntax():
                word = "repeat"
            case never:
                assert_never(never)
        if word is not None:
            report.add(one.span, messages.modifier_twice(word))
    return found


def enter_loop(written: ForSyntax, scope: Scope, context: ModuleContext) -> tuple[Loop, Scope]:
    """The loop, and the scope in which its variables mean something."""
    item = _item_type(written, scope, context)
    names = [(written.name, "loop variable")]
    bindings: dict[str, Type] = {written.name.text: item}
    if written.index_name is not None:
        names.append((written.index_name, "loop variable"))
        bindings[written.index_name.text] = INT
    taken = take_names(names, scope, context)
    index_name = written.index_name.text if written.index_name is not None else None
    loop = Loop(written.name.text, written.iterable, index_name, written.span)
    return loop, scope.inside(bindings, taken)


def _item_type(written: ForSyntax, scope: Scope, context: ModuleContext) -> Type:
    found = context.infer(written.iterable, scope)
    if found != NULL and admits_null(found) and item_of(without_null(found)) is not None:
        facts: dict[str, object] = {"use": "list", "what": "for", "is_always": False}
        context.tell([Problem("E0505", written.iterable.span, facts)])
        found = without_null(found)
    item = item_of(found)
    if item is None:
        facts = {"what": "for", "found": found}
        context.tell([Problem("E0508", written.iterable.span, facts)])
        return ANY
    return ANY if isinstance(item, Nothing) else item


def check_rounds(written: RepeatSyntax, scope: Scope, context: ModuleContext) -> None:
    """Looks at the number after `repeat up to`."""
    context.check(written.limit, INT, scope, what="`repeat up to`")
    limit = literal_number(written.limit)
    if isinstance(limit, int) and not 1 <= limit <= MOST_ROUNDS:
        context.report.add(written.limit.span, messages.too_many_rounds(limit, MOST_ROUNDS))


def check_after(
    paths: Sequence[tuple[Identifier, ...]], scope: Scope, context: ModuleContext
) -> tuple[str, ...]:
    """The steps of the block at hand that `after` names, each once."""
    found: dict[str, None] = {}
    for path in paths:
        name = path[0].text
        here = scope.taken.get(name.replace("-", "_"))
        if len(path) > 1:
            written = ".".join(part.text for part in path)
            finding = messages.after_inner(written, path[-1].text, name)
            context.report.add(path[0].span.to(path[-1].span), finding)
        elif here == Taken(name, "step"):
            found[name] = None
        elif name not in context.poisoned:
            _report_after(path[0], here, scope, context)
    return tuple(found)


def _report_after(
    written: Identifier, here: Taken | None, scope: Scope, context: ModuleContext
) -> None:
    name = written.text
    outer = scope.find(name)
    inside = hiding_place(context.hidden, name, written.span)
    if here is not None and here.name == name:
        finding = messages.after_not_a_step(name, here.kind)
    elif outer is not None and outer.name == name:
        is_step = outer.kind == "step"
        finding = (
            messages.after_outer(name) if is_step else messages.after_not_a_step(name, outer.kind)
        )
    elif inside is not None:
        finding = messages.after_inner(name, name, inside.name)
    else:
        steps = [one.name for one in scope.taken.values() if one.kind == "step"]
        finding = messages.after_unknown(name, context.suggest(name, steps))
    context.report.add(written.span, finding)
