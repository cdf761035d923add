"""Real servers: in a thread and in a process, called by the library's own connector."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Literal

import httpx
import pytest

from misydsl.agents.contract import AgentSpec
from misydsl.agents.declare import agent
from misydsl.agents.registry import Registry
from misydsl.server.hosting import HostedAgents, PortUnusable, listening, serve
from tests.agents.fakes import failure_of, request, value_of

ROOT = Path(__file__).parents[2]


@agent("eco")
def echo(text: str) -> str:
    if text == "boom":
        raise RuntimeError("estalló")
    return text


@pytest.mark.parametrize("wire", ["plain", "misybot"])
async def test_the_connector_and_the_host_understand_each_other(
    wire: Literal["plain", "misybot"],
) -> None:
    with HostedAgents([echo]) as hosted:
        registry = Registry()
        connection = registry.connect(AgentSpec("eco", hosted.url_of("eco"), wire=wire))
        assert value_of(await connection.call(request({"text": "ñandú"}))) == "ñandú"
        failure = failure_of(await connection.call(request({"text": "boom"})))
        assert "estalló" in failure.message
        expected = ("http", 500) if wire == "plain" else ("agent-error", 200)
        assert (failure.kind, failure.status) == expected
        refused = failure_of(await connection.call(request({"txt": "a"})))
        assert "Did you mean `text`?" in refused.message or "it needs `text" in refused.message
        assert not refused.matches("http-5xx")
        assert (await connection.health()).is_healthy
        await registry.aclose()


async def test_a_stopped_host_is_not_healthy() -> None:
    with HostedAgents([echo]) as hosted:
        url = hosted.url_of("eco")
    registry = Registry()
    health = await registry.connect(AgentSpec("eco", url)).health()
    assert not health.is_healthy
    assert health.detail.startswith("connect:")
    await registry.aclose()


def test_an_ipv6_host_has_brackets_in_its_address() -> None:
    try:
        with HostedAgents([echo], host="::1") as hosted:
            assert hosted.url == f"http://[::1]:{hosted.port}"
            assert httpx.get(hosted.url + "/health", trust_env=False).status_code == 200
    except PortUnusable as problem:
        pytest.skip(f"no IPv6 here: {problem}")


def test_a_port_that_is_taken_says_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortUnusable, match="choose another with --port") as refused:
            serve([echo], port=port)
        assert str(refused.value).count(str(port)) == 1  # the address is said once
    with pytest.raises(PortUnusable):
        serve([echo], port=99_999)


PROGRAM = """
import argparse, sys
from misydsl.server.verb import serve_agents
file, port, as_json = sys.argv[1:]
sys.exit(serve_agents(argparse.Namespace(file=file, host=None, port=int(port), json=as_json == "json")))
"""


def _verb(path: Path, *, port: int = 0, form: str = "text") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path), str(port), form],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"},
    )


AGENTS = "print('cargando')\nfrom misydsl.agents.declare import agent\n@agent('señal')\ndef f() -> int: return 7\n"


def test_the_verb_says_where_the_agents_are_serves_them_and_stops(tmp_path: Path) -> None:
    path = tmp_path / "agents.py"
    path.write_text(AGENTS, encoding="utf-8")
    with _verb(path, form="json") as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert said["url"] == f"http://127.0.0.1:{said['port']}/api/v1/agents"
        reply = httpx.post(said["agents"]["señal"], json={}, trust_env=False)
        assert reply.json() == 7
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        assert "Traceback" not in errors
        assert process.returncode == 0


def test_the_verb_speaks_to_people_too(tmp_path: Path) -> None:
    path = tmp_path / "agents.py"
    path.write_text(AGENTS, encoding="utf-8")
    with _verb(path) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Serving 1 agent on port ")
        assert "/api/v1/agents/se%C3%B1al" in process.stdout.readline()
        process.terminate()
        process.communicate(timeout=20)


def test_a_file_without_agents_is_bad_usage(tmp_path: Path) -> None:
    with _verb(tmp_path / "nothing.py") as process:
        output, errors = process.communicate(timeout=20)
        assert (process.returncode, output) == (2, "")
        assert errors.startswith("error: ")
        assert "there is no such file" in errors
        assert "Traceback" not in errors


def test_an_answer_of_two_parts_waits_for_no_acknowledgement() -> None:
    with listening("127.0.0.1", 0) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
