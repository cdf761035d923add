"""Fixtures of the journeys: a server with a ledger, and the command line in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The agent server and what it has seen."""

    url: str
    path: Path

    def lines(self) -> list[dict[str, Any]]:
        """Every call, in the order they came."""
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text("utf-8").splitlines()]


@dataclass(frozen=True, slots=True)
class Misy:
    """`misy` as a person calls it, in a folder of its own."""

    folder: Path

    def write(self, name: str, text: str) -> Path:
        """A file in the folder."""
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(environment),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=50,
            check=False,
        )

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Begin a command."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def command(self, *arguments: str) -> list[str]:
        """The words of the command."""
        return [sys.executable, "-m", "misydsl.cli", *arguments]

    def environment(self, more: dict[str, str]) -> dict[str, str]:
        """The variables of the command."""
        return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **more}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    path = tmp_path / "ledger.jsonl"
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.ledger", str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    port = server.stdout.readline().strip()
    try:
        yield Ledger(f"http://127.0.0.1:{port}", path)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


@pytest.fixture
def misy(tmp_path: Path) -> Misy:
    folder = tmp_path / "proyecto"
    folder.mkdir()
    return Misy(folder)
