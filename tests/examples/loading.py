"""The example agents as a test uses them: loaded from their file, called in this process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from misydsl.agents.declare import AgentDeclaration
from misydsl.agents.files import load_agents
from misydsl.values import Value

EXAMPLES = Path(__file__).parents[2] / "examples"
NOW = "2026-01-15T10:30:00Z"


@cache
def agents() -> dict[str, AgentDeclaration]:
    """The three agents of the example file."""
    return load_agents(EXAMPLES / "agents.py")


def called(name: str, **inputs: Value) -> dict[str, object]:
    """What an agent answers to inputs as they come over the wire."""
    declaration = agents()[name]
    outcome = declaration(**declaration.arguments(inputs))
    assert isinstance(outcome, dict)
    return outcome
