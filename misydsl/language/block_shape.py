"""What stands in a block, sorted by kind, and whether it may stand there.

In: a `BlockSyntax` and its role. Out: `Parts`. What is there twice, or at the wrong place, is reported and
left out; names and types are not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, assert_never

from misydsl.diagnostics.similar import similar
from misydsl.language import structure_messages as messages
from misydsl.language.report import Report
from misydsl.language.setting_words import CALL, meaning
from misydsl.language.syntax import (
    BlockSyntax,
    BrokenItem,
    CallSyntax,
    FallbackSyntax,
    Item,
    LetSyntax,
    OnSyntax,
    ReturnSyntax,
    SettingSyntax,
    StepSyntax,
    UndoSyntax,
    UntilSyntax,
)
from misydsl.source import Span

Role = Literal["pipeline", "step", "repeat", "else", "fallback", "undo", "on failure", "on finish"]

_OWN_BLOCKS: Final = ("step", "repeat")
_HANDLERS: Final = ("on failure", "on finish")
_EVENTS: Final = ("failure", "finish")
_WITHOUT_RESULT: Final = ("pipeline", "undo", *_HANDLERS)


@dataclass(slots=True)
class Parts:
    """The items of one block that may stand there."""

    settings: list[SettingSyntax] = field(default_factory=list)
    lets: list[LetSyntax] = field(default_factory=list)
    steps: list[StepSyntax] = field(default_factory=list)
    call: CallSyntax | None = None
    result: ReturnSyntax | None = None
    until: UntilSyntax | None = None
    fallbacks: list[BlockSyntax] = field(default_factory=list)
    undo: UndoSyntax | None = None
    handlers: list[OnSyntax] = field(default_factory=list)
    is_broken: bool = False
    """Whether something in it could not be read, so that what is missing may be there."""


def sort_items(block: BlockSyntax, role: Role, report: Report) -> Parts:
    """The items of a block by kind."""
    parts = Parts()
    for item in block.items:
        _place(item, parts, role, report)
    parts.is_broken = parts.is_broken or _lacks_braces(block) or report.is_broken(block.span)
    if not parts.is_broken:
        _look_for_two_results(block.items, parts, role, report)
        _look_for_what_is_missing(block, parts, role, report)
    return parts


def _place(item: Item, parts: Parts, role: Role, report: Report) -> None:
    match item:
        case SettingSyntax():
            _place_setting(item, parts, role, report)
        case LetSyntax():
            parts.lets.append(item)
        case StepSyntax():
            parts.steps.append(item)
        case CallSyntax():
            if role == "pipeline" or role in _HANDLERS:
                report.add(item.span, messages.call_outside_step())
            elif parts.call is None:
                parts.call = item
        case ReturnSyntax():
            _place_return(item, parts, role, report)
        case UntilSyntax():
            _place_until(item, parts, role, report)
        case FallbackSyntax():
            if role in _OWN_BLOCKS:
                parts.fallbacks.append(item.block)
            else:
                report.add(_word(item.span, "fallback"), messages.only_in("fallback", "a step"))
        case UndoSyntax():
            _place_undo(item, parts, role, report)
        case OnSyntax():
            _place_handler(item, parts, role, report)
        case BrokenItem():
            parts.is_broken = True
        case never:
            assert_never(never)


def _place_setting(item: SettingSyntax, parts: Parts, role: Role, report: Report) -> None:
    if role in ("pipeline", *_OWN_BLOCKS):
        parts.settings.append(item)
        is_call = role in _OWN_BLOCKS and meaning("step", item.name.text) == CALL
        parts.is_broken = parts.is_broken or is_call  # what should be called is told there
    elif role in _HANDLERS:
        report.add(item.span, messages.setting_in_handler(item.name.text))
    else:
        report.add(item.span, messages.setting_misplaced(item.name.text, role))


def _place_return(item: ReturnSyntax, parts: Parts, role: Role, report: Report) -> None:
    if role in _HANDLERS:
        report.add(item.span, messages.only_in("return", "a pipeline or a step"))
    elif parts.result is not None:
        report.add(item.span, messages.returned_twice())
    else:
        parts.result = item


def _place_until(item: UntilSyntax, parts: Parts, role: Role, report: Report) -> None:
    if role != "repeat":
        report.add(item.span, messages.only_in("until", "a `repeat` step"))
    elif parts.until is not None:
        report.add(item.span, messages.set_twice("until"))
    else:
        parts.until = item


def _place_undo(item: UndoSyntax, parts: Parts, role: Role, report: Report) -> None:
    if role not in _OWN_BLOCKS:
        report.add(_word(item.span, "undo"), messages.only_in("undo", "a step"))
    elif parts.undo is not None:
        report.add(_word(item.span, "undo"), messages.set_twice("undo"))
    else:
        parts.undo = item


def _place_handler(item: OnSyntax, parts: Parts, role: Role, report: Report) -> None:
    event = item.event.text
    if event not in _EVENTS:
        report.add(item.event.span, messages.unknown_handler(event, similar(event, _EVENTS)))
    elif role != "pipeline":
        report.add(_word(item.span, "on"), messages.only_in(f"on {event}", "a pipeline"))
    else:
        parts.handlers.append(item)


def _word(span: Span, word: str) -> Span:
    """The first word of an item."""
    return Span(span.start, span.start + len(word))


def _look_for_two_results(items: Sequence[Item], parts: Parts, role: Role, report: Report) -> None:
    """A call beside another call, steps or a `return`: the second of them is one too many."""
    if role == "pipeline" or role in _HANDLERS or parts.call is None:
        return
    first: Item | None = None
    for item in items:
        if not isinstance(item, CallSyntax | StepSyntax | ReturnSyntax):
            continue
        if first is not None and (isinstance(item, CallSyntax) or isinstance(first, CallSyntax)):
            span = item.name.span if isinstance(item, StepSyntax) else item.span
            report.add(span, messages.two_results())
            parts.call = parts.call if isinstance(first, CallSyntax) else None
            if parts.call is not None:
                parts.result = None
            return
        first = first or item


def _lacks_braces(block: BlockSyntax) -> bool:
    return block.span.end - block.span.start < len("{}")


def _look_for_what_is_missing(block: BlockSyntax, parts: Parts, role: Role, report: Report) -> None:
    if role == "repeat" and parts.until is None:
        inner = parts.steps[-1].name.text if parts.steps else None
        report.add(block.span, messages.no_until(inner))
    if role not in _WITHOUT_RESULT and parts.call is None and parts.result is None:
        report.add(block.span, messages.no_result())
