"""What the figures were measured on, in words: the machine, its disk, how busy it was, and whose versions.

In: how many rounds, the load before the first of them, the Python of the heavy peers. Out: lines that stand with the
tables, because ratios of a busy machine are worth less.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.contest import Spread
from benchmarks.measuring import OUT
from benchmarks.table import amount

PACKAGES = {
    "httpx": "httpx",
    "aiohttp": "aiohttp",
    "LangGraph": "langgraph",
    "Prefect": "prefect",
    "DBOS": "dbos",
    "Hamilton": "sf-hamilton",
    "Dask": "dask",
    "Lark": "lark",
}
VERSIONS = """
import importlib.metadata as metadata, json, sys
known = {}
for name in sys.argv[1:]:
    try:
        known[name] = metadata.version(name)
    except metadata.PackageNotFoundError:
        pass
print(json.dumps(known))
"""


def machine(rounds: int, *, load_before: str) -> str:
    """The machine, what its disk makes of `synchronous=FULL`, and how busy it was."""
    sync = sync_ms()
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.system()}; "
        f"fsync {amount(sync.median)} ms [{amount(sync.least)}–{amount(sync.most)}]; "
        f"load {load_before} before and {load()} after; "
        f"medians of {rounds} [least–most], each in a fresh process."
    )


def load() -> str:
    """How many processes wanted to work in the last minute."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def sync_ms(times: int = 21) -> Spread:
    """How long the disk takes to keep 4 kB for good."""
    OUT.mkdir(parents=True, exist_ok=True)
    file, figures = OUT / "fsync", []
    with file.open("wb") as stream:
        for _ in range(times):
            stream.write(bytes(4_096))
            stream.flush()
            begun = time.perf_counter()
            os.fsync(stream.fileno())
            figures.append((time.perf_counter() - begun) * 1e3)
    file.unlink()
    return Spread.of(figures)


def versions(peers: Path) -> str:
    """Everybody's version, and who is missing."""
    known = _versions(sys.executable)
    if peers.exists():
        known = {**_versions(str(peers)), **known}
    shown = (f"{title} {known.get(name, '(not installed)')}" for title, name in PACKAGES.items())
    return f"{', '.join(shown)}."


def _versions(python: str) -> dict[str, str]:
    arguments = [python, "-c", VERSIONS, *PACKAGES.values()]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    known: dict[str, str] = json.loads(done.stdout)
    return known
