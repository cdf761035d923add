"""Which names an expression may use, and their types at that place.

In: bindings made by the checker (parameters, lets, steps, loop variables, `env`, `secret`, `run`,
`previous`, `error`). Out: `TypeScope`, an immutable chain: a child sees its parents, and a narrowed
scope knows more about a path such as `review.score` than its declaration says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from misydsl.expressions.nodes import Expression
    from misydsl.types import Type

Path = tuple[str, ...]
"""`("review", "score")` for `review.score`."""
Narrowings = dict[Path, "Type"]


class Known(NamedTuple):
    """What is known of paths where a condition is true, and where it is false."""

    true: Narrowings
    false: Narrowings


@dataclass(frozen=True, slots=True)
class NamesInSight:
    """The names to guess from, each once; looked up when somebody asks, which costs their number."""

    scope: TypeScope

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(self.scope.names()))


@dataclass(frozen=True, slots=True)
class PromptType:
    """How a prompt is called: each parameter with its type and whether it has a default."""

    parameters: Mapping[str, tuple[Type, bool]]


class TypeScope:
    """The names in sight; never changed, only extended by `child` and `narrow`."""

    __slots__ = ("agents", "bindings", "known", "narrowed", "parent", "prompts")

    def __init__(
        self,
        bindings: Mapping[str, Type] | None = None,
        *,
        prompts: Mapping[str, PromptType] | None = None,
        agents: frozenset[str] = frozenset(),
    ) -> None:
        self.bindings: Mapping[str, Type] = bindings or {}
        self.narrowed: Mapping[Path, Type] = {}
        self.parent: TypeScope | None = None
        self.prompts: Mapping[str, PromptType] = prompts or {}
        self.agents = agents
        self.known: dict[int, tuple[Expression, Known]] = {}
        """What conditions looked at here say, by the identity of each: `a and b and c` asks for
        `a and b` again and again."""

    def child(self, bindings: Mapping[str, Type]) -> TypeScope:
        """A scope inside this one with more names."""
        inner = TypeScope(bindings, prompts=self.prompts, agents=self.agents)
        inner.parent = self
        return inner

    def narrow(self, path: Path, type_: Type) -> TypeScope:
        """The same names, where the value at `path` is known to be of `type_`."""
        return self.narrow_all({path: type_})

    def narrow_all(self, types: Mapping[Path, Type]) -> TypeScope:
        """The same names, where several paths are known better."""
        if not types:
            return self
        inner = self.child({})
        inner.narrowed = types
        return inner

    def lookup(self, name: str) -> Type | None:
        """The type of a name here, narrowed; None when there is no such name."""
        return self.type_at((name,))

    def type_at(self, path: Path) -> Type | None:
        """The type of a path that is a name or was narrowed; None otherwise."""
        name, is_name = path[0], len(path) == 1
        scope: TypeScope | None = self
        while scope is not None:
            if path in scope.narrowed:
                return scope.narrowed[path]
            if name in scope.bindings:
                return scope.bindings[name] if is_name else None
            scope = scope.parent
        return None

    def names(self) -> Iterator[str]:
        """Every name in sight, the innermost first."""
        scope: TypeScope | None = self
        while scope is not None:
            yield from scope.bindings
            scope = scope.parent
