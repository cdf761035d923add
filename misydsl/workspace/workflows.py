"""Workflows in JSON as people hold them.

In: the text of a workflow or of a whole request, and the agents of a project. Out: a `Pipeline` like any other, or what
is wrong with the text; and the other way round, the JSON of a pipeline that needs nothing JSON cannot say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.failures import SourceInvalid
from misydsl.pipeline.json_writing import written
from misydsl.source import Source
from misydsl.values import Value
from misydsl.workspace.checking import Checked
from misydsl.workspace.forms import DeclaredAgent, KnownAgents, form_library
from misydsl.workspace.pipelines import Pipeline, chosen

NAME: Final = "workflow.json"
Agents = Mapping[str, DeclaredAgent]


def check_workflow(
    text: str,
    *,
    name: str = NAME,
    agents: Agents | None = None,
    is_known: Callable[[str], bool] | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> Checked:
    """A workflow and everything that is wrong with it; without `is_known` any agent may be called."""
    source = Source(name, text)
    known = KnownAgents(agents or {}, is_known)
    identity = f"workflow_{int(clock.wall() * 1000)}"
    return Checked(source, *form_library(source, known, key=name, name=identity))


def read_workflow(
    text: str,
    *,
    name: str = NAME,
    agents: Agents | None = None,
    is_known: Callable[[str], bool] | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> Pipeline:
    """The pipeline that a workflow is; raises `SourceInvalid` with every diagnostic."""
    checked = check_workflow(text, name=name, agents=agents, is_known=is_known, clock=clock)
    if checked.errors or checked.library is None:
        raise SourceInvalid(checked.diagnostics)
    return Pipeline(chosen(checked.library, None), checked, None)


def write_workflow(pipeline: Pipeline) -> dict[str, Value]:
    """The workflow that a pipeline is; raises `SourceInvalid` where JSON cannot say what it does."""
    workflow, problems = written(pipeline.meaning, pipeline.library)
    if problems:
        raise SourceInvalid(problems)
    return workflow
