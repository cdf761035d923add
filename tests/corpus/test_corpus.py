"""What the writer of a file is told: a directory a case, `main.misy` or `main.json` and what it gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from misydsl.diagnostics.plain import render_plain
from misydsl.workspace.checking import check_file

CASES = sorted(path.parent for path in Path(__file__).parent.glob("[EW]*/main.*"))
# Names of terminals and rules as they stand in the grammar: never said to a person.
INTERNAL = (
    "LBRACE",
    "RBRACE",
    "LPAR",
    "RPAR",
    "LSQB",
    "RSQB",
    "INTERPOLATION",
    "TEXT_",
    "$END",
    "QMARK",
)


def said(case: Path) -> str:
    """Everything said about a case, as a person reads it."""
    [file] = case.glob("main.*")
    diagnostics = check_file(file, strict=None).diagnostics
    return "".join(f"{render_plain(diagnostic)}\n\n" for diagnostic in diagnostics).rstrip() + "\n"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_wrong_file_is_told_what_is_expected(case: Path, is_blessing: bool) -> None:
    expected = case / "expected.txt"
    if is_blessing:
        expected.write_text(said(case), encoding="utf-8")
    assert said(case) == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_named_after_a_code_it_shows(case: Path) -> None:
    text = (case / "expected.txt").read_text(encoding="utf-8")
    assert f"[{case.name[:5]}]" in text
    assert not any(word in text for word in INTERNAL)
