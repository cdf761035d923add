"""Pipelines as people hold them: loaded, checked, drawn, run.

In: a path or a text. Out: a `Pipeline` handle. Inputs are given by name (`min_score` and `min-score` are
the same), or in a mapping; `run` waits, `arun` is awaited, `start` returns at once. All three work inside a running event
loop, because the engine has a loop of its own.
"""

from __future__ import annotations

import difflib
import os
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from misydsl.agents.registry import Binding
from misydsl.clock import SYSTEM_CLOCK
from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.findings import Findings
from misydsl.failures import AgentUnknown, InputsInvalid, MisyError, SourceInvalid
from misydsl.graph.build import step_graph
from misydsl.pipeline import model
from misydsl.runner.order import Order, new_run_id
from misydsl.runner.shelf import Shelf
from misydsl.values import Value, with_article
from misydsl.workspace.binding import connector, recorded_files
from misydsl.workspace.checking import Checked, check_file, check_text
from misydsl.workspace.forms import told_of
from misydsl.workspace.journals import JournalPlace, open_journal
from misydsl.workspace.pictures import Picture
from misydsl.workspace.runs import Run, begin
from misydsl.workspace.watching import board

if TYPE_CHECKING:
    from misydsl.workspace.forecasts import Forecast

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
        """The warnings of its file (a file with errors does not load); they show themselves."""
        return Findings(self._checked.diagnostics)

    def graph(self) -> Picture:
        """A picture of the steps; shows itself in a notebook."""
        return Picture(step_graph(self.meaning, self.library))

    def run(
        self,
        *,
        inputs: Mapping[str, object] | None = None,
        agents: Agents | None = None,
        session: str | None = None,
        journal: JournalPlace = None,
        **named: object,
    ) -> Run:
        """Run to the end and return the run, whatever its status; raises for what is wrong before it.

        Inputs come by name. Those named like a parameter of this method (`inputs`, `agents`, `session`,
        `journal`) come in the mapping: `run(inputs={"session": "s-1"}, topic="ia")`.
        """
        run = self.start(together(inputs, named), agents=agents, session=session, journal=journal)
        run.wait()
        return run

    async def arun(
        self,
        *,
        inputs: Mapping[str, object] | None = None,
        agents: Agents | None = None,
        session: str | None = None,
        journal: JournalPlace = None,
        **named: object,
    ) -> Run:
        """Like `run`, for `await`; cancelling the awaiting task cancels the run."""
        run = self.start(together(inputs, named), agents=agents, session=session, journal=journal)
        show = board()
        if show is not None:
            await show(run)
        return await run

    __call__ = arun

    def start(
        self,
        inputs: Mapping[str, object] | None = None,
        *,
        agents: Agents | None = None,
        agent_files: Sequence[Path | str] = (),
        bound_from: Sequence[Path | str] = (),
        session: str | None = None,
        shared: Mapping[str, Value] | None = None,
        journal: JournalPlace = None,
        cache: bool = True,
        run: str | None = None,
        why: str = "",
    ) -> Run:
        """Begin a run and return at once; `cache=False` makes every call anew.

        `run` is an id to use; `why` is recorded, and the files `agents` were read from (`bound_from`), for a resume.
        What is given wins over what a request in JSON brought. Raises: `InputsInvalid`, `AgentUnknown`,
        `PipelineTooLarge`, `JournalUnusable`, `RunBusy` (an id that exists); then no run was made, nothing called.
        """
        _refuse_slips(agents or {}, self.library)
        told_session, told_shared = told_of(self.library)
        _refuse_unprintable(session := session or told_session)
        keeper, now = open_journal(journal, beside=self._path), SYSTEM_CLOCK.wall()
        order = Order(
            shelf=self._shelf,
            inputs=named_inputs(self.meaning, inputs or {}),
            journal=keeper,
            connect=connector(agents or {}, agent_files),
            run=(run := run or new_run_id(now, random.SystemRandom())),
            session=session or f"session-{run}",
            shared=told_shared if shared is None else shared,
            environment=dict(os.environ),
            agent_files=recorded_files((*agent_files, *bound_from), keeper),
            accepted_at=now,
            uses_cache=cache,
            why=why,
        )
        return begin(order, agents)

    def plan(
        self,
        *,
        inputs: Mapping[str, object] | None = None,
        agents: Agents | None = None,
        agent_files: Sequence[Path | str] = (),
        journal: JournalPlace = None,
        cache: bool = True,
        **named: object,
    ) -> Forecast:
        """What a run with these inputs may come to: calls, time, cost, cache. Nothing is called.

        Inputs may be left out; what depends on them is then unknown. Raises: `InputsInvalid`,
        `AgentUnknown`, `PipelineTooLarge`, as a run would.
        """
        from misydsl.workspace.planning import Intention, forecast

        _refuse_slips(agents or {}, self.library)
        given = given_inputs(self.meaning, together(inputs, named))
        keeper = open_journal(journal, beside=self._path, is_reading=True)
        return forecast(
            Intention(self._shelf, given, keeper, agents or {}, agent_files, asks_cache=cache)
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from misydsl.workspace.reports import pipeline_bundle

        return pipeline_bundle(self)

    def __repr__(self) -> str:
        inputs = ", ".join(one.name for one in self.parameters)
        return f"<pipeline {self.name}({inputs}): {len(self.meaning.block.steps)} steps>"


def load(source: Path | str, pipeline: str | None = None) -> Pipeline:
    """The pipeline of a `.misy` file, of a workflow in a `.json` file, or of a text of either.

    A `Path` is always a file, and so is a `str` of one line that ends in `.misy` or `.json`; any other `str`
    with a line break or a brace is a text.

    Raises: `SourceInvalid` with every diagnostic; `MisyError` when the file cannot be read, holds no
    pipeline, or holds several and none was named.
    """
    is_text = isinstance(source, str) and _is_text(source)
    checked = check_text(str(source)) if is_text else check_file(source)
    if checked.errors or checked.library is None:
        raise SourceInvalid(checked.diagnostics)
    if not _is_utf8(checked.source.name):
        name = os.fsencode(source).decode("utf-8", errors="replace")
        raise MisyError(
            f"{name}: its name is not UTF-8 text, and a run records it; rename the file"
        )
    meaning = chosen(checked.library, pipeline)
    return Pipeline(meaning, checked, None if is_text else Path(source).resolve())


def _is_utf8(word: str) -> bool:
    """Whether it can be recorded; names of files and words of the shell may have other bytes."""
    return word.encode(errors="ignore").decode() == word


def _is_text(source: str) -> bool:
    """Whether it is a text rather than the name of a file; raises `MisyError` for what is neither."""
    if "\n" in source or "\r" in source:
        return True
    if source.endswith((".misy", ".json")):
        return False
    if "{" in source:
        return True
    if source.strip() and "\0" not in source and Path(source).is_file():
        return False
    raise MisyError(
        f"“{source}” is neither a file nor the text of a pipeline: "
        'name a file, load("pipeline.misy"), or give a text with a pipeline in it'
    )


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


def together(inputs: object, named: Mapping[str, object]) -> Mapping[str, object]:
    """Inputs of a mapping and by name as one; raises `InputsInvalid` for one that is in both."""
    if inputs is None:
        return named
    if not isinstance(inputs, Mapping):
        kind = with_article(type(inputs).__name__)
        raise InputsInvalid(
            f"`inputs` is a mapping of all inputs by name, not {kind}; "
            "an input of that name goes into it: inputs={'inputs': …}"
        )
    for name in named:
        if folded(name) in {folded(str(one)) for one in inputs}:
            raise InputsInvalid(f"`{name}` is given twice: by name, and in `inputs`")
    return {**inputs, **named}


def given_inputs(pipeline: model.Pipeline, given: Mapping[str, object]) -> dict[str, Value]:
    """Inputs under their declared names; raises `InputsInvalid` for unknown ones."""
    known = {folded(one.name): one for one in pipeline.parameters}
    named: dict[str, Value] = {}
    for name, value in given.items():
        parameter = known.get(folded(str(name)))
        if parameter is None:
            raise InputsInvalid(_unknown_input(pipeline, str(name)))
        if parameter.name in named:
            raise InputsInvalid(f"`{pipeline.name}` was given `{parameter.name}` twice")
        named[parameter.name] = value  # type: ignore[assignment]  # accepted by type when it starts
    return named


def named_inputs(pipeline: model.Pipeline, given: Mapping[str, object]) -> dict[str, Value]:
    """Inputs under their declared names; raises `InputsInvalid` for unknown and missing ones."""
    named = given_inputs(pipeline, given)
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


def _refuse_unprintable(session: str | None) -> None:
    """Raises `InputsInvalid` for a session that no header can carry."""
    if session is not None and not (session.isprintable() and _is_utf8(session)):
        raise InputsInvalid("the session has to be text of printable characters, in UTF-8")


def folded(name: str) -> str:
    """A name as Python sees it: `-` and `_` are one."""
    return name.replace("-", "_")


def _unknown_input(pipeline: model.Pipeline, name: str) -> str:
    names = [one.name for one in pipeline.parameters]
    close = difflib.get_close_matches(name, names, 1)
    hint = f"Did you mean `{close[0]}`?" if close else f"It takes: {', '.join(names) or 'nothing'}"
    return f"`{pipeline.name}` has no input `{name}`. {hint}"
