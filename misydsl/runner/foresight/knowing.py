"""Knowing: which expressions have a value before the run, and what it is.

In: a library, and the names of each block with whether they are known. Out: values of expressions that only
stand on inputs, lets and `env`; what depends on a step, an item, a secret or on the run itself is not known.
Found from names alone, in time linear in the text. What takes too long to compute counts as unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.expressions.evaluate import EvaluationError
from misydsl.expressions.frames import Frame
from misydsl.expressions.free import called_names, free_names
from misydsl.expressions.limits import EvaluatorMisused
from misydsl.expressions.nodes import Expression, Literal
from misydsl.pipeline.model import Let, Library, Prompt
from misydsl.runner.program import Code
from misydsl.values import Value

PATIENCE_S: Final = 5.0
"""How long all expressions of one plan may take; single ones are bounded by the language."""
_ONLY_IN_A_RUN: Final = frozenset({"run", "secret"})

Key = tuple[str, str]
Name = TypeVar("Name", str, Key)


@dataclass(frozen=True, slots=True)
class Known:
    """An expression has this value."""

    value: Value


@dataclass(frozen=True, slots=True)
class Trouble:
    """An expression will have no value in the run either: why."""

    message: str


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that can be seen in a block, each with whether it is known; `module` is its file's key."""

    module: str
    names: Mapping[str, bool] = field(default_factory=dict)
    parent: Scope | None = None

    def find(self, name: str) -> bool | None:
        """Whether a name of this or an enclosing block is known; None when there is no such name."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                return found
            scope = scope.parent
        return None


class Knowing:
    """Tells what is known; used by one thread for one plan."""

    def __init__(self, library: Library, clock: Clock = SYSTEM_CLOCK) -> None:
        self._library, self._clock = library, clock
        self._unforeseen = _unforeseen(library)
        self._gives_up_at = clock.monotonic() + PATIENCE_S

    @property
    def is_out_of_patience(self) -> bool:
        """Whether nothing is computed any more."""
        return self._clock.monotonic() >= self._gives_up_at

    def unknown_names(self, expressions: Iterable[Expression], scope: Scope) -> list[str]:
        """The names that keep these expressions from being known, each once."""
        found: dict[str, None] = {}
        for expression in expressions:
            if not isinstance(expression, Literal):
                names = free_names(expression) | called_names(expression)
                unknown = (name for name in sorted(names) if not self._is_known(name, scope))
                found.update(dict.fromkeys(unknown))
        return list(found)

    def knows(self, expression: Expression, scope: Scope) -> bool:
        """Whether an expression can be computed before the run."""
        return not self.unknown_names((expression,), scope)

    def inside(self, scope: Scope, names: Mapping[str, bool], lets: Iterable[Let] = ()) -> Scope:
        """The scope of a block within another, its lets known where all they need is."""
        declared = Scope(scope.module, names, scope)
        needs = {let.name: free_names(let.value) | called_names(let.value) for let in lets}
        if not needs:
            return declared
        users: defaultdict[str, list[str]] = defaultdict(list)
        unknown: list[str] = []
        for name, needed in needs.items():
            for each in needed:
                if each in needs:
                    users[each].append(name)
                elif not self._is_known(each, declared):
                    unknown.append(name)
        lost = _reached(unknown, users)
        return Scope(scope.module, {**names, **{name: name not in lost for name in needs}}, scope)

    def value(self, code: Code, frame: Frame) -> Known | Trouble | None:
        """The value of an expression that is known; None when that takes too long."""
        if self.is_out_of_patience:
            return None
        try:
            return Known(code(frame))
        except EvaluationError as problem:
            return Trouble(problem.message)
        except EvaluatorMisused:
            return None

    def _is_known(self, name: str, scope: Scope) -> bool:
        found = scope.find(name)
        if found is not None:
            return found
        if name in _ONLY_IN_A_RUN:
            return False
        declared = self._library.find(scope.module, name)
        if not isinstance(declared, Let | Prompt):
            return True  # `env`, or the name of a function
        return (declared.module, declared.name) not in self._unforeseen


def _unforeseen(library: Library) -> set[Key]:
    """The lets and prompts of all modules that depend on what only a run knows."""
    users: defaultdict[Key, list[Key]] = defaultdict(list)
    unknown: list[Key] = []
    own = (
        one
        for module in library.modules.values()
        for one in module.names.values()
        if isinstance(one, Let | Prompt) and one.module == module.key
    )
    for one in own:
        key = (one.module, one.name)
        for name in _needs(one):
            declared = library.find(one.module, name)
            if isinstance(declared, Let | Prompt):
                users[declared.module, declared.name].append(key)
            elif name in _ONLY_IN_A_RUN:
                unknown.append(key)
    return _reached(unknown, users)


def _needs(declared: Let | Prompt) -> set[str]:
    if isinstance(declared, Let):
        return {*free_names(declared.value), *called_names(declared.value)}
    names = {*free_names(declared.text), *called_names(declared.text)}
    for parameter in declared.parameters:
        if parameter.default is not None:
            names |= free_names(parameter.default) | called_names(parameter.default)
    return names - {parameter.name for parameter in declared.parameters}


def _reached(starts: Iterable[Name], users: Mapping[Name, list[Name]]) -> set[Name]:
    """Everything that needs one of these, however far away."""
    found: set[Name] = set()
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += users.get(name, ())
    return found
