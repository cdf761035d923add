"""What each step came to, as a DataFrame of values.

In: a history. Out: one row per step and item with its value as it came, lists and records nested; on
request taken apart, one row per element of a list and one column per field of a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, get_args

from misydsl.history.states import History, StepState
from misydsl.history.status import STEP_DONE, StepStatus
from misydsl.metrics.columns import Column, anything, frame, maybe_count, text, words
from misydsl.metrics.items import Item, Items
from misydsl.values import Value, decode_json

if TYPE_CHECKING:
    import pandas as pd

Columns = dict[str, tuple[Column, Callable[["_Row"], object]]]
_STATUS = words(get_args(StepStatus))


def results_frame(history: History, *, explode: bool = False) -> pd.DataFrame:
    """One row per step and item that has a value, in the order they were first seen.

    Columns: `run`, `step`, `item` string · `key` string, `index` Int64, the item of the innermost `for`
    around it and its place from 0 · `status` category, succeeded or skipped · `value` object, as the step
    gave it: None, bool, int, float, str, list or dict.

    With `explode`, a list becomes a row per element and a record a column per field, once: what is inside
    of those stays nested. Then a `for` stands there with its items and not as a whole, `element` Int64 is
    the place in the list, and `value.<field>` object is the field of that name, NA where there is none.
    """
    items = Items(history)
    done = [state for state in history.steps.values() if state.status in STEP_DONE]
    if explode:
        done = [state for state in done if not state.count]
    rows = [_row(state, items) for state in done]
    if not explode:
        return frame(rows, _columns(history))
    rows = [element for row in rows for element in _elements(row)]
    names = dict.fromkeys(name for row in rows if isinstance(row.value, dict) for name in row.value)
    fields: Columns = {f"value.{name}": (anything, partial(_field, name)) for name in names}
    element: Columns = {"element": (maybe_count, lambda row: row.element)}
    return frame(rows, {**_columns(history), **element, **fields})


class _Row(NamedTuple):
    """A value, or an element of one, and where it is from."""

    state: StepState
    item: Item | None
    value: Value
    element: int | None = None


def _columns(history: History) -> Columns:
    return {
        "run": (text, lambda _: history.id),
        "step": (text, lambda row: row.state.step),
        "item": (text, lambda row: row.state.item),
        "key": (text, lambda row: row.item.key if row.item else None),
        "index": (maybe_count, lambda row: row.item.place if row.item else None),
        "status": (_STATUS, lambda row: row.state.status),
        "value": (anything, lambda row: row.value),
    }


def _row(state: StepState, items: Items) -> _Row:
    value = None if state.value is None else decode_json(bytes(state.value))
    return _Row(state, items.around((state.step, state.item)), value)


def _elements(row: _Row) -> Iterator[_Row]:
    if not isinstance(row.value, list):
        yield row
        return
    for place, value in enumerate(row.value):
        yield row._replace(value=value, element=place)


def _field(name: str, row: _Row) -> object:
    return row.value.get(name) if isinstance(row.value, dict) else None
