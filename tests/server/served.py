"""A real `misy serve` in a process of its own, and what people send to it.

In: a folder, arguments, settings of the environment. Out: `Served`: the address, the process to be ended or
killed, and plain requests. Whatever it wrote to its standard error is in a file, for a test that failed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

ROOT: Final = Path(__file__).resolve().parents[2]
PATIENCE_S: Final = 40.0
API: Final = "/api/v1/orchestrator"


@dataclass
class Served:
    """A server at work."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    def client(self, **more: Any) -> httpx.Client:
        """Plain requests to it."""
        return httpx.Client(base_url=self.url, timeout=PATIENCE_S, trust_env=False, **more)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """End it in order; its exit code."""
        return self._end(signal.SIGTERM)

    def ended(self) -> int:
        """Its exit code, once somebody has ended it."""
        return self._end(None)

    def _end(self, how: signal.Signals | None) -> int:
        if how is not None:
            self.process.send_signal(how)
        code = self.process.wait(PATIENCE_S)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


def started(
    folder: Path,
    *arguments: str,
    port: int = 0,
    environment: Mapping[str, str] | None = None,
) -> Served:
    """A server that answers; raises AssertionError with what it said when it does not."""
    log = folder / f"serve-{os.urandom(4).hex()}.log"
    with log.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            command(str(folder), "--port", str(port), "--json", *arguments),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            env=surroundings(environment or {}),
        )
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said, f"the server did not start:\n{log.read_text('utf-8')}"
    return Served(process, str(json.loads(said)["url"]), log)


@contextmanager
def serving(
    folder: Path,
    *arguments: str,
    port: int = 0,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Served]:
    """A server for as long as the block lasts."""
    server = started(folder, *arguments, port=port, environment=environment)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


def command(*arguments: str) -> Sequence[str]:
    """`misy serve` of this checkout."""
    return [sys.executable, "-m", "misydsl.cli", "serve", *arguments]


def surroundings(more: Mapping[str, str]) -> dict[str, str]:
    """The environment of a server: of this process, without anybody's agents."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("AGENT_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", **more}


def workflow(*steps: Mapping[str, Any], id_: str = "flujo", **more: Any) -> dict[str, Any]:
    """A workflow of these steps; what a step does not say is made up."""
    full = [{"id": f"s{number}", "name": f"s{number}", **one} for number, one in enumerate(steps)]
    return {"id": id_, "name": more.pop("name", id_), "steps": full, **more}


def asked(flow: Mapping[str, Any], **context: Any) -> dict[str, Any]:
    """The body of `POST /workflow`."""
    return {"workflow": dict(flow), "context": context}
