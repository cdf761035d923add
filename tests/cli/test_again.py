"""`misy retry`, `rerun`, `replay`, `resume` and `why`: runs that begin where others ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from misydsl.workspace import find_run
from tests.cli.conftest import Project


def failed_run(project: Project) -> str:
    """A run in which `repaso` failed; its agent is mended afterwards."""
    project.break_agent()
    run = project.run("campaña", code=1)
    project.mend_agent()
    return run


def refused(project: Project, *words: str) -> str:
    """What is said on wrong use."""
    told = project.type(*words)
    assert told.code == 2, told
    return told.err


class TestRetry:
    def test_only_what_failed_is_called_again(self, project: Project) -> None:
        base = failed_run(project)
        told = project.type("retry", base, "--failed", "--json")
        assert (told.code, told.data["result"]) == (0, "publicado: guion de el año!")
        assert project.calls() == ["redacta", "tropieza", "tropieza", "publica"]
        assert told.data["runId"] != base
        assert find_run(base).status == "failed"

    def test_a_mended_text_takes_over_what_it_left_as_it_was(self, project: Project) -> None:
        base = failed_run(project)
        mended = project.file.read_text(encoding="utf-8").replace(
            "{ call tropieza(", "{ call publica("
        )
        Path("otra.misy").write_text(mended, encoding="utf-8")
        told = project.type("retry", base, "--failed", "--file", "otra.misy", "--json")
        assert told.data["result"] == "publicado: publicado: guion de el año"
        assert project.calls() == ["redacta", "tropieza", "publica", "publica"]

    def test_a_run_in_which_nothing_failed_has_nothing_to_retry(self, project: Project) -> None:
        base = project.run("campaña")
        told = refused(project, "retry", base, "--failed")
        assert told == f"error: nothing failed in run {base}: `misy rerun {base} --from STEP`\n"

    def test_a_run_that_has_not_ended_is_resumed_instead(self, project: Project) -> None:
        run = project.paused("permiso").id
        told = refused(project, "retry", run, "--failed")
        assert told == f"error: run {run} has not ended (it is paused): misy resume {run}\n"

    def test_a_file_without_the_pipeline_says_what_it_has(self, project: Project) -> None:
        base = failed_run(project)
        Path("otra.misy").write_text("misy 1\npipeline campana_dos() { return 1 }\n")
        told = refused(project, "retry", base, "--file", "otra.misy")
        assert "campaña" in told
        assert "campana_dos" in told

    def test_a_file_that_is_wrong_is_explained(self, project: Project) -> None:
        base = failed_run(project)
        Path("otra.misy").write_text("misy 1\npipeline campaña() { return nada }\n", "utf-8")
        assert "error[E0201]" in refused(project, "retry", base, "--file", "otra.misy")


class TestRerun:
    def test_from_a_step_on_everything_is_done_anew(self, project: Project) -> None:
        base = project.run("campaña")
        told = project.type("rerun", base, "--from", "repaso", "--json")
        assert told.data["status"] == "succeeded"
        assert project.calls() == ["redacta", "tropieza", "publica", "tropieza", "publica"]

    def test_other_inputs_do_what_depends_on_them_anew(self, project: Project) -> None:
        base = project.run("campaña")
        told = project.type("rerun", base, "-p", "tema=la mar", "--json")
        assert told.data["result"] == "publicado: guion de la mar!"
        assert len(project.calls()) == 6

    def test_with_nothing_different_nothing_is_called(self, project: Project) -> None:
        base = project.run("campaña")
        told = project.type("rerun", base)
        assert told.code == 0
        assert len(project.calls()) == 3
        assert f"guion: succeeded, taken from run {base}" in told.err

    def test_a_slip_in_the_step_gets_the_step_that_was_meant(self, project: Project) -> None:
        base = project.run("campaña")
        told = refused(project, "rerun", base, "--from", "guoin")
        assert "`campaña` has no step `guoin`. Did you mean `guion`?" in told
        assert "It has: guion, repaso, cierre" in refused(project, "rerun", base, "--from", "x9")

    def test_an_unknown_input_gets_the_one_that_was_meant(self, project: Project) -> None:
        base = project.run("campaña")
        told = refused(project, "rerun", base, "-p", "tena=x")
        assert "`campaña` has no input `tena`. Did you mean `tema`?" in told
        assert len(project.calls()) == 3

    def test_an_input_needs_its_equals_sign(self, project: Project) -> None:
        base = project.run("campaña")
        assert "write it as name=value, not “tema”" in refused(project, "rerun", base, "-p", "tema")

    def test_a_run_that_has_not_ended_is_resumed_instead(self, project: Project) -> None:
        run = project.paused("permiso").id
        assert f"misy resume {run}" in refused(project, "rerun", run, "--from", "sale")


class TestReplay:
    def test_a_replay_calls_nobody_leaves_no_trace_and_says_that_it_is_the_same(
        self, project: Project
    ) -> None:
        run = project.run("campaña")
        before = project.calls()
        told = project.type("replay", run)
        assert (told.code, told.err) == (0, "")
        assert told.out.endswith("  3 steps are equal\n\nthe result is the same\n")
        assert project.calls() == before
        assert project.ids() == [run]

    def test_a_changed_text_is_tried_on_the_recording(self, project: Project) -> None:
        run = project.run("campaña")
        changed = project.file.read_text("utf-8").replace(
            "  return cierre\n}", '  return "«${cierre}»"\n}', 1
        )
        Path("otra.misy").write_text(changed, "utf-8")
        told = project.type("replay", run, "--file", "otra.misy", "--json")
        assert told.code == 1
        assert told.data["same"] is False
        assert told.data["result"][1] == "«publicado: guion de el año!»"
        assert (told.data["steps"], told.data["equalSteps"]) == ([], 3)

    def test_a_call_that_was_never_made_is_said_to_be(self, project: Project) -> None:
        run = project.run("campaña")
        changed = project.file.read_text("utf-8").replace(
            "call redacta(tema)", 'call redacta(tema: "x")', 1
        )
        Path("otra.misy").write_text(changed, "utf-8")
        told = project.type("replay", run, "--file", "otra.misy")
        assert told.code == 1
        assert f"unrecorded: run {run} has not recorded this call of redacta" in told.out
        assert told.out.endswith("the result differs\n")

    def test_a_saved_recording_is_played_without_any_journal(self, project: Project) -> None:
        run = project.run("campaña")
        saved = project.type("replay", run, "--save", "campaña.jsonl")
        assert (saved.code, saved.err) == (0, "the recording is in campaña.jsonl\n")
        (project.folder / ".misy").rename(project.folder / "lejos")
        (project.folder / "agentes.py").unlink()
        assert project.type("replay", "campaña.jsonl").code == 0

    def test_a_recording_of_answers_asks_nobody(self, project: Project) -> None:
        run = project.paused("permiso").id
        project.type("approve", run, "--by", "Ana")
        project.type("resume", run)
        told = project.type("replay", run, "--json")
        assert told.data["same"] is True
        assert told.data["result"][1]["quién"] == "Ana"

    def test_a_failed_run_fails_again_the_same_way(self, project: Project) -> None:
        run = failed_run(project)
        told = project.type("replay", run, "--json")
        assert told.data["status"] == ["failed", "failed"]
        assert told.data["same"] is True

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "is no recording of a run: it is empty"),
            (b"\xff\xfe", "is no recording of a run: it is not UTF-8"),
            (b'{"hola": 1}\n', "is no recording of a run: "),
            (b"hola\n", "is no recording of a run: "),
        ],
    )
    def test_a_file_that_is_none_is_refused(
        self, project: Project, content: bytes, words: str
    ) -> None:
        Path("mala.jsonl").write_bytes(content)
        assert f"mala.jsonl {words}" in refused(project, "replay", "mala.jsonl")

    def test_a_file_that_is_not_there_is_refused(self, project: Project) -> None:
        assert "nada.jsonl cannot be read: " in refused(project, "replay", "nada.jsonl")


class TestBudgets:
    def test_a_spent_budget_pauses_and_a_larger_one_goes_on(self, project: Project) -> None:
        run = project.run("cara", code=130)
        again = project.type("resume", run)
        assert again.code == 130
        assert f"misy resume {run} --budget calls=…" in again.err
        told = project.type("resume", run, "--budget", "calls=2", "--json")
        assert (told.code, told.data["result"]) == (0, "publicado: guion de el año")
        assert project.calls() == ["redacta", "publica"]

    @pytest.mark.parametrize("part", ["calls", "calls=dos", "euros=3", "tokens=1.5"])
    def test_a_budget_is_written_as_name_and_number(self, project: Project, part: str) -> None:
        run = project.run("cara", code=130)
        told = refused(project, "resume", run, "--budget", part)
        assert f"write it as calls=N, cost=N or tokens=N, not “{part}”" in told


class TestTheCache:
    def test_an_equal_call_is_not_made_again_unless_it_is_asked_for(self, project: Project) -> None:
        project.run("guardada")
        project.run("guardada")
        assert project.calls() == ["redacta"]
        project.run("guardada", "--no-cache")
        assert project.calls() == ["redacta", "redacta"]
        project.run("guardada", "-p", "tema=otro")
        assert project.calls() == ["redacta"] * 3


class TestWhy:
    def test_it_is_told_in_sentences_with_the_command_to_type_next(self, project: Project) -> None:
        run = failed_run(project)
        told = project.type("why", run, "cierre")
        assert (told.code, told.err) == (0, "")
        assert told.out.splitlines() == [
            "`cierre` was never run: `cierre` needs `repaso`, which failed.",
            "  `repaso` failed: agent-error: tropieza raised RuntimeError: hoy no puedo.",
            f"→ misy why {run} repaso",
        ]

    def test_its_commands_find_the_journal_from_here(self, project: Project) -> None:
        run = project.run("campaña", "--journal", "otro", code=0)
        project.break_agent()
        run = project.run("campaña", "--journal", "otro", code=1)
        told = project.type("why", run, "repaso", "--journal", "otro")
        assert told.out.splitlines()[-1] == f"→ misy retry {run} --failed --journal otro"

    def test_machines_get_the_differences(self, project: Project) -> None:
        first = project.run("guardada")
        run = project.run("guardada", "-p", "tema=otro")
        told = project.type("why", run, "guion", "--json").data
        assert told["comparedWith"] == first
        assert told["differences"] == [
            {"part": "input tema", "before": '"el año"', "after": '"otro"'}
        ]

    def test_one_item_is_asked_for_by_its_key(self, project: Project) -> None:
        run = project.paused("países").id
        told = project.type("why", run, "cada", "--item", "México")
        assert told.out.startswith("`cada[México]` waits for a person, who was asked ")

    def test_an_unknown_step_is_refused_with_the_nearest(self, project: Project) -> None:
        run = project.run("campaña")
        assert "Did you mean `guion`?" in refused(project, "why", run, "guin")
