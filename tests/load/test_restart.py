"""Ten thousand runs in the journal: a process that starts with them is ready within three seconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crashes.plays import ROOT
from tests.load.restart import STEPS, fill

RUNS = 10_000
READY_S = 3.0


@pytest.mark.timeout(120)
def test_a_process_is_ready_soon_with_ten_thousand_runs_and_goes_on_with_one(
    tmp_path: Path,
) -> None:
    place = tmp_path / "journal.db"
    fill(place, RUNS, unfinished=3)
    process = subprocess.run(
        [sys.executable, "-m", "tests.load.restart", str(place)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    told = json.loads(process.stdout)
    assert told["opened_s"] <= told["listed_s"] <= told["resumed_s"] <= READY_S
    assert (told["status"], told["result"]) == ("succeeded", STEPS)
    assert told["calls"] == list(range(STEPS // 2, STEPS))
