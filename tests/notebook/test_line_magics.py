"""`%misy COMMAND`: each command, what it shows, and what it says when it was typed wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from misydsl.failures import MisyError
from misydsl.notebook.errors import CellInvalid, CommandInvalid
from tests.notebook.shells import Typed

AGENTS = """
import misydsl
seen = []
@misydsl.agent
def work(q: str) -> str:
    seen.append(q)
    return q.upper()
"""
POST = "pipeline post(q: string) {\n  step one { call work(q) }\n  return one\n}\n"
ASKING = (
    "pipeline asking(q: string) {\n"
    '  step ok { call human.approve(message: "¿Sí?") }\n'
    "  step one when ok.approved { call work(q) }\n  return one\n}\n"
)


@pytest.fixture
def notebook(typed: Typed) -> Typed:
    typed.cell(AGENTS)
    return typed


@pytest.fixture
def after_a_run(notebook: Typed) -> Typed:
    notebook.cell(f"%%misy post -r -p q=ia\n{POST}")
    return notebook


def test_alone_it_lists_its_commands(notebook: Typed) -> None:
    shown = notebook.cell("%misy")
    for command in ("check", "graph", "runs", "show", "fmt", "explain", "why", "resume", "gc"):
        assert command in shown


def test_a_slip_finds_the_command(notebook: Typed) -> None:
    with pytest.raises(CommandInvalid, match="Did you mean `%misy check`"):
        notebook.cell("%misy chek")
    assert "Traceback" not in notebook.traceback
    assert notebook.traceback.startswith("error: there is no command")


def test_what_resembles_nothing_gets_the_list(notebook: Typed) -> None:
    with pytest.raises(CommandInvalid) as caught:
        notebook.cell("%misy xyzzyx")
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        "check a b",
        "graph",
        "runs muchas",
        "show",
        "fmt a b",
        "explain",
        "why uno",
        "resume",
        "approve",
        "approve a b c",
        "gc --keep",
        "gc ayer",
    ],
)
def test_a_command_says_how_it_is_written(notebook: Typed, line: str) -> None:
    with pytest.raises(CommandInvalid, match=f"%misy {line.split(maxsplit=1)[0]}"):
        notebook.cell(f"%misy {line}")


@pytest.mark.parametrize("line", ["check 'open", "show nada", "explain E0", "gc --keep ayer"])
def test_what_cannot_be_done_is_said_without_frames(notebook: Typed, line: str) -> None:
    with pytest.raises(MisyError):
        notebook.cell(f"%misy {line}")
    assert notebook.traceback.startswith("error: ")
    assert "File " not in notebook.traceback


class TestTexts:
    def test_check_shows_diagnostics_of_a_file(self, notebook: Typed, folder: Path) -> None:
        (folder / "año.misy").write_text("pipeline a(n: int) { return m }\n", "utf-8")
        shown = notebook.cell("%misy check año.misy")
        assert "I can't find `m`" in shown
        assert "^" in shown
        assert "text/html" in notebook.rich[0]

    def test_check_says_that_nothing_is_wrong(self, notebook: Typed, folder: Path) -> None:
        (folder / "bien.misy").write_text("pipeline a(n: int) { return n }\n", "utf-8")
        assert notebook.cell("%misy check bien.misy") == "nothing is wrong"

    def test_check_alone_is_of_the_newest_cell(self, notebook: Typed) -> None:
        with pytest.raises(CellInvalid):
            notebook.cell("%%misy post\n" + POST.replace("work", "wrk"))
        assert "[post]:2:19" in notebook.cell("%misy check")
        notebook.cell("%%misy -r -p q=ia\n" + POST)
        assert notebook.cell("%misy check") == "nothing is wrong"

    def test_check_alone_before_any_cell_says_what_it_needs(self, notebook: Typed) -> None:
        with pytest.raises(CommandInvalid, match="%misy check FILE"):
            notebook.cell("%misy check")

    def test_graph_draws_a_file(self, notebook: Typed, folder: Path) -> None:
        (folder / "dos.misy").write_text(
            "agent work(q: string) -> string\n" + POST + POST.replace("post", "otro"), "utf-8"
        )
        assert "picture of otro: 1 step" in notebook.cell("%misy graph dos.misy otro")
        assert "one" in str(notebook.rich[0])
        with pytest.raises(MisyError, match="several pipelines"):
            notebook.cell("%misy graph dos.misy")

    def test_fmt_lays_out_the_newest_cell_in_the_next_one(self, notebook: Typed) -> None:
        notebook.cell("%%misy post\n" + POST.replace("  step", "      step"))
        assert notebook.cell("%misy fmt") == "laid out, in the next cell"
        assert notebook.next_cell == f"%%misy post\n{POST}"
        notebook.cell(notebook.next_cell)
        assert notebook.cell("%misy fmt") == "it is laid out already"

    def test_fmt_takes_a_file_into_the_next_cell(self, notebook: Typed, folder: Path) -> None:
        path = folder / "mi-post.misy"
        for edition in ("", "misy 1\n\n"):
            path.write_text(edition + POST.replace("  step", "step"), "utf-8")
            notebook.cell("%misy fmt mi-post.misy")
            assert notebook.next_cell == f"%%misy mi_post\n{edition}{POST}"

    def test_fmt_has_nothing_to_lay_out_before_the_first_cell(self, notebook: Typed) -> None:
        with pytest.raises(CommandInvalid, match="no %%misy cell yet"):
            notebook.cell("%misy fmt")

    def test_fmt_of_a_wrong_file_shows_what_is_wrong(self, notebook: Typed, folder: Path) -> None:
        (folder / "mal.misy").write_text("pipeline {", "utf-8")
        with pytest.raises(CellInvalid):
            notebook.cell("%misy fmt mal.misy")
        (folder / "bytes.misy").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(MisyError):
            notebook.cell("%misy fmt bytes.misy")
        with pytest.raises(MisyError, match="cannot be read"):
            notebook.cell("%misy fmt nada.misy")

    def test_explain_tells_of_a_code(self, notebook: Typed) -> None:
        shown = notebook.cell("%misy explain e0201")
        assert shown.startswith("E0201")
        assert "wrong:" in shown
        assert "right:" in shown

    def test_explain_of_a_slip_finds_the_code(self, notebook: Typed) -> None:
        with pytest.raises(CommandInvalid, match="Did you mean E0201"):
            notebook.cell("%misy explain E02011")


class TestRuns:
    def test_runs_are_listed(self, after_a_run: Typed) -> None:
        run = after_a_run.value("post_run")
        assert run.id in after_a_run.cell("%misy runs")
        assert run.id in after_a_run.cell("%misy runs 1")

    def test_a_run_is_shown_by_name_by_id_and_by_expression(self, after_a_run: Typed) -> None:
        run = after_a_run.value("post_run")
        after_a_run.cell("found = {'run': post_run}")
        for word in ("post_run", run.id, run.id[:-2], "{found['run'].id}"):
            assert run.id in after_a_run.cell(f"%misy show {word}")

    def test_braces_that_are_no_expression_stay(self, after_a_run: Typed) -> None:
        with pytest.raises(MisyError, match=r"no run '\{nada'"):
            after_a_run.cell("%misy show {nada")

    def test_why_answers_of_a_step(self, after_a_run: Typed) -> None:
        assert "succeeded" in after_a_run.cell("%misy why post_run one")
        with pytest.raises(MisyError):
            after_a_run.cell("%misy why post_run nada")

    def test_a_question_is_answered(self, notebook: Typed) -> None:
        notebook.cell(f"%%misy asking\n{ASKING}")
        notebook.cell('run = asking.start({"q": "ia"})')
        notebook.cell("import asyncio\nwhile not run.questions: await asyncio.sleep(0.01)")
        assert notebook.cell("%misy approve run ok") == "approved"
        notebook.cell("await run")
        assert notebook.value("run").result == "IA"

    def test_a_question_is_denied(self, notebook: Typed) -> None:
        notebook.cell(f"%%misy asking\n{ASKING}")
        notebook.cell('run = asking.start({"q": "ia"})')
        notebook.cell("import asyncio\nwhile not run.questions: await asyncio.sleep(0.01)")
        assert notebook.cell("%misy approve run --deny") == "denied"
        notebook.cell("await run")
        assert notebook.value("seen") == []

    @pytest.mark.parametrize(
        "cell", ["%misy resume run", "going = %misy resume run\nprint(going)\nawait going"]
    )
    def test_a_paused_run_goes_on_with_the_functions(self, notebook: Typed, cell: str) -> None:
        notebook.cell(f"%%misy asking\n{ASKING}")
        notebook.cell('run = asking.start({"q": "ia"})')
        notebook.cell("import asyncio\nwhile not run.questions: await asyncio.sleep(0.01)")
        notebook.cell('run.pause("me")\nawait run\nrun.approve("ok")')
        assert notebook.value("run").status == "paused"
        notebook.cell(cell)
        assert notebook.value("run").status == "succeeded"
        assert notebook.value("seen") == ["ia"]

    def test_old_runs_are_forgotten(self, after_a_run: Typed) -> None:
        assert after_a_run.cell("%misy gc") == "forgotten: runs 0, events 0, bytes 0"
        told = after_a_run.cell("%misy gc --keep 0s --dry-run")
        assert told.startswith("would be forgotten: runs 1,")
        assert after_a_run.cell("%misy gc --keep 0s").startswith("forgotten: runs 1,")
        with pytest.raises(MisyError):
            after_a_run.cell("%misy show {post_run.id}")
