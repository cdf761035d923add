"""Pipelines as people hold them: loaded, checked, drawn, run.

In: a path or a text. Out: a `Pipeline` handle. Inputs are given by name (`min_score` and `min-score` are
the same); `run` waits, `arun` is awaited, `start` returns at once. All three work inside a running event
loop, because the engine has a loop of its own.
"""

from __future__ import annotations

import difflib
import os
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from misydsl.agents.registry import Binding
from misydsl.clock import SYSTEM_CLOCK
from misydsl.diagnostics import Diagnostic
from misydsl.failures import AgentUnknown, InputsInvalid, MisyError, SourceInvalid
from misydsl.graph.build import step_graph
from misydsl.pipeline import model
from misydsl.runner.order import Order, new_run_id
from misydsl.runner.run import start
from misydsl.runner.shelf import Shelf
from misydsl.values import Value
from misydsl.workspace.binding import connector
from misydsl.workspace.checking import Checked, check_file, check_text
from misydsl.workspace.journals import JournalPlace, open_journal
from misydsl.workspace.pictures import Picture
from misydsl.workspace.runs import Run

Agents = Mapping[str, Binding]


class Pipeline:
    """A pipeline that can be drawn and run."""

    __slots__ = ("_checked", "_path", "_shelf", "library", "meaning")

    def __init__(self, meaning: model.Pipeline, checked: Checked, path: Path | None) -> None:
        assert checked.library is not None
        self.meaning, self.library = meaning, checked.library
        self._checked, self._path = checked, path
        self._shelf = Shelf(meaning, checked.library)

    @property
    def name(self) -> str:
        """The name in the text."""
        return self.meaning.name

    @property
    def title(self) -> str | None:
        """The title in the text."""
        return self.meaning.title

    @property
    def description(self) -> str | None:
        """The `##` comment above the pipeline."""
        return self.meaning.description

    @property
    def parameters(self) -> tuple[model.Parameter, ...]:
        """Its inputs, in order."""
        return self.meaning.parameters

    def check(self) -> tuple[Diagnostic, ...]:
        """The warnings of its file (a file with errors does not load)."""
        return self._checked.diagnostics

    def graph(self) -> Picture:
        """A picture of the steps; shows itself in a notebook."""
        return Picture(step_graph(self.meaning, self.library))

    def run(
        self,
        *,
        agents: Agents | None = None,
        session: str | None = None,
        journal: JournalPlace = None,
        **inputs: object,
    ) -> Run:
        """Run to the end and return the run, whatever its status; raises for what is wrong before it."""
        run = self.start(inputs, agents=agents, session=session, journal=journal)
        run.wait()
        return run

    async def arun(
        self,
        *,
        agents: Agents | None = None,
        session: str | None = None,
        journal: JournalPlace = None,
        **inputs: object,
    ) -> Run:
        """Like `run`, for `await`; cancelling the awaiting task cancels the run."""
        run = self.start(inputs, agents=agents, session=session, journal=journal)
        return await run

    __call__ = arun

    def start(
        self,
        inputs: Mapping[str, object] | None = None,
        *,
        agents: Agents | None = None,
        agent_files: Sequence[Path | str] = (),
        session: str | None = None,
        shared: Mapping[str, Value] | None = None,
        journal: JournalPlace = None,
    ) -> Run:
        """Begin a run and return at once.

        Raises: `InputsInvalid`, `AgentUnknown`, `NotAvailableYet`, `JournalUnusable`; then nothing was
        called and no run exists.
        """
        _refuse_slips(agents or {}, self.library)
        keeper = open_journal(journal, beside=self._path)
        now = SYSTEM_CLOCK.wall()
        chance = random.SystemRandom()
        run = new_run_id(now, chance)
        files = tuple(str(Path(one).resolve()) for one in agent_files)
        order = Order(
            shelf=self._shelf,
            inputs=named_inputs(self.meaning, inputs or {}),
            journal=keeper,
            connect=connector(agents or {}, files),
            run=run,
            session=session or f"session-{run}",
            shared=shared or {},
            environment=dict(os.environ),
            agent_files=files,
            accepted_at=now,
        )
        return Run(run, keeper, start(order))

    def __repr__(self) -> str:
        inputs = ", ".join(one.name for one in self.parameters)
        return f"<pipeline {self.name}({inputs}): {len(self.meaning.block.steps)} steps>"


