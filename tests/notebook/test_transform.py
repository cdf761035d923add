"""A cell that runs becomes one line with `await`; every other cell stays as it was."""

from __future__ import annotations

import ast

import pytest

from misydsl.notebook.transform import await_cells, runs


@pytest.mark.parametrize("words", ["-r", "--run", "name -r -p 'a=x y'", "-p a=1 --run"])
def test_a_cell_that_runs_is_awaited(words: str) -> None:
    (line,) = await_cells([f"%%misy {words}\n", "pipeline p {\n", "  return 'ñ\\n\"'\n", "}\n"])
    assert line.startswith("_ = await ")
    call = ast.parse(line.removeprefix("_ = await ")).body[0]
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    values = [one.value for one in call.value.args if isinstance(one, ast.Constant)]
    assert values == ["misy", words, "pipeline p {\n  return 'ñ\\n\"'\n}\n"]


@pytest.mark.parametrize(
    "first",
    [
        "%%misy",
        "%%misy name",
        "%%misy -p a=-r",
        "%%misy 'open -r",
        "%%misyx -r",
        "%misy runs",
        "x = 1  # %%misy -r",
        "%misy resume",
    ],
)
def test_every_other_cell_stays(first: str) -> None:
    lines = [f"{first}\n", "x\n"]
    assert await_cells(lines) is lines
    assert await_cells(lines[:1]) == lines[:1]


def test_no_cell_stays_no_cell() -> None:
    assert await_cells([]) == []


def test_a_resumed_run_is_awaited_when_it_is_all_of_a_cell() -> None:
    assert await_cells(["%misy resume run \n"]) == [
        "_ = await get_ipython().run_line_magic('misy', 'resume run')\n"
    ]
    lines = ["x = 1\n", "%misy resume run\n"]
    assert await_cells(lines) is lines


def test_the_words_of_a_run_are_words_of_their_own() -> None:
    assert runs("name --run")
    assert not runs("name --runs")
