"""The Python agents that the runs of this process were started with.

In: a run's id and what was bound by `agents={…}`. Out: the same bindings when that run is resumed, retried
or run again here without naming them anew. Functions cannot be recorded in a journal, so another process
has to be told again; the newest `KEPT` runs are remembered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from misydsl.agents.registry import Binding

KEPT: Final = 1_000

_agents: dict[str, dict[str, Binding]] = {}


def remember(run: str, agents: Mapping[str, Binding] | None) -> None:
    """Keep what a run was started with; what was kept for it before is replaced."""
    _agents.pop(run, None)
    if agents:
        _agents[run] = dict(agents)
    while len(_agents) > KEPT:
        del _agents[next(iter(_agents))]


def remembered(run: str, given: Mapping[str, Binding] | None = None) -> dict[str, Binding]:
    """What a run was started with here; what is `given` now wins, `-` and `_` being one."""
    named = {one.replace("-", "_") for one in given or {}}
    kept = _agents.get(run, {})
    return {
        **{name: one for name, one in kept.items() if name.replace("-", "_") not in named},
        **(given or {}),
    }
