"""The first command of the README, end to end: real agents in another process, the seed's workflow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from tests.journeys.conftest import ROOT, Misy

DEMO = ROOT / "examples" / "demo.py"


def demo(misy: Misy, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DEMO), *arguments],
        cwd=misy.folder,
        env=misy.environment({"MISY_HOME": str(misy.folder / "casa")}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=55,
        check=False,
    )


def test_the_demo_shows_results_metrics_and_where_the_picture_is(misy: Misy) -> None:
    process = demo(misy)
    assert process.returncode == 0, process.stderr
    assert "Traceback" not in process.stderr
    said = process.stdout
    for word in ("succeeded", "Análisis de Tendencias Viral", "móviles plegables", "p90"):
        assert word in said
    for agent in ("trend-scanner", "video-scriptor", "post-scheduler"):
        assert agent in said
    (picture,) = (misy.folder / "casa").glob("runs/*.svg")
    assert picture.name in said
    text = picture.read_text("utf-8")
    assert ElementTree.fromstring(text).tag.endswith("svg")
    for title in ("Descubrir Tendencias", "Crear Contenido"):
        assert title in text
    assert "Análisis" in text or "Programar" in text


def test_the_demo_speaks_json_and_the_run_can_be_looked_at_later(misy: Misy) -> None:
    process = demo(misy, "--json", "-p", "topic=música")
    assert process.returncode == 0, process.stderr
    run = json.loads(process.stdout[process.stdout.index("{") :])
    assert run["status"] == "succeeded"
    assert [one["step"] for one in run["steps"]] == [
        "trend-discovery",
        "content-creation",
        "schedule-content",
    ]
    home = str(misy.folder / "casa")
    shown = json.loads(misy.run("show", run["runId"], "--json", MISY_HOME=home).stdout)
    assert shown["result"] == run["result"]
    (row,) = json.loads(misy.run("runs", "--json", MISY_HOME=home).stdout)["runs"]
    assert row["runId"] == run["runId"]
    metrics = misy.run("metrics", "--json", MISY_HOME=home)
    assert metrics.returncode == 0
    assert "trend-scanner" in metrics.stdout


def test_the_example_file_checks_clean(misy: Misy) -> None:
    process = misy.run("check", str(Path(ROOT / "examples" / "viral_trends.misy")), "--strict")
    assert process.returncode == 0, process.stdout + process.stderr
