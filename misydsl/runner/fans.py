"""Fan-outs: a `for` about to begin.

In: a unit whose step has a `for`. Out: a `Fan` in the state's queue, its items counted and keyed, its limits
known, and the fact that says so. Items are begun by `begin`, a few at a time.
"""

from __future__ import annotations

from collections.abc import Mapping

from misydsl.expressions.frames import Frame
from misydsl.history.events import FanOut
from misydsl.runner.jobs import own_policy, settings_of
from misydsl.runner.program import CallCode
from misydsl.runner.state import FAN_WINDOW, MISSING, Fan, State, Unit
from misydsl.runner.units import StepProblem, evaluate, evaluation, finish_value, past_of
from misydsl.values import Percent, Value

MAX_ITEMS = 1_000_000  # language limit on one fan-out


def open_fan(state: State, unit: Unit, *, is_replay: bool = False) -> None:
    """Begin a `for`: its items, keys and limits; raises `StepProblem`.

    With `is_replay` only its settled items are looked at again.
    """
    step, loop = unit.step, unit.step.loop
    assert loop is not None
    items = evaluate(unit, loop.iterable)
    if not isinstance(items, list):
        raise StepProblem(evaluation(unit, "`for` needs a list"))
    if len(items) > MAX_ITEMS:
        words = f"`for` over {len(items):,} items: the limit is {MAX_ITEMS:,}"
        raise StepProblem(evaluation(unit, words))
    settings = settings_of(unit)
    fan = Fan(
        unit.group, unit.index, step, items, None, [MISSING] * len(items),
        limit=_limit(unit, settings), allowed=_allowed(settings, len(items)),
        policy=own_policy(unit) if isinstance(unit.choice.body, CallCode) else None,
        is_replay=is_replay,
    )  # fmt: skip
    fan.keys = _keys(fan, unit)
    past = past_of(state, unit)
    if past is None or past.count is None:
        fact = FanOut(
            at=state.now, step=step.path, item=unit.item, count=len(items), keys=fan.keys,
            round=unit.round,
        )  # fmt: skip
        state.facts.append(fact)
    if items:
        state.fans.append(fan)
    else:
        finish_value(state, unit, [])


def _limit(unit: Unit, settings: Mapping[str, Value]) -> int:
    asked = settings.get("concurrency")
    if isinstance(asked, int):
        return max(1, asked)
    body = unit.choice.body
    return max(FAN_WINDOW, body.agent.concurrency) if isinstance(body, CallCode) else FAN_WINDOW


def _allowed(settings: Mapping[str, Value], count: int) -> int:
    allowed = settings.get("allow-failures")
    if isinstance(allowed, Percent):
        return int(count * allowed + 1e-9)  # 10 % of 30 is 3, whatever binary fractions say
    return allowed if isinstance(allowed, int) else 0


def _keys(fan: Fan, unit: Unit) -> tuple[str, ...] | None:
    loop = fan.step.loop
    if loop is None or loop.key is None:
        return None
    keys = []
    for number in range(len(fan.items)):
        frame = item_frame(fan, number)
        unit_of_item = Unit(unit.group, unit.index, unit.step, unit.choice, frame, "", unit.course)
        keys.append(str(evaluate(unit_of_item, loop.key)).replace("/", "_"))
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise StepProblem(evaluation(unit, f"`key` gives “{twice}” for two items"))
    return tuple(keys)


def item_frame(fan: Fan, number: int) -> Frame:
    """The frame of one item: its element and index."""
    loop = fan.step.loop
    assert loop is not None
    frame = loop.names.new_frame(fan.group.frame)
    frame.values[loop.item_slot] = fan.items[number]
    if loop.index_slot is not None:
        frame.values[loop.index_slot] = number
    return frame
