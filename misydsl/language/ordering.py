"""In which order things that need each other can be looked at.

In: for each thing, the numbers of the things it needs. Out: groups, needed ones first; a group of more
than one (or one that needs itself) is a circle. Linear, and without recursion: a chain of 100,000 is
as good as one of three (Tarjan's strongly connected components, with the stack written out).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def needed_first(needs: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    """Groups of mutually dependent numbers, each group after all the groups it needs."""
    search = _Search(needs)
    for number in range(len(needs)):
        if number not in search.met:
            search.explore(number)
    return search.groups


def is_circle(group: Sequence[int], needs: Sequence[Sequence[int]]) -> bool:
    """Whether a group of `needed_first` needs itself."""
    return len(group) > 1 or group[0] in needs[group[0]]


def circle_path(group: Sequence[int], needs: Sequence[Sequence[int]]) -> list[int]:
    """A shortest way round a circle that starts and ends at its smallest number."""
    start, inside = min(group), set(group)
    came_from: dict[int, int] = {}
    waiting = [start]
    for number in waiting:
        for need in needs[number]:
            if need == start:
                return _walk_back(came_from, start, number)
            if need in inside and need not in came_from:
                came_from[need] = number
                waiting.append(need)
    return [start]


def _walk_back(came_from: dict[int, int], start: int, last: int) -> list[int]:
    path = [last]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return [*reversed(path), start]


class _Search:
    """One depth-first search: what was met when, and how far back each can reach."""

    def __init__(self, needs: Sequence[Sequence[int]]) -> None:
        self.needs = needs
        self.met: dict[int, int] = {}
        self.reach: dict[int, int] = {}
        self.open: list[int] = []
        self.is_open: set[int] = set()
        self.groups: list[tuple[int, ...]] = []

    def explore(self, start: int) -> None:
        trail: list[tuple[int, Iterator[int]]] = [self._enter(start)]
        while trail:
            number, rest = trail[-1]
            need = next(rest, None)
            if need is None:
                trail.pop()
                self._leave(number)
                if trail:
                    above = trail[-1][0]
                    self.reach[above] = min(self.reach[above], self.reach[number])
            elif need not in self.met:
                trail.append(self._enter(need))
            elif need in self.is_open:
                self.reach[number] = min(self.reach[number], self.met[need])

    def _enter(self, number: int) -> tuple[int, Iterator[int]]:
        self.met[number] = self.reach[number] = len(self.met)
        self.open.append(number)
        self.is_open.add(number)
        return number, iter(self.needs[number])

    def _leave(self, number: int) -> None:
        if self.reach[number] != self.met[number]:
            return
        group: list[int] = []
        while not group or group[-1] != number:
            group.append(self.open.pop())
        self.is_open.difference_update(group)
        self.groups.append(tuple(sorted(group)))
