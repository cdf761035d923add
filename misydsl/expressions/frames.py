"""Where the values of names live while expressions are evaluated.

In: at compile time the names of a block, at run time their values. Out: `Names`, which gives each name
a slot, and `Frame`, the slots of one run of the block. A reference is then a list index; an inner block
is a level up. Lets are evaluated on first use and remembered in the frame that owns them.

Frames are made after everything of their block is compiled, by `Names.new_frame`, because
comprehensions take slots too. The filler of the frame owns its values; evaluation only writes lets and
loop variables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from misydsl.acceptance import Mismatch
from misydsl.expressions.limits import EvaluatorMisused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from misydsl.acceptance import Acceptor
    from misydsl.expressions.nodes import Expression
    from misydsl.values import Value


class _Unset:
    """The content of a slot nobody has written yet."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = _Unset()

Slot = Any
"""A `Value`, or `UNSET`, or what a let ended in; the readers know which, and a cast costs time."""


class InputMismatch(Mismatch):
    """A value given to a prompt that is not of its parameter's type."""

    def __init__(self, name: str, mismatch: Mismatch) -> None:
        super().__init__(mismatch.path, mismatch.expected, mismatch.got)
        self.name = name


class Frame:
    """The values of one run of a block."""

    __slots__ = ("failures", "parent", "values")

    def __init__(self, values: list[Slot], parent: Frame | None = None) -> None:
        self.values, self.parent = values, parent
        self.failures: dict[int, list[Value]] | None = None
        """By the slot of a `for` step: `{ index, item, error }` of each item that failed."""

    def up(self, levels: int) -> Frame:
        """The frame of an enclosing block."""
        frame = self
        for _ in range(levels):
            if frame.parent is None:
                raise EvaluatorMisused("a frame has fewer parents than its names have")
            frame = frame.parent
        return frame


class Let:
    """A named expression; compiled when it is first needed, in a block of its own."""

    __slots__ = ("accept", "code", "depth", "expression", "home", "name", "names", "slot")

    def __init__(
        self, expression: Expression, home: Names, slot: int, *, name: str, accept: Acceptor | None
    ) -> None:
        self.expression, self.home, self.slot = expression, home, slot
        self.name, self.accept = name, accept
        self.names = Names(home)
        self.code: Callable[[Frame], Value] | None = None
        self.depth = 0
        """How many lets hang below it; 0 until it is known."""


class PromptCode:
    """A compiled prompt: called with values by name, it gives a text."""

    __slots__ = ("accept", "home_frame", "is_elsewhere", "names", "parameters", "text")

    def __init__(
        self,
        parameters: tuple[tuple[str, Callable[[Frame], Value] | None], ...],
        text: Callable[[Frame], Value],
        names: Names,
        home_frame: Frame | None,
        *,
        accept: Mapping[str, Acceptor],
        is_elsewhere: bool,
    ) -> None:
        self.parameters, self.text = parameters, text
        self.names, self.home_frame = names, home_frame
        self.accept = accept
        self.is_elsewhere = is_elsewhere
        """Whether its text stands in another file than its callers: then its places mean nothing there."""

    def frame_for(self, given: Mapping[str, Value]) -> Frame:
        """The frame of one call; what is not given has its default, else it is null.

        Raises: `InputMismatch` for a value that is not of its parameter's type.
        """
        frame = self.names.new_frame(self.home_frame)
        for slot, (name, default) in enumerate(self.parameters):
            if name in given:
                value = given[name]
            else:
                value = default(frame) if default is not None else None
            accept = self.accept.get(name)
            frame.values[slot] = value if accept is None else _accepted(name, value, accept)
        return frame


def _accepted(name: str, value: Value, accept: Acceptor) -> Value:
    try:
        return accept(value)
    except Mismatch as mismatch:
        raise InputMismatch(name, mismatch) from None


class Names:
    """The names of a block while its expressions are compiled."""

    __slots__ = ("_slots", "lets", "parent", "prompts", "size")

    def __init__(self, parent: Names | None = None) -> None:
        self.parent = parent
        self.size = 0
        """How many slots a frame of this block needs."""
        self.lets: dict[int, Let] = {}
        self.prompts: dict[str, PromptCode] = {}
        self._slots: dict[str, int] = {}

    def declare(self, name: str) -> int:
        """The slot of a new name; its value is written by whoever fills the frame."""
        self._slots[name] = slot = self.size
        self.size += 1
        return slot

    def declare_let(
        self, name: str, expression: Expression, *, accept: Acceptor | None = None
    ) -> int:
        """The slot of a name whose value is this expression, evaluated (and accepted) on first use."""
        slot = self.declare(name)
        self.lets[slot] = Let(expression, self, slot, name=name, accept=accept)
        return slot

    def declare_variable(self, name: str) -> tuple[int, int | None]:
        """The slot of a comprehension's variable, and the slot the name had before."""
        before = self._slots.get(name)
        return self.declare(name), before

    def forget_variable(self, name: str, before: int | None) -> None:
        """The variable is out of sight; its slot stays taken."""
        if before is None:
            del self._slots[name]
        else:
            self._slots[name] = before

    def find(self, name: str) -> tuple[int, int] | None:
        """How many levels up a name is and its slot there; None when there is no such name."""
        level = 0
        names = self
        while True:
            slot = names._slots.get(name)
            if slot is not None:
                return level, slot
            if names.parent is None:
                return None
            level, names = level + 1, names.parent

    def up(self, levels: int) -> Names:
        """The names of an enclosing block."""
        names = self
        for _ in range(levels):
            if names.parent is None:
                raise EvaluatorMisused("there is no such enclosing block")
            names = names.parent
        return names

    def find_prompt(self, name: str) -> PromptCode | None:
        """The prompt of that name in this or an enclosing block."""
        names: Names | None = self
        while names is not None:
            if name in names.prompts:
                return names.prompts[name]
            names = names.parent
        return None

    def new_frame(self, parent: Frame | None = None) -> Frame:
        """A frame with every slot unset."""
        return Frame([UNSET] * self.size, parent)
