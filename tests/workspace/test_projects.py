"""A project: what its files declare, at the moment somebody asks."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from misydsl.clock import Clock
from misydsl.failures import MisyError
from misydsl.workspace import project_files
from misydsl.workspace.projects import Project

WRITER = 'agent writer(topic: string) -> string { url: "http://localhost:4001/escritor" }\n'
POST = """\
## Lo que se publica
pipeline {name} "Publicación" (topic: string = "café") {{
  step draft {{ call writer(topic) }}
  return draft
}}
"""
Write = Callable[[str, str], Path]


class Later(Clock):
    """A clock that is past every date of a file, so that dates are trusted at once."""

    def wall(self) -> float:
        return 4e9

    def monotonic(self) -> float:
        return 0.0


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of the project; each has a date of its own, however quick the test is."""
    dates = iter(range(1_700_000_000, 1_800_000_000))

    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        date = next(dates)
        for one in (path, *path.parents):
            os.utime(one, (date, date))
            if one == tmp_path:
                break
        return path

    return written


def test_agents_and_pipelines_are_found_by_their_names_as_written(
    tmp_path: Path, write: Write
) -> None:
    write("redacción/año.misy", WRITER + POST.format(name="publicación"))
    project = Project(tmp_path)

    assert list(project.agents) == ["writer"]
    agent = project.agents["writer"]
    assert (agent.declaration.name, agent.file) == ("writer", "redacción/año.misy")
    assert agent.library.entry == agent.declaration.module == "redacción/año.misy"
    pipeline = project.pipelines["publicación"]
    assert (pipeline.name, pipeline.title) == ("publicación", "Publicación")
    assert (pipeline.description, pipeline.file) == ("Lo que se publica", "redacción/año.misy")
    assert [one.name for one in pipeline.parameters] == ["topic"]
    assert [one.path for one in pipeline.pipeline.graph().step_graph.nodes] == ["draft"]
    assert project.problems == ()


def test_of_several_files_that_declare_a_name_the_first_by_path_is_meant(
    tmp_path: Path, write: Write
) -> None:
    write("b.misy", WRITER)
    write("a/z.misy", WRITER.replace("4001", "4002"))
    write("c.misy", WRITER + POST.format(name="post"))
    write("d.misy", WRITER + POST.format(name="post"))
    project = Project(tmp_path)

    assert project.agents["writer"].file == "a/z.misy"
    assert project.pipelines["post"].file == "c.misy"


def test_a_file_with_errors_is_left_out_and_told(tmp_path: Path, write: Write) -> None:
    write("bien.misy", WRITER)
    write("mal/roto.misy", "agent lost(topic: Palabra) -> string\n")
    project = Project(tmp_path)

    assert list(project.agents) == ["writer"]
    [problem] = project.problems
    assert problem.code == "E0210"
    assert problem.source.name == "mal/roto.misy"


def test_a_file_is_read_again_when_it_was_written(tmp_path: Path, write: Write) -> None:
    write("a.misy", WRITER)
    project = Project(tmp_path, clock=Later())
    before = project.agents
    assert project.agents is before

    write("a.misy", WRITER.replace("writer", "editor"))

    assert list(project.agents) == ["editor"]


def test_files_come_and_go(tmp_path: Path, write: Write) -> None:
    project = Project(tmp_path, clock=Later())
    assert project.agents == {}

    path = write("nuevo/a.misy", WRITER)
    assert list(project.agents) == ["writer"]

    path.unlink()
    os.utime(path.parent, (1, 1))
    assert project.agents == {}


def test_a_file_is_read_again_when_one_that_it_imports_was_written(
    tmp_path: Path, write: Write
) -> None:
    write("tipos.misy", "type Tema = string\n")
    write("a.misy", 'import { Tema } from "./tipos.misy"\nagent writer(topic: Tema) -> Tema\n')
    project = Project(tmp_path, clock=Later())
    before = project.agents["writer"].declaration.result

    write("tipos.misy", "type Tema = int\n")

    assert project.agents["writer"].declaration.result != before


def test_a_file_may_import_from_anywhere_in_the_project(tmp_path: Path, write: Write) -> None:
    write("tipos.misy", "type Tema = string\n")
    write("flujos/a.misy", 'import { Tema } from "../tipos.misy"\nagent writer(t: Tema) -> Tema\n')
    project = Project(tmp_path)

    assert project.problems == ()
    assert set(project.agents["writer"].library.modules) == {"flujos/a.misy", "tipos.misy"}


