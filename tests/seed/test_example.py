"""The usage example works word for word: its commands by a shell and curl, its snippets' data over the API."""

from __future__ import annotations

import itertools
import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.seed import example
from tests.server.served import API, ROOT, Served, serving

if TYPE_CHECKING:
    import httpx

PORT: Final = 3007
ISO: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

pytestmark = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None,
    reason="the example's commands need a shell and curl",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    _require_the_port()
    folder = tmp_path_factory.mktemp("proyecto")
    surroundings = {"MISY_EXAMPLES_OUTPUT": str(folder / "out")}
    agents = str(ROOT / "examples" / "agents.py")
    with serving(folder, "--agents", agents, port=PORT, environment=surroundings) as server:
        assert server.url == f"http://127.0.0.1:{PORT}"
        yield server


@pytest.fixture(scope="module")
def first(served: Served) -> Any:
    """The answer to the example's first command."""
    return _answer("/orchestrator/workflow")


@pytest.fixture(scope="module")
def whole(served: Served) -> dict[str, Any]:
    """The example's three steps: made, validated, run with its context."""
    name, description = example.workflow_names()
    draft = {"name": name, "description": description, "steps": example.steps()}
    with served.client() as client:
        made = _well(client.post(f"{API}/workflow/create", json=draft), 201)
        verdict = _well(client.post(f"{API}/workflow/validate", json={"workflow": made}))
        result = _well(
            client.post(f"{API}/workflow", json={"workflow": made, "context": example.context()})
        )
    return {"draft": draft, "made": made, "verdict": verdict, "result": result}


def test_the_document_has_the_commands_that_are_run_here() -> None:
    paths = [re.findall(r"localhost:3007(\S+)", one)[0] for one in example.commands()]
    assert paths == [
        f"{API}/workflow",
        f"{API}/metrics",
        f"{API}/metrics/agent/trend-scanner",
        f"{API}/metrics/dashboard",
        f"{API}/dashboard/live",
    ]


def test_its_workflow_runs_by_curl_and_answers_with_every_field(first: Any) -> None:
    assert set(first) == {
        "workflowId",
        "runId",
        "status",
        "stepResults",
        "duration",
        "startTime",
        "endTime",
    }
    assert (first["workflowId"], first["status"]) == ("workflow_1234567890", "success")
    (step,) = first["stepResults"].values()
    assert list(first["stepResults"]) == ["trend-analysis"]
    assert set(step) == {"success", "data", "metrics"}
    assert step["success"] is True
    assert set(step["metrics"]) == {"duration", "startTime", "endTime", "attempts"}
    assert step["metrics"]["attempts"] == 1
    assert 0 < step["metrics"]["duration"] <= first["duration"]
    _check_trends(step["data"])
    _check_times(first)
    _check_times(step["metrics"])


@pytest.mark.usefixtures("first")
def test_its_metrics_by_curl_are_those_of_the_runs() -> None:
    metrics = _answer("/orchestrator/metrics")
    assert set(metrics) == {
        "workflowsExecuted",
        "successfulWorkflows",
        "failedWorkflows",
        "averageExecutionTime",
        "agentMetrics",
        "lastUpdated",
    }
    assert metrics["workflowsExecuted"] >= 1
    ended = metrics["successfulWorkflows"] + metrics["failedWorkflows"]
    assert ended == metrics["workflowsExecuted"]
    assert metrics["averageExecutionTime"] > 0
    _check_agent(metrics["agentMetrics"]["trend-scanner"])
    assert ISO.fullmatch(metrics["lastUpdated"])


@pytest.mark.usefixtures("first")
def test_its_metrics_of_one_agent_by_curl_are_those_among_all(served: Served) -> None:
    of_one = _answer("/metrics/agent/trend-scanner")
    _check_agent(of_one)
    with served.client() as client:
        of_all = _well(client.get(f"{API}/metrics"))
    assert of_one == of_all["agentMetrics"]["trend-scanner"]


@pytest.mark.usefixtures("whole")
def test_its_dashboard_by_curl_is_what_its_own_snippet_computes(served: Served) -> None:
    board = _answer("/metrics/dashboard")
    with served.client() as client:
        metrics = _well(client.get(f"{API}/metrics"))
        assert _well(client.get(f"{API}/dashboard")).keys() == board.keys()
    assert set(board) == {
        "overview",
        "topAgents",
        "recentExecutions",
        "agentPerformance",
        "systemStatus",
    }
    overview = board["overview"]
    for name in ("workflowsExecuted", "successfulWorkflows", "failedWorkflows"):
        assert overview[name] == metrics[name]
    share = metrics["successfulWorkflows"] / metrics["workflowsExecuted"] * 100
    assert overview["successRate"] == pytest.approx(share, abs=0.01)
    assert overview["averageExecutionTime"] == metrics["averageExecutionTime"]
    by_executions = sorted(
        metrics["agentMetrics"].items(), key=lambda item: item[1]["executions"], reverse=True
    )[:5]
    shown = ("executions", "successRate", "averageResponseTime", "errors")
    expected = {name: {key: one[key] for key in shown} for name, one in by_executions}
    found = {one["name"]: {key: one[key] for key in shown} for one in board["topAgents"]}
    assert found == expected
    counts = [one["executions"] for one in board["topAgents"]]
    assert counts == sorted(counts, reverse=True)
    assert board["agentPerformance"]["healthScore"] == pytest.approx(100)
    assert board["agentPerformance"]["topPerformers"]
    assert board["systemStatus"]["status"]
    assert len(board["recentExecutions"]) == overview["workflowsExecuted"]


