"""Errors in a cell: the caret under the right column, no Python frames, and real errors all the same."""

from __future__ import annotations

import pytest

from misydsl.diagnostics.cells import width
from misydsl.failures import MisyError, SourceInvalid
from misydsl.notebook.errors import CellInvalid, CommandInvalid, plainly
from misydsl.workspace.checking import check_text
from tests.notebook.shells import Typed


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("  return topc", 9),
        ('  return "año" + topc', 17),
        ('  return "名前" + topc', 18),  # each of the two is two columns wide
        ("\treturn topc", 11),  # a tab is four columns wide
    ],
)
def test_the_caret_stands_under_the_word(typed: Typed, line: str, column: int) -> None:
    with pytest.raises(CellInvalid):
        typed.cell(f"%%misy mal\npipeline mal(topic: string) {{\n{line}\n}}\n")
    lines = typed.traceback.splitlines()
    (caret,) = [one for one in lines if one.strip(" \u3000│^") == "" and "^" in one]
    source = next(one for one in lines if "topc" in one and "│" in one)
    assert width(caret[: caret.index("^")]) - width(caret[: caret.index("│")]) - 2 == column
    assert "^^^^" in caret
    assert "topc" in source
    assert "Traceback" not in typed.traceback
    assert "File " not in typed.traceback
    assert "Did you mean `topic`?" in typed.traceback


def test_nothing_is_bound_by_a_wrong_cell(typed: Typed) -> None:
    with pytest.raises(SourceInvalid):
        typed.cell("%%misy mal\npipeline otro { return nada }\n")
    assert not {"mal", "otro"} & set(typed.shell.user_ns)


def test_words_behind_the_magic_are_told_with_their_usage(typed: Typed) -> None:
    for words in ("--rum", "a b", "-p", "'open", "-p topic"):
        with pytest.raises(CommandInvalid):
            typed.cell(f"%%misy {words}\npipeline p {{ return 1 }}\n")
        assert typed.traceback.startswith("error: ")


def test_a_problem_keeps_what_it_says_and_loses_its_frames() -> None:
    wrong = SourceInvalid(check_text("pipeline").diagnostics)
    cell, command = plainly(wrong), plainly(MisyError("no"))
    assert isinstance(cell, CellInvalid)
    assert cell.diagnostics == wrong.diagnostics
    assert isinstance(command, CommandInvalid)
    assert str(command) == "no"
    assert plainly(cell) is cell
    assert plainly(command) is command
