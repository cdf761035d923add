"""Reads the package as text and lists what breaks the plan of the house.

In: the folder of a package laid out as rooms. Out: one sentence per breach, with file and line; an
empty list is a house in order. Nothing is imported or run, so imports inside functions, under
`TYPE_CHECKING` and through `importlib.import_module("…")` are seen like any other.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.house import plan

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = (
    *(ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith),
    *(ast.Try, ast.TryStar, ast.Match),
)


@dataclass(frozen=True, slots=True)
class Module:
    """One file: `place` as people write it, `parts` its dotted name from the package on."""

    place: str
    parts: tuple[str, ...]
    is_package: bool
    tree: ast.Module
    lines: int

    @property
    def room(self) -> str:
        """The room it is in; a single module beside the rooms is its own."""
        return self.parts[1] if len(self.parts) > 1 else "__init__"

    def at(self, line: int) -> str:
        """Where a breach is, as an editor opens it."""
        return f"{self.place}:{line}"


def modules(package: Path) -> list[Module]:
    """Every module below `package`, in the order of their paths."""
    found = []
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package).with_suffix("").parts
        parts = (package.name, *(inside[:-1] if inside[-1] == "__init__" else inside))
        text = path.read_text(encoding="utf-8")
        place = path.relative_to(package.parent).as_posix()
        is_package = path.name == "__init__.py"
        found.append(Module(place, parts, is_package, ast.parse(text), text.count("\n")))
    return found


def imports(module: Module) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and absolute dotted name of everything imported; `from a import b` counts as `a.b`."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, tuple(each.name.split("."))) for each in names)
            case ast.ImportFrom(names=names):
                start = _start(module, node.level, node.module or "")
                yield from ((node.lineno, (*start, each.name)) for each in names)
            case ast.Call(func=function, args=[ast.Constant(value=str(name)), *_]) if ast.unparse(
                function
            ).rpartition(".")[2] in {"import_module", "__import__"}:
                dots = len(name) - len(name.lstrip("."))
                yield node.lineno, _start(module, dots, name[dots:])


def _start(module: Module, dots: int, name: str) -> tuple[str, ...]:
    """The absolute name that `dots` leading dots and `name` mean inside `module`."""
    stated = tuple(part for part in name.split(".") if part)
    if not dots:
        return stated
    home = module.parts if module.is_package else module.parts[:-1]
    return (*home[: len(home) - (dots - 1)], *stated)


def misplaced_imports(package: Path) -> list[str]:
    """Imports of a room beside or above, and of a package that belongs to another room."""
    rooms = {module.room for module in modules(package)}
    breaches = [f"{room} has no floor in the plan" for room in sorted(rooms) if not _floor(room)]
    for module in modules(package):
        for line, name in imports(module):
            if breach := _breach(module, name, rooms):
                breaches.append(f"{module.at(line)}: {breach}")
    return breaches


def _breach(module: Module, name: tuple[str, ...], rooms: set[str]) -> str | None:
    if name[0] in sys.stdlib_module_names:
        return None
    if name[0] != module.parts[0]:
        allowed = plan.PACKAGES.get(name[0], frozenset())
        if name[0] in plan.EVERYWHERE or module.room in allowed:
            return None
        return f"{name[0]} is not a package of room {module.room} ({_listed(allowed)})"
    room = name[1] if len(name) > 1 and name[1] in rooms else "__init__"
    if room == module.room or _floor(room) < _floor(module.room):
        return None
    return f"{module.room} imports {room}, which is not below it"


def _floor(room: str) -> int:
    """The number of a room's floor from 1; 0 is a room that the plan does not know."""
    return next((n for n, floor in enumerate(plan.FLOORS, 1) if room in floor), 0)


def _listed(rooms: frozenset[str]) -> str:
    return f"it belongs to {', '.join(sorted(rooms))}" if rooms else "it has no room in the plan"


def oversized(package: Path) -> list[str]:
    """Modules, classes and functions over their bounds, and blocks nested too deeply."""
    breaches = []
    for module in modules(package):
        if module.lines > plan.MODULE_LINES:
            breaches.append(f"{module.at(1)}: {module.lines} lines, over {plan.MODULE_LINES}")
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                breaches += _over(module, node, plan.CLASS_LINES)
            elif isinstance(node, _FUNCTIONS):
                breaches += _over(module, node, plan.FUNCTION_LINES)
                if (depth := max(map(_depth, node.body))) > plan.NESTING:
                    breaches.append(f"{module.at(node.lineno)}: {node.name} nests {depth} deep")
    return breaches


def _over(
    module: Module, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, bound: int
) -> list[str]:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    return [f"{module.at(node.lineno)}: {node.name} has {lines} lines, over {bound}"] * (
        lines > bound
    )


def _depth(node: ast.AST) -> int:
    """How many blocks hold the deepest line of `node`; an inner function starts anew."""
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.Lambda)):
        return 0
    following = _elif(node)
    inside = (each for each in ast.iter_child_nodes(node) if each is not following)
    deepest = max(map(_depth, inside), default=0) + isinstance(node, _BLOCKS)
    return max(deepest, _depth(following)) if following else deepest


def _elif(node: ast.AST) -> ast.If | None:
    """The `elif` of an `if`: an only `if` in its `else` that starts in the same column."""
    match node:
        case ast.If(orelse=[ast.If() as following]) if following.col_offset == node.col_offset:
            return following
    return None


def unnamed(package: Path) -> list[str]:
    """Names that say nothing of the field, and modules that do not say what they promise."""
    breaches = []
    for module in modules(package):
        if plan.EMPTY_MODULE_NAMES & {part.strip("_") for part in module.parts}:
            breaches.append(f"{module.at(1)}: the noun this belongs to is missing")
        if not ast.get_docstring(module.tree):
            breaches.append(f"{module.at(1)}: no docstring says what comes in and what goes out")
        breaches += [
            f"{module.at(node.lineno)}: {node.name} says what it does to things, not what it is"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ClassDef) and node.name.endswith(plan.EMPTY_CLASS_ENDINGS)
        ]
    return breaches
