"""Cells: texts that build on each other, as in a notebook.

In: the text of a cell and what it is called. Out: `CheckedCell`. A cell may use the types, agents, prompts,
lets and pipelines of earlier cells and what those import, the newest of each name, and Python functions that
are agents; it becomes a module that imports them, written behind the person's own text, so that places stay
right, and a run of it is recorded, resumed and replayed like any other. When a cell is executed again, the
cells that use it mean the new one. Nothing is executed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from misydsl.diagnostics import Diagnostic
from misydsl.language.check import Checked as Looked
from misydsl.language.check import check_source
from misydsl.language.parser import Parsed, parse
from misydsl.language.tokens import NAME_KINDS
from misydsl.source import Source, Span
from misydsl.workspace.cell_names import Origin, declared_in, imported_in, imports_of
from misydsl.workspace.checking import Checked, check_unsaved
from misydsl.workspace.python_agents import Functions, python_homes, python_modules

UNUSED: Final = frozenset({"W0901", "W0902", "W0903"})
"""What a cell declares and does not use, a later one may."""
HIDING: Final = "E0204"
"""A name that means something outside already; an earlier cell's gives way to it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One executed cell; `text` is the person's, `whole` what is checked."""

    key: str
    title: str
    text: str
    brings: Mapping[str, Origin]
    """What later cells may use of it: what it declares, and what it imports."""
    uses: Mapping[str, Origin]
    """What it uses of others."""

    @property
    def whole(self) -> str:
        """The text with the imports of what it uses behind it."""
        return self.text + imports_of(self.uses)


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
    _newest: dict[str, Origin] = field(default_factory=dict)
    """Each name, and where the newest cell has it from."""
    _times: dict[str, int] = field(default_factory=dict)
    """How often a cell of each title was executed."""

    def check(self, title: str, text: str, functions: Functions | None = None) -> CheckedCell:
        """What a cell means after those before it; it is not kept."""
        known = functions or {}
        cell = self._cell(title, text, known)
        checked = self._checked(cell, known)
        hiding = {_written(one) for one in checked.errors if one.code == HIDING} & {*cell.uses}
        if hiding:
            uses = {name: origin for name, origin in cell.uses.items() if name not in hiding}
            cell = replace(cell, uses=uses)
            checked = self._checked(cell, known)
        if checked.errors:  # with all names at hand, a slip finds the one that is meant
            whole = self._cell(title, text, known, is_open=True)
            uses = {name: origin for name, origin in whole.uses.items() if name not in hiding}
            checked = self._checked(replace(whole, uses=uses), known)
        return CheckedCell(cell, checked)

    def check_again(self, cell: Cell, functions: Functions | None = None) -> CheckedCell:
        """What an executed cell means now, after others were executed again."""
        current = self._cells.get(cell.key, cell)
        return CheckedCell(current, self._checked(current, functions or {}))

    def look_at(self, text: str, functions: Functions | None = None) -> Looked:
        """A text that may be half written, with the types of its expressions; for completion."""
        cell = self._cell("[here]", text, functions or {}, is_open=True)
        source = Source(cell.title, cell.whole, self.folder / cell.key)
        read = self._reader(functions or {})
        return check_source(source, root=self.folder, read=read, with_types=True)

    def keep(self, cell: Cell) -> None:
        """The cell was executed: it and earlier ones use its names, in place of older ones."""
        self._cells[cell.key] = cell
        self._times[cell.title] = self._times.get(cell.title, 0) + 1
        self._newest.update(cell.brings)
        for key in self._cells:
            self._follow(key)

    def moment(self, functions: Functions) -> tuple[int, str]:
        """Equal to an earlier one when no cell was executed since and no function differs."""
        return sum(self._times.values()), "\n".join(python_modules(functions).values())

    def names(self) -> tuple[str, ...]:
        """Every name that a new cell could use."""
        return tuple(sorted(self._newest))

    def _cell(self, title: str, text: str, functions: Functions, *, is_open: bool = False) -> Cell:
        """The cell with the names that it mentions, or with all of them while it is written."""
        times = self._times.get(title, 0)
        key = title if times == 0 else f"{title}#{times + 1}"
        parsed = parse(Source(title, text))
        brings = {name: Origin(key, name) for name in declared_in(parsed.tree)}
        brings |= imported_in(parsed.tree)
        mentioned = {text for kind, text in parsed.tokens if kind in NAME_KINDS}
        ambient = self._ambient(functions)
        names = _one_spelling(ambient, mentioned, brings) if is_open else mentioned
        uses = {
            name: origin for name, origin in ambient.items() if name in names and name not in brings
        }
        return Cell(key, title, text, brings, uses)

    def _ambient(self, functions: Functions) -> dict[str, Origin]:
        python = {name: Origin(key, name) for name, key in python_homes(functions).items()}
        return {**python, **self._newest}

    def _follow(self, key: str) -> None:
        """Let a cell use the newest of each name, save where a circle would come of it."""
        cell = self._cells[key]
        uses = dict(cell.uses)
        for name, origin in cell.uses.items():
            newest = self._newest.get(name, origin)
            if newest != origin and not self._reaches(newest.home, key):
                uses[name] = newest
        self._cells[key] = replace(cell, uses=uses)

    def _reaches(self, start: str, goal: str) -> bool:
        """Whether a cell uses another, through however many."""
        waiting, seen = [start], {start}
        while waiting:
            current = waiting.pop()
            if current == goal:
                return True
            cell = self._cells.get(current)
            homes = {one.home for one in cell.uses.values()} if cell is not None else set()
            waiting += homes - seen
            seen |= homes
        return False

    def _checked(self, cell: Cell, functions: Functions) -> Checked:
        source = Source(cell.title, cell.whole, self.folder / cell.key)
        checked = check_unsaved(source, folder=self.folder, read=self._reader(functions))
        titles = {one.title for one in self._cells.values()} | set(python_modules(functions))
        found: list[Diagnostic] = []
        for one in checked.diagnostics:
            if one.source.text == source.text:  # an older cell may have the same title
                found += _in_the_text(one, cell)
            elif one.is_error or one.source.name not in titles:  # their warnings were told there
                found.append(one)
        return Checked(checked.source, checked.library, tuple(found))

    def _reader(self, functions: Functions) -> Callable[[Path], Source]:
        """What gives the texts that a cell imports: other cells, and files of the folder."""
        texts = {one.key: (one.title, one.whole) for one in self._cells.values()}
        texts |= {key: (key, text) for key, text in python_modules(functions).items()}

        def read(path: Path) -> Source:
            found = texts.get(path.name) if path.parent == self.folder else None
            if found is None:
                return Source(path.name, path.read_text(encoding="utf-8"), path)
            return Source(found[0], found[1], path)

        return read


def _one_spelling(ambient: Iterable[str], mentioned: set[str], brings: Iterable[str]) -> set[str]:
    """The names that can stand together: one of those that differ by `-` and `_`."""
    taken = {name.replace("-", "_") for name in brings}
    chosen: dict[str, str] = {}
    for name in sorted(ambient, key=lambda one: one in mentioned):  # what is mentioned wins
        chosen[name.replace("-", "_")] = name
    return {name for folded, name in chosen.items() if folded not in taken}


def _in_the_text(found: Diagnostic, cell: Cell) -> list[Diagnostic]:
    """A diagnostic of a cell, at a place that the person wrote; none where there is no such place."""
    own = Source(cell.title, cell.text)
    end = len(cell.text)
    if not found.is_error and (found.code in UNUSED or found.span.start > end):
        return []
    if found.span.end <= end:
        return [replace(found, source=own)]
    if found.span.start <= end:
        return [replace(found, source=own, span=Span(found.span.start, end), fix=None)]
    place = _mention(parse(own), _written(found), cell.uses)
    return [replace(found, source=own, span=place, fix=None)] if place is not None else []


def _mention(parsed: Parsed, written: str, uses: Mapping[str, Origin]) -> Span | None:
    """Where a text first mentions what one of its imports is about: a name, or the whole line."""
    path = written.strip('"')
    names = {name for name, origin in uses.items() if name == written or path == f"./{origin.home}"}
    for index, (kind, text) in enumerate(parsed.tokens):
        if kind in NAME_KINDS and text in names:
            start = parsed.tokens.starts[index]
            return Span(start, start + len(text))
    return None


def _written(found: Diagnostic) -> str:
    return found.source.text[found.span.start : found.span.end]
