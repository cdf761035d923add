"""What stands in the orchestrator's own usage example: its commands, its steps, its calls.

In: `example.md`, word for word as its author wrote it. Out: the shell commands in order, and the objects of
its TypeScript as JSON. Nothing is changed on the way: quotes become double, names get quotes.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

TEXT: Final = (Path(__file__).parent / "example.md").read_text("utf-8")
_BLOCK: Final = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(language: str) -> list[str]:
    """The blocks of code of a language, in order."""
    return [text for name, text in _BLOCK.findall(TEXT) if name == language]


def commands() -> list[str]:
    """The shell commands, word for word."""
    return blocks("bash")


def command(path: str) -> str:
    """The one command whose address ends so."""
    (found,) = [one for one in commands() if re.search(rf"{re.escape(path)}(\s|$)", one)]
    return found


def steps() -> list[dict[str, Any]]:
    """The steps of the workflow in TypeScript."""
    found = re.search(r"trendAnalysisSteps: PipelineStep\[\] = (\[.*?\n\]);", TEXT, re.DOTALL)
    assert found is not None
    read: list[dict[str, Any]] = as_json(found[1])
    return read


def context() -> dict[str, Any]:
    """The context of the workflow in TypeScript."""
    found = re.search(r"context: PipelineContext = (\{.*?\n  \});", TEXT, re.DOTALL)
    assert found is not None
    read: dict[str, Any] = as_json(found[1])
    return read


def workflow_names() -> tuple[str, str]:
    """Name and description, as `createWorkflow` gets them."""
    found = re.search(r"createWorkflow\(\s*'([^']*)',\s*'([^']*)'", TEXT)
    assert found is not None
    return found[1], found[2]


def direct_call() -> tuple[str, dict[str, Any]]:
    """The agent and the inputs of `agentConnector.post`."""
    found = re.search(r"agentConnector\.post\('([^']+)', (\{.*?\})\);", TEXT, re.DOTALL)
    assert found is not None
    return found[1], as_json(found[2])


def as_json(text: str) -> Any:
    """An object of TypeScript whose values are literals."""
    quoted = re.sub(r"^(\s*)(\w+):", r'\1"\2":', text.replace("'", '"'), flags=re.MULTILINE)
    return json.loads(quoted)
