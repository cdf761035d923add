"""Cells: texts that build on each other, as in a notebook.

In: the text of a cell and what it is called. Out: `CheckedCell`. A cell may use the types, agents, prompts,
lets and pipelines of earlier cells, the newest of each name, and Python functions that are agents; it
becomes a module that imports them, written behind the person's own text, so that places stay right, and a
run of it is recorded, resumed and replayed like any other. Nothing is executed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from misydsl.agents.declare import AgentDeclaration
from misydsl.language.check import Checked as Looked
from misydsl.language.check import check_source
from misydsl.language.parser import parse
from misydsl.language.syntax import BrokenItem, ImportSyntax
from misydsl.language.tokens import NAME_KINDS
from misydsl.pipeline.model import Agent, Parameter
from misydsl.relations import describe, optional
from misydsl.source import Source
from misydsl.types import Any, ListType, MapType, RecordType, Type, UnionType
from misydsl.workspace.checking import Checked, check_unsaved

PYTHON: Final = {"-": "[python]", "_": "[python_]"}
"""The modules of the Python functions that are agents: a text may write their names either way."""
UNUSED: Final = frozenset({"W0901", "W0902", "W0903"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One executed cell; `text` is the person's, `whole` what is checked."""

    key: str
    title: str
    text: str
    whole: str
    declares: frozenset[str]
    uses: Mapping[str, str]
    """Names of other cells, and the keys of those."""


@dataclass(frozen=True, slots=True)
class CheckedCell:
    """A cell and what is wrong with it."""

    cell: Cell
    checked: Checked


@dataclass(slots=True)
class Cells:
    """The cells of one notebook, in the order they were executed."""

    folder: Path = field(default_factory=Path.cwd)
    _cells: dict[str, Cell] = field(default_factory=dict)
    _home: dict[str, str] = field(default_factory=dict)
    """Name → key of the newest cell that declares it."""
    _count: dict[str, int] = field(default_factory=dict)

    def check(
        self, title: str, text: str, functions: Mapping[str, AgentDeclaration] | None = None
    ) -> CheckedCell:
        """What a cell means after those before it; it is not kept."""
        cell = self._cell(title, text, functions or {})
        checked = self._checked(cell, functions or {})
        if checked.errors:  # with all names at hand, a slip finds the one that is meant
            open_cell = self._cell(title, text, functions or {}, is_open=True)
            checked = self._checked(open_cell, functions or {})
        return CheckedCell(cell, checked)

    def look_at(self, text: str, functions: Mapping[str, AgentDeclaration] | None = None) -> Looked:
        """A text that may be half written, with the types of its expressions; for completion."""
        cell = self._cell("[here]", text, functions or {}, is_open=True)
        source = Source(cell.title, cell.whole, self.folder / cell.key)
        read = self._reader(functions or {})
        return check_source(source, root=self.folder, read=read, with_types=True)

    def keep(self, cell: Cell) -> None:
        """The cell was executed: later ones may use its names, in place of older ones."""
        self._cells[cell.key] = cell
        self._count[cell.title] = self._count.get(cell.title, 0) + 1
        for name in cell.declares:
            self._home[name] = cell.key

    def is_current(self, cell: Cell) -> bool:
        """Whether everything it uses is still what its name means."""
        return all(self._home.get(name, key) == key for name, key in cell.uses.items())

    def names(self) -> tuple[str, ...]:
        """Every name that a new cell could use."""
        return tuple(sorted(self._home))

    def _cell(
        self,
        title: str,
        text: str,
        functions: Mapping[str, AgentDeclaration],
        *,
        is_open: bool = False,
    ) -> Cell:
        """The cell with its imports: of the names it mentions, or of all while it is written."""
        version = self._count.get(title, 0)
        key = title if version == 0 else f"{title}#{version + 1}"
        parsed = parse(Source(title, text))
        declares = frozenset(_declared(parsed.tree.declarations))
        imported = frozenset(_imported(parsed.tree.declarations))
        mentioned = {text for kind, text in parsed.tokens if kind in NAME_KINDS}
        ambient = {**_python_names(functions), **self._home}
        uses = {
            name: home
            for name, home in ambient.items()
            if (is_open or name in mentioned) and name not in declares and name not in imported
        }
        return Cell(key, title, text, text + _imports(uses), declares, uses)

    def _checked(self, cell: Cell, functions: Mapping[str, AgentDeclaration]) -> Checked:
        source = Source(cell.title, cell.whole, self.folder / cell.key)
        checked = check_unsaved(source, folder=self.folder, read=self._reader(functions))
        own = tuple(
            one
            for one in checked.diagnostics
            if one.is_error or (one.code not in UNUSED and one.span.start <= len(cell.text))
        )
        return Checked(checked.source, checked.library, own)

    def _reader(self, functions: Mapping[str, AgentDeclaration]) -> Callable[[Path], Source]:
        """What gives the texts that a cell imports: other cells, and files of the folder."""
        texts = {one.key: one.whole for one in self._cells.values()}
        for glue, key in PYTHON.items():
            texts[key] = python_module(functions.values(), glue)

        def read(path: Path) -> Source:
            text = texts.get(path.name) if path.parent == self.folder else None
            if text is None:
                return Source(path.name, path.read_text(encoding="utf-8"), path)
            return Source(path.name.partition("#")[0], text, path)

        return read


