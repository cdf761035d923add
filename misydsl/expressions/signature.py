"""What a built-in function is: how it is called, its type, its body and one documented example.

In: written down once per function, in the `functions_…` modules. Out: the checker reads `parameters`
and `result`, the evaluator calls `body` with one value per parameter (None where an optional one is not
given), the documentation shows `summary` and `example`, and a test runs every example.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from misydsl.types import ANY, ListType, Type

if TYPE_CHECKING:
    from misydsl.expressions.nodes import Expression
    from misydsl.source import Span
    from misydsl.values import Value

LIST = ListType(ANY)


class Report(Protocol):
    """Notes a problem with its facts."""

    def __call__(self, code: str, span: Span, **facts: object) -> None:
        """Note it and go on."""
        ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value a function takes; `named` ones are given as `by: "field"` and may be left out."""

    name: str
    accepts: Type = ANY
    is_optional: bool = False
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the checker sees it: types and expressions by parameter, None where not given."""

    function: str
    types: tuple[Type | None, ...]
    arguments: tuple[Expression | None, ...]
    span: Span
    report: Report

    def type_of(self, position: int) -> Type:
        """The type of an argument; `any` when it is not given."""
        return self.types[position] or ANY

    def span_of(self, position: int) -> Span:
        """Where an argument stands."""
        argument = self.arguments[position]
        return argument.span if argument is not None else self.span


@dataclass(frozen=True, slots=True)
class Function:
    """A pure, total function of the language."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Type | Callable[[Call], Type]
    body: Callable[..., Value]
    summary: str
    example: tuple[str, str]
    """An expression, and the literal it is equal to."""

    def result_of(self, call: Call) -> Type:
        """The type of a call's result."""
        return self.result(call) if callable(self.result) else self.result

    @property
    def least(self) -> int:
        """How many values must be given."""
        return sum(not parameter.is_optional for parameter in self.parameters)

    def written(self) -> str:
        """How it is called: `sort(list, by:, desc:)`."""
        names = [f"{p.name}:" if p.is_named else p.name for p in self.parameters]
        return f"{self.name}({', '.join(names)})"
