"""Cells that build on each other: which name is whose, what follows a cell executed again, and places."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypedDict

import pytest

from misydsl.agents.declare import AgentDeclaration, agent
from misydsl.language.suggestions import suggestions
from misydsl.pipeline.model import Agent, Pipeline
from misydsl.workspace.cells import Cells, CheckedCell
from misydsl.workspace.python_agents import python_homes, python_modules

WRITER = 'agent writer(topic: string) -> string { url: "http://127.0.0.1:9/writer" }\n'
POST = "pipeline post(topic: string) {\n  step text { call writer(topic) }\n  return text\n}\n"


class Draft(TypedDict):
    """A text and how good it is."""

    text: str
    quality: float


@agent
def find_trends(topic: str, most: int = 3) -> list[Draft]:
    """What people talk about."""
    return []


@agent
def critic(draft: Draft | None, **others: Any) -> dict[str, Draft]:
    """What is wrong with it."""
    return {}


@agent
def then(topic: str) -> str:
    """The language keeps this word for itself."""
    return topic


FUNCTIONS: dict[str, AgentDeclaration] = {one.name: one for one in (find_trends, critic, then)}


@pytest.fixture
def cells(folder: Path) -> Cells:
    return Cells(folder)


def execute(cells: Cells, title: str, text: str) -> CheckedCell:
    found = cells.check(title, text, FUNCTIONS)
    assert not found.checked.errors, found.checked.errors
    cells.keep(found.cell)
    return found


def told(found: CheckedCell) -> list[str]:
    return [str(one).partition("\n")[0] for one in found.checked.diagnostics]


def agent_of(found: CheckedCell, name: str) -> Agent:
    library = found.checked.library
    assert library is not None
    meant = library.main.names[name]
    assert isinstance(meant, Agent)
    return meant


class TestNames:
    def test_a_cell_uses_what_earlier_ones_declare(self, cells: Cells) -> None:
        execute(cells, "[agents]", WRITER)
        found = execute(cells, "[post]", POST)
        assert found.cell.text == POST
        assert cells.names() == ("post", "writer")
        assert told(found) == []

    def test_a_cell_that_only_declares_is_not_told_that_nobody_uses_it(self, cells: Cells) -> None:
        assert told(execute(cells, "[types]", "type Trend = { name: string }\n" + WRITER)) == []

    def test_its_own_declarations_win(self, cells: Cells) -> None:
        execute(cells, "[agents]", WRITER)
        own = WRITER.replace("-> string", "-> int")
        found = execute(cells, "[post]", own + POST)
        assert "writer" not in found.cell.uses
        execute(cells, "[agents]", WRITER)
        assert told(cells.check_again(found.cell)) == []

    def test_the_newest_of_each_name_is_meant(self, cells: Cells) -> None:
        execute(cells, "[one]", WRITER)
        execute(cells, "[two]", WRITER.replace("-> string", "-> int"))
        found = execute(cells, "[post]", POST)
        assert found.cell.uses["writer"].home == "[two]"

    def test_what_a_cell_imports_from_a_file_is_known_to_later_ones(
        self, cells: Cells, folder: Path
    ) -> None:
        (folder / "agentes.misy").write_text(WRITER, "utf-8")
        text = 'import { writer as redactor } from "./agentes.misy"\n'
        assert told(execute(cells, "[imports]", text)) == []
        found = execute(cells, "[post]", POST.replace("writer", "redactor"))
        assert told(found) == []
        assert agent_of(found, "redactor").name == "writer"

    def test_an_import_of_its_own_wins(self, cells: Cells, folder: Path) -> None:
        (folder / "agentes.misy").write_text(WRITER, "utf-8")
        execute(cells, "[agents]", WRITER)
        found = execute(cells, "[post]", 'import { writer } from "./agentes.misy"\n' + POST)
        assert found.cell.uses == {}

    def test_a_broken_import_brings_nothing(self, cells: Cells) -> None:
        found = cells.check("[x]", "import { writer } from 3\n")
        assert found.checked.errors
        assert found.cell.brings == {}

    def test_an_earlier_name_gives_way_to_an_input_of_the_same_name(self, cells: Cells) -> None:
        execute(cells, "[limits]", "let topic = 3\n" + WRITER)
        found = execute(cells, "[post]", POST)
        assert "topic" not in found.cell.uses
        assert told(found) == []

    def test_a_name_that_gave_way_is_not_told_beside_other_errors(self, cells: Cells) -> None:
        execute(cells, "[limits]", "let topic = 3\n" + WRITER)
        (line,) = told(cells.check("[post]", POST.replace("call writer", "call wrter")))
        assert "Did you mean `writer`?" in line

    @pytest.mark.parametrize("name", ["reseña-breve", "reseña_breve", "名前"])
    def test_names_with_hyphens_and_accents_are_found(self, cells: Cells, name: str) -> None:
        execute(cells, "[agents]", WRITER.replace("writer", name, 1))
        assert told(execute(cells, "[post]", POST.replace("writer", name))) == []

    def test_a_step_may_be_called_like_an_earlier_agent(self, cells: Cells) -> None:
        execute(cells, "[agents]", WRITER)
        assert told(execute(cells, "[post]", POST.replace("text", "writer"))) == []


class TestExecutedAgain:
    def test_an_earlier_cell_means_the_new_one(self, cells: Cells) -> None:
        execute(cells, "[agents]", WRITER)
        post = execute(cells, "[post]", POST)
        execute(cells, "[agents]", WRITER.replace("-> string", "-> int"))
        again = cells.check_again(post.cell)
        assert again.cell.uses["writer"].home == "[agents]#2"
        assert agent_of(again, "writer").result != agent_of(post, "writer").result

    def test_cells_between_follow_too(self, cells: Cells) -> None:
        execute(cells, "[agents]", WRITER)
        execute(cells, "[post]", POST)
        caller = (
            "pipeline week(topic: string) {\n  step one { call post(topic) }\n  return one\n}\n"
        )
        week = execute(cells, "[week]", caller)
        execute(cells, "[agents]", WRITER.replace("-> string", "-> int"))
        again = cells.check_again(week.cell)
        assert again.checked.library is not None
        found = again.checked.library.main.names["week"]
        assert isinstance(found, Pipeline)
        assert "int" in str(found.result)

    def test_an_error_that_comes_of_it_is_told_where_it_is(self, cells: Cells) -> None:
        execute(cells, "[agents]", WRITER)
        post = execute(cells, "[post]", POST)
        execute(cells, "[agents]", WRITER.replace("topic: string", "tema: string"))
        lines = told(cells.check_again(post.cell))
        assert lines
        assert all(line.startswith("[post]:2:") for line in lines)

    def test_a_circle_keeps_the_older_one(self, cells: Cells) -> None:
        execute(cells, "[a]", "type A = { a: string }\n")
        b = execute(cells, "[b]", "type B = { inner: A }\n")
        execute(cells, "[a]", "type A = { b: B }\n")
        assert told(cells.check_again(b.cell)) == []
        assert told(execute(cells, "[c]", "type C = { a: A, b: B }\n")) == []

    def test_the_moment_changes_with_cells_and_functions_only(self, cells: Cells) -> None:
        before = cells.moment(FUNCTIONS)
        cells.check("[agents]", WRITER)
        assert cells.moment(FUNCTIONS) == before
        assert cells.moment({}) != before
        execute(cells, "[agents]", WRITER)
        assert cells.moment(FUNCTIONS) != before

    def test_a_cell_that_was_never_kept_means_what_it_meant(self, cells: Cells) -> None:
        found = cells.check("[agents]", WRITER)
        assert cells.check_again(found.cell).cell == found.cell


class TestFunctions:
    def test_both_ways_to_join_the_words_of_a_name_are_known(self) -> None:
        homes = python_homes(FUNCTIONS)
        assert homes["find-trends"] == "[python]"
        assert homes["find_trends"] == "[python_]"
        assert homes["critic"] == "[python]"

    def test_a_name_that_the_language_keeps_is_left_out(self) -> None:
        assert "then" not in python_homes(FUNCTIONS)
        assert "agent then" not in "".join(python_modules(FUNCTIONS).values())

    def test_types_with_a_name_are_declared_once(self) -> None:
        text = python_modules(FUNCTIONS)["[python]"]
        assert text.count("type Draft = { text: string, quality: float }") == 1
        assert "agent find-trends(topic: string, most: int?) -> list[Draft]" in text
        assert "agent critic(draft: Draft?, ...) -> map[Draft]" in text

    @pytest.mark.parametrize("name", ["find-trends", "find_trends"])
    def test_a_cell_calls_a_function(self, cells: Cells, name: str) -> None:
        text = POST.replace("writer", name)
        found = cells.check("[post]", text, FUNCTIONS)
        assert told(found) == []
        assert agent_of(found, name).parameters[1].name == "most"

    def test_two_ways_in_one_cell_are_told_where_they_stand(self, cells: Cells) -> None:
        text = POST.replace("writer", "find-trends") + POST.replace(
            "writer", "find_trends"
        ).replace("post", "again")
        (line,) = told(cells.check("[post]", text, FUNCTIONS))
        assert line.startswith("[post]:6:20")
        assert line.endswith("Did you mean `find-trends`?")


class TestErrors:
    def test_a_slip_finds_a_name_that_was_not_mentioned(self, cells: Cells) -> None:
        execute(cells, "[agents]", WRITER)
        (line,) = told(cells.check("[post]", POST.replace("writer", "wirter"), FUNCTIONS))
        assert line.startswith("[post]:2:20")
        assert line.endswith("Did you mean `writer`?")

    @pytest.mark.parametrize("cut", range(4, len(POST)))
    def test_a_cell_that_stops_is_told_in_its_own_text(self, cells: Cells, cut: int) -> None:
        execute(cells, "[agents]", WRITER)
        text = POST[:cut]
        for one in cells.check("[post]", text, FUNCTIONS).checked.diagnostics:
            assert one.source.text == text
            assert one.span.end <= len(text)
            assert "import" not in one.message or cut < len("pipeline")

    def test_warnings_of_another_cell_are_not_told_again(self, cells: Cells) -> None:
        noisy = POST.replace("topic: string)", "topic: string, unused: int?)")
        execute(cells, "[agents]", WRITER)
        assert told(execute(cells, "[post]", noisy))
        caller = (
            "pipeline week(topic: string) {\n  step one { call post(topic) }\n  return one\n}\n"
        )
        assert told(execute(cells, "[week]", caller)) == []

    def test_warnings_of_an_older_cell_of_the_same_name_are_not_told_again(
        self, cells: Cells
    ) -> None:
        execute(cells, "[agents]", WRITER)
        execute(cells, "[post]", "type Topic = string\n" + POST.replace(")", ", unused: int?)", 1))
        assert told(execute(cells, "[post]", POST.replace("topic: string", "topic: Topic"))) == []
        lines = told(cells.check("[post]", POST.replace("call writer", "call wrter")))
        assert [line.partition(" error")[0] for line in lines] == ["[post]:2:20:"]

    def test_an_error_in_an_imported_file_is_told_there(self, cells: Cells, folder: Path) -> None:
        (folder / "agentes.misy").write_text("agent writer(topic: strng)\n", "utf-8")
        found = cells.check("[post]", 'import { writer } from "./agentes.misy"\n' + POST)
        assert [one.source.name for one in found.checked.errors] == ["agentes.misy"]

    def test_a_file_that_went_is_told_where_its_name_is_used(
        self, cells: Cells, folder: Path
    ) -> None:
        path = folder / "agentes.misy"
        path.write_text(WRITER, "utf-8")
        execute(cells, "[imports]", 'import { writer } from "./agentes.misy"\n')
        path.unlink()
        found = cells.check("[post]", POST)
        assert [line.partition(" error")[0] for line in told(found)] == ["[post]:2:20:"]
        assert "agentes.misy" in told(found)[0]
        (line,) = told(cells.check("[otro]", "pipeline otro(topic: string) { return topc }\n"))
        assert "Did you mean `topic`?" in line


def test_completion_knows_earlier_cells_and_functions(cells: Cells) -> None:
    execute(cells, "[agents]", WRITER)
    text = POST.replace("writer", "")
    found = suggestions(text, text.index("call ") + 5, lambda one: cells.look_at(one, FUNCTIONS))
    assert {"writer", "find-trends", "critic"} <= {one.text for one in found}
    assert "find_trends" not in {one.text for one in found}
