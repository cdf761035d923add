"""Fixtures of the commands that go on with runs: a project with agents, and `misy` as it is typed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from misydsl.cli.main import main
from misydsl.workspace import find_run, load, open_journal
from misydsl.workspace.runs import Run
from tests.cli.campaigns import AGENTS, PROGRAM
from tests.runner.theatre import PATIENCE_S


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The object it gave to a machine."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Project:
    """A folder with `campaña.misy`, its agents and its journal."""

    folder: Path
    type: Callable[..., Answer]

    @property
    def file(self) -> Path:
        """The program."""
        return self.folder / "campaña.misy"

    def calls(self) -> list[str]:
        """The agents that were called, in order."""
        path = self.folder / "calls.txt"
        return path.read_text(encoding="utf-8").split() if path.exists() else []

    def run(self, pipeline: str, *options: str, code: int = 0) -> str:
        """Run a pipeline to its end from the command line; its id."""
        ended = self.type(
            "run", "campaña.misy", pipeline, "--agents", "agentes.py", "--json", *options
        )
        assert ended.code == code, ended
        run: str = ended.data["runId"]
        return run

    def start(self, pipeline: str) -> Run:
        """Begin a run that this process works on."""
        return load(self.file, pipeline).start(agent_files=[self.folder / "agentes.py"])

    def paused(self, pipeline: str) -> Run:
        """A run that asks somebody, with nobody at work on it any more."""
        run = self.asking(pipeline)
        run.pause("the test")
        run.wait(PATIENCE_S)
        return find_run(run.id)

    def asking(self, pipeline: str, questions: int = 1) -> Run:
        """A run at work that asks so many things."""
        run = self.start(pipeline)
        for _ in range(int(PATIENCE_S / 0.02)):
            if len(run.questions) >= questions:
                return run
            with_timeout(run)
        raise AssertionError(f"it never asked: {run.history().status}")

    def break_agent(self) -> None:
        """From now on `tropieza` fails."""
        (self.folder / "roto").touch()

    def mend_agent(self) -> None:
        """From now on it does not."""
        (self.folder / "roto").unlink()

    def ids(self) -> list[str]:
        """The runs of the journal, newest first."""
        return [row.run for row in open_journal(is_reading=True).runs()]


def with_timeout(run: Run) -> None:
    """Give a run a moment; it may end meanwhile."""
    try:
        run.wait(0.02)
    except TimeoutError:
        return


@pytest.fixture
def project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Project:
    """A project in the current folder."""
    for name in [one for one in os.environ if one.startswith("MISY_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "año"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "campaña.misy").write_text(PROGRAM, encoding="utf-8")
    (folder / "agentes.py").write_text(AGENTS, encoding="utf-8")

    def typed(*words: str) -> Answer:
        try:
            code = main([str(word) for word in words])
        except SystemExit as left:
            code = int(left.code or 0)
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return Project(folder, typed)