def load(source: Path | str, pipeline: str | None = None) -> Pipeline:
    """The pipeline of a `.misy` file, or of a text (anything with a line break or a brace).

    Raises: `SourceInvalid` with every diagnostic; `MisyError` when the file cannot be read, holds no
    pipeline, or holds several and none was named.
    """
    is_text = isinstance(source, str) and ("\n" in source or "{" in source)
    checked = check_text(str(source)) if is_text else check_file(source)
    if checked.errors or checked.library is None:
        raise SourceInvalid(checked.diagnostics)
    meaning = chosen(checked.library, pipeline)
    return Pipeline(meaning, checked, None if is_text else Path(source).resolve())


def chosen(library: model.Library, name: str | None) -> model.Pipeline:
    """The pipeline of that name, or the only one, or the only one nobody else calls."""
    found = library.main.pipelines()
    names = [one.name for one in found]
    if name is not None:
        for one in found:
            if one.name == name:
                return one
        close = difflib.get_close_matches(name, names, 1)
        hint = f" Did you mean `{close[0]}`?" if close else f" It has: {', '.join(names)}"
        raise MisyError(f"{library.main.source.name} has no pipeline `{name}`.{hint}")
    if not found:
        raise MisyError(f"{library.main.source.name} has no pipeline")
    if len(found) > 1:
        raise MisyError(
            f"{library.main.source.name} has several pipelines, say which: {', '.join(names)}"
        )
    return found[0]


def named_inputs(pipeline: model.Pipeline, given: Mapping[str, object]) -> dict[str, Value]:
    """Inputs under their declared names; raises `InputsInvalid` for unknown and missing ones."""
    known = {folded(one.name): one for one in pipeline.parameters}
    named: dict[str, Value] = {}
    for name, value in given.items():
        parameter = known.get(folded(name))
        if parameter is None:
            raise InputsInvalid(_unknown_input(pipeline, name))
        if parameter.name in named:
            raise InputsInvalid(f"`{pipeline.name}` was given `{parameter.name}` twice")
        named[parameter.name] = value  # type: ignore[assignment]  # accepted by type when it starts
    from misydsl.relations import admits_null, describe

    for one in pipeline.parameters:
        if one.name not in named and one.default is None and not admits_null(one.type):
            raise InputsInvalid(f"`{pipeline.name}` needs `{one.name}: {describe(one.type)}`")
    return named


def _refuse_slips(agents: Mapping[str, Binding], library: model.Library) -> None:
    """Raises `AgentUnknown` for a bound name that is a slip of a declared one.

    A name no agent resembles is fine: one set of agents serves many pipelines.
    """
    named = [one for module in library.modules.values() for one in module.names.values()]
    declared = {folded(one.name): one.name for one in named if isinstance(one, model.Agent)}
    missing = [name for key, name in declared.items() if key not in map(folded, agents)]
    for name in agents:
        close = difflib.get_close_matches(name, missing, 1)
        if folded(name) not in declared and close:
            raise AgentUnknown(f"there is no agent `{name}` here. Did you mean `{close[0]}`?")


def folded(name: str) -> str:
    """A name as Python sees it: `-` and `_` are one."""
    return name.replace("-", "_")


def _unknown_input(pipeline: model.Pipeline, name: str) -> str:
    names = [one.name for one in pipeline.parameters]
    close = difflib.get_close_matches(name, names, 1)
    hint = f"Did you mean `{close[0]}`?" if close else f"It takes: {', '.join(names) or 'nothing'}"
    return f"`{pipeline.name}` has no input `{name}`. {hint}"
