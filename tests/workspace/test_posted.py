"""Texts that came in a request: what they may say, and everything that they may not."""

from __future__ import annotations

from pathlib import Path

import pytest

from misydsl.diagnostics import Diagnostic
from misydsl.failures import MisyError, SourceInvalid
from misydsl.workspace.pipelines import Pipeline
from misydsl.workspace.posted import MOST_CHARACTERS, POSTED, read_posted
from misydsl.workspace.projects import Project

PROJECT = """misy 1
agent eco(t: string) -> string { url: "http://localhost:1/eco" }
agent sobre(t: string) -> string { wire: "misybot" }
"""
KNOWN = ("eco", "sobre")
CALL = 'pipeline p { step s { call eco(t: "añil") }\nreturn s }'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with two agents and a file that nobody may read."""
    (tmp_path / "a.misy").write_text(PROJECT, "utf-8")
    (tmp_path / "p.txt").write_text("secreto", "utf-8")
    return Project(tmp_path)


def _read(project: Project, text: str, pipeline: str | None = None) -> Pipeline:
    return read_posted(text, project=project, is_known=KNOWN.__contains__, pipeline=pipeline)


def _wrong(project: Project, text: str) -> dict[str, Diagnostic]:
    with pytest.raises(SourceInvalid) as problem:
        _read(project, text)
    return {one.code: one for one in problem.value.diagnostics}


def test_a_text_calls_agents_that_it_declares_and_the_server_knows(project: Project) -> None:
    pipeline = _read(project, f"agent eco(t: string) -> string\n{CALL}")
    assert (pipeline.name, pipeline.library.entry) == ("p", POSTED)


@pytest.mark.parametrize(
    "text",
    [
        'pipeline p { return env.HOME ?? "" }',
        'pipeline p { return "${env.HOME}" }',
        "pipeline p { return { a: env } }",
        'let x = env.HOME ?? ""\npipeline p { return x }',
        'pipeline p(x: string = env.HOME ?? "") { return x }',
        "pipeline p { return [e for e in [env]] }",
        f'agent eco(t: string = env.HOME ?? "") -> string\n{CALL}',
        "pipeline p { return secret.TOKEN }",
    ],
)
def test_no_text_reads_what_is_the_servers(project: Project, text: str) -> None:
    assert "this server's own" in _wrong(project, text)["E0705"].message


@pytest.mark.parametrize(
    "setting",
    [
        'url: "http://169.254.169.254/"',
        'url: "python:os:system"',
        'headers: { a: "b" }',
        "auth: { bearer: secret.TOKEN }",
        'health: "/x"',
        'method: "GET"',
    ],
)
def test_no_text_says_where_an_agent_is(project: Project, setting: str) -> None:
    found = _wrong(project, f"agent eco(t: string) -> string {{ {setting} }}\n{CALL}")
    assert "E0705" in found


@pytest.mark.parametrize(
    "text",
    [
        'import { eco } from "./a.misy"\npipeline p { return 1 }',
        'prompt leer() from "p.txt"\npipeline p { return leer() }',
    ],
)
def test_no_text_reads_a_file(project: Project, text: str) -> None:
    assert "stands alone" in (_wrong(project, text)["E0301"].help or "")


def test_an_agent_that_nobody_knows_is_told_with_what_may_be_meant(project: Project) -> None:
    found = _wrong(project, f"agent ecco(t: string) -> string\n{CALL.replace('eco', 'ecco')}")
    assert "Did you mean `eco`?" in found["E0806"].message


def test_a_known_agent_that_is_not_declared_is_told_how_to_declare_it(project: Project) -> None:
    assert "`agent eco(…) -> any`" in (_wrong(project, CALL)["E0303"].help or "")
    enveloped = _wrong(project, CALL.replace("eco", "sobre"))["E0303"].help or ""
    assert '`agent sobre(…) -> any { wire: "misybot" }`' in enveloped
    assert _wrong(project, CALL.replace("eco", "nadie"))["E0303"].help is None


def test_an_agent_speaks_the_wire_of_the_project(project: Project) -> None:
    text = f"agent sobre(t: string) -> string\n{CALL.replace('eco', 'sobre')}"
    assert 'wire: "misybot"' in (_wrong(project, text)["E0705"].help or "")


def test_one_of_several_pipelines_is_named(project: Project) -> None:
    text = "pipeline p { return 1 }\npipeline q { return 2 }"
    with pytest.raises(MisyError, match="p, q"):
        _read(project, text)
    assert _read(project, text, "q").name == "q"


def test_a_text_that_is_too_long_is_not_read(project: Project) -> None:
    with pytest.raises(MisyError, match="500,000"):
        _read(project, "#" * (MOST_CHARACTERS + 1))
