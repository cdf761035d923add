"""Steps that are to be alone: no other step of their block is open while they are.

In: which step of a block wants to begin, and which has ended. Out: whether it may, and who may begin then. Steps begin in
the order in which their needs were met: one that is to be alone waits for those that are open, and those that come after
it wait for it. Nothing waits for ever, because what is open ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence


class Turns:
    """Whose turn it is in one instance of a block."""

    __slots__ = ("_admitted", "_exclusive", "_is_alone", "_open", "_waiting")

    def __init__(self, exclusive: Sequence[bool]) -> None:
        """`exclusive` says of each step whether it is to be alone."""
        self._exclusive = exclusive
        self._waiting: deque[int] = deque()
        self._admitted: set[int] = set()
        self._open = 0
        self._is_alone = False

    def may_begin(self, index: int) -> bool:
        """Whether the step begins now; if not, it is among those who wait."""
        if index in self._admitted:
            return True
        if self._waiting or not self._has_room(index):
            self._waiting.append(index)
            return False
        self._admit(index)
        return True

    def ended(self, index: int) -> list[int]:
        """Take note that an open step ended; who begins now, in order."""
        self._open -= 1
        self._is_alone = self._is_alone and not self._exclusive[index]
        begun = []
        while self._waiting and self._has_room(self._waiting[0]):
            begun.append(self._waiting.popleft())
            self._admit(begun[-1])
        return begun

    def _has_room(self, index: int) -> bool:
        return not self._is_alone and not (self._exclusive[index] and self._open)

    def _admit(self, index: int) -> None:
        self._admitted.add(index)
        self._open += 1
        self._is_alone = self._exclusive[index]
