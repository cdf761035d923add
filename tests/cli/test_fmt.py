"""`misy fmt` as people, editors and CI use it: files, streams, exit codes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from misydsl.cli.main import main
from misydsl.language import formatter

WRONG = "misy 1\ntype A = {\n"
LOOSE = "misy 1\n\n\n\ntype A={a:int}\n"
NEAT = "misy 1\n\ntype A = { a: int }\n"

Misy = Any


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def misy(capsys: pytest.CaptureFixture[str]) -> Misy:
    """`misy("--check", "x.misy")` → code, out, err."""

    def call(*words: str) -> tuple[int, str, str]:
        code = main(["fmt", *words])
        return code, *capsys.readouterr()

    return call


def written(**files: str) -> None:
    for name, text in files.items():
        Path(f"{name}.misy").write_bytes(text.encode())


def given_input(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_a_file_is_rewritten_and_then_left_alone(misy: Misy) -> None:
    written(a=LOOSE)
    assert misy("a.misy") == (0, "formatted a.misy\n", "")
    assert Path("a.misy").read_bytes().decode() == NEAT
    before = Path("a.misy").stat()
    assert misy("a.misy") == (0, "", "✓ 1 file: nothing to change\n")
    assert Path("a.misy").stat() == before


def test_as_json_every_file_has_a_row_and_what_is_wrong_is_told_as_by_check(misy: Misy) -> None:
    written(a=LOOSE, b=NEAT, c=WRONG)
    code, out, err = misy("--check", "--diff", "--json", "a.misy", "b.misy", "c.misy", "d.misy")
    given = json.loads(out)
    assert (code, err) == (2, "")
    assert [(row["file"], row["changed"]) for row in given["files"]] == [
        ("a.misy", True), ("b.misy", False), ("c.misy", False), ("d.misy", False)
    ]  # fmt: skip
    a, b, c, d = given["files"]
    assert a["diff"].startswith("--- a.misy")
    assert b["diff"] == ""
    assert "has errors" in c["error"]
    assert "cannot be read" in d["error"]
    assert [one["code"] for one in given["diagnostics"]] == ["E0110"]
    assert Path("a.misy").read_bytes().decode() == LOOSE


def test_as_json_files_are_rewritten_and_the_input_is_given_back(
    misy: Misy, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(a=LOOSE)
    given_input(monkeypatch, LOOSE.encode())
    code, out, _ = misy("--format", "json", "a.misy", "-")
    assert code == 0
    assert json.loads(out)["files"] == [
        {"file": "a.misy", "changed": True},
        {"file": "-", "changed": True, "text": NEAT},
    ]
    assert Path("a.misy").read_bytes().decode() == NEAT


def test_as_json_bytes_that_are_no_text_are_told(misy: Misy) -> None:
    Path("a.misy").write_bytes(b"misy 1\n\xff\xfe\x00")
    code, out, err = misy("--json", "a.misy")
    given = json.loads(out)
    assert (code, err) == (2, "")
    assert given["files"] == [{"file": "a.misy", "changed": False, "error": "a.misy is no text"}]
    assert [one["code"] for one in given["diagnostics"]] == ["E0108"]


def test_rewriting_keeps_permissions_links_marks_and_line_breaks(misy: Misy) -> None:
    Path("real.misy").write_bytes(("\ufeff" + LOOSE.replace("\n", "\r\n")).encode())
    Path("real.misy").chmod(0o640)
    Path("link.misy").symlink_to("real.misy")
    assert misy("link.misy")[0] == 0
    assert Path("link.misy").is_symlink()
    assert Path("real.misy").stat().st_mode & 0o777 == 0o640
    expected = ("\ufeff" + NEAT.replace("\n", "\r\n")).encode()
    assert Path("real.misy").read_bytes() == expected


def test_without_a_file_all_below_here_are_formatted_but_hidden_ones(misy: Misy) -> None:
    Path("flows").mkdir()
    Path(".misy").mkdir()
    for path in ("flows/b.misy", ".misy/c.misy", "a.misy", "d.txt"):
        Path(path).write_text(LOOSE, encoding="utf-8")
    assert misy() == (0, "formatted a.misy\nformatted flows/b.misy\n", "")
    assert Path(".misy/c.misy").read_text(encoding="utf-8") == LOOSE
    assert misy("flows", "a.misy")[2] == "✓ 2 files: nothing to change\n"


def test_check_lists_what_would_change_and_writes_nothing(misy: Misy) -> None:
    written(a=LOOSE, b=NEAT)
    assert misy("--check", "a.misy", "b.misy") == (
        1,
        "a.misy\n",
        "1 of 2 files would be formatted\n",
    )
    assert Path("a.misy").read_text(encoding="utf-8") == LOOSE
    assert misy("--check", "b.misy")[0] == 0


def test_diff_shows_what_would_change_and_writes_nothing(misy: Misy) -> None:
    written(a=LOOSE.rstrip(), b=NEAT)
    code, out, _ = misy("--diff", "a.misy", "b.misy")
    assert code == 1
    assert out.splitlines() == [
        "--- a.misy (as it is)",
        "+++ a.misy (formatted)",
        "@@ -1,5 +1,3 @@",
        " misy 1",
        " ",
        "-",
        "-",
        "-type A={a:int}",
        "\\ No newline at end of file",
        "+type A = { a: int }",
    ]
    assert Path("a.misy").read_text(encoding="utf-8") == LOOSE.rstrip()
    assert misy("--diff", "b.misy")[:2] == (0, "")


def test_a_dash_reads_the_input_and_writes_the_output(
    misy: Misy, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_input(monkeypatch, "type Año={a:int}".encode())
    assert misy("-") == (0, "misy 1\n\ntype Año = { a: int }\n", "")
    given_input(monkeypatch, NEAT.encode())
    assert misy("-") == (0, NEAT, "")
    given_input(monkeypatch, LOOSE.encode())
    assert misy("--check", "-")[:2] == (1, "-\n")


def test_a_file_with_errors_is_told_and_left_alone_while_others_are_formatted(misy: Misy) -> None:
    written(a=WRONG, b=LOOSE)
    code, out, err = misy("a.misy", "b.misy")
    assert (code, out) == (1, "formatted b.misy\n")
    assert "error[E01" in err
    assert "a.misy has errors and was left as it is" in err
    assert Path("a.misy").read_text(encoding="utf-8") == WRONG


def test_errors_in_the_input_give_no_output(misy: Misy, monkeypatch: pytest.MonkeyPatch) -> None:
    given_input(monkeypatch, WRONG.encode())
    code, out, err = misy("-")
    assert (code, out) == (1, "")
    assert "error[E01" in err


def test_bytes_that_are_no_text_are_told(misy: Misy) -> None:
    Path("a.misy").write_bytes(b"type A = \xff")
    code, out, err = misy("a.misy")
    assert (code, out) == (2, "")
    assert "0xFF" in err
    assert Path("a.misy").read_bytes() == b"type A = \xff"


def test_a_file_that_is_not_there_does_not_keep_others_from_it(misy: Misy) -> None:
    written(b=LOOSE)
    code, out, err = misy("nothing.misy", "b.misy")
    assert (code, out) == (2, "formatted b.misy\n")
    assert "nothing.misy cannot be read: No such file" in err


def test_a_layout_that_would_break_a_law_is_not_written(
    misy: Misy, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(a=LOOSE)
    monkeypatch.setattr(formatter, "write", lambda _: ["misy 1", "type B = int"])
    code, out, err = misy("a.misy")
    assert (code, out) == (1, "")
    assert "a.misy was not formatted, because laying it out would have changed it" in err
    assert Path("a.misy").read_text(encoding="utf-8") == LOOSE


def test_a_file_that_cannot_be_replaced_is_the_old_one_and_nothing_is_left_beside_it(
    misy: Misy, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(a=LOOSE)

    def full(_path: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    code, out, err = misy("a.misy")
    assert (code, out) == (2, "")
    assert "a.misy cannot be written: No space left on device" in err
    assert [path.name for path in Path().iterdir()] == ["a.misy"]
    assert Path("a.misy").read_text(encoding="utf-8") == LOOSE


def test_a_file_that_may_not_be_changed_is_told(
    misy: Misy, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(a=LOOSE)
    monkeypatch.setattr("os.access", lambda *_: False)
    assert misy("a.misy") == (2, "", "error: a.misy cannot be written: it may not be changed\n")
