"""MisyDSL: pipelines that call agents, written down, checked, run to a recorded end, and measured.

In: `.misy` texts. Out: `load` gives a `Pipeline`, which gives `Run`s; `runs` and `agents` are tables over
all of them. Nothing heavy is imported until it is used, so `import misydsl` costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

import misydsl.agents

if TYPE_CHECKING:
    from misydsl.agents.declare import agent
    from misydsl.diagnostics import Diagnostic
    from misydsl.failures import Failure, InputsInvalid, MisyError, RunFailed, SourceInvalid
    from misydsl.workspace.again import replay, rerun, retry
    from misydsl.workspace.asking import connect
    from misydsl.workspace.comparing import compare
    from misydsl.workspace.journals import open_journal
    from misydsl.workspace.overviews import runs
    from misydsl.workspace.pipelines import Pipeline, load
    from misydsl.workspace.runs import Run, find_run, resume

__version__ = "0.1.0"

__all__ = [
    "Diagnostic",
    "Failure",
    "InputsInvalid",
    "MisyError",
    "Pipeline",
    "Run",
    "RunFailed",
    "SourceInvalid",
    "agent",
    "compare",
    "connect",
    "find_run",
    "load",
    "open_journal",
    "replay",
    "rerun",
    "resume",
    "retry",
    "runs",
    "watch",
]

_HOMES = {
    "Diagnostic": "misydsl.diagnostics",
    "Failure": "misydsl.failures",
    "InputsInvalid": "misydsl.failures",
    "MisyError": "misydsl.failures",
    "Pipeline": "misydsl.workspace.pipelines",
    "Run": "misydsl.workspace.runs",
    "RunFailed": "misydsl.failures",
    "SourceInvalid": "misydsl.failures",
    "agent": "misydsl.agents.declare",
    "compare": "misydsl.workspace.comparing",
    "connect": "misydsl.workspace.asking",
    "find_run": "misydsl.workspace.runs",
    "load": "misydsl.workspace.pipelines",
    "open_journal": "misydsl.workspace.journals",
    "replay": "misydsl.workspace.again",
    "rerun": "misydsl.workspace.again",
    "resume": "misydsl.workspace.runs",
    "retry": "misydsl.workspace.again",
    "runs": "misydsl.workspace.overviews",
}


class _AgentsRoom(ModuleType):
    """The room `misydsl.agents`, which people may also call: `misydsl.agents()` is a table."""

    def __call__(self, journal: object = None, **which: object) -> object:
        """One row per agent over many runs; see `misydsl.workspace.overviews.agents`."""
        return import_module("misydsl.workspace.overviews").agents(journal, **which)


misydsl.agents.__class__ = _AgentsRoom


def load_ipython_extension(shell: object) -> None:
    """`%load_ext misydsl`: the magics, completion, and the live board of runs that are awaited."""
    _shell_door("load")(shell)


def unload_ipython_extension(shell: object) -> None:
    """`%unload_ext misydsl`."""
    _shell_door("unload")(shell)


def watch(run: object) -> object:
    """In a notebook: the live board of a run (or of the run of this id), whoever works on it."""
    return _shell_door("watch")(run)


def _shell_door(name: str) -> Callable[[object], None]:
    """What the notebook's room does with a shell; it is found, not imported: doors stand above."""
    from importlib.metadata import entry_points

    (door,) = entry_points(group="misydsl.shells", name=name)
    found: Callable[[object], None] = door.load()
    return found


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
