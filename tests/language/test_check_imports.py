"""Files that belong together: found, read once, never outside of the project."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from misydsl.language.check import check_modules, check_source
from misydsl.language.reading import read_source
from misydsl.pipeline.model import Agent, Pipeline, Prompt, TypeAlias
from misydsl.source import Source
from tests.language.checking import check, codes, diagnostics, mended, pipeline, written

AGENTS = """
type Note = { text: string, at: datetime? }
let tone = "calm"
agent writer(note: Note) -> Note
prompt greet(name: string) \"\"\"Hola ${name}, ${tone}\"\"\"
pipeline draft(note: Note) {
  step s { call writer(note) }
  return s
}
"""
MAIN = """
import { writer, Note as N, greet, draft, tone } from "./agents.misy"
pipeline p(note: N) {
  step s { call writer(note) }
  step t { call draft(note: s) }
  return greet(name: t.text) + tone
}
"""


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.misy").write_text(text, encoding="utf-8")


def test_everything_a_file_declares_can_be_imported() -> None:
    checked = check(MAIN, agents_misy=AGENTS)
    assert checked.diagnostics == ()
    assert checked.library is not None
    names = checked.library.main.names
    assert isinstance(names["writer"], Agent)
    assert isinstance(names["N"], TypeAlias)
    assert isinstance(names["greet"], Prompt)
    assert isinstance(names["draft"], Pipeline)
    assert names["draft"].module == "agents.misy"
    assert [one.name for one in checked.library.main.pipelines()] == ["p"]


def test_keys_are_paths_from_the_root(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    put(tmp_path, agents=AGENTS)
    put(tmp_path / "flows", main=MAIN.replace("./agents", "../agents"))
    source, _ = read_source(tmp_path / "flows" / "main.misy", name="flows/main.misy")
    checked = check_source(source, root=tmp_path)
    assert checked.diagnostics == ()
    assert checked.library is not None
    assert set(checked.library.modules) == {"flows/main.misy", "agents.misy"}
    assert checked.library.modules["agents.misy"].source.name == "agents.misy"


def test_without_a_root_the_folder_of_the_file_is_the_root(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    put(tmp_path, agents=AGENTS)
    put(tmp_path / "flows", main=MAIN.replace("./agents", "../agents"))
    source, _ = read_source(tmp_path / "flows" / "main.misy")
    found = check_source(source).diagnostics
    assert [one.message for one in found] == ["../agents.misy is outside of the project"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    put(tmp_path, agents=AGENTS)
    put(project, main=MAIN)
    (project / "agents.misy").symlink_to(tmp_path / "agents.misy")
    source, _ = read_source(project / "main.misy")
    assert check_source(source).diagnostics[0].code == "E0301"


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    (tmp_path / "agents.misy").mkdir()
    put(tmp_path, main=MAIN)
    source, _ = read_source(tmp_path / "main.misy")
    assert [one.code for one in check_source(source).diagnostics] == ["E0301"]


def test_a_text_without_a_file_imports_nothing() -> None:
    found = check_source(Source("cell", MAIN)).diagnostics
    assert [one.code for one in found] == ["E0301"]
    assert "no folder" in found[0].message


def test_a_text_without_a_file_may_import_below_a_given_root(tmp_path: Path) -> None:
    put(tmp_path, agents=AGENTS)
    checked = check_source(Source("cell", MAIN), root=tmp_path)
    assert checked.diagnostics == ()


def test_an_editor_can_give_the_text_of_a_file(tmp_path: Path) -> None:
    put(tmp_path, main=MAIN)
    asked: list[Path] = []

    def read(path: Path) -> Source:
        asked.append(path)
        return Source("agents.misy", AGENTS, path)

    source, _ = read_source(tmp_path / "main.misy")
    assert check_source(source, read=read).diagnostics == ()
    assert [path.name for path in asked] == ["agents.misy"]


def test_the_bytes_of_an_imported_file_may_be_wrong(tmp_path: Path) -> None:
    put(tmp_path, main='import { a } from "./agents.misy"\nlet x = a\n')
    (tmp_path / "agents.misy").write_bytes(b"let a = \xff\n")
    source, _ = read_source(tmp_path / "main.misy")
    found = check_source(source).diagnostics
    assert found
    assert {one.source.name for one in found} == {"agents.misy"}


def told(folder: Path, text: str) -> list[tuple[str, str, str]]:
    """Code, file and message of everything said of a text in a folder."""
    put(folder, main=text)
    source, _ = read_source(folder / "main.misy")
    found = check_source(source, root=folder).diagnostics
    return [(one.code, one.source.name, one.message) for one in found]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("./nothing.misy", "there is no file ./nothing.misy"),
        ("./folder", "./folder is a folder"),
        (".", ". is a folder"),
        ("", "is a folder"),
        ("./folder/../..", "is outside of the project"),
        ("../../etc/passwd", "../../etc/passwd is outside of the project"),
        ("/etc/passwd", "imports are relative to this file: /etc/passwd"),
        ("~/agents.misy", "imports are relative to this file"),
        ("C:/agents.misy", "imports are relative to this file"),
        ("file:///etc/passwd", "imports never come from the network"),
        ("https://example.org/a.misy", "imports never come from the network"),
        ("./main.misy/a.misy", "there is no file"),
    ],
)
def test_what_cannot_be_imported_is_told_at_the_import(
    tmp_path: Path, path: str, words: str
) -> None:
    (tmp_path / "folder").mkdir()
    text = f'import {{ a }} from "{path}"\nlet x = a\n'
    ((code, name, message),) = told(tmp_path, text)
    assert (code, name) == ("E0301", "main.misy")
    assert words in message


@pytest.mark.parametrize("path", ["./folder", "../out.md", "/etc/passwd", "https://example.org/x"])
def test_what_cannot_be_a_prompt_is_told_at_the_prompt(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    ((code, name, _),) = told(tmp_path, f'prompt hi() from "{path}"\nlet x = hi()\n')
    assert (code, name) == ("E0301", "main.misy")


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes need rights there")
def test_links_and_pipes_are_told_at_the_import(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    put(tmp_path, agents=AGENTS)
    (project / "out.misy").symlink_to(tmp_path / "agents.misy")
    (project / "outside").symlink_to(tmp_path)
    (project / "round.misy").symlink_to(project / "round.misy")
    os.mkfifo(project / "pipe.misy")
    text = "".join(
        f'import {{ a as a{n} }} from "./{path}"\n'
        for n, path in enumerate(["out.misy", "outside/agents.misy", "round.misy", "pipe.misy"])
    )
    found = told(project, text)
    assert [code for code, _, _ in found] == ["E0301"] * 4
    words = ["leads out of the project"] * 2 + ["no file", "not a plain file"]
    assert all(part in message for part, (_, _, message) in zip(words, found, strict=True))


def test_a_file_that_may_not_be_read_is_told_at_the_import(tmp_path: Path) -> None:
    put(tmp_path, main=MAIN, agents=AGENTS)

    def read(path: Path) -> Source:
        raise PermissionError(13, "Permission denied", str(path))

    source, _ = read_source(tmp_path / "main.misy")
    (found,) = check_source(source, read=read).diagnostics
    assert found.code == "E0301"
    assert "is there, but cannot be read" in found.message
    assert written(found) == '"./agents.misy"'


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_file_under_two_names_is_read_once_and_recorded_under_both(tmp_path: Path) -> None:
    put(tmp_path, agents="type T = int\ntype U = nothing\n")
    (tmp_path / "also.misy").symlink_to(tmp_path / "agents.misy")
    text = """import { T } from "./agents.misy"
