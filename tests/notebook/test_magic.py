"""`%%misy`: pipelines in cells, bound to names, run at once, wrong with a caret and without frames."""

from __future__ import annotations

from pathlib import Path

import pytest

from misydsl.failures import InputsInvalid, SourceInvalid
from misydsl.notebook.errors import CellInvalid, CommandInvalid
from misydsl.notebook.magic import read_words
from misydsl.workspace.watching import board
from tests.notebook.shells import Typed

AGENTS = """
import misydsl
@misydsl.agent
def find_trends(topic: str) -> list[str]:
    return [f"{topic} fácil", f"{topic} barato"]
"""
TRENDS = """\
pipeline tendencias(topic: string, most: int = 2) {
  step found { call find-trends(topic) }
  return take(found, most)
}
"""


@pytest.fixture
def notebook(typed: Typed) -> Typed:
    typed.cell(AGENTS)
    return typed


class TestBinding:
    def test_a_cell_shows_its_pipeline_and_binds_it(self, notebook: Typed) -> None:
        shown = notebook.cell(f"%%misy tendencias\n{TRENDS}")
        assert "1 step · 0 warnings" in shown
        assert "topic: string" in shown
        assert "text/html" in notebook.rich[0]
        assert notebook.value("tendencias").name == "tendencias"

    def test_the_name_is_another_one_for_the_pipeline(self, notebook: Typed) -> None:
        notebook.cell(f"%%misy mía\n{TRENDS}")
        assert notebook.value("mía") is notebook.value("tendencias")

    def test_without_a_name_the_pipeline_has_its_own(self, notebook: Typed) -> None:
        notebook.cell("%%misy\n" + TRENDS.replace("tendencias", "más-buscado"))
        assert notebook.value("más_buscado").name == "más-buscado"

    def test_of_several_the_one_that_nobody_calls_is_meant(self, notebook: Typed) -> None:
        caller = (
            "pipeline semana(topic: string) {\n"
            "  step one { call tendencias(topic)\n    undo { call limpia(topic) } }\n  return one\n}\n"
        )
        cleaner = "pipeline limpia(topic: string) {\n  step x { call find-trends(topic) }\n  return x\n}\n"
        shown = notebook.cell(f"%%misy todo\n{caller}{TRENDS}{cleaner}")
        assert notebook.value("todo").name == "semana"
        assert notebook.value("tendencias").name == "tendencias"
        assert shown.startswith("semana")

    def test_a_cell_with_types_only_says_what_it_brought(self, notebook: Typed) -> None:
        shown = notebook.cell("%%misy tipos\ntype Trend = { name: string }\nlet limit = 3\n")
        assert shown == "declared: Trend, limit"
        assert "tipos" not in notebook.shell.user_ns

    def test_an_empty_cell_brings_nothing(self, notebook: Typed) -> None:
        assert notebook.cell("%%misy\n# nada\n") == "declared: nothing"

    def test_warnings_are_shown_with_a_caret(self, notebook: Typed) -> None:
        shown = notebook.cell(
            "%%misy\n" + TRENDS.replace("most: int = 2", "most: int = 2, otro: int?")
        )
        assert "1 warning" in shown
        assert "W0911" in shown
        assert "^^^^" in shown

    def test_warnings_that_are_asked_for_show_themselves(self, notebook: Typed) -> None:
        notebook.cell("%%misy\n" + TRENDS.replace("most: int = 2", "most: int = 2, otro: int?"))
        shown = notebook.cell("from IPython.display import display\ndisplay(tendencias.check())")
        assert "W0911" in shown
        assert "^^^^" in shown
        assert "W0911" in notebook.rich[0]["text/html"]
        notebook.cell("%%misy\n" + TRENDS)
        assert notebook.cell("display(tendencias.check())") == "()"
        assert "text/html" not in notebook.rich[0]

    def test_warnings_of_a_cell_without_a_pipeline_are_shown(self, notebook: Typed) -> None:
        text = 'agent writer(topic: string, tópico: string) { url: "http://example.org/x" }\n'
        shown = notebook.cell(f"%%misy\n{text}let x = 3 # misy: allow W9999\n")
        assert shown.startswith("declared: writer, x")

    @pytest.mark.parametrize("line", ["class", "3a", "a.b"])
    def test_a_name_that_python_does_not_take_is_refused(self, line: str) -> None:
        with pytest.raises(CommandInvalid, match="cannot be a name in Python"):
            read_words(line)


