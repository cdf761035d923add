"""The contract between the engine and an agent: all the runner knows.

In: a `Request` with its inputs encoded once. Out: a `Reply`, or a `Failure` as a value (never an
exception, cancellation aside). `call` holds no state between calls, keeps its own deadline
(`timeout_s` covers everything from connecting to the last byte), and may be cancelled at any await
without harm to later calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import msgspec
from msgspec import Raw

from misydsl.failures import Failure
from misydsl.values import Secret, Size, Value

DEFAULT_MAX_REPLY_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class AgentSpec:
    """An agent with its settings evaluated: all a connector needs to reach it."""

    name: str
    url: str
    method: Literal["POST", "GET", "PUT", "DELETE"] = "POST"
    health: str = "/health"
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    auth: Mapping[str, Value] | None = None
    wire: Literal["plain", "misybot"] = "plain"
    max_reply: Size = Size(DEFAULT_MAX_REPLY_BYTES)


class Request(msgspec.Struct, frozen=True, gc=False):
    """One attempt at one call. `inputs` is for function agents, `body` the same as JSON."""

    run: str
    session: str
    step: str
    item: str
    attempt: int
    key: str
    """The Idempotency-Key: equal over attempts and restarts."""
    timeout_s: float
    inputs: Mapping[str, Value]
    body: bytes
    traceparent: str


class Reply(msgspec.Struct, frozen=True, gc=False):
    """What the agent answered: the value, and the same as JSON where bytes came."""

    value: Value
    raw: Raw | None = None


class Health(msgspec.Struct, frozen=True):
    """The answer to a health check; `detail` says why when it is not healthy."""

    agent: str
    is_healthy: bool
    url: str
    detail: str = ""
    duration_s: float = 0.0

    def __bool__(self) -> bool:
        return self.is_healthy


class Connection(Protocol):
    """Something that can be called."""

    @property
    def name(self) -> str:
        """The agent's name."""
        ...

    @property
    def is_pure(self) -> bool:
        """Whether a call has no effects besides its reply, so that its intent need not be recorded."""
        ...

    async def call(self, request: Request) -> Reply | Failure:
        """The reply, or why there is none. Cancellation closes what it opened."""
        ...

    async def health(self, timeout_s: float = 5.0) -> Health:
        """Whether the agent says it is well."""
        ...


class Connector(Protocol):
    """One way of reaching agents (one URL scheme); owns pools, closed once."""

    def connect(self, spec: AgentSpec) -> Connection:
        """The agent behind a spec; raises `AgentUnknown` for a URL it cannot use."""
        ...

    async def aclose(self) -> None:
        """Close every pool; open calls end as `reset`."""
        ...