import { T as V } from "./also.misy"
import { U } from "././agents.misy"
type X = { a: T, b: V, c: U }
"""
    put(tmp_path, main=text)
    source, _ = read_source(tmp_path / "main.misy")
    checked = check_source(source, root=tmp_path)
    assert [one.code for one in checked.diagnostics] == ["E0210"]
    assert checked.library is not None
    modules = checked.library.modules
    assert set(modules) == {"main.misy", "agents.misy", "also.misy"}
    recorded = {key: module.source.text for key, module in modules.items()}
    assert [one.code for one in check_modules(recorded, "main.misy").diagnostics] == ["E0210"] * 2


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_folder_that_holds_itself_does_not_go_on_for_ever(tmp_path: Path) -> None:
    (tmp_path / "again").symlink_to(tmp_path)
    put(tmp_path, a='import { T } from "./again/a.misy"\ntype T = int\n')
    found = told(tmp_path, 'import { T } from "./again/again/a.misy"\ntype X = T\n')
    assert {code for code, _, _ in found} <= {"E0310", "E0202", "W0901"}
    assert "E0310" in [code for code, _, _ in found]


def test_a_mark_and_other_line_ends_change_nothing(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + AGENTS.replace("\n", "\r\n").encode()
    (tmp_path / "agents.misy").write_bytes(data)
    (tmp_path / "hi.md").write_bytes(b"\xef\xbb\xbfHola\r\n${name}\r\n")
    text = MAIN + 'prompt hi(name: string) from "./hi.md"\nlet y = hi(name: tone)\n'
    assert [code for code, _, _ in told(tmp_path, text)] == ["W0913"]  # nobody reads `y`


@pytest.mark.parametrize("data", [b"type T = \xff\n", "type T = int\n".encode("utf-16"), b"\0\1"])
def test_bytes_that_are_no_text_are_told_once_where_they_are(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "t.misy").write_bytes(data)
    (tmp_path / "hi.md").write_bytes(data)
    text = """import { T } from "./t.misy"
