"""Fanning out: the items of a `for` before the run.

In: a step with a `for` and the situations it is come to in. Out: how many items there are, where that is
known, and the situations of their bodies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from misydsl.expressions.frames import Frame
from misydsl.runner.fans import MAX_ITEMS
from misydsl.runner.foresight.amounts import amount
from misydsl.runner.foresight.knowing import Known, Scope
from misydsl.runner.foresight.nodes import LoopNode
from misydsl.runner.foresight.situations import Lookout, Situations
from misydsl.runner.program import CallCode, LoopCode, StepCode
from misydsl.runner.state import FAN_WINDOW
from misydsl.values import Value


@dataclass(frozen=True, slots=True)
class _Items:
    """The items of one frame; `values` is None where only the run knows them."""

    frame: Frame
    weight: int
    values: list[Value] | None


def fan_out(
    code: StepCode, here: Situations, settings: Sequence[Mapping[str, Value]], lookout: Lookout
) -> tuple[LoopNode, Situations]:
    """The items of a step with a `for`, and the situations of one of them each."""
    loop, written = code.loop, code.step.loop
    assert loop is not None
    assert written is not None
    limit = _limit(code, settings)
    names = {written.name: False}
    if written.index_name is not None:
        names[written.index_name] = False
    if not lookout.knowing.knows(written.iterable, here.scope):
        return _unknown(code, here, limit=limit, names=names)
    found = [one for one in _found(code, here, lookout) if one.values is not None]
    most = max((len(one.values or ()) for one in found), default=0)
    inner = _inner(code, found, here, lookout)
    is_looked_at = inner is not None
    if inner is None:
        inner = tuple(
            (loop.names.new_frame(one.frame), one.weight * len(one.values or ()))
            for one in found
            if one.values
        )
    node = LoopNode(
        amount(sum(weight for _, weight in inner) * here.rounds, here.factors), most, limit
    )
    scope = Scope(here.scope.module, dict.fromkeys(names, is_looked_at), here.scope)
    width = here.width * min(limit, max(1, most))
    return node, replace(here, scope=scope, frames=inner, width=width)


def _limit(code: StepCode, settings: Sequence[Mapping[str, Value]]) -> int:
    """How many items are worked on at once, as `fans` has it; the least where that depends."""
    body = code.choices[0].body
    own = max(FAN_WINDOW, body.agent.concurrency) if isinstance(body, CallCode) else FAN_WINDOW
    asked = (one.get("concurrency") for one in settings)
    return min(max(1, each) if isinstance(each, int) else own for each in asked)


def _unknown(
    code: StepCode, here: Situations, *, limit: int, names: Mapping[str, bool]
) -> tuple[LoopNode, Situations]:
    assert code.loop is not None
    factors = (*here.factors, code.path)
    scope = Scope(here.scope.module, names, here.scope)
    inner = replace(here.within(code.loop.names, scope), factors=factors, width=here.width * limit)
    return LoopNode(inner.times, None, limit), inner


def _found(code: StepCode, here: Situations, lookout: Lookout) -> list[_Items]:
    assert code.loop is not None
    found = []
    for frame, weight in here.frames:
        known = lookout.value(code.loop.iterable, frame, path=code.path, what="its `for`")
        found.append(_Items(frame, weight, _listed(known, code, lookout)))
    return found


def _listed(known: Known | None, code: StepCode, lookout: Lookout) -> list[Value] | None:
    if known is None:
        return None
    items = known.value
    if not isinstance(items, list):
        lookout.remark(code.path, "its `for` needs a list and gets none: the step will fail")
        return None
    if len(items) > MAX_ITEMS:
        words = f"its `for` has {len(items):,} items, the limit is {MAX_ITEMS:,}"
        lookout.remark(code.path, f"{words}: the step will fail")
        return None
    return items


def _inner(
    code: StepCode, found: Sequence[_Items], here: Situations, lookout: Lookout
) -> tuple[tuple[Frame, int], ...] | None:
    """A frame for each item; None where they are too many to be looked at."""
    del here
    assert code.loop is not None
    count = sum(len(one.values or ()) for one in found)
    if not lookout.looks.allow(count, code.choices):
        return None
    return tuple(
        (_item_frame(code.loop, one.frame, item, number), one.weight)
        for one in found
        for number, item in enumerate(one.values or ())
    )


def _item_frame(loop: LoopCode, around: Frame, item: Value, number: int) -> Frame:
    frame = loop.names.new_frame(around)
    frame.values[loop.item_slot] = item
    if loop.index_slot is not None:
        frame.values[loop.index_slot] = number
    return frame
