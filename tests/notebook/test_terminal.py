"""Without a notebook: a plain IPython in a terminal, and a script. Nothing there shows a widget."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TYPED = """%load_ext misydsl
import misydsl
exec('@misydsl.agent\\nasync def upper(text: str) -> str:\\n    return text.upper()')
p = misydsl.load('agent upper(text: string) -> string\\npipeline p(text: string) { step s { call upper(text) }\\n return s }')
run = await p(text="año", agents={"upper": upper})
print("AWAITED", run.status, run.result)
run = p.run(text="niño", agents={"upper": upper})
print("BLOCKED", run.status, run.result)
%misy runs
exit
"""
SCRIPT = """
import asyncio, misydsl

@misydsl.agent
def upper(text: str) -> str:
    return text.upper()

TEXT = "agent upper(text: string) -> string\\npipeline p(text: string) { step s { call upper(text) }\\n return s }"

async def main() -> None:
    run = await misydsl.load(TEXT)(text="mañana", agents={"upper": upper})
    print("AWAITED", run.result)

if __name__ == "__main__":
    print("BLOCKED", misydsl.load(TEXT).run(text="año", agents={"upper": upper}).result)
    asyncio.run(main())
"""


def _ended(folder: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, input=typed, capture_output=True, text=True,
        encoding="utf-8", timeout=50, check=False,
        env={**os.environ, "IPYTHONDIR": str(folder / "ipython"), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


@pytest.mark.slow
def test_await_and_run_work_in_a_plain_ipython(tmp_path: Path) -> None:
    done = _ended(tmp_path, "-m", "IPython", "--simple-prompt", "--no-banner", typed=TYPED)
    assert "AWAITED succeeded AÑO" in done.stdout, done
    assert "BLOCKED succeeded NIÑO" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "succeeded" in done.stdout.partition("BLOCKED")[2], "%misy runs lists them"


@pytest.mark.slow
def test_run_and_await_work_in_a_script(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(SCRIPT, encoding="utf-8")
    done = _ended(tmp_path, "main.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["BLOCKED AÑO", "AWAITED MAÑANA"]
