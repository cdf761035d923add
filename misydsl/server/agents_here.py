"""Which agents a request may name, and what answers to them here.

In: the project, the functions this process hosts, the environment. Out: whether a name is known, and the bindings of a
program. A name means, first match: `AGENT_<NAME>_URL` · a hosted function · what the project declares. No request
ever says where an agent is.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from misydsl.agents.contract import AgentSpec, Connection
from misydsl.agents.declare import AgentDeclaration
from misydsl.agents.registry import Binding
from misydsl.pipeline import model
from misydsl.workspace.binding import registry_of
from misydsl.workspace.posted import POSTED, bindings_of
from misydsl.workspace.projects import Project


class AgentsHere:
    """The agents of one server; may be asked from any thread."""

    def __init__(
        self,
        project: Project,
        hosted: Iterable[AgentDeclaration] = (),
        files: Sequence[Path] = (),
    ) -> None:
        self._project, self._files = project, tuple(files)
        self._hosted = {folded(one.name): one for one in hosted}

    def is_known(self, agent: str) -> bool:
        """Whether a request may name this agent."""
        in_project = any(folded(name) == folded(agent) for name in self._project.agents)
        return folded(agent) in self._hosted or in_project or registry_of().is_known(agent)

    def names(self) -> list[str]:
        """Every agent there is, by the name it is written with; those of the environment likely so."""
        hosted = [one.name for one in self._hosted.values()]
        found = [*hosted, *self._project.agents, *_environment_agents()]
        return sorted({folded(name): name for name in reversed(found)}.values())

    def bindings(self, agents: Iterable[str]) -> dict[str, Binding]:
        """The hosted ones among these; what the environment names is left to it."""
        registry = registry_of()
        return {
            name: self._hosted[folded(name)]
            for name in agents
            if folded(name) in self._hosted and not registry.is_known(name)
        }

    def of(self, library: model.Library) -> dict[str, Binding]:
        """What the agents of a program stand for; raises `MisyError`."""
        names = _agent_names(library)
        if library.entry == POSTED:  # its text does not say where agents are; the project does
            return {**bindings_of(self._project, names), **self.bindings(names)}
        return self.bindings(names)

    def files_of(self, bound: Mapping[str, Binding]) -> tuple[Path, ...]:
        """The files to be remembered with a run that is bound to these; none when nothing hosted is among them."""
        hosted = self._hosted.values()
        return self._files if any(one in hosted for one in bound.values()) else ()

    def connection(self, name: str) -> Connection:
        """What answers to a name; raises `MisyError`."""
        bound = self.bindings([name])
        if not bound and not registry_of().is_known(name):
            bound = dict(bindings_of(self._project, [name]))
        return registry_of(bound).connect(AgentSpec(name, "", wire="misybot"))


def folded(name: str) -> str:
    """A name as agents are looked up: `-` and `_` are one."""
    return name.replace("_", "-")


def _agent_names(library: model.Library) -> list[str]:
    """Every agent that a program can reach."""
    names = [one for module in library.modules.values() for one in module.names.values()]
    return sorted({one.name for one in names if isinstance(one, model.Agent)})


def _environment_agents() -> list[str]:
    """The agents that `AGENT_<NAME>_URL` says the place of."""
    return [
        name.removeprefix("AGENT_").removesuffix("_URL").lower().replace("_", "-")
        for name in os.environ
        if name.startswith("AGENT_") and name.endswith("_URL") and len(name) > len("AGENT__URL")
    ]
