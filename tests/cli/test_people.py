"""`misy approve` and `misy cancel`: what people tell runs, and what they are told when that means nothing."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from misydsl.workspace import find_run
from tests.cli.conftest import Project
from tests.runner.theatre import PATIENCE_S

if TYPE_CHECKING:
    import pytest


def test_an_answer_reaches_the_process_that_works_on_the_run(project: Project) -> None:
    run = project.asking("permiso")
    told = project.type(
        "approve", run.id, "--comment", "sí, ñandú", "--by", "Ana", "--journal", ".misy"
    )
    assert (told.code, told.out, told.err) == (0, f"approved: revisa of run {run.id}\n", "")
    assert run.wait(PATIENCE_S) == "succeeded"
    assert run.result == {
        "sí": True, "nota": "sí, ñandú", "quién": "Ana",
        "sale": "publicado: guion de el año",
    }  # fmt: skip


def test_a_no_is_an_answer_too(project: Project) -> None:
    run = project.asking("permiso")
    told = project.type("approve", run.id, "revisa", "--deny", "--json")
    assert told.data == {"runId": run.id, "step": "revisa", "item": "", "denied": True}
    assert run.wait(PATIENCE_S) == "succeeded"
    assert run.result == {"sí": False, "nota": None, "quién": getpass.getuser(), "sale": None}


def test_an_answer_nobody_hears_is_kept_for_the_resume(project: Project) -> None:
    run = project.paused("permiso")
    told = project.type("approve", run.id, "--by", "Ana")
    assert told.err == f"nobody works on the run now; to go on: misy resume {run.id}\n"
    resumed = project.type("resume", run.id, "--json")
    assert (resumed.code, resumed.data["result"]["quién"]) == (0, "Ana")
    assert project.calls() == ["redacta", "publica"]


def test_one_item_is_answered_by_its_key(project: Project) -> None:
    run = project.asking("países", questions=2)
    assert project.type("approve", run.id, "cada[México]").code == 0
    assert project.type("approve", run.id, "cada[España]", "--deny").code == 0
    assert run.wait(PATIENCE_S) == "succeeded"
    assert run.result == [True, False]


class TestWrongAnswers:
    def refused(self, project: Project, *words: str) -> str:
        told = project.type("approve", *words)
        assert (told.code, told.out) == (2, "")
        return told.err

    def test_a_run_that_asks_nothing_says_so(self, project: Project) -> None:
        run = project.run("guardada")
        assert self.refused(project, run) == f"error: run {run} asks nobody anything now\n"

    def test_a_run_that_is_not_there_says_so(self, project: Project) -> None:
        project.run("guardada")
        assert "no run 'zzz' in this journal" in self.refused(project, "zzz")

    def test_a_slip_in_the_step_gets_the_step_that_was_meant(self, project: Project) -> None:
        run = project.paused("permiso")
        told = self.refused(project, run.id, "revsia")
        assert f"run {run.id} asks nothing in `revsia` now. Did you mean `revisa`?" in told

    def test_a_step_that_asks_nothing_gets_those_that_do(self, project: Project) -> None:
        run = project.paused("permiso")
        assert "It asks in: revisa" in self.refused(project, run.id, "guion")

    def test_of_several_questions_one_has_to_be_named(self, project: Project) -> None:
        run = project.asking("permisos", questions=2)
        told = self.refused(project, run.id)
        assert f"run {run.id} asks several things now, say which: " in told
        assert "legal" in told
        assert "marca" in told
        run.cancel()
        run.wait(PATIENCE_S)

    def test_of_the_items_of_a_step_one_has_to_be_named(self, project: Project) -> None:
        run = project.asking("países", questions=2)
        told = self.refused(project, run.id, "cada")
        assert "say which: cada[México], cada[España]" in told
        run.cancel()
        run.wait(PATIENCE_S)

    def test_a_question_is_answered_once(self, project: Project) -> None:
        run = project.paused("permiso")
        assert project.type("approve", run.id, "--by", "Ana").code == 0
        told = self.refused(project, run.id, "--deny")
        assert told == "error: revisa was approved by Ana already\n"
        project.type("resume", run.id)
        assert self.refused(project, run.id) == f"error: run {run.id} asks nobody anything now\n"
        assert find_run(run.id).result["quién"] == "Ana"  # type: ignore[index, call-overload]


class TestCancel:
    def test_a_run_at_work_is_stopped_for_good(self, project: Project) -> None:
        run = project.asking("permiso")
        told = project.type("cancel", run.id)
        assert (told.code, told.out) == (0, f"run {run.id} cancelled\n")
        assert run.wait(PATIENCE_S) == "cancelled"
        assert project.calls() == ["redacta"]

    def test_a_run_nobody_works_on_is_closed_at_once(self, project: Project) -> None:
        run = project.paused("permiso")
        told = project.type("cancel", run.id, "--json")
        assert told.data == {"runId": run.id, "status": "cancelled"}
        assert find_run(run.id).history().cancelled_by == getpass.getuser()

    def test_a_run_that_has_ended_stays_what_it_is(self, project: Project) -> None:
        run = project.run("guardada")
        told = project.type("cancel", run)
        assert told.out == f"run {run} had ended before: succeeded\n"
        assert find_run(run).status == "succeeded"

    def test_an_owner_that_does_not_listen_is_told_of(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = project.asking("permiso")
        monkeypatch.setattr("misydsl.cli.cancel.PATIENCE_S", 0.0)
        told = project.type("cancel", run.id)
        assert told.code == 2
        assert "was told to stop and has not ended in 0 s" in told.err
        assert run.wait(PATIENCE_S) == "cancelled"
