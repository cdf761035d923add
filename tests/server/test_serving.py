"""`misy serve` as a process: it says where it is, refuses what is not safe, and ends in order."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.server.served import PATIENCE_S, ROOT, command, serving, surroundings

AGENTS = """
import asyncio, misydsl

@misydsl.agent("slow")
async def slow(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "hecho"
"""
API = "/api/v1/orchestrator"


def _refused(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        command(str(folder), *arguments), capture_output=True, text=True, cwd=folder,
        env=surroundings({}), timeout=PATIENCE_S, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done
    assert "Traceback" not in done.stderr
    return done.stderr


def test_others_may_only_reach_it_with_a_token(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.org"):
        assert "--token-file" in _refused(tmp_path, "--host", host, "--port", "0")


def test_a_token_that_others_can_read_is_none(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("x" * 32, encoding="utf-8")
    file.chmod(0o644)
    assert "chmod 600" in _refused(tmp_path, "--token-file", str(file), "--port", "0")


def test_a_port_that_is_taken_is_told_with_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert "--port" in _refused(tmp_path, "--port", str(port))


@pytest.mark.parametrize("origin", ["localhost:5173", "*", "http://", "http://a/b", "ftp://a"])
def test_what_is_no_origin_cannot_be_allowed(tmp_path: Path, origin: str) -> None:
    assert "http://localhost:5173" in _refused(tmp_path, "--allow-origin", origin, "--port", "0")


def test_a_file_that_cannot_be_used_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "bien.misy").write_text("pipeline p { return 1 }\n", encoding="utf-8")
    (tmp_path / "mal.misy").write_text("pipeline año {\n", encoding="utf-8")
    with serving(tmp_path, "--log-format", "json") as server:
        lines = [json.loads(one) for one in server.log.read_text("utf-8").splitlines()]
    wrong = next(one for one in lines if one.get("event") == "file-unusable")
    read = next(one for one in lines if one.get("event") == "project-read")
    assert (wrong["level"], wrong["message"].partition(": ")[0]) == ("warning", "mal.misy:1:14")
    assert (read["pipelines"], read["agents"]) == (1, 0)
    assert any("AGENT_<NAME>_URL" in one["message"] for one in lines)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        command(str(tmp_path / "nada"), "--port", "0"), capture_output=True, text=True,
        env=surroundings({}), timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "there is no such folder" in done.stderr


def test_an_allowed_page_may_read_the_answer_and_no_other(tmp_path: Path) -> None:
    page = "http://localhost:5173"
    with serving(tmp_path, "--allow-origin", page) as server, server.client() as client:
        answer = client.get(f"{API}/metrics", headers={"Origin": page})
        before = client.options(
            f"{API}/workflow", headers={"Origin": page, "Access-Control-Request-Method": "POST"}
        )
        other = client.get(f"{API}/metrics", headers={"Origin": "http://localhost:5174"})
        assert server.stop() == 0
    assert answer.headers["access-control-allow-origin"] == page
    assert (before.status_code, other.status_code) == (204, 403)
    assert "POST" in before.headers["access-control-allow-methods"]
    assert "access-control-allow-origin" not in other.headers


def test_sigterm_lets_calls_end_and_leaves_the_rest_for_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "agents.py").write_text(AGENTS, encoding="utf-8")
    steps = [
        {"id": "one", "name": "one", "agent": "slow", "input": {"seconds": 0.5}},
        {"id": "two", "name": "two", "agent": "slow", "input": {"seconds": 0.1},
         "dependencies": ["one"]},
    ]  # fmt: skip
    body = {"workflow": {"id": "w", "name": "w", "steps": steps}, "context": {"sessionId": "s"}}
    arguments = ("--agents", "agents.py", "--grace", "20")
    with serving(tmp_path, *arguments) as server, server.client() as client:
        head = {"Prefer": "respond-async"}
        run = client.post(f"{API}/workflow", json=body, headers=head).json()["runId"]
        while not client.get(f"/api/v1/runs/{run}").json()["attempts"]:
            pass  # its first call is under way soon
        assert server.stop() == 0
        log = server.log.read_text("utf-8")
        assert "Traceback" not in log
        assert f"run paused  run={run}" in log
    with serving(tmp_path, *arguments) as server, server.client() as client:
        while client.get(f"/api/v1/runs/{run}").json()["status"] != "succeeded":
            pass  # it is taken up by itself
        attempts = client.get(f"/api/v1/runs/{run}").json()["attempts"]
        assert server.stop() == 0
    assert [one["stepId"] for one in attempts] == ["one", "two"], "the first call had ended"


def test_it_says_where_it_is_in_one_line_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(str(tmp_path), "--port", "0", "--log-format", "json"), cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=surroundings({}),
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    assert "on http://127.0.0.1:" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    rest, log = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, rest) == (0, "")
    events = [json.loads(line)["event"] for line in log.splitlines()]
    assert events == ["no-agents", "project-read", "server-started", "server-stopped"]
    assert str(ROOT) not in log


def test_a_second_ctrl_c_waits_for_nobody(tmp_path: Path) -> None:
    (tmp_path / "agents.py").write_text(AGENTS, encoding="utf-8")
    step = {"id": "one", "name": "one", "agent": "slow", "input": {"seconds": 600}, "timeout": 9e5}
    body = {"workflow": {"id": "w", "name": "w", "steps": [step]}}
    arguments = ("--agents", "agents.py", "--grace", "600")
    with serving(tmp_path, *arguments) as server, server.client() as client:
        head = {"Prefer": "respond-async"}
        run = client.post(f"{API}/workflow", json=body, headers=head).json()["runId"]
        while not client.get(f"/api/v1/runs/{run}").json()["attempts"]:
            pass  # its first call is under way soon
        server.process.send_signal(signal.SIGINT)
        with suppress(httpx.TransportError):
            while httpx.get(f"{server.url}/metrics", trust_env=False).is_success:
                pass  # it is about to let nobody in
        server.process.send_signal(signal.SIGINT)
        assert server.ended() == 0
        assert "Traceback" not in server.log.read_text("utf-8")


def test_the_log_tells_what_became_of_a_run_with_its_trace(tmp_path: Path) -> None:
    (tmp_path / "agents.py").write_text(AGENTS, encoding="utf-8")
    step = {"id": "s", "name": "s", "agent": "slow", "input": {"seconds": "x"}}
    body = {"workflow": {"id": "w", "name": "w", "steps": [step]}, "context": {"sessionId": "mía"}}
    arguments = ("--agents", "agents.py", "--log-format", "json")
    with serving(tmp_path, *arguments) as server, server.client() as client:
        run = client.post(f"{API}/workflow", json=body).json()["runId"]
        assert server.stop() == 0
        lines = [json.loads(line) for line in server.log.read_text("utf-8").splitlines()]
    about = [one for one in lines if one.get("run") == run]
    assert [one["event"] for one in about] == [
        "run-accepted", "attempt-failed", "step-failed", "run-finished",
    ]  # fmt: skip
    assert about[0]["session"] == "mía"
    assert (about[1]["step"], about[1]["attempt"], about[1]["agent"]) == ("s", 1, "slow")
    assert len({one["trace"] for one in about}) == 1


def test_a_socket_that_is_refused_is_told_once_and_is_no_error(tmp_path: Path) -> None:
    with serving(tmp_path, "--log-format", "json") as server, server.client() as client:
        head = {
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==", "Origin": "http://evil.example",
        }  # fmt: skip
        assert client.get("/", headers=head).status_code == 403
        assert server.stop() == 0
        lines = [json.loads(one) for one in server.log.read_text("utf-8").splitlines()]
    assert [one["status"] for one in lines if one.get("event") == "request-refused"] == [403]
    assert "error" not in [one["level"] for one in lines]
