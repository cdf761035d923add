"""The workflow in JSON runs with the example agents, and each step finds what came before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from misydsl.values import decode_json
from misydsl.workspace import check_file, load, open_journal
from misydsl.workspace.recorded import RecordedRun, accepted_of
from tests.examples.loading import EXAMPLES, NOW
from tests.runner.theatre import PATIENCE_S

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FILE = EXAMPLES / "viral_trends.json"


def results(run: RecordedRun) -> dict[str, Any]:
    """The result of each step."""
    steps = run.history().steps
    return {path: decode_json(bytes(one.value or b"null")) for (path, _), one in steps.items()}


def test_it_checks_clean() -> None:
    assert check_file(FILE).diagnostics == ()


def test_it_runs_with_the_example_agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISY_EXAMPLES_NOW", NOW)
    monkeypatch.setenv("MISY_EXAMPLES_OUTPUT", str(tmp_path))
    keeper = open_journal(tmp_path / "journal.db")
    run = load(FILE).start(agent_files=[EXAMPLES / "agents.py"], journal=keeper)

    assert run.wait(PATIENCE_S) == "succeeded"
    found = results(run)
    assert list(found) == ["trend-discovery", "content-creation", "schedule-content"]
    keyword = found["trend-discovery"]["trends"][0]["keyword"]
    assert keyword in found["content-creation"]["script"]
    assert [one["platform"] for one in found["schedule-content"]["posts"]] == [
        "tiktok",
        "instagram",
    ]
    accepted = accepted_of(keeper, run.id)
    assert (accepted.pipeline, accepted.title) == (
        "workflow_viral_trends",
        "Análisis de Tendencias Viral",
    )
    assert accepted.session == "session-12345"
    assert decode_json(bytes(accepted.shared)) == {
        "userId": "user-abcde",
        "campaignId": "campaign-xyz",
    }
