"""Workflows in JSON on the command line: every verb that takes a file, or a run of one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Answer, Project

FILE = "campaña.json"
WORKFLOW: dict[str, Any] = {
    "id": "lanzar campaña",
    "name": "Lanzar una campaña",
    "steps": [
        {"id": "guión", "name": "Guión", "agent": "redacta", "input": {"tema": "${el año}"}},
        {
            "id": "repaso 1",
            "agent": "tropieza",
            "input": {"texto": "café"},
            "dependencies": ["guión"],
            "priority": 2,
        },
        {
            "id": "cierre",
            "agent": "publica",
            "input": {"texto": "té"},
            "dependencies": ["repaso 1"],
        },
    ],
}


@pytest.fixture
def written(project: Project) -> Project:
    """The project with a workflow in it."""
    (project.folder / FILE).write_text(json.dumps(WORKFLOW, ensure_ascii=False), encoding="utf-8")
    return project


def ran(project: Project, code: int = 0) -> str:
    """Run the workflow to its end; the id of the run."""
    ended = project.type("run", FILE, "--agents", "agentes.py", "--json")
    assert ended.code == code, ended
    run: str = ended.data["runId"]
    return run


def steps(answer: Answer) -> dict[str, str]:
    """How each step of an answer ended."""
    return {one["step"]: one["status"] for one in answer.data["steps"]}


def test_it_is_checked(written: Project) -> None:
    answer = written.type("check", FILE)
    assert (answer.code, answer.out) == (0, f"✓ {FILE}: no problems\n")


def test_what_is_wrong_is_told_where_it_stands(written: Project) -> None:
    text = (written.folder / FILE).read_text(encoding="utf-8")
    (written.folder / FILE).write_text(text.replace('["guión"]', '["guion"]'), encoding="utf-8")
    for verb in ("check", "run", "graph", "plan"):
        answer = written.type(verb, FILE, "--json")
        assert answer.code == 2
        told = answer.data.get("diagnostics") or answer.data["error"]["diagnostics"]
        assert [one["code"] for one in told] == ["E0804"]


def test_json_is_never_mended_as_if_it_were_misy(project: Project) -> None:
    text = "{ 'name': \"x\", 'steps': [] }"
    (project.folder / FILE).write_text(text, encoding="utf-8")
    answer = project.type("check", "--fix", FILE)
    assert (answer.code, "E0801" in answer.out) == (2, True)
    assert (project.folder / FILE).read_text(encoding="utf-8") == text


def test_its_codes_are_explained(written: Project) -> None:
    assert "dependency on no step" in written.type("explain", "E0804").out


def test_it_is_drawn(written: Project) -> None:
    drawn = written.type("graph", FILE, "--json").data
    assert drawn["title"] == "Lanzar una campaña"
    assert [one["agent"] for one in drawn["nodes"]] == ["redacta", "tropieza", "publica"]
    names = [one["step"] for one in drawn["nodes"]]
    assert [(one["source"], one["target"]) for one in drawn["edges"]] == [
        (names[0], names[1]),
        (names[1], names[2]),
    ]


def test_it_is_planned(written: Project) -> None:
    plan = written.type("plan", FILE, "--json").data
    assert plan["totals"]["calls"]["most"] == 3


def test_it_runs_and_text_that_looks_like_an_expression_is_text(written: Project) -> None:
    run = ran(written)
    assert written.calls() == ["redacta", "tropieza", "publica"]
    shown = written.type("show", run, "--json").data
    assert shown["status"] == "succeeded"
    assert written.type("graph", FILE).code == 0


def test_a_failed_run_is_told_of_and_retried_from_its_record_alone(written: Project) -> None:
    written.break_agent()
    run = ran(written, code=1)
    (written.folder / FILE).unlink()
    why = written.type("why", run, "cierre")
    assert why.code == 0
    assert "repaso" in why.out

    written.mend_agent()
    again = written.type("retry", run, "--failed", "--agents", "agentes.py", "--json")

    assert again.code == 0, again
    assert set(steps(again).values()) <= {"succeeded", "reused"}
    assert written.calls() == ["redacta", "tropieza", "tropieza", "publica"]


def test_a_run_is_replayed_and_run_again_from_a_step(written: Project) -> None:
    run = ran(written)
    calls = written.calls()
    assert written.type("replay", run, "--json").code == 0
    assert written.calls() == calls

    again = written.type("rerun", run, "--from", "cierre", "--agents", "agentes.py", "--json")

    assert again.code == 0, again
    assert written.calls() == [*calls, "publica"]


def test_a_file_whose_name_ends_otherwise_is_misy(written: Project) -> None:
    (written.folder / "campaña.txt").write_text('{ "name": "x" }', encoding="utf-8")
    assert "E0100" in written.type("check", "campaña.txt").out


def test_the_example_is_a_workflow_without_problems(project: Project) -> None:
    example = Path(__file__).parents[2] / "examples" / "viral_trends.json"
    assert project.type("check", str(example)).code == 0
    assert "Descubrir Tendencias" in project.type("graph", str(example)).out
