"""The README as a first user takes it: typed as it stands, in the folder it names, with real agents.

In: the code blocks of README.md, a copy of `examples/`. Out: every command ends well and every snippet of
Python says what the README says. Only the port of the agents is another, so that tests can run side by side.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from misydsl.server.hosting import HostedAgents
from tests.examples.loading import agents
from tests.journeys.conftest import ROOT, Misy

README = (ROOT / "README.md").read_text("utf-8")
NAMES = ("trend-scanner", "video-scriptor", "post-scheduler")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """The environment that says where the agents of the example are served."""
    with HostedAgents(agents().values()) as hosted:
        yield {
            "MISY_AGENTS": f"{hosted.url}/api/v1/agents",
            **{f"AGENT_{one.upper().replace('-', '_')}_URL": hosted.url_of(one) for one in NAMES},
        }


@pytest.fixture
def example(tmp_path: Path) -> Misy:
    """`misy`, typed in a copy of the folder of examples."""
    ignored = shutil.ignore_patterns(".misy", "out", "__pycache__")
    copied = shutil.copytree(ROOT / "examples", tmp_path / "año nuevo", ignore=ignored)
    return Misy(copied)


def test_its_commands_work_in_the_order_they_stand(
    example: Misy, addresses: dict[str, str]
) -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    commands = [shlex.split(line, comments=True) for line in lines if line.startswith("misy ")]
    typed = [words[1:] for words in commands if words[1:3] != ["agents", "serve"]]
    verbs = [words[0] for words in typed]
    assert verbs.index("run") < verbs.index("runs") < verbs.index("resume")
    for words in typed:
        listed = json.loads(example.run("runs", "--json").stdout).get("runs", [])
        run = listed[0]["runId"] if listed else "RUN"
        ran = example.run(*(run if word == "RUN" else word for word in words), **addresses)
        assert ran.returncode == 0, (words, ran.stdout, ran.stderr)


def test_its_python_says_what_it_promises(example: Misy, addresses: dict[str, str]) -> None:
    checks = """
assert loud == "AÑO NUEVO!" and overview["successRate"] == 100.0 and is_healthy and answer.success
assert list(top_agents["agent"]) and len(runs) == 3, runs
"""
    snippets = "\n".join(blocks("python"))
    snippets, found = re.subn(
        r"^(pipeline\.run\(.*?\)\.result) ", r"loud = \1 ", snippets, flags=re.MULTILINE
    )
    assert found == 1
    ran = subprocess.run(
        [sys.executable, "-c", snippets + checks],
        cwd=example.folder,
        env=example.environment(addresses),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=50,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "Resultado del workflow: {'trends'" in ran.stdout
    assert "Resultado del análisis de tendencias: {'trends'" in ran.stdout


def test_its_mistake_is_told_in_the_words_it_shows(example: Misy) -> None:
    (program,) = blocks("misy")
    example.write(
        "tendencias.misy",
        program.replace('platform: "tiktok", topic', 'platform: "tik-tok", topic'),
    )
    (shown,) = (block for block in blocks("text") if block.startswith("error["))
    ran = example.run("check", "tendencias.misy")
    assert ran.returncode == 2
    assert shown in ran.stdout


def test_its_first_program_checks_clean(example: Misy) -> None:
    (program,) = blocks("misy")
    example.write("tendencias.misy", program)
    assert example.run("check", "--strict", "tendencias.misy").returncode == 0
