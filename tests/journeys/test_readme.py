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
import time
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


def test_its_troubles_are_told_in_the_words_it_shows(example: Misy) -> None:
    shown = [one for block in blocks("console") for one in told_commands(block)]
    first = shown[0][0]
    process = example.start(*first)
    example_run = waiting_run(example)
    for words, lines in shown[1:]:
        run = newest(example)
        ran = example.run(*(run if word == "RUN" else word for word in words))
        if words[0] == "approve":
            process.communicate(timeout=20)
            assert process.returncode == 1
            assert run == example_run
        if words[0] != "retry":
            assert ran.returncode == 0, (words, ran.stderr)
            assert masked(ran.stdout.splitlines()) == masked(lines), words


def told_commands(block: str) -> list[tuple[list[str], list[str]]]:
    """The commands of a block, each with the lines that are shown under it."""
    found: list[tuple[list[str], list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ misy "):
            words = shlex.split(line.partition("misy ")[2].partition(" > ")[0])
            found.append((words, []))
        elif line:
            found[-1][1].append(line)
    return found


def masked(lines: list[str]) -> list[str]:
    """Without what is another one each time: ids and durations."""
    ids = (re.sub(r"\d{8}-\d{6}-\w{6}", "RUN", line) for line in lines)
    return [re.sub(r"\b[\d.]+ m?s\b", "T", line) for line in ids]


def newest(example: Misy) -> str:
    """The id of the newest run."""
    run: str = json.loads(example.run("runs", "--json").stdout)["runs"][0]["runId"]
    return run


def waiting_run(example: Misy) -> str:
    """The newest run, once it asks somebody."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        listed = example.run("runs", "--json")
        if listed.returncode == 0 and json.loads(listed.stdout)["runs"]:
            run = newest(example)
            shown = json.loads(example.run("show", run, "--json").stdout)
            if any(step["status"] == "asking" for step in shown["steps"]):
                return run
    raise AssertionError("it never asked")


def test_its_first_program_checks_clean(example: Misy) -> None:
    (program,) = blocks("misy")
    example.write("tendencias.misy", program)
    assert example.run("check", "--strict", "tendencias.misy").returncode == 0
