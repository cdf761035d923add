"""Binding: how a run of this workspace finds its agents.

In: what the caller bound (`agents={…}`), Python files of agents, the environment. Out: the function the
runner asks for each agent of a program. One registry a process, so pools are shared.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from misydsl.agents.contract import Connection, Connector
from misydsl.agents.files import load_agents
from misydsl.agents.registry import Binding, Registry
from misydsl.runner.order import Connect
from misydsl.runner.program import AgentCode

_connectors: dict[str, Connector] = {}  # one pool a process, whatever is run how often


def registry_of(bindings: Mapping[str, Binding] | None = None) -> Registry:
    """A registry over the environment that shares this process's connectors."""
    return Registry(bindings, os.environ, connectors=_connectors)


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
