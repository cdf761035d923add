"""The workspace: load, check, draw, run, resume, in one place; what every door calls.

In: paths, texts and inputs as people give them. Out: `Pipeline` and `Run` handles, diagnostics, journals.
Doors (notebook, server, command line, editor) know this room and the nouns, and never each other. What is
not asked for is not imported: checking a file loads neither the engine nor a table library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from misydsl.workspace.again import replay, rerun, retry
    from misydsl.workspace.asking import AgentAnswer, AgentClient, connect, health
    from misydsl.workspace.charts import Chart
    from misydsl.workspace.checking import Checked, check_file, check_text
    from misydsl.workspace.comparing import compare
    from misydsl.workspace.journals import open_journal
    from misydsl.workspace.overviews import agents
    from misydsl.workspace.pictures import Picture
    from misydsl.workspace.pipelines import Pipeline, load
    from misydsl.workspace.runs import Run, find_run, resume

_MODULES = {
    "again": ("replay", "rerun", "retry"),
    "asking": ("AgentAnswer", "AgentClient", "connect", "health"),
    "charts": ("Chart",),
    "checking": ("Checked", "check_file", "check_text"),
    "comparing": ("compare",),
    "journals": ("open_journal",),
    "overviews": ("agents",),
    "pictures": ("Picture",),
    "pipelines": ("Pipeline", "load"),
    "runs": ("Run", "find_run", "resume"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "AgentAnswer",
    "AgentClient",
    "Chart",
    "Checked",
    "Picture",
    "Pipeline",
    "Run",
    "agents",
    "check_file",
    "check_text",
    "compare",
    "connect",
    "find_run",
    "health",
    "load",
    "open_journal",
    "replay",
    "rerun",
    "resume",
    "retry",
    # the table `runs` is `misydsl.runs`: here the name is that of the module of runs
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
