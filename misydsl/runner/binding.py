"""Binding: an agent's declaration with its settings evaluated becomes something that can be called.

In: the declaration, the values of its settings, and the run's way of connecting. Out: an `AgentCode`, first
without, then with its connection. Agents are bound before the first call, so a missing one ends the run
before anything was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from misydsl.acceptance import acceptor
from misydsl.agents.contract import DEFAULT_MAX_REPLY_BYTES, AgentSpec
from misydsl.expressions.frames import Frame
from misydsl.pipeline.model import Agent
from misydsl.pipeline.policies import DEFAULT_CONCURRENCY, breaker_of
from misydsl.runner.program import AgentCode, Code
from misydsl.values import Secret, Size, Value


def agent_code(agent: Agent, settings: tuple[tuple[str, Code], ...], home: Frame) -> AgentCode:
    """The agent as code, its settings not evaluated yet."""
    return AgentCode(agent, settings, home, acceptor(agent.result), AgentSpec(agent.name, ""))


def evaluate_settings(agent: AgentCode) -> None:
    """Give the agent its settings for one run; the URL is empty when the text names none."""
    settings = {name: code(agent.home) for name, code in agent.settings}
    agent.layer = settings
    agent.spec = agent_spec(agent.name, settings)
    agent.is_pure = settings.get("pure") is True
    agent.concurrency = cast("int", settings.get("concurrency") or DEFAULT_CONCURRENCY)
    agent.rate_per_s = cast("float | None", settings.get("rate"))
    agent.breaker = breaker_of(cast("Mapping[str, Value] | None", settings.get("breaker")))
    agent.connection = None


def agent_spec(name: str, settings: Mapping[str, Value]) -> AgentSpec:
    """What a connector needs to know of an agent; absent settings by default."""
    headers = cast("Mapping[str, str | Secret]", settings.get("headers") or {})
    return AgentSpec(
        name=name,
        url=str(settings.get("url") or ""),
        method=settings.get("method", "POST"),  # type: ignore[arg-type]  # checked by settings
        health=str(settings.get("health", "/health")),
        headers=headers,
        auth=cast("Mapping[str, Value] | None", settings.get("auth")),
        wire=settings.get("wire", "plain"),  # type: ignore[arg-type]  # checked by settings
        max_reply=Size(cast("int", settings.get("max-reply", DEFAULT_MAX_REPLY_BYTES))),
    )