class TestBuildingOnEachOther:
    def test_a_cell_uses_an_earlier_one_and_follows_it(self, notebook: Typed) -> None:
        notebook.cell(f"%%misy tendencias\n{TRENDS}")
        notebook.cell(
            "%%misy semana\npipeline semana(topic: string) {\n"
            "  step one { call tendencias(topic) }\n  return one\n}\n"
        )
        assert notebook.value("semana").run(topic="ia").result == ["ia fácil", "ia barato"]
        notebook.cell("%%misy tendencias\n" + TRENDS.replace("take(found, most)", "take(found, 1)"))
        assert notebook.value("semana").run(topic="ia").result == ["ia fácil"]

    def test_a_function_defined_again_is_called_and_its_types_hold(self, notebook: Typed) -> None:
        notebook.cell(f"%%misy tendencias\n{TRENDS}")
        notebook.cell(AGENTS.replace("fácil", "caro"))
        assert notebook.value("tendencias").run(topic="ia").result[0] == "ia caro"
        notebook.cell(AGENTS.replace("topic: str", "topic: int"))
        with pytest.raises(CellInvalid) as caught:
            notebook.value("tendencias").run(topic="ia")
        assert caught.value.diagnostics[0].source.name == "[tendencias]"

    def test_a_function_that_resembles_a_declared_agent_is_no_slip(self, notebook: Typed) -> None:
        text = 'agent find-trend(topic: string) -> string { url: "http://127.0.0.1:9/x" }\n'
        notebook.cell(f"%%misy tendencias\n{text}{TRENDS}")
        assert notebook.value("tendencias").run(topic="ia").status == "succeeded"

    def test_agents_that_are_given_win(self, notebook: Typed) -> None:
        notebook.cell(f"%%misy tendencias\n{TRENDS}")
        given = {"find-trends": lambda topic: [topic.upper()]}
        assert notebook.value("tendencias").run(topic="ia", agents=given).result == ["IA"]

    def test_agents_of_a_file_serve_the_pipeline(self, typed: Typed, folder: Path) -> None:
        (folder / "agentes.py").write_text(AGENTS, "utf-8")
        declared = "agent find-trends(topic: string) -> list[string]\n"
        typed.cell(f"%%misy tendencias --agents agentes.py\n{declared}{TRENDS}")
        assert typed.value("tendencias").run(topic="ia").result == ["ia fácil", "ia barato"]

    def test_files_beside_the_notebook_are_imported(self, notebook: Typed, folder: Path) -> None:
        (folder / "tipos.misy").write_text("type Topic = string\n", "utf-8")
        text = 'import { Topic } from "./tipos.misy"\n' + TRENDS.replace(
            "topic: string", "topic: Topic"
        )
        notebook.cell(f"%%misy tendencias\n{text}")
        run = notebook.value("tendencias").run(topic="ia")
        assert run.result == ["ia fácil", "ia barato"]
        (folder / "tipos.misy").unlink()
        assert run.replay().result == run.result

    def test_a_plan_knows_the_functions(self, notebook: Typed) -> None:
        notebook.cell(f"%%misy tendencias\n{TRENDS}")
        assert "find-trends" in str(notebook.value("tendencias").plan(topic="ia"))


class TestRunning:
    @pytest.mark.parametrize("option", ["-r", "--run"])
    def test_a_cell_runs_at_once(self, notebook: Typed, option: str) -> None:
        notebook.cell(f"%%misy ahora {option} -p topic=ia -p most=1\n{TRENDS}")
        run = notebook.value("ahora_run")
        assert run.result == ["ia fácil"]
        assert notebook.value("_") is run

    def test_without_a_name_the_run_is_called_like_the_pipeline(self, notebook: Typed) -> None:
        notebook.cell(f"%%misy -r -p 'topic=año nuevo'\n{TRENDS}")
        assert notebook.value("tendencias_run").result[0] == "año nuevo fácil"

    def test_a_wrong_input_has_its_caret(self, notebook: Typed) -> None:
        with pytest.raises(CellInvalid):
            notebook.cell(f"%%misy tendencias -r -p topic=ia -p most=uno\n{TRENDS}")
        assert "%%misy tendencias -r -p topic=ia -p most=uno\n" in notebook.traceback
        assert "^^^" in notebook.traceback
        assert "Traceback" not in notebook.traceback
        assert "tendencias_run" not in notebook.shell.user_ns

    def test_a_missing_input_is_named(self, notebook: Typed) -> None:
        with pytest.raises(SourceInvalid, match="needs `topic: string`"):
            notebook.cell(f"%%misy tendencias -r\n{TRENDS}")

    def test_a_cell_without_a_pipeline_cannot_run(self, notebook: Typed) -> None:
        with pytest.raises(CommandInvalid, match="no pipeline"):
            notebook.cell("%%misy tipos -r\ntype A = string\n")

    def test_a_pipeline_is_awaited_in_a_cell(self, notebook: Typed) -> None:
        notebook.cell(f"%%misy tendencias\n{TRENDS}")
        notebook.cell('run = await tendencias(topic="ia")')
        assert notebook.value("run").status == "succeeded"

    def test_an_input_that_is_unknown_is_refused_before_the_run(self, notebook: Typed) -> None:
        notebook.cell(f"%%misy tendencias\n{TRENDS}")
        with pytest.raises(InputsInvalid, match="topic"):
            notebook.cell('run = await tendencias(topik="ia")')


class TestSwitching:
    def test_reloading_forgets_cells_and_works(self, notebook: Typed) -> None:
        notebook.cell("%%misy tipos\ntype Topic = string\n")
        notebook.cell("%reload_ext misydsl")
        with pytest.raises(CellInvalid):
            notebook.cell("%%misy p\n" + TRENDS.replace("topic: string", "topic: Topic"))
        notebook.cell(f"%%misy p -r -p topic=ia\n{TRENDS}")
        assert notebook.value("p_run").status == "succeeded"

    def test_loading_twice_adds_nothing(self, notebook: Typed) -> None:
        before = len(notebook.shell.input_transformers_cleanup)
        from misydsl import load_ipython_extension

        load_ipython_extension(notebook.shell)
        assert len(notebook.shell.input_transformers_cleanup) == before

    def test_unloading_takes_everything_away(self, notebook: Typed) -> None:
        shell = notebook.shell
        transformers, matchers = (
            len(shell.input_transformers_cleanup),
            shell.Completer.custom_matchers,
        )
        assert board() is not None
        notebook.cell("%unload_ext misydsl")
        assert board() is None
        assert len(shell.input_transformers_cleanup) == transformers - 1
        assert not [one for one in matchers if hasattr(one, "magics")]
        magics = shell.magics_manager.magics
        assert "misy" not in {**magics["line"], **magics["cell"]}
        from misydsl import unload_ipython_extension

        unload_ipython_extension(shell)
        assert len(shell.input_transformers_cleanup) == transformers - 1
