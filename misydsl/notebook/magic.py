"""`%%misy` and `%misy`: pipelines in cells, and commands on a line.

In: what stands behind the magic, and the cell. Out: pipelines bound to names of the notebook, shown with
their graph; or the answer of a command. What is wrong is raised with its place and without Python frames.
"""

from __future__ import annotations

import argparse
import keyword
import shlex
import unicodedata
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.utils.text import DollarFormatter

from misydsl.agents.declare import AgentDeclaration
from misydsl.diagnostics.html import render_html
from misydsl.diagnostics.plain import render_all
from misydsl.failures import MisyError
from misydsl.language.check import Checked as Looked
from misydsl.notebook.errors import CellInvalid, CommandInvalid, errors_of, plainly
from misydsl.notebook.line_magics import obey
from misydsl.notebook.pipelines import CellPipeline
from misydsl.notebook.shown import show, text_shown
from misydsl.pipeline import model
from misydsl.workspace.cells import Cells, CheckedCell
from misydsl.workspace.runs import Run
from misydsl.workspace.typed_inputs import read_inputs

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@dataclass(frozen=True, slots=True)
class CellWords:
    """What stands behind `%%misy`."""

    name: str | None
    is_run: bool
    params: tuple[str, ...]
    agents: tuple[Path, ...]
    words: tuple[str, ...]


@magics_class
class MisyMagics(Magics):
    """The magics of one shell, with the cells it has executed."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self.cells = Cells()
        self.last: tuple[str, str] | None = None
        """The newest `%%misy` cell: its first line, and the rest."""

    @no_var_expand
    @line_cell_magic
    def misy(self, line: str, cell: str | None = None) -> Awaitable[Run] | None:
        """`%%misy [NAME] [-r] [-p name=value]` over a text; `%misy COMMAND` on a line."""
        try:
            if cell is None:
                return obey(self._expanded(line), self)
            self.last = (f"%%misy {line}".rstrip(), cell)
            return self._cell(read_words(line), cell)
        except MisyError as problem:
            raise plainly(problem) from None

    @property
    def here(self) -> InteractiveShell:
        """The shell it belongs to."""
        assert self.shell is not None
        return self.shell

    def _expanded(self, line: str) -> str:
        """A line with `{run.id}` and `$name` replaced, as for other line magics."""
        try:
            found: str = DollarFormatter().vformat(line, (), self.here.user_ns)
        except Exception:  # noqa: BLE001 - what a person wrote in braces may raise anything
            return line
        return found

    def _push(self, values: dict[str, object]) -> None:
        self.here.push(values)  # type: ignore[no-untyped-call]  # IPython's has no types

    def functions(self) -> dict[str, AgentDeclaration]:
        """The Python functions of the notebook that are agents, by the name a text calls them."""
        values = self.here.user_ns.values()
        return {one.name: one for one in values if isinstance(one, AgentDeclaration)}

    def check(self, text: str, name: str | None = None) -> CheckedCell:
        """What a text means after the cells before it."""
        title = f"[{name}]" if name else f"[In {self.here.execution_count}]"
        return self.cells.check(title, text, self.functions())

    def looked_at(self, text: str) -> Looked:
        """A half-written text with the types of its expressions."""
        return self.cells.look_at(text, self.functions())

    def _cell(self, words: CellWords, text: str) -> Awaitable[Run] | None:
        found = self.check(text, words.name)
        errors = errors_of(found.checked.diagnostics)
        if errors:
            raise CellInvalid(found.checked.diagnostics)
        self.cells.keep(found.cell)
        pipelines = self._bind(found, words)
        if not words.is_run:
            for one in pipelines[-1:]:
                show(one)
            if not pipelines:
                show(Declared(found))
            return None
        if not pipelines:
            raise CommandInvalid("this cell has no pipeline to run")
        return self._run(pipelines[-1], words)

    def _bind(self, found: CheckedCell, words: CellWords) -> list[CellPipeline]:
        """The cell's pipelines under their own names, the one that is meant last, and as `NAME`."""
        library = found.checked.library
        assert library is not None
        meanings = _meant_last(library)
        pipelines = [CellPipeline(one, found, self, agent_files=words.agents) for one in meanings]
        self._push({_python_name(one.name): one for one in pipelines})
        if words.name and pipelines:
            self._push({_python_name(words.name): pipelines[-1]})
        return pipelines

    def _run(self, pipeline: CellPipeline, words: CellWords) -> Awaitable[Run]:
        inputs = read_inputs(
            pipeline.name, pipeline.parameters, given=words.params, words=words.words,
            command="%%misy",
        )  # fmt: skip
        name = _python_name(words.name or pipeline.name)

        async def running() -> Run:
            run = await pipeline.arun(inputs=inputs)
            self._push({f"{name}_run": run})
            return run

        return running()


class Declared:
    """A cell without a pipeline: what it brought."""

    def __init__(self, found: CheckedCell) -> None:
        self._names, self._warnings = sorted(found.cell.brings), found.checked.diagnostics

    def _repr_html_(self) -> str:
        pre = text_shown(self._head())._repr_html_()
        return pre + (render_html(self._warnings) if self._warnings else "")

    def __repr__(self) -> str:
        warnings = f"\n\n{render_all(self._warnings)}" if self._warnings else ""
        return self._head() + warnings

    def _head(self) -> str:
        return f"declared: {', '.join(self._names) or 'nothing'}"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise CommandInvalid(f"{message}\n{self.format_usage().strip()}")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise CommandInvalid(message or f"{self.format_help().strip()}\n({status})")


def read_words(line: str) -> CellWords:
    """The words behind `%%misy`. Raises: CommandInvalid."""
    parser = _Parser(prog="%%misy", add_help=False)
    parser.add_argument("name", nargs="?")
    parser.add_argument("-r", "--run", action="store_true")
    parser.add_argument("-p", "--param", dest="params", action="append", default=[])
    parser.add_argument("--agents", type=Path, action="append", default=[])
    try:
        words = shlex.split(line)
    except ValueError as problem:
        raise CommandInvalid(f"%%misy {line}: a quote is not closed") from problem
    found = parser.parse_args(words)
    if found.name is not None and not _is_python_name(_python_name(found.name)):
        raise CommandInvalid(f"“{found.name}” cannot be a name in Python")
    for one in found.params:
        if "=" not in one:
            raise CommandInvalid(f"write it as -p name=value, not “{one}”")
    return CellWords(found.name, found.run, tuple(found.params), tuple(found.agents), tuple(words))


def _meant_last(library: model.Library) -> list[model.Pipeline]:
    """The pipelines of the main text; the last one is that which no other one calls."""
    pipelines = list(library.main.pipelines())
    called = {name for one in pipelines for name in _calls(one.block)}
    return sorted(pipelines, key=lambda one: one.name not in called)


def _calls(block: model.Block) -> set[str]:
    found: set[str] = set()
    waiting = [block]
    while waiting:
        current = waiting.pop()
        if current.call is not None:
            found.add(current.call.target)
        for step in current.steps:
            waiting += [step.block, *(one.block for one in step.otherwise), *step.fallbacks]
            waiting += [step.undo] if step.undo is not None else []
    return found


def _python_name(name: str) -> str:
    """The name as Python reads it, which makes one letter of those that look alike."""
    return unicodedata.normalize("NFKC", name).replace("-", "_")


def _is_python_name(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)
