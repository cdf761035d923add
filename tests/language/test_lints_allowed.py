"""Warnings can be allowed: on a line, in a file, in a project. Errors cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from misydsl.language.check import check_modules
from misydsl.language.lints.project import project_in, project_of
from misydsl.source import Source
from misydsl.workspace.checking import check_file, check_text
from tests.language.checking import written

BODY = """agent a(q: string) -> string
pipeline p() {
  step s { call a(q: t) }
  step t { call a(q: "x") }
  let idle = 1
  return s
}
"""


def codes(text: str) -> list[str]:
    return [one.code for one in check_modules({"m": text}, "m").diagnostics]


def test_nothing_is_allowed_by_itself() -> None:
    assert codes(BODY) == ["W0903", "W0910"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("step s { call a(q: t) }", "step s { call a(q: t) } # misy: allow W0903"),
        ("  step s", "  # misy: allow W0903\n  step s"),
        ("  step s", "  #misy:allow W0999x, W0903\n  step s"),
    ],
)
def test_a_comment_on_the_line_or_above_it_allows(before: str, after: str) -> None:
    assert "W0903" not in codes(BODY.replace(before, after))
    assert "W0910" in codes(BODY.replace(before, after))


def test_a_comment_elsewhere_allows_nothing() -> None:
    text = BODY.replace("  step s", "  # misy: allow W0903\n\n  step s")
    assert codes(text) == ["W0903", "W0910"]
    assert codes(BODY.replace("  return", "  # misy: allow W0903\n  return")) == ["W0903", "W0910"]


@pytest.mark.parametrize(
    "top",
    [
        "# misy: allow W0903, W0910\n",
        "misy 1\n# misy: allow W0903 W0910\n",
        "# a file\n\n# misy: allow W0903\nmisy 1\n# misy: allow W0910\n\n",
        "\ufeff# misy: allow W0903,W0910\n",
    ],
)
def test_a_comment_at_the_top_allows_in_the_whole_file(top: str) -> None:
    assert codes(top + BODY) == []


def test_a_comment_after_the_first_declaration_is_not_at_the_top() -> None:
    assert codes(BODY.replace("pipeline", "# misy: allow W0910\npipeline")) == ["W0903", "W0910"]


def test_the_warnings_of_expressions_can_be_allowed_too() -> None:
    assert codes('let x = "a" ?? "b"\n') == ["W0902"]
    assert codes('let x = "a" ?? "b" # misy: allow W0902\n') == []


@pytest.mark.parametrize(
    ("code", "why"), [("E0201", "it is an error"), ("W9999", "there is no such code")]
)
def test_what_cannot_be_allowed_is_told(code: str, why: str) -> None:
    text = f"# misy: allow {code}\nlet x = gone\n"
    told, error = check_modules({"m": text}, "m").diagnostics
    assert (told.code, written(told)) == ("W0916", code)
    assert why in told.message
    assert error.code == "E0201"


def test_another_comment_about_misy_is_a_comment() -> None:
    assert codes("# misy: allows W0903 or not\n# about misy: allow me\nlet x = 1\n") == []


def test_a_text_that_looks_like_such_a_comment_allows_nothing() -> None:
    assert codes('let x = "# misy: allow W0902" ?? "b"\n') == ["W0902"]


# The project


def test_the_nearest_project_is_asked(tmp_path: Path) -> None:
    inner = tmp_path / "flows" / "deep"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.misy]\nallow = ["W0903"]\nstrict = true\n')
    assert project_of(inner).allowed == {"W0903"}
    assert project_of(inner).is_strict
    (tmp_path / "flows" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert project_of(inner).allowed == frozenset()


def test_what_a_project_allows_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.misy]\nallow = ["W0903", "W0910"]\n')
    (tmp_path / "main.misy").write_text(BODY)
    assert check_file(tmp_path / "main.misy").diagnostics == ()


def test_a_project_can_be_strict_and_running_never_is(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.misy]\nstrict = true\n")
    text = 'agent v(q: any)\nagent a(q: int) { url: "http://x" }\npipeline p() {\n'
    text += "step s { call v(q: 1) }\nstep t { call a(q: s) }\nreturn t\n}\n"
    (tmp_path / "main.misy").write_text(text)
    asked = check_file(tmp_path / "main.misy", strict=None).diagnostics
    assert "E0516" in [one.code for one in asked]
    assert check_file(tmp_path / "main.misy").errors == ()
    assert check_file(tmp_path / "main.misy", strict=False).errors == ()


def test_a_text_belongs_to_the_project_of_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.misy]\nallow = ["W0902"]\n')
    monkeypatch.chdir(tmp_path)
    assert check_text('let x = "a" ?? "b"\n').diagnostics == ()


@pytest.mark.parametrize(
    ("table", "place", "words"),
    [
        ('alow = ["W0903"]', "alow", "Did you mean `allow`"),
        ('allow = "W0903"', "allow", "it is a list of codes"),
        ('allow = ["E0201"]', "E0201", "it is an error"),
        ('allow = ["W0999"]', "W0999", "there is no such code"),
        ("allow = [3]", "3", "there is no such code"),
        ('strict = "yes"', "strict", "true or false"),
    ],
)
def test_what_a_project_says_wrongly_is_told_there(table: str, place: str, words: str) -> None:
    project = project_in(Source("pyproject.toml", f"[tool.misy]\n{table}\n"))
    (found,) = project.diagnostics
    assert (found.code, found.severity) == ("W0916", "warning")
    assert written(found) == place
    assert words in found.message
    assert project.allowed == frozenset()


def test_a_project_that_cannot_be_read_is_told_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.misy\nallow = 3")
    (tmp_path / "main.misy").write_text("let x = 1\n")
    checked = check_file(tmp_path / "main.misy")
    assert [one.code for one in checked.diagnostics] == ["W0916"]
    assert checked.errors == ()
    (tmp_path / "pyproject.toml").write_bytes(b"# misy \xff\n")
    assert [one.code for one in check_file(tmp_path / "main.misy").diagnostics] == ["W0916"]


def test_a_table_of_another_kind_is_told() -> None:
    (found,) = project_in(Source("pyproject.toml", "[tool]\nmisy = 3\n")).diagnostics
    assert "it is a table" in found.message
    assert project_in(Source("pyproject.toml", "[[tool]]\nname = 'misy'\n")).diagnostics == ()