import { T as U, V } from "./t.misy"
prompt hi() from "./hi.md"
type X = { a: T, b: U, c: V }
let x = hi()
"""
    found = told(tmp_path, text)
    assert sorted(name for _, name, _ in found) == ["hi.md", "t.misy"]


def test_places_in_the_file_of_a_prompt_are_those_of_the_file() -> None:
    prompt = '\ufeffUno """ dos\n""" ${1 + n} """\n${n / 0}\n'
    text = 'prompt hi(n: int) from "./hi.md"\n'
    checked = check(text, hi_md=prompt)
    assert checked.library is not None
    found = checked.library.main.names["hi"]
    assert isinstance(found, Prompt)
    assert found.text_file == "hi.md"
    parts = [one for one in found.text.parts if not isinstance(one, str)]  # type: ignore[union-attr]
    assert [prompt[one.span.start : one.span.end] for one in parts] == ["1 + n", "n / 0"]


def test_a_recorded_program_is_checked_without_a_disk() -> None:
    checked = check_modules({"a/main.misy": MAIN, "a/agents.misy": AGENTS}, "a/main.misy")
    assert checked.diagnostics == ()
    assert checked.library is not None
    assert checked.library.entry == "a/main.misy"


def test_a_file_is_read_once_however_often_it_is_imported() -> None:
    files = {
        "main_misy": 'import { A } from "./a.misy"\nimport { T } from "./t.misy"\ntype X = { a: A, t: T }\n',
        "a_misy": 'import { T } from "./t.misy"\ntype A = { t: T, wrong: nothing }\n',
        "t_misy": "type T = int\n",
    }
    found = check(files.pop("main_misy"), **files)
    assert [one.code for one in found.diagnostics] == ["E0210"]
    assert found.library is not None
    assert set(found.library.modules) == {"main.misy", "a.misy", "t.misy"}


def test_diagnostics_of_the_file_come_before_those_of_its_imports() -> None:
    found = diagnostics(
        'import { T } from "./t.misy"\ntype X = { t: T, n: str }\n', t_misy="type T = str\n"
    )
    assert [one.source.name for one in found] == ["main.misy", "t.misy"]


def test_what_a_file_imports_it_does_not_hand_on() -> None:
    files = {"a_misy": 'import { T } from "./t.misy"\ntype A = T\n', "t_misy": "type T = int\n"}
    assert codes('import { T } from "./a.misy"\ntype X = T\n', **files) == ["E0302"]


def test_what_could_not_be_imported_is_told_once() -> None:
    text = """
import { writer, Note, tone } from "./gone.misy"
pipeline p(note: Note) {
  step s { call writer(note, tone) }
  return s.text
}
"""
    assert codes(text) == ["E0301"]


def test_a_circle_of_imports_is_told_once_and_ends() -> None:
    files = {
        "b_misy": 'import { C } from "./c.misy"\ntype B = C\n',
        "c_misy": 'import { A } from "./main.misy"\ntype C = A\n',
    }
    found = diagnostics('import { B } from "./b.misy"\ntype A = B\n', **files)
    assert [one.code for one in found] == ["E0310"]
    assert "main.misy → b.misy → c.misy → main.misy" in found[0].message


def test_a_file_that_imports_itself_is_told() -> None:
    found = diagnostics('import { A } from "./main.misy"\ntype A = int\ntype B = A\n')
    assert "E0310" in [one.code for one in found]


def test_an_import_that_hides_nothing_but_is_declared_again_is_a_double_name() -> None:
    assert codes(
        'import { T } from "./t.misy"\ntype T = int\ntype X = T\n', t_misy="type T = int\n"
    ) == ["E0202"]


