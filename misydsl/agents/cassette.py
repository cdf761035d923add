"""A recording in place of agents: a replay reaches nobody.

In: the name of an agent. Out: a connection that only says that a call was not recorded; what was recorded
is recalled before any call is made.
"""

from __future__ import annotations

from misydsl.agents.contract import Health, Reply, Request
from misydsl.failures import Failure


class Cassette:
    """An agent that is not there."""

    is_pure = True

    def __init__(self, name: str, recording: str) -> None:
        self.name = name
        self.place = f"recording:{recording}"

    async def call(self, request: Request) -> Reply | Failure:
        """Nobody is asked."""
        words = f"{self.place} has no such call of {request.step}"
        return Failure("unrecorded", words, agent=self.name)

    async def health(self, timeout_s: float = 5.0) -> Health:
        """A recording is always there."""
        return Health(self.name, is_healthy=True, url=self.place, duration_s=min(0.0, timeout_s))
