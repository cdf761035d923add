"""The tight loop: terminals through the tables, nodes built as productions complete.

In: a `Stream` and the tables. Out: the value of the whole file, or the place where the next terminal is
not expected; `recovery` then changes the stacks and the loop goes on. The stacks are plain lists, so
depth costs no recursion. Productions that only pass their part on are skipped in one step.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

from misydsl.language.build import EXPRESSION_LIMIT, LISTS, Builder, Reading
from misydsl.language.build_blocks import BLOCKS
from misydsl.language.build_declarations import DECLARATIONS
from misydsl.language.build_expressions import AS_DEEP, DEEPER, EXPRESSIONS
from misydsl.language.build_types import TYPES
from misydsl.language.separators import Stream
from misydsl.language.tables import Tables, tables

BUILDERS: Final[dict[str, Builder]] = {**LISTS, **DECLARATIONS, **BLOCKS, **TYPES, **EXPRESSIONS}
START_ANEW: Final = -1


class Production(NamedTuple):
    """What to do when a production is complete.

    `weight` is how much deeper the value is than its parts; -1 where depth starts anew.
    """

    size: int
    origin: int
    build: Builder | None
    weight: int


@cache
def productions() -> list[Production]:
    """The productions of the grammar by number, with their builders."""
    return [
        Production(
            rule.size,
            rule.origin,
            _builder(rule.builder, rule.slots),
            1 if rule.builder in DEEPER else 0 if rule.builder in AS_DEEP else START_ANEW,
        )
        for rule in tables().rules
    ]


def _builder(name: str | None, slots: tuple[int | None, ...] | None) -> Builder | None:
    """The builder of a production; where optional parts were left out it gets None for them."""
    if name is None:
        return None
    build = BUILDERS[name]
    if slots is None:
        return build

    def with_gaps(reading: Reading, first: int, last: int, *parts: object) -> object:
        placed = [None if slot is None else parts[slot] for slot in slots]
        return build(reading, first, last, *placed)

    return with_gaps


class Driver:
    """One file on its way through the tables: four parallel stacks and a place in the stream."""

    __slots__ = (
        "depths",
        "firsts",
        "index",
        "last",
        "reading",
        "states",
        "stream",
        "tables",
        "values",
    )

    def __init__(self, stream: Stream) -> None:
        self.tables: Tables = tables()
        self.stream = stream
        self.reading = Reading.of(stream, self.tables)
        self.states = [self.tables.start]
        self.values: list[object] = [None]
        self.firsts = [0]
        self.depths = [0]
        self.index = 0
        self.last = 0

    def drive(self) -> bool:
        """Go on until the end of the file (True) or a terminal that is not expected (False)."""
        reading, plan = self.reading, productions()
        actions, end = self.tables.actions, self.tables.end
        states, values, firsts, depths = self.states, self.values, self.firsts, self.depths
        terminals, index, last = self.stream.terminals, self.index, self.last
        state, terminal, landings = states[-1], terminals[index], self.tables.landings
        while True:
            action = actions[state][terminal]
            if action > 0:
                state = action - 1
                states.append(state)
                values.append(index)
                firsts.append(index)
                depths.append(0)
                last = index
                if state == end:
                    return True
                index += 1
                terminal = terminals[index]
                continue
            if action == 0:
                self.index, self.last = index, last
                return False
            size, origin, build, weight = plan[-1 - action]
            if size > 1:
                depth = 0 if weight < 0 else max(depths[-size:]) + weight
                parts = values[-size:]
                del states[1 - size :], values[1 - size :], firsts[1 - size :], depths[1 - size :]
                if depth > EXPRESSION_LIMIT:
                    values[-1], depths[-1] = reading.too_deep(firsts[-1], last), 0
                elif build is not None:
                    values[-1], depths[-1] = build(reading, firsts[-1], last, *parts), depth
            elif build is not None:
                values[-1] = build(reading, firsts[-1], last, values[-1])
            landed = landings[terminal].get(states[-2] << 8 | origin)
            states[-1] = state = landed or self.tables.land(states[-2], origin, terminal)

    # -------------------------------------------------------------- for recovery

    def accepts(self, terminals: Sequence[int], height: int | None = None) -> bool:
        """Whether these terminals could come next, the stacks cut to `height`; changes nothing."""
        kept = len(self.states) if height is None else height
        added: list[int] = []
        actions, rules, gotos = self.tables.actions, self.tables.rules, self.tables.gotos
        for terminal in terminals:
            while True:
                action = actions[added[-1] if added else self.states[kept - 1]][terminal]
                if action >= 0:
                    break
                rule = rules[-1 - action]
                cut = min(rule.size, len(added))
                del added[len(added) - cut :]
                kept -= rule.size - cut
                base = added[-1] if added else self.states[kept - 1]
                added.append(gotos[base][rule.origin])
            if action == 0:
                return False
            added.append(action - 1)
        return True

    def shift(self, terminal: int, start: int, end: int) -> None:
        """Take a terminal that is not in the text as if it came next; it has to be acceptable."""
        stream, place = self.stream, self.index
        stream.terminals.append(terminal)
        stream.starts.append(start)
        stream.ends.append(end)
        self.index = len(stream.terminals) - 1
        stream.terminals.append(self.tables.stop)
        reached = self.drive()
        del stream.terminals[-1]
        assert not reached
        assert self.index == len(stream.terminals)
        self.index = place

    def cut(self, height: int) -> None:
        """Forget what stands above `height` on the stacks."""
        del self.states[height:], self.values[height:], self.firsts[height:], self.depths[height:]
