"""The tools: how each checks a program without running it, and how it runs one.

In: nothing. Out: `TOOLS`, ours first. Where a tool has more than one way to check, it is the one that
catches more: Haystack connects, LangGraph compiles, Hamilton builds and validates, Snakemake plans.
A foreign tool may live in an interpreter of its own, because its packages need not fit ours.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

# The program is read as a module is, so it is built and compiled and not run.
BUILDING = ("-B", "-c", "import runpy, sys; runpy.run_path(sys.argv[1])", "{program}")
RUNNING = ("-B", "{program}")
SNAKEMAKE = ("-m", "snakemake", "--cores", "1", "--snakefile", "{program}", "--directory", ".")
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


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool; `check` and `run` are what follows the interpreter."""

    name: str
    title: str
    package: str
    program: str
    check: tuple[str, ...]
    run: tuple[str, ...] | None
    cannot_run: str = ""


OURS = Tool(
    *("ours", "MisyDSL", "misydsl", "ours.misy"),
    check=("-m", "misydsl.cli", "check", "{program}"),
    run=None,
    cannot_run="a text with errors is not run",
)
PEERS = (
    Tool("langgraph", "LangGraph", "langgraph", "with_langgraph.py", BUILDING, RUNNING),
    Tool("haystack", "Haystack", "haystack-ai", "with_haystack.py", BUILDING, RUNNING),
    Tool("hamilton", "Hamilton", "sf-hamilton", "with_hamilton.py", BUILDING, RUNNING),
    Tool(
        *("miniwdl", "miniwdl", "miniwdl", "with_miniwdl.wdl"),
        check=("-m", "WDL", "check", "{program}"),
        run=None,
        cannot_run="its tasks need a container",
    ),
    Tool(
        *("snakemake", "Snakemake", "snakemake", "with_snakemake.smk"),
        check=(*SNAKEMAKE, "--dry-run"),
        run=SNAKEMAKE,
    ),
)
TOOLS = (OURS, *PEERS)


def interpreter(tool: Tool, peers: str) -> str:
    """Whose Python runs it: ours our own, the others the given one."""
    return sys.executable if tool is OURS else peers


def versions(peers: str) -> Mapping[str, str]:
    """The version of each tool by its name; a tool that is not installed is not there."""
    known = _versions(sys.executable, [OURS]) | _versions(peers, PEERS)
    return {one.name: known[one.package] for one in TOOLS if one.package in known}


def _versions(python: str, tools: tuple[Tool, ...] | list[Tool]) -> dict[str, str]:
    command = [python, "-c", VERSIONS, *(one.package for one in tools)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    known: dict[str, str] = json.loads(done.stdout)
    return known
