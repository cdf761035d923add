"""A trial: one tool meets one mistake, checks it, and runs it when the check let it pass.

In: a `Mistake`, a `Tool` and its interpreter. Out: an `Outcome`: when it was noticed and in which words.
Each trial has an empty directory of its own, no network is used but loopback, and telemetry is off.
What is noticed is decided by exit codes and by the judged words; words that changed are shown as such.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from benchmarks.mistakes.mistake import Judgement, Mistake
from benchmarks.mistakes.tools import Tool

TIMEOUT_S = 120.0
LONGEST = 200
QUIET = {
    "DO_NOT_TRACK": "1",
    "HAMILTON_TELEMETRY_ENABLED": "false",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "LANGSMITH_TRACING": "false",
    "NO_COLOR": "1",
}


class When(Enum):
    """When a mistake is noticed."""

    BEFORE = "before the run"
    DURING = "at run time"
    NEVER = "never"
    NOT_BEFORE = "not before the run"
    ABSENT = "has no such thing"


@dataclass(frozen=True, slots=True)
class Said:
    """What a process said and how it ended."""

    text: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a trial; `is_known` when the words are those that were judged."""

    when: When
    words: str
    is_known: bool = True


def try_out(mistake: Mistake, tool: Tool, python: str) -> Outcome:
    """Check, and run what the check lets pass."""
    judged = mistake.judged[tool.name]
    if judged.missing:
        return Outcome(When.ABSENT, "")
    program = mistake.folder / tool.program
    checked = _said(tool.check, program, python)
    if checked.exit_code != 0 or found(judged, checked.text):
        return outcome(judged, checked, When.BEFORE)
    if tool.run is None:
        return Outcome(When.NOT_BEFORE, "", is_known=not judged.words)
    ran = _said(tool.run, program, python)
    return outcome(judged, ran, When.DURING if ran.exit_code else When.NEVER)


def outcome(judged: Judgement, said: Said, when: When) -> Outcome:
    """What a process said, in the judged words where they are still said."""
    lines = found(judged, said.text)
    is_known = bool(lines) or (when is When.NEVER and not judged.words)
    shown = lines if is_known else [line for line in said.text.splitlines() if line.strip()][-1:]
    return Outcome(when, shortened(" … ".join(map(_plain, shown))), is_known)


def found(judged: Judgement, text: str) -> list[str]:
    """The lines that hold the judged words, one for each; empty when one of them is not said."""
    lines = text.splitlines()
    telling = [next((line for line in lines if part in line), None) for part in judged.words]
    return [line for line in telling if line is not None] if None not in telling else []


def shortened(words: str) -> str:
    """At most `LONGEST` characters."""
    return words if len(words) <= LONGEST else words[: LONGEST - 2].rstrip() + " …"


def _said(command: tuple[str, ...], program: Path, python: str) -> Said:
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run(
            [python, *(part.format(program=program) for part in command)],
            cwd=place,
            env={**os.environ, **QUIET},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
        )
    return Said(done.stdout, done.returncode)


def _plain(line: str) -> str:
    """The line without the folders of this machine."""
    return re.sub(r"(?:/[^/\s\"'()]+)+/(?=[^/\s\"'()]+)", "", line).strip()