def test_a_chain_of_a_thousand_imports_is_not_too_long() -> None:
    count = 1000
    files = {
        f"f{i}.misy": f'import {{ T }} from "./f{i + 1}.misy"\ntype U = T\n' for i in range(count)
    }
    files = {key: text.replace("type U", "type T") for key, text in files.items()}
    files = {
        key: text.replace("{ T }", "{ T as S }").replace("= T", "= S")
        for key, text in files.items()
    }
    files[f"f{count}.misy"] = "type T = int\n"
    assert check_modules(files, "f0.misy").diagnostics == ()


def test_removing_an_unused_import_leaves_the_others() -> None:
    text = 'import { a, b, c } from "./t.misy"\nlet x = b\n'
    checked = check(text, t_misy="let a = 1\nlet b = 2\nlet c = 3\n")
    assert [written(one) for one in checked.diagnostics] == ["a", "c"]
    fixes = [one.fix for one in checked.diagnostics]
    assert all(fix is not None for fix in fixes)
    edits = sorted((edit for fix in fixes if fix for edit in fix.edits), key=lambda one: one.span)
    for edit in reversed(edits):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert text == 'import { b } from "./t.misy"\nlet x = b\n'


def test_removing_the_only_import_removes_its_line() -> None:
    checked = check('import { a } from "./t.misy"\nlet x = 1\n', t_misy="let a = 1\n")
    (found,) = checked.diagnostics
    assert found.fix is not None
    (edit,) = found.fix.edits
    assert written(found) == "a"
    assert (edit.span.start, edit.span.end, edit.text) == (0, 29, "")


def test_an_import_is_used_by_the_file_of_a_prompt() -> None:
    text = """
import { tone } from "./t.misy"
prompt hello(name: string) from "./hello.md"
let x = hello(name: "Ana")
"""
    assert codes(text, t_misy='let tone = "calm"\n', hello_md="${name}: ${tone}\n") == []


def test_the_text_of_a_prompt_may_stand_in_a_file() -> None:
    text = (
        'prompt hello(name: string) from "./hello.md"\npipeline p() { return hello(name: "x") }\n'
    )
    checked = check(text, hello_md='Hola ${name}, """así""" {"json": 1} \\n\n')
    assert checked.diagnostics == ()
    assert checked.library is not None
    assert checked.library.modules["hello.md"].source.text.startswith("Hola")
    prompt = checked.library.main.names["hello"]
    assert isinstance(prompt, Prompt)
    parts = prompt.text.parts  # type: ignore[union-attr]
    assert (parts[0], parts[2]) == ("Hola ", ', """así""" {"json": 1} \\n')


def test_what_is_wrong_in_the_file_of_a_prompt_is_told_there() -> None:
    text = 'prompt hello(name: string) from "./hello.md"\n'
    found = diagnostics(text, hello_md="# Hola\n${nam} ${name.x}\n")
    assert [one.code for one in found] == ["E0201", "E0515"]
    assert [one.source.name for one in found] == ["hello.md", "hello.md"]
    assert [written(one) for one in found] == ["nam", "x"]
    assert found[0].source.position(found[0].span.start) == (2, 3)


def test_a_broken_interpolation_in_the_file_of_a_prompt_is_told_there() -> None:
    found = diagnostics('prompt hello(n: string) from "./hello.md"\n', hello_md="${n + }\n")
    assert found
    assert {one.source.name for one in found} == {"hello.md"}


@pytest.mark.parametrize("path", ['"./gone.md"', '"../out.md"', '"./${x}.md"'])
def test_the_file_of_a_prompt_that_cannot_be_read_is_told(path: str) -> None:
    assert codes(f"prompt hello(n: string) from {path}\n") == ["E0301"]


def test_an_import_path_is_a_plain_text() -> None:
    assert codes('import { a } from "./${b}.misy"\nlet x = a\n') == ["E0301"]


def test_a_broken_declaration_of_another_file_is_not_called_unknown() -> None:
    text = (
        'import { b } from "./t.misy"\npipeline p() {\n step s { call b(x: "a") }\n return s.x\n}\n'
    )
    found = diagnostics(text, t_misy="agent b(x: string\nlet y = 1\n")
    assert {one.source.name for one in found} == {"t.misy"}


def test_fixes_leave_a_right_file() -> None:
    text = "type T = { name: str, n: Integer }\n"
    assert mended(text) == "type T = { name: string, n: int }\n"


def test_a_pipeline_is_found_where_it_was_declared() -> None:
    assert pipeline(MAIN, agents_misy=AGENTS).module == "main.misy"
