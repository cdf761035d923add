"""Whereabouts: which agent each name would mean in a run, and who says so.

In: what is given to the run (`agents={…}`, files of agents), the environment, and agents with their settings.
Out: places that may be shown, without credentials, and the identities under which the cache knows calls.
Nothing is called, and no code is loaded that nobody gave: a `python:` URL stays a text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from misydsl.agents import messages
from misydsl.agents.address import address_of
from misydsl.agents.declare import AgentDeclaration
from misydsl.agents.files import load_agents
from misydsl.agents.masking import Mask
from misydsl.agents.registry import DEFAULT_URL, Binding, Registry
from misydsl.failures import AgentUnknown
from misydsl.runner.foresight.foreseen import AgentPlace, Origin
from misydsl.runner.order import bound_agent
from misydsl.runner.program import AgentCode
from misydsl.workspace.binding import registry_of

_CREDENTIALS = re.compile(r"//[^/@\s]*@")


class Whereabouts:
    """Answers for the agents of one plan.

    Raises: `MisyError` when a file of agents cannot be used.
    """

    def __init__(
        self,
        agents: Mapping[str, Binding],
        files: Sequence[Path | str],
        environment: Mapping[str, str],
    ) -> None:
        bindings: dict[str, Binding] = {}
        self._sources: dict[str, str] = {}
        for path in files:
            loaded = load_agents(Path(path))
            bindings.update(loaded)
            self._sources.update(dict.fromkeys(map(_folded, loaded), Path(path).name))
        bindings.update(agents)
        self._sources.update(dict.fromkeys(map(_folded, agents), "given to the run"))
        self._bindings = {_folded(name): bound for name, bound in bindings.items()}
        self._environment = environment
        self._registry: Registry = registry_of(bindings)

    def place_of(self, agent: AgentCode) -> AgentPlace:
        """Where a run would call the agent."""
        bound = self._bindings.get(_folded(agent.name))
        if bound is not None:
            source = self._sources[_folded(agent.name)]
            if isinstance(bound, str):
                return _at(agent.name, bound, "bound", source)
            return AgentPlace(_function(bound), "bound", source)
        variable = messages.environment_name(agent.name)
        if url := self._environment.get(variable):
            return _at(agent.name, url, "environment", variable)
        if agent.spec.url:
            return _at(agent.name, agent.spec.url, "declared")
        return _at(agent.name, DEFAULT_URL.format(name=agent.name), "default")

    def identity_of(self, agent: AgentCode) -> str | None:
        """What the cache knows the agent's calls by; None where only a run can tell."""
        bound = self._bindings.get(_folded(agent.name))
        url = bound if isinstance(bound, str) else self._registry.url_of(agent.spec)
        is_loaded = bound is not None and not isinstance(bound, str)
        if not is_loaded and _scheme(url) not in ("http", "https"):
            return None
        try:
            agent.connection = self._registry.connect(agent.spec)
        except AgentUnknown:
            return None  # the plan says why beside the agent
        return bound_agent(agent).identity


def _at(agent: str, url: str, origin: Origin, source: str = "") -> AgentPlace:
    scheme = _scheme(url)
    shown = Mask().text(_CREDENTIALS.sub("//", url.partition("?")[0]))
    if not scheme:
        trouble = str(messages.no_scheme(agent, f"http://{shown.lstrip('/')}"))
        return AgentPlace(shown, origin, source, trouble)
    if scheme not in ("http", "https"):
        return AgentPlace(shown, origin, source)
    try:
        return AgentPlace(address_of(url, agent=agent).shown, origin, source)
    except AgentUnknown as problem:
        return AgentPlace(shown, origin, source, trouble=str(problem))


def _scheme(url: str) -> str:
    """The scheme of a URL; empty for `localhost:4001`, which has none."""
    scheme, colon, rest = url.partition(":")
    return scheme.lower() if colon and not rest[:1].isdigit() else ""


def _function(bound: object) -> str:
    function = bound.function if isinstance(bound, AgentDeclaration) else bound
    name = getattr(function, "__qualname__", None) or type(function).__name__
    return f"the function {name}" if callable(function) else f"a {name}"


def _folded(name: str) -> str:
    return name.replace("_", "-")
