"""Which agent a name means, and what connects to it.

In: what was bound when the run was started, the environment, and `AgentSpec`s. Out: connections. A
name means, first match: what is bound to it · `AGENT_<NAME>_URL` · the declared `url` · its default
address on port 3007. The scheme of the URL picks the connector; further schemes come as entry points
of the group `misydsl.connectors`. Connectors are made when they are first needed and closed together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, cast
from urllib.parse import quote

from misydsl.agents import messages
from misydsl.agents.contract import AgentSpec, Connection, Connector
from misydsl.agents.declare import AgentDeclaration, declared
from misydsl.agents.function import FunctionConnection, FunctionConnector
from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.diagnostics.similar import similar
from misydsl.failures import AgentUnknown

DEFAULT_URL: Final = "http://localhost:3007/api/v1/agents/{name}"
PLUGIN_GROUP: Final = "misydsl.connectors"
_OWN_SCHEMES: Final = ("http", "https", "python")

Binding = AgentDeclaration | Connection | str | Callable[..., object]


class Registry:
    """Finds agents; usable from several event loops.

    `connectors`, by scheme, is shared with whoever gave it: one made here is found there.
    """

    def __init__(
        self,
        bindings: Mapping[str, Binding] | None = None,
        env: Mapping[str, str] | None = None,
        *,
        connectors: dict[str, Connector] | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._bindings = {_folded(name): bound for name, bound in (bindings or {}).items()}
        self._env = env or {}
        self._connectors = connectors if connectors is not None else {}
        self._clock = clock

    def connect(self, agent: AgentSpec | str) -> Connection:
        """The agent behind a spec, a name, or a URL.

        Raises:
            AgentUnknown: its URL cannot be used, or nothing connects to its scheme.
        """
        spec = agent if isinstance(agent, AgentSpec) else _spec_of(agent)
        bound = self._bindings.get(_folded(spec.name))
        if bound is not None and not isinstance(bound, str):
            return _bound(bound, spec)
        return self._connected(replace(spec, url=bound or self.url_of(spec)))

    def url_of(self, spec: AgentSpec) -> str:
        """Where the agent is, when it is not bound: the environment, the declaration, the default."""
        declared_url = spec.url or DEFAULT_URL.format(name=_segment(spec.name))
        return self._env.get(messages.environment_name(spec.name)) or declared_url

    def is_known(self, name: str) -> bool:
        """Whether something is bound to the name, or the environment says where it is."""
        return _folded(name) in self._bindings or messages.environment_name(name) in self._env

    async def aclose(self) -> None:
        """Close every connector; open calls end as `reset`."""
        for connector in {id(one): one for one in self._connectors.values()}.values():
            await connector.aclose()

    def _connected(self, spec: AgentSpec) -> Connection:
        scheme = spec.url.partition(":")[0].lower() if ":" in spec.url else ""
        if not scheme or spec.url.removeprefix(f"{scheme}:")[:1].isdigit():  # localhost:4001
            raise AgentUnknown(messages.no_scheme(spec.name, f"http://{spec.url.lstrip('/')}"))
        connector = self._connectors.get(scheme)
        if connector is None:
            connector = self._made(scheme, spec.name)
        return connector.connect(spec)

    def _made(self, scheme: str, agent: str) -> Connector:
        if scheme in ("http", "https"):
            from misydsl.agents.http import HttpConnector  # aiohttp takes 0.2 s

            made: Connector = HttpConnector(clock=self._clock)
            self._connectors.setdefault("http", made)
            self._connectors.setdefault("https", made)
            return self._connectors[scheme]
        made = FunctionConnector() if scheme == "python" else _plugin(scheme, agent)
        self._connectors[scheme] = made
        return made


def _plugin(scheme: str, agent: str) -> Connector:
    from importlib.metadata import entry_points  # 15 ms, for what is rarely there

    plugins = {one.name: one for one in entry_points(group=PLUGIN_GROUP)}
    family = scheme.partition("+")[0] + "+"  # a plugin called `mcp+` serves mcp+http and mcp+stdio
    entry = plugins.get(scheme) or plugins.get(family)
    if entry is None:
        known = {*_OWN_SCHEMES, *plugins}
        near = similar(scheme, known)
        raise AgentUnknown(messages.unknown_scheme(agent, scheme, known, near))
    return cast("Callable[[], Connector]", entry.load())()


def _bound(bound: object, spec: AgentSpec) -> Connection:
    if isinstance(bound, AgentDeclaration):
        return FunctionConnection(bound, name=spec.name, wire=spec.wire)
    if hasattr(bound, "call") and hasattr(bound, "health"):
        return cast("Connection", bound)
    if callable(bound):
        return FunctionConnection(declared(bound, name=spec.name), wire=spec.wire)
    raise AgentUnknown(messages.bound_to(spec.name, type(bound).__name__))


def _spec_of(name_or_url: str) -> AgentSpec:
    if ":" not in name_or_url:
        return AgentSpec(name_or_url, "")
    last = name_or_url.split("?", maxsplit=1)[0].rstrip("/").replace(":", "/").rpartition("/")[2]
    return AgentSpec(last or name_or_url, name_or_url)


def _segment(name: str) -> str:
    """A name as one segment of a path, whatever is in it."""
    return name.replace(".", "%2E") if name in (".", "..") else quote(name, safe="")


def _folded(name: str) -> str:
    return name.replace("_", "-")