def test_a_file_that_lacked_an_import_is_read_again_when_it_comes(
    tmp_path: Path, write: Write
) -> None:
    write("a.misy", 'import { Tema } from "./tipos.misy"\nagent writer(topic: Tema) -> Tema\n')
    project = Project(tmp_path, clock=Later())
    assert [one.code for one in project.problems] == ["E0301"]
    assert [one.code for one in project.problems] == ["E0301"]

    write("tipos.misy", "type Tema = string\n")

    assert project.problems == ()
    assert list(project.agents) == ["writer"]


def test_what_was_written_in_this_very_moment_is_never_missed(tmp_path: Path) -> None:
    """Dates of files tick; within one tick a second change does not show in them."""
    project = Project(tmp_path)
    path = tmp_path / "a.misy"
    for number in range(20):
        path.write_text(WRITER.replace("writer", f"writer-{number + 10}"), encoding="utf-8")
        assert list(project.agents) == [f"writer-{number + 10}"]


def test_folders_of_other_tools_and_hidden_ones_are_passed_over(
    tmp_path: Path, write: Write
) -> None:
    for folder in (".git", ".venv", "node_modules", "__pycache__", "venv"):
        write(f"{folder}/a.misy", WRITER)
    write(".oculto.misy", WRITER)
    (tmp_path / "carpeta.misy").mkdir()
    project = Project(tmp_path)

    assert project.agents == {}
    assert project.problems == ()


def test_links_that_lead_out_of_the_folder_are_not_followed(tmp_path: Path, write: Write) -> None:
    outside = write("fuera/a.misy", WRITER)
    inside = write("dentro/b.misy", WRITER.replace("writer", "editor"))
    folder = inside.parent
    (folder / "fuera.misy").symlink_to(outside)
    (folder / "carpeta").symlink_to(outside.parent)
    (folder / "nada.misy").symlink_to(folder / "no-hay.misy")
    (folder / "bucle.misy").symlink_to(folder / "bucle.misy")
    (folder / "otra.misy").symlink_to(inside)
    project = Project(folder)

    assert {name: one.file for name, one in project.agents.items()} == {"editor": "b.misy"}
    assert project.problems == ()


def test_no_more_files_are_read_than_the_bound(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_files, "MOST_FILES", 2)
    for name in ("a", "b"):
        write(f"{name}.misy", WRITER.replace("writer", f"writer-{name}"))
    project = Project(tmp_path)
    assert not project.is_partial

    write("hondo/c.misy", WRITER)

    assert list(project.agents) == ["writer-a", "writer-b"]
    assert project.is_partial


def test_no_more_folders_are_looked_at_than_the_bound(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_files, "MOST_FOLDERS", 2)
    write("a/a.misy", WRITER)
    write("b/b.misy", WRITER.replace("writer", "editor"))
    project = Project(tmp_path)

    assert list(project.agents) == ["writer"]
    assert project.is_partial


def test_a_folder_that_cannot_be_read_is_empty(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("cerrado/a.misy", WRITER)
    write("b.misy", WRITER.replace("writer", "editor"))
    scandir = os.scandir

    def refusing(folder: Path) -> object:
        if folder.name == "cerrado":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refusing)

    assert list(Project(tmp_path).agents) == ["editor"]


def test_a_file_that_cannot_be_read_is_told(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("cerrado.misy", WRITER)

    def refused(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refused)
    [problem] = Project(tmp_path).problems

    assert problem.source.name == "cerrado.misy"
    assert "Permission denied" in problem.message


def test_a_file_whose_name_is_no_text_is_told(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xf1o.misy")).write_text(WRITER)
    except OSError:
        pytest.skip("this disk holds names of UTF-8 only")
    [problem] = Project(tmp_path).problems

    assert "its name is not UTF-8" in problem.message
    assert problem.source.name.encode()


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "latín.misy").write_bytes("agent añadir(tema: string)\n".encode("latin-1"))
    [problem] = Project(tmp_path).problems

    assert (problem.code, problem.source.name) == ("E0108", "latín.misy")


@pytest.mark.parametrize(("name", "words"), [("no-hay", "no such folder"), ("a.misy", "no folder")])
def test_a_project_is_a_folder(tmp_path: Path, write: Write, name: str, words: str) -> None:
    write("a.misy", WRITER)
    with pytest.raises(MisyError, match=words):
        Project(tmp_path / name)


def test_threads_that_ask_at_once_get_the_same(tmp_path: Path, write: Write) -> None:
    write("a.misy", WRITER)
    project = Project(tmp_path, clock=Later())
    answers: list[object] = []
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait(10)
        answers.append(project.agents)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(10)

    assert len(answers) == 8
    assert all(one is answers[0] for one in answers)
