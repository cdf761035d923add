"""A pipeline of a cell: it knows the notebook's agents, and follows cells that are executed again.

In: a checked cell and the notebook it is in. Out: a `Pipeline` like any other, whose runs bind the Python
functions of the notebook, and which is checked anew when a cell that it uses was executed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from misydsl.agents.declare import AgentDeclaration
from misydsl.agents.registry import Binding
from misydsl.notebook.errors import CellInvalid, errors_of
from misydsl.pipeline import model
from misydsl.values import Value
from misydsl.workspace.cells import Cells, CheckedCell
from misydsl.workspace.journals import JournalPlace
from misydsl.workspace.pipelines import Pipeline, folded
from misydsl.workspace.runs import Run

if TYPE_CHECKING:
    from misydsl.workspace.forecasts import Forecast


class Notebook(Protocol):
    """What a pipeline needs of the notebook it stands in."""

    cells: Cells

    def functions(self) -> dict[str, AgentDeclaration]:
        """The Python functions that are agents."""
        ...


class CellPipeline(Pipeline):
    """A pipeline that stands in a cell."""

    __slots__ = ("_agent_files", "_found", "_moment", "_notebook")

    def __init__(
        self,
        meaning: model.Pipeline,
        found: CheckedCell,
        notebook: Notebook,
        *,
        agent_files: Sequence[Path] = (),
    ) -> None:
        super().__init__(meaning, found.checked, None)
        self._found, self._notebook = found, notebook
        self._agent_files = tuple(agent_files)
        self._moment = notebook.cells.moment(notebook.functions())

    def start(
        self,
        inputs: Mapping[str, object] | None = None,
        *,
        agents: Mapping[str, Binding] | None = None,
        agent_files: Sequence[Path | str] = (),
        bound_from: Sequence[Path | str] = (),
        session: str | None = None,
        shared: Mapping[str, Value] | None = None,
        journal: JournalPlace = None,
        cache: bool = True,
        run: str | None = None,
        why: str = "",
    ) -> Run:
        """Begin a run and return at once; see `Pipeline.start`."""
        self._follow()
        return super().start(
            inputs,
            agents=self._with_functions(agents),
            agent_files=agent_files or self._agent_files,
            bound_from=bound_from,
            session=session,
            shared=shared,
            journal=journal,
            cache=cache,
            run=run,
            why=why,
        )

    def plan(
        self,
        *,
        inputs: Mapping[str, object] | None = None,
        agents: Mapping[str, Binding] | None = None,
        agent_files: Sequence[Path | str] = (),
        journal: JournalPlace = None,
        cache: bool = True,
        **named: object,
    ) -> Forecast:
        """What a run may come to; see `Pipeline.plan`."""
        self._follow()
        return super().plan(
            inputs=inputs,
            agents=self._with_functions(agents),
            agent_files=agent_files or self._agent_files,
            journal=journal,
            cache=cache,
            **named,
        )

    def _with_functions(self, agents: Mapping[str, Binding] | None) -> dict[str, Binding]:
        """The functions of the notebook that it calls, and what is given, which wins."""
        modules = self.library.modules.values()
        called = {folded(name) for one in modules for name in one.names}
        functions = self._notebook.functions()
        known = {folded(name): one for name, one in functions.items() if folded(name) in called}
        return {**known, **{folded(name): one for name, one in (agents or {}).items()}}

    def _follow(self) -> None:
        """Mean what the cells and the functions mean now. Raises: CellInvalid."""
        cells, functions = self._notebook.cells, self._notebook.functions()
        moment = cells.moment(functions)
        if moment == self._moment:
            return
        found = cells.check_again(self._found.cell, functions)
        if errors_of(found.checked.diagnostics) or found.checked.library is None:
            raise CellInvalid(found.checked.diagnostics)
        meaning = found.checked.library.find(found.checked.library.entry, self.name)
        assert isinstance(meaning, model.Pipeline), self.name
        super().__init__(meaning, found.checked, None)
        self._found, self._moment = found, moment
