"""Steps of JSON workflows are told by the ids that their workflow has."""

from __future__ import annotations

import json

import msgspec
import pytest

from misydsl.history.events import Event, ModuleText, RunAccepted
from misydsl.metrics.orchestration import execution_of
from misydsl.metrics.step_ids import step_ids
from tests.metrics.stories import START, accepted, recorded, started

STEPS = [{"id": "año nuevo", "agent": "a"}, {"id": "b"}, {"id": "año-nuevo"}, {"id": "¿?"}]


def _accepted(text: str, entry: str = "workflow.json") -> RunAccepted:
    return msgspec.structs.replace(
        accepted(), modules=(ModuleText(key=entry, name=entry, text=text),), entry=entry
    )


@pytest.mark.parametrize("text", [{"steps": STEPS}, {"workflow": {"steps": STEPS}, "context": {}}])
def test_ids_that_are_no_names_are_known_by_their_names(text: object) -> None:
    assert step_ids(_accepted(json.dumps(text))) == {"año-nuevo-2": "año nuevo", "step": "¿?"}


def test_executions_of_agents_are_told_with_the_ids_of_the_workflow() -> None:
    facts: list[Event] = [_accepted(json.dumps({"steps": STEPS})), started("año-nuevo-2", "a", 0.1)]
    execution = execution_of(recorded(facts), now=START + 1)
    assert execution is not None
    assert [one.step_id for one in execution.agent_executions] == ["año nuevo"]


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        (json.dumps({"steps": STEPS}), "a.misy"),
        ('{"steps": [{"id": "b"}]}', "w.json"),
        ("{", "w.json"),
        ('{"steps": 3}', "w.json"),
    ],
)
def test_everything_else_has_its_names(text: str, entry: str) -> None:
    assert step_ids(_accepted(text, entry)) == {}
