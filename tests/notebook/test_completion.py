"""Tab inside of `%%misy` cells and on `%misy` lines, through IPython's own completer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.notebook.shells import Typed

AGENTS = """
import misydsl
@misydsl.agent
def find_trends(topic: str, kind: str = "x") -> list[str]:
    return [topic]
"""
TYPES = '%%misy tipos\ntype Trend = { name: string, score: float }\nagent médico(trend: Trend) -> Trend { url: "http://127.0.0.1:9/" }\n'


@pytest.fixture
def notebook(typed: Typed) -> Typed:
    typed.cell(AGENTS)
    typed.cell(TYPES)
    return typed


class TestInCells:
    def test_agents_of_cells_and_of_python_are_offered(self, notebook: Typed) -> None:
        found = notebook.completions("%%misy p\npipeline p(topic: string) {\n step a { call ▮ }\n}")
        assert found["find-trends"] == "agent"
        assert found["médico"] == "agent"
        assert found["p"] == "pipeline"

    def test_what_was_begun_narrows_it_down(self, notebook: Typed) -> None:
        found = notebook.completions("%%misy p\npipeline p {\n step a { call find_t▮ }\n}")
        assert list(found) == ["find-trends"]

    def test_inputs_and_fields_are_offered(self, notebook: Typed) -> None:
        head = "%%misy p\npipeline p(trend: Trend) {\n"
        inputs = notebook.completions(f"{head} step a {{ call find-trends(▮) }}\n}}")
        assert {"topic: ", "kind: "} == set(inputs)
        fields = notebook.completions(f"{head} step a {{ call médico(trend) }}\n return a.▮\n}}")
        assert {"name", "score"} == set(fields)

    def test_lines_with_accents_before_the_cursor_do_not_move_it(self, notebook: Typed) -> None:
        text = "%%misy p\n# año: 名前 😀\npipeline p(ñandú: string) {\n return ñan▮\n}"
        assert list(notebook.completions(text)) == ["ñandú"]

    def test_names_of_python_are_not_offered(self, notebook: Typed) -> None:
        notebook.cell("topping = 1")
        found = notebook.completions("%%misy p\npipeline p(topic: string) { return top▮ }")
        assert list(found) == ["topic"]


class TestOnTheFirstLine:
    def test_options_are_offered(self, notebook: Typed) -> None:
        found = notebook.completions("%%misy p --▮\npipeline p { return 1 }")
        assert set(found) == {"--run", "--param", "--agents"}

    def test_inputs_of_the_cell_are_offered_behind_p(self, notebook: Typed) -> None:
        found = notebook.completions(
            "%%misy p -r -p ▮\npipeline p(topic: string, n: int) { return n }"
        )
        assert set(found) == {"topic=", "n="}

    def test_without_a_text_there_are_no_inputs(self, notebook: Typed) -> None:
        assert "topic=" not in notebook.completions("%%misy p -p ▮")


class TestOnLines:
    def test_commands_are_offered(self, notebook: Typed) -> None:
        assert {"check", "graph", "runs"} <= set(notebook.completions("%misy ▮"))
        assert list(notebook.completions("%misy res▮")) == ["resume"]

    def test_a_line_further_down_is_completed(self, notebook: Typed) -> None:
        assert list(notebook.completions("x = 1\n%misy appr▮\ny = 2")) == ["approve"]

    def test_codes_are_offered(self, notebook: Typed) -> None:
        assert "E0201" in notebook.completions("%misy explain E02▮")

    def test_runs_and_their_steps_are_offered(self, notebook: Typed) -> None:
        notebook.cell(
            "%%misy p -r -p topic=ia\npipeline p(topic: string) {\n"
            "  step primero { call find-trends(topic) }\n  return primero\n}\n"
        )
        assert set(notebook.completions("%misy show ▮")) >= {"p_run"}
        assert list(notebook.completions("%misy why p_run pri▮")) == ["primero"]
        assert "primero" not in notebook.completions("%misy why nada ▮")

    def test_files_are_left_to_the_shell(self, notebook: Typed, folder: Path) -> None:
        (folder / "prueba.misy").write_text("", "utf-8")
        assert "prueba.misy" in notebook.completions("%misy check pru▮")

    def test_python_is_left_to_the_shell(self, notebook: Typed) -> None:
        assert "misydsl" in notebook.completions("misyd▮")
