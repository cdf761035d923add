"""The campaign: drafted until it is liked, translated, approved by a person, booked, and taken back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from misydsl.workspace import check_text, load
from misydsl.workspace.formatting import formatted, source_in
from misydsl.workspace.runs import Run
from tests.runner.theatre import PATIENCE_S

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example, its journal beside it."""
    monkeypatch.delenv("MISY_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    for name in ("campaign.misy", "campaign_agents.py"):
        shutil.copy(EXAMPLES / name, tmp_path / name)
    return tmp_path


def asked(**inputs: object) -> Run:
    """A run of the campaign that waits for its approval."""
    run = load(Path("campaign.misy")).start(inputs, agent_files=[Path("campaign_agents.py")])
    for _ in range(int(PATIENCE_S / 0.02)):
        if run.questions:
            return run
        try:
            run.wait(0.02)
        except TimeoutError:
            continue
    raise AssertionError(f"it never asked: {run.history().status} {run.failure}")


def statuses(run: Run, step: str) -> list[str]:
    return [one.status for (path, _), one in run.history().steps.items() if path == step]


def test_it_checks_clean_and_stands_as_the_formatter_sets_it() -> None:
    source = source_in(Path("campaign.misy"))
    assert check_text(source.text).diagnostics == ()
    assert formatted(source) == source.text


def test_an_approved_campaign_is_booked() -> None:
    run = asked()
    assert run.question().message == "¿Publicamos «Tu día cambia con la botella inteligente»?"
    run.approve(by="Ana", comment="adelante")
    assert run.wait(PATIENCE_S) == "succeeded"
    result = run.result
    assert isinstance(result, dict)
    bookings = result["bookings"]
    assert isinstance(bookings, list)
    assert [str(one).partition("-")[0] for one in bookings] == ["tiktok", "instagram"]
    english = "Your day changes with the smart bottle"
    assert result["versions"] == ["Tu día cambia con la botella inteligente", english, english]
    history = run.history()
    assert history.steps["slogan", ""].rounds == 3
    assert history.steps["versions", "fr"].fallback == 1
    assert "no sé traducir al «fr»" in run.why("versions", "fr").text


def test_a_denied_campaign_books_nothing_and_says_why() -> None:
    run = asked()
    run.approve(approved=False, by="Ana")
    assert run.wait(PATIENCE_S) == "succeeded"
    assert statuses(run, "booked") == ["succeeded", "skipped", "skipped"]
    why = run.why("booked", "0").text
    assert why.startswith("`booked[0]` was skipped: `review.approved` was false.")
    assert '"by": "Ana"' in why or '"by":"Ana"' in why


def test_when_a_network_is_full_what_was_booked_is_taken_back_and_the_team_is_told() -> None:
    run = asked(networks=["tiktok", "instagram", "radio"])
    run.approve(by="Ana")
    assert run.wait(PATIENCE_S) == "failed"
    history = run.history()
    undone = [item for path, item in history.steps if path == "booked/:undo"]
    assert undone == ["1", "0"]  # the last one first
    told = history.steps[":on-failure/tell-team", ""].value
    assert told is not None
    assert "en la radio no queda sitio esta semana" in bytes(told).decode()


def test_the_second_campaign_takes_its_translations_from_the_cache() -> None:
    first = asked()
    first.cancel()
    first.wait(PATIENCE_S)
    second = asked()
    reused = [
        item for (path, item), one in second.history().steps.items()
        if path == "versions" and one.reused == f"cache {first.id}"
    ]  # fmt: skip
    assert reused == ["es", "en"]
    second.cancel()
    assert second.wait(PATIENCE_S) == "cancelled"
