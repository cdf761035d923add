"""`misy check`: fixes, diffs, formats for machines, and types."""

from __future__ import annotations

import io
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from misydsl.cli.main import main

Misy = Callable[..., tuple[int, str, str]]

WRONG = """\
misy 1

# Ñandú: la campaña
agent writer(topic: str) -> string {
  timeout: "30s"
}
pipeline post(topic: string) {
  step draft { call writer(topic: 'café'); }
  return drafft
}
"""
RIGHT = """\
misy 1

# Ñandú: la campaña
agent writer(topic: string) -> string {
  timeout: 30s
}
pipeline post(topic: string) {
  step draft { call writer(topic: "café") }
  return draft
}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.misy").write_text(WRONG, encoding="utf-8")
    (tmp_path / "right.misy").write_text("pipeline p() {\n  return 1\n}\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def misy(capsys: pytest.CaptureFixture[str]) -> Misy:
    def call(*words: str) -> tuple[int, str, str]:
        code = main(words)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def parsed(text: str) -> Any:
    return json.loads(text)


# ------------------------------------------------------------------ --fix


def test_fix_writes_what_is_certain_and_says_what_it_did(misy: Misy, folder: Path) -> None:
    code, out, err = misy("check", "--fix", "wrong.misy")
    assert (folder / "wrong.misy").read_text(encoding="utf-8") == RIGHT
    assert code == 0
    assert "error" not in out
    assert err.splitlines()[0] == "mended wrong.misy:4:21 E0210: write `string`"
    assert len(err.splitlines()) == 5


def test_fix_tells_what_it_could_not_mend(misy: Misy, folder: Path) -> None:
    (folder / "wrong.misy").write_text(WRONG + "let x = nothing-like-it\n", encoding="utf-8")
    code, out, _ = misy("check", "--fix", "wrong.misy")
    assert code == 2
    assert "E0201" in out
    assert "1 error" in out


def test_fix_believes_no_warning_beside_an_error(misy: Misy, folder: Path) -> None:
    text = (
        "agent a(q: string) -> string\n"
        "pipeline p(q: string) -> string {\n"
        '  step s {\n    when: q != ""\n    call a(q)\n  }\n'
        '  return s ?? ""\n}\n'
    )
    (folder / "wrong.misy").write_text(text, encoding="utf-8")
    code, _, _ = misy("check", "--fix", "wrong.misy")
    mended = (folder / "wrong.misy").read_text(encoding="utf-8")
    assert 'step s when q != "" {' in mended
    assert 'return s ?? ""' in mended
    assert code == 0


def test_fix_of_a_right_file_does_not_touch_it(misy: Misy, folder: Path) -> None:
    before = (folder / "right.misy").stat()
    assert misy("check", "--fix", "right.misy") == (0, "✓ right.misy: no problems\n", "")
    after = (folder / "right.misy").stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


def test_fix_keeps_permissions_links_marks_and_line_breaks(misy: Misy, folder: Path) -> None:
    path = folder / "marked.misy"
    path.write_bytes('\ufefflet a: str = "é"\r\n'.encode())
    path.chmod(0o640)
    (folder / "link.misy").symlink_to(path)
    assert misy("check", "--fix", "link.misy")[0] == 0
    assert path.read_bytes() == '\ufefflet a: string = "é"\r\n'.encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert (folder / "link.misy").is_symlink()
    assert sorted(one.name for one in folder.iterdir()) == [
        "link.misy",
        "marked.misy",
        "right.misy",
        "wrong.misy",
    ]


def test_a_file_that_cannot_be_written_is_an_error_and_stays(
    misy: Misy, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "it may not be changed")

    monkeypatch.setattr("misydsl.cli.rewriting.replace_file", refuse)
    code, _, err = misy("check", "--fix", "wrong.misy")
    assert code == 2
    assert "wrong.misy cannot be written: it may not be changed" in err
    assert "mended" not in err
    assert (folder / "wrong.misy").read_text(encoding="utf-8") == WRONG


def test_fix_of_the_input_writes_the_mended_text_on_the_output(
    misy: Misy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(WRONG + "let x = nothing-like-it\n"))
    code, out, err = misy("check", "--fix", "-")
    assert code == 2
    assert out == RIGHT + "let x = nothing-like-it\n"
    assert "E0201" in err


def test_fix_tells_machines_what_was_mended(misy: Misy) -> None:
    code, out, err = misy("check", "--fix", "--json", "wrong.misy")
    found = parsed(out)
    assert (code, err) == (0, "")
    assert [one["code"] for one in found["mended"]] == [
        "E0210",
        "E0503",
        "E0102",
        "E0102",
        "E0201",
    ]


def test_a_file_whose_bytes_are_not_text_is_told_and_stays(misy: Misy, folder: Path) -> None:
    (folder / "latin.misy").write_bytes(b'let a = "\xf1"\n')
    code, out, _ = misy("check", "--fix", "latin.misy")
    assert code == 2
    assert "E0108" in out
    assert (folder / "latin.misy").read_bytes() == b'let a = "\xf1"\n'


# ------------------------------------------------------------------ --diff


def test_diff_shows_the_change_writes_nothing_and_ends_with_one(misy: Misy, folder: Path) -> None:
    code, out, _ = misy("check", "--diff", "wrong.misy")
    assert code == 1
    assert "-agent writer(topic: str) -> string {\n" in out
    assert "+agent writer(topic: string) -> string {\n" in out
    assert (folder / "wrong.misy").read_text(encoding="utf-8") == WRONG


def test_diff_of_right_files_is_empty_and_fine(misy: Misy) -> None:
    assert misy("check", "--diff", "right.misy") == (0, "", "✓ nothing to mend\n")


def test_diff_for_machines_is_one_object(misy: Misy) -> None:
    code, out, err = misy("check", "--diff", "--json", "wrong.misy", "right.misy")
    (change,) = parsed(out)["changes"]
    assert (code, err, change["file"]) == (1, "", "wrong.misy")
    assert "+  timeout: 30s" in change["diff"]


def test_diff_of_a_missing_file_is_wrong_usage(misy: Misy) -> None:
    code, _, err = misy("check", "--diff", "missing.misy", "wrong.misy")
    assert code == 2
    assert "missing.misy cannot be read" in err


# ------------------------------------------------------------------ formats


def test_github_gets_one_command_a_problem(misy: Misy) -> None:
    code, out, _ = misy("check", "--format", "github", "wrong.misy")
    lines = out.splitlines()
    assert code == 2
    assert all(line.startswith(("::error file=wrong.misy,", "::warning file=")) for line in lines)
    assert misy("check", "--format", "github", "right.misy") == (0, "", "")


def test_sarif_is_one_log_even_when_a_file_is_missing(misy: Misy) -> None:
    code, out, err = misy("check", "--format", "sarif", "wrong.misy", "missing.misy")
    (run,) = parsed(out)["runs"]
    assert (code, err) == (2, "")
    assert run["tool"]["driver"]["name"] == "misy"
    assert not run["invocations"][0]["executionSuccessful"]
    uris = {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]
    }
    assert uris == {"wrong.misy"}


def test_sarif_of_a_right_file_has_no_results(misy: Misy) -> None:
    code, out, _ = misy("check", "--format=sarif", "right.misy")
    assert code == 0
    assert parsed(out)["runs"][0]["results"] == []


# ------------------------------------------------------------------ --types


def test_types_lists_what_has_a_name(misy: Misy) -> None:
    code, out, _ = misy("check", "--types", "right.misy")
    assert (code, out) == (0, "   1  pipeline  p  1\n")


def test_types_of_several_files_have_headings(misy: Misy) -> None:
    _, out, _ = misy("check", "right.misy", "wrong.misy", "--types")
    assert out.splitlines()[0] == "right.misy"
    assert "\n\nwrong.misy\n" in out


def test_the_type_at_a_place_is_told_with_what_stands_there(misy: Misy) -> None:
    assert misy("check", "right.misy", "--types", "2:10") == (0, "1: 1\n", "")
    answer = parsed(misy("check", "right.misy", "--types", "2:10", "--json")[1])
    assert answer["type"] == "1"
    assert (answer["line"], answer["column"], answer["end_column"]) == (2, 10, 11)


def test_types_for_machines_have_places(misy: Misy) -> None:
    (row,) = parsed(misy("check", "--types", "--json", "right.misy")[1])["types"]
    assert (row["kind"], row["name"], row["type"], row["line"]) == ("pipeline", "p", "1", 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("right.misy", "--types", "2:1"), "nothing with a type stands at 2:1 of right.misy"),
        (("right.misy", "--types", "9:9"), "nothing with a type stands at 9:9"),
        (("right.misy", "--types", "2"), "a place is written LINE:COLUMN"),
        (("right.misy", "wrong.misy", "--types", "1:1"), "a place is asked for in one file"),
        (("missing.misy", "--types"), "missing.misy cannot be read"),
        (("--types",), "name a file to check"),
        ((), "name a file to check"),
    ],
)
def test_what_cannot_be_answered_is_wrong_usage(
    misy: Misy, words: tuple[str, ...], said: str
) -> None:
    code, out, err = misy("check", *words)
    assert (code, out) == (2, "")
    assert said in err


def test_the_input_has_types_too(misy: Misy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("let a = 30s\n"))
    assert misy("check", "-", "--types")[1] == "   1  let  a  duration\n"