def python_module(functions: Iterable[AgentDeclaration], glue: str = "-") -> str:
    """The declarations of Python functions as agents, in the language, their words joined by `glue`."""
    declared = list(functions)
    named = {
        record.name: record
        for one in declared
        for type_ in (one.result, *(parameter.type for parameter in one.parameters))
        for record in _named_records(type_)
    }
    types = (
        f"type {name} = {describe(replace(record, name=None))}" for name, record in named.items()
    )
    return "\n".join(["misy 1", *types, *(_agent(one, glue) for one in declared), ""])


def _named_records(type_: Type) -> Iterator[RecordType]:
    """The records with a name that a type is made of: Python's classes."""
    match type_:
        case RecordType(fields=fields, name=name):
            for one in fields:
                yield from _named_records(one.type)
            if name is not None:
                yield type_
        case ListType(item=inner) | MapType(value=inner):
            yield from _named_records(inner)
        case UnionType(members=members):
            for member in members:
                yield from _named_records(member)
        case _:
            return


def _python_names(functions: Iterable[str]) -> dict[str, str]:
    """Each way to write the names of functions, and the module that has it so."""
    found: dict[str, str] = {}
    for glue, key in reversed(PYTHON.items()):  # a name of one word is that of the first
        found.update(dict.fromkeys((_glued(one, glue) for one in functions), key))
    return found


def _glued(name: str, glue: str) -> str:
    return name.replace("_", glue).replace("-", glue)


def agent_of(declaration: AgentDeclaration) -> Agent:
    """A Python function as the agent it declares."""
    return Agent(
        declaration.name,
        declaration.parameters,
        declaration.result,
        is_open=declaration.is_open,
        title=declaration.title,
        description=declaration.description,
    )


def _agent(declaration: AgentDeclaration, glue: str) -> str:
    agent = agent_of(declaration)
    inputs = [_parameter(one, declaration) for one in agent.parameters]
    inputs += ["..."] if agent.is_open else []
    result = "" if isinstance(agent.result, Any) else f" -> {describe(agent.result)}"
    return f"agent {_glued(agent.name, glue)}({', '.join(inputs)}){result}"


def _parameter(one: Parameter, declaration: AgentDeclaration) -> str:
    """One input; what the function has a default for may be left out."""
    intake = (declaration.intake or {}).get(one.name.replace("-", "_"))
    is_required = intake is None or intake.is_required
    return f"{one.name}: {describe(one.type if is_required else optional(one.type))}"


def _declared(declarations: Iterable[object]) -> Iterable[str]:
    for one in declarations:
        if not isinstance(one, BrokenItem | ImportSyntax):
            yield one.name.text  # type: ignore[attr-defined]  # every other declaration has a name


def _imported(declarations: Iterable[object]) -> Iterable[str]:
    for one in declarations:
        if isinstance(one, ImportSyntax):
            yield from (name.alias.text for name in one.names)


def _imports(uses: Mapping[str, str]) -> str:
    """The lines behind a cell that bring what it uses from others."""
    by_home: dict[str, list[str]] = {}
    for name, home in sorted(uses.items()):
        by_home.setdefault(home, []).append(name)
    lines = [f'import {{ {", ".join(names)} }} from "./{home}"' for home, names in by_home.items()]
    return "".join(f"\n{line}" for line in lines) + ("\n" if lines else "")
