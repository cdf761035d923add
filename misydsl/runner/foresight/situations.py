"""Situations: how often a block is gone through, and with which values, as far as they are known.

In: frames whose slots hold inputs, lets and known items, and stay unset where only the run knows. Out: frames
of inner blocks, each standing for so many times. Items are looked at one by one while there are few;
of many only their number is kept. So the work stays linear in the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from misydsl.expressions.frames import Frame, Names
from misydsl.expressions.nodes import Literal
from misydsl.pipeline.model import Setting
from misydsl.runner.foresight.amounts import Amount, amount
from misydsl.runner.foresight.knowing import Knowing, Known, Scope, Trouble
from misydsl.runner.program import BlockCode, Choice, Code, CourseCode, GroupCode, PipelineCode
from misydsl.values import Value

MOST_LOOKS: Final = 20_000
"""Steps of items that are looked at one by one, in a whole plan."""

Weighted = tuple[tuple[Frame, int], ...]
"""Frames, and how many times each stands for."""


@dataclass(frozen=True, slots=True)
class Situations:
    """How one block, or the body of one step, is come to."""

    scope: Scope
    frames: Weighted
    """All of them know the same names."""
    defaults: Mapping[str, Value] = field(default_factory=dict)
    """The calling settings of the pipeline around."""
    factors: tuple[str, ...] = ()
    """The `for` steps around whose items only the run counts."""
    rounds: int = 1
    """Of all `repeat`s around, multiplied."""
    width: int = 1
    is_sure: bool = True
    """Whether it is come to in every run that succeeds."""
    is_after: bool = False
    """Whether it belongs to an undo or a handler, which nobody takes back."""

    @property
    def weight(self) -> int:
        """How many times all frames stand for, rounds and unknown items aside."""
        return sum(weight for _, weight in self.frames)

    @property
    def times(self) -> Amount:
        """How often it is come to, at most."""
        return amount(self.weight * self.rounds, self.factors)

    @property
    def sure(self) -> int:
        """How often it is come to in every run that succeeds."""
        return self.weight if self.is_sure and not self.factors else 0

    def only(self, frames: Iterable[tuple[Frame, int]]) -> Situations:
        """Some of them."""
        return replace(self, frames=tuple(frames))

    def within(self, names: Names, scope: Scope) -> Situations:
        """The same in frames of an inner block."""
        inner = tuple((names.new_frame(frame), weight) for frame, weight in self.frames)
        return replace(self, scope=scope, frames=inner)


class Looks:
    """How many steps of items may still be looked at one by one."""

    def __init__(self) -> None:
        self._left = MOST_LOOKS
        self._sizes: dict[int, int] = {}

    def allow(self, items: int, choices: Iterable[Choice]) -> bool:
        """Whether so many items may be, with all steps in them; then they are counted."""
        cost = items * (1 + sum(map(self._size, choices)))
        if cost > self._left:
            return False
        self._left -= cost
        return True

    def _size(self, choice: Choice) -> int:
        match choice.body:
            case GroupCode(block) | PipelineCode(course=CourseCode(block=block)):
                return self._block_size(block)
            case _:
                return 0

    def _block_size(self, block: BlockCode) -> int:
        known = self._sizes.get(id(block))
        if known is None:
            inner = (choice for step in block.steps for choice in step.choices)
            known = self._sizes[id(block)] = len(block.steps) + sum(map(self._size, inner))
        return known


@dataclass(slots=True)
class Lookout:
    """What every part of a walk asks: what is known, how far to look, where to leave a remark."""

    knowing: Knowing
    looks: Looks = field(default_factory=Looks)
    remarks: dict[tuple[str, str], None] = field(default_factory=dict)
    """`(path, words)` in the order they were found, each once."""
    _troubled: set[tuple[str, str]] = field(default_factory=set)

    def remark(self, path: str, words: str) -> None:
        """Say something about a step, or with an empty path about the pipeline."""
        self.remarks[path, words] = None

    def value(self, code: Code, frame: Frame, *, path: str, what: str) -> Known | None:
        """The value of an expression that is known; without one, a remark says why."""
        match self.knowing.value(code, frame):
            case Known() as known:
                return known
            case Trouble(message):
                if (path, what) not in self._troubled:  # the first of many items says enough
                    self._troubled.add((path, what))
                    self.remark(path, f"{what} cannot be computed: {message}")
            case None:
                self.remark(path, f"{what} takes too long to compute for a plan")
        return None

    def settings(
        self,
        codes: Iterable[tuple[str, Code]],
        written: Iterable[Setting],
        here: Situations,
        *,
        path: str,
    ) -> list[dict[str, Value]]:
        """The settings in these situations, each different set once; at least one set.

        What only the run knows is left out, with a remark.
        """
        expressions = {one.name: one.value for one in written}
        known: list[tuple[str, Code]] = []
        for name, code in codes:
            unknown = self.knowing.unknown_names((expressions[name],), here.scope)
            if unknown:
                self.remark(path, f"`{name}` depends on `{unknown[0]}`, so only the run knows it")
            else:
                known.append((name, code))
        if not known:
            return [{}]
        is_one = all(isinstance(expressions[name], Literal) for name, _ in known)
        found: list[dict[str, Value]] = []
        for frame, _ in here.frames[:1] if is_one else here.frames:
            values = dict(self._values(known, frame, path))
            if values not in found[-1:]:
                found.append(values)
        return found or [{}]

    def _values(
        self, codes: Iterable[tuple[str, Code]], frame: Frame, path: str
    ) -> Iterator[tuple[str, Value]]:
        for name, code in codes:
            known = self.value(code, frame, path=path, what=f"`{name}`")
            if known is not None:
                yield name, known.value