@pytest.mark.usefixtures("first")
def test_its_live_metrics_come_at_once_and_again_after_five_seconds() -> None:
    boards, stamps = _live("/dashboard/live", 2)
    assert [set(one) >= {"overview", "topAgents"} for one in boards] == [True, True]
    began, again = stamps
    assert 4.0 <= again - began <= 8.0


def test_its_three_steps_are_made_validated_and_run_in_order(whole: dict[str, Any]) -> None:
    made, result = whole["made"], whole["result"]
    assert {key: made[key] for key in whole["draft"]} == whole["draft"]
    assert re.fullmatch(r"workflow_\d{13}", made["id"])
    assert made["version"] == "1.0.0"
    assert ISO.fullmatch(made["createdAt"])
    assert whole["verdict"] == {"valid": True, "diagnostics": []}
    assert (result["workflowId"], result["status"]) == (made["id"], "success")
    found = result["stepResults"]
    assert list(found) == ["trend-discovery", "content-creation", "schedule-content"]
    _check_trends(found["trend-discovery"]["data"])
    script = found["content-creation"]["data"]
    assert set(script) == {"script", "narrative", "suggestions", "visualStyle", "compressedScript"}
    posts = found["schedule-content"]["data"]["posts"]
    assert [one["platform"] for one in posts] == ["tiktok", "instagram"]
    assert {key for one in posts for key in one} == {"postId", "scheduledAt", "platform", "status"}
    ends = [one["metrics"] for one in found.values()]
    for before, after in itertools.pairwise(ends):
        assert before["endTime"] <= after["startTime"]


def test_its_direct_call_of_an_agent_answers_like_the_connector(served: Served) -> None:
    agent, inputs = example.direct_call()
    session = inputs.pop("sessionId")
    with served.client() as client:
        before = _well(client.get(f"{API}/metrics"))
        body = {"sessionId": session, "params": inputs}
        answer = _well(client.post(f"{API}/agents/{agent}/execute", json=body))
        after = _well(client.get(f"{API}/metrics"))
    assert set(answer) == {"success", "data", "metadata"}
    assert answer["success"] is True
    _check_trends(answer["data"])
    assert set(answer["metadata"]) == {"duration", "timestamp", "retries"}
    assert answer["metadata"]["retries"] == 0
    assert ISO.fullmatch(answer["metadata"]["timestamp"])
    assert after["workflowsExecuted"] == before["workflowsExecuted"]  # it is a call, no workflow
    times = [one["agentMetrics"].get(agent, {"executions": 0}) for one in (before, after)]
    assert times[1]["executions"] == times[0]["executions"] + 1


def test_its_health_check_finds_the_agents_well(served: Served) -> None:
    with served.client() as client:
        health = _well(client.get(f"{API}/health"))
    assert health["status"] == "healthy"
    found = {one["name"]: one["status"] for one in health["agents"]}
    names = ("trend-scanner", "video-scriptor", "post-scheduler")
    assert found == dict.fromkeys(sorted(names), "healthy")
    assert all(ISO.fullmatch(one["lastCheck"]) for one in health["agents"])


def _require_the_port() -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", PORT)):
            return
    words = f"something else listens on port {PORT}, which the example's commands name"
    if os.environ.get("CI"):
        pytest.fail(words)
    pytest.skip(words)


def _answer(path: str) -> Any:
    """What a command of the document prints, run as it stands there."""
    done = subprocess.run(
        ["bash", "-c", example.command(path)],
        cwd=Path("/"),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=40,
        check=True,
        env={**os.environ, "no_proxy": "localhost"},
    )
    return json.loads(done.stdout)


def _live(path: str, many: int) -> tuple[list[Any], list[float]]:
    """The first events of a stream, and when each one came."""
    screen, terminal = (
        pty.openpty()
    )  # a terminal, as the reader of the document has: curl waits for nothing
    with subprocess.Popen(
        ["bash", "-c", example.command(path)],
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "no_proxy": "localhost"},
    ) as streaming:
        os.close(terminal)
        boards: list[Any] = []
        stamps: list[float] = []
        with open(screen, encoding="utf-8") as lines:  # noqa: PTH123  # a descriptor, no path
            while len(boards) < many:
                line = lines.readline()
                assert line, "the stream has ended"
                if line.startswith("data:"):
                    boards.append(json.loads(line.removeprefix("data:")))
                    stamps.append(time.monotonic())
        os.killpg(streaming.pid, signal.SIGKILL)
    return boards, stamps


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _check_trends(data: Any) -> None:
    assert set(data) == {"trends", "insights", "recommendations"}
    assert data["trends"]
    for trend in data["trends"]:
        assert set(trend) == {"keyword", "volume", "growth", "relatedTerms"}


def _check_agent(entry: Any) -> None:
    assert set(entry) == {
        "executions",
        "successRate",
        "averageResponseTime",
        "errors",
        "lastExecution",
    }
    assert entry["executions"] >= 1
    assert (entry["successRate"], entry["errors"]) == (100, 0)
    assert entry["averageResponseTime"] > 0
    assert ISO.fullmatch(entry["lastExecution"])


def _check_times(times: Any) -> None:
    began, ended = _moment(times["startTime"]), _moment(times["endTime"])
    assert ISO.fullmatch(times["startTime"])
    assert times["duration"] == pytest.approx((ended - began) * 1000, abs=30)


def _well(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()
