"""Items of fan-outs: which one a state or an attempt belongs to.

In: a history. Out: for each `(step, item)` inside of a `for`, the key and the place of the innermost
item around it. Keys may contain slashes, so they are looked up, never split.
"""

from __future__ import annotations

from typing import NamedTuple

from misydsl.history.states import History, StepKey


class Item(NamedTuple):
    """One item of a `for`: its fan-out, its key there, and its place from 0."""

    fan: StepKey
    key: str
    place: int


class Items:
    """The items of a run's fan-outs."""

    __slots__ = ("_items",)

    def __init__(self, history: History) -> None:
        self._items: dict[StepKey, Item] = {}
        for fan, keys in history.fan_outs.items():
            step, around = fan
            listed = map(str, range(keys)) if isinstance(keys, int) else keys
            for place, key in enumerate(listed):
                whole = f"{around}/{key}" if around else key
                self._items[step, whole] = Item(fan, key, place)

    def own(self, key: StepKey) -> Item | None:
        """The item that this step is, one of several; None for every other step."""
        return self._items.get(key)

    def around(self, key: StepKey) -> Item | None:
        """The innermost item that this step is, or is inside of."""
        step, item = key
        while step and item:
            found = self._items.get((step, item))
            if found is not None:
                return found
            step = step.rpartition("/")[0]
        return None
