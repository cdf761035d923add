"""Reading expressions: the model's own way of finding what a name means.

In: an expression and the scope it stands in. Out: its value, or `Fails`. Each expression is compiled alone,
its free names being the slots of one frame, and each name is looked up from the inside out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from misydsl.expressions.evaluate import EvaluationError, compile_expression
from misydsl.expressions.frames import Frame, Names
from misydsl.expressions.free import free_names
from misydsl.expressions.nodes import Expression
from misydsl.failures import FailureKind
from misydsl.pipeline.dependencies import dependencies
from misydsl.pipeline.model import Block, Let, Library, Setting
from misydsl.values import Value

Code = Callable[[Frame], Value]
Compiled = tuple[Expression, Names, Code, list[tuple[str, int]]]


class Fails(Exception):
    """Something came to a failure."""

    def __init__(self, kind: FailureKind | None) -> None:
        self.kind = kind
        super().__init__(kind)


@dataclass
class Scope:
    """Names and values of a block and what is around it."""

    around: Scope | None = None
    values: dict[str, Value] = field(default_factory=dict)
    lets: dict[str, Let] = field(default_factory=dict)
    failures: dict[str, list[Value]] = field(default_factory=dict)

    def home(self, name: str) -> Scope | None:
        """The scope a name belongs to."""
        scope: Scope | None = self
        while scope is not None and name not in scope.values and name not in scope.lets:
            scope = scope.around
        return scope


@dataclass
class Reader:
    """Reads the expressions of one program; may be used for any number of runs."""

    library: Library
    known: dict[int, Compiled] = field(default_factory=dict)
    blocks: dict[int, tuple[Block, list[tuple[int, ...]]]] = field(default_factory=dict)

    def module(self) -> Scope:
        """The names of the module."""
        names = self.library.main.names
        return Scope(lets={name: one for name, one in names.items() if isinstance(one, Let)})

    def needs(self, block: Block) -> list[tuple[int, ...]]:
        """Which steps each step of a block waits for."""
        if id(block) not in self.blocks:
            self.blocks[id(block)] = block, [one.all for one in dependencies(block)]
        return self.blocks[id(block)][1]

    def settings(
        self, settings: Sequence[Setting], scope: Scope, *, but: Sequence[str] = ()
    ) -> dict[str, Value]:
        """What settings say."""
        return {one.name: self.value(one.value, scope) for one in settings if one.name not in but}

    def value(self, expression: Expression, scope: Scope) -> Value:
        """The value of an expression; raises `Fails`."""
        _, names, code, slots = self._compiled(expression)
        frame = names.new_frame()
        for name, slot in slots:
            home = scope.home(name)
            assert home is not None, name
            if name not in home.values:
                home.values[name] = self.value(home.lets[name].value, home)
            frame.values[slot] = home.values[name]
            if name in home.failures:
                frame.failures = {**(frame.failures or {}), slot: home.failures[name]}
        try:
            return code(frame)
        except EvaluationError as problem:
            raise Fails("evaluation") from problem

    def _compiled(self, expression: Expression) -> Compiled:
        found = self.known.get(id(expression))
        if found is None:
            names = Names()
            slots = [(name, names.declare(name)) for name in sorted(free_names(expression))]
            found = expression, names, compile_expression(expression, names), slots
            self.known[id(expression)] = found
        return found
