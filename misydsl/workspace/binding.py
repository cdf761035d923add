"""Binding: how a run of this workspace finds its agents.

In: what the caller bound (`agents={…}`), Python files of agents, the environment. Out: the function the
runner asks for each agent of a program. One registry a process, so pools are shared.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from misydsl.agents.contract import Connection, Connector
from misydsl.agents.files import load_agents
from misydsl.agents.registry import Binding, Registry
from misydsl.runner.engine import running_engine
from misydsl.runner.order import Connect
from misydsl.runner.program import AgentCode
from misydsl.store.journal import Journal
from misydsl.store.location import FOLDER_NAME
from misydsl.store.sqlite import SqliteJournal

CLOSING_S = 2.0  # closing idle connections takes milliseconds; never hold up the end of Python

_connectors: dict[str, Connector] = {}  # one pool a process, whatever is run how often


def _close_connectors() -> None:
    """Close pools on the loop they belong to, so that nothing is left open when Python ends."""
    current = running_engine()
    if current is None or not _connectors:
        return
    connectors = {id(one): one for one in _connectors.values()}
    _connectors.clear()
    for one in connectors.values():
        current.submit(one.aclose()).result(CLOSING_S)


atexit.register(_close_connectors)


def registry_of(bindings: Mapping[str, Binding] | None = None) -> Registry:
    """A registry over the environment that shares this process's connectors."""
    return Registry(bindings, os.environ, connectors=_connectors)


def recorded_files(files: Sequence[Path | str], journal: Journal) -> tuple[str, ...]:
    """Files of agents as a run remembers them: from the project, so that it may be moved as a whole.

    The project is the folder that holds the journal; a file elsewhere keeps its absolute path.
    """
    project = _project_of(journal)
    return tuple(_from(project, Path(one).resolve()) for one in files)


def files_of(recorded: Sequence[str], journal: Journal) -> tuple[Path, ...]:
    """The files a run remembers, where the project lies today."""
    project = _project_of(journal) or Path.cwd()
    return tuple(project / one for one in recorded)  # an absolute path stays what it is


def still_to_read(files: Sequence[Path], bound_from: Sequence[Path | str]) -> tuple[Path, ...]:
    """The files a run remembers, without those the caller's agents came from already.

    Who brings agents of files may have moved them meanwhile: then one that is gone is no obstacle.
    """
    read = {Path(one).resolve() for one in bound_from}
    return tuple(one for one in files if one.resolve() not in read and (not read or one.is_file()))


def _project_of(journal: Journal) -> Path | None:
    """The folder around `.misy/journal.db`, or of a journal elsewhere; None in memory."""
    if not isinstance(journal, SqliteJournal):
        return None
    folder = journal.path.resolve().parent
    return folder.parent if folder.name == FOLDER_NAME else folder


def _from(project: Path | None, file: Path) -> str:
    if project is None or not file.is_relative_to(project):
        return str(file)
    return file.relative_to(project).as_posix()


def connector(agents: Mapping[str, Binding], files: Sequence[Path | str] = ()) -> Connect:
    """Find agents among the bound ones, then by `AGENT_<NAME>_URL`, their URL, the default address.

    Raises: `MisyError` when a file of agents cannot be used.
    """
    bindings: dict[str, Binding] = {}
    for path in files:
        bindings.update(load_agents(Path(path)))
    bindings.update(agents)
    registry = registry_of(bindings)

    def connect(agent: AgentCode) -> Connection:
        return registry.connect(agent.spec)

    return connect
