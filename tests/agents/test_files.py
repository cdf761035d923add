"""Files of agents: what is found in them, and what is said about bad ones."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from misydsl.agents.files import AgentsFileInvalid, load_agents

IMPORT = "from misydsl.agents.declare import agent\n"
GOOD = """
from dataclasses import dataclass
from misydsl.agents.declare import agent
from sibling_of_the_test import WORD

@dataclass
class Trend:
    name: "str"

@agent("escáner")
def scan(trend: Trend) -> str:
    return WORD + trend.name

also = scan

@agent
async def writer() -> None: ...
"""


@pytest.fixture(autouse=True)
def _import_path_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


def test_the_agents_of_a_file_come_by_name_in_order(tmp_path: Path) -> None:
    (tmp_path / "sibling_of_the_test.py").write_text("WORD = 'ñ'")
    path = tmp_path / "mis agentes.py"
    path.write_text(GOOD, encoding="utf-8")
    agents = load_agents(path)
    assert list(agents) == ["escáner", "writer"]
    scan = agents["escáner"]
    assert scan(**scan.arguments({"trend": {"name": "ia"}})) == "ñia"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = (", r"agents\.py:1:\d+: this is not Python: .*\n  x = \("),
        ("\n\nraise ValueError('ups')", r"agents\.py:3: ValueError: ups"),
        ("import no_such_thing", r"agents\.py:1: ModuleNotFoundError"),
        ("import sys\nsys.exit(2)", r"agents\.py:2: SystemExit: 2"),
        ("x = 1", "it declares no agent"),
        (
            f"{IMPORT}a = agent('x-y')(lambda: 1)\nb = agent('x_y')(lambda: 2)",
            "two agents called `x_y`",
        ),
        (
            f"{IMPORT}@agent\ndef f(*many): ...",
            r"agents\.py:2: AgentDeclarationInvalid: f: inputs come by name",
        ),
    ],
)
def test_a_bad_file_says_where_and_what(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "agents.py"
    path.write_text(text)
    with pytest.raises(AgentsFileInvalid, match=words):
        load_agents(path)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AgentsFileInvalid, match="no such file"):
        load_agents(tmp_path / "nothing.py")
    (tmp_path / "agents.txt").write_text("")
    with pytest.raises(AgentsFileInvalid, match="in a Python file"):
        load_agents(tmp_path / "agents.txt")


def test_a_folder_is_told_as_one_with_the_files_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        AgentsFileInvalid, match=r"^\.: this is a folder; name a Python file in it$"
    ):
        load_agents(Path())
    (tmp_path / "agentes.py").write_text(GOOD, encoding="utf-8")
    with pytest.raises(AgentsFileInvalid, match=r"for example one of these: agentes\.py"):
        load_agents(Path())


def test_a_file_is_named_as_one_would_type_it_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agents.py").write_text("raise ValueError('ups')")
    with pytest.raises(AgentsFileInvalid, match=r"^agents\.py:1: ValueError: ups"):
        load_agents(tmp_path / "agents.py")
    with pytest.raises(AgentsFileInvalid, match=r"^nada\.py: there is no such file"):
        load_agents(tmp_path / "nada.py")


def test_a_path_that_is_not_utf_8_is_refused_in_words_that_can_be_printed(tmp_path: Path) -> None:
    with pytest.raises(AgentsFileInvalid, match="its path is not UTF-8") as refused:
        load_agents(tmp_path / "a\udcff.py")
    assert str(refused.value).encode()


def test_a_problem_elsewhere_is_told_without_a_line(tmp_path: Path) -> None:
    (tmp_path / "broken_sibling_of_the_test.py").write_text("x = (")
    path = tmp_path / "agents.py"
    path.write_text("import broken_sibling_of_the_test")
    with pytest.raises(AgentsFileInvalid, match=r"agents\.py:1: SyntaxError"):
        load_agents(path)
