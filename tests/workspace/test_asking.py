"""Asking one agent directly, over real HTTP and without a server."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import misydsl
from misydsl.failures import AgentUnknown, InputsInvalid, MisyError
from misydsl.store.journal import Journal
from misydsl.workspace import check_text, connect, health, load
from tests.runner.theatre import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
AGENTS = '''
import misydsl


@misydsl.agent
def eco(texto: str) -> dict:
    """Repite lo que oye."""
    return {"texto": texto, "ñ": "á"}


@misydsl.agent
def roto(texto: str) -> dict:
    """Nunca puede."""
    raise ValueError("no puedo con " + texto)
'''


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a hosted file of agents, in a process of its own."""
    file = tmp_path_factory.mktemp("agentes") / "agentes.py"
    file.write_text(AGENTS, "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "misydsl.cli", "agents", "serve", str(file), "--port", "0"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
    )  # fmt: skip
    assert process.stdout is not None
    address = ""
    for line in process.stdout:
        if "http://" in line:
            address = "http://" + line.split("http://", 1)[1].split()[0].split("/")[0]
            break
    yield f"{address}/api/v1/agents"
    process.terminate()
    process.communicate(timeout=PATIENCE_S)


class TestConnect:
    def test_post_gives_what_the_agent_answered(self, server: str) -> None:
        client = connect(f"{server}/eco")
        answer = client.post({"texto": "¿mañana?"})
        assert answer
        assert answer.data == {"texto": "¿mañana?", "ñ": "á"}
        assert (client.name, repr(client)) == ("eco", "<agent eco>")

    async def test_it_is_awaited_too(self, server: str) -> None:
        client = misydsl.connect(f"{server}/eco")
        answers = await asyncio.gather(*(client.apost({"texto": str(n)}) for n in range(5)))
        assert [one.data["texto"] for one in answers] == list("01234")  # type: ignore[index,call-overload]
        assert await client.ahealth()

    def test_the_plain_wire(self, server: str) -> None:
        assert connect(f"{server}/eco", wire="plain").post({"texto": "x"}).success

    def test_a_failure_is_an_answer(self, server: str) -> None:
        answer = connect(f"{server}/roto").post({"texto": "ñ"})
        assert not answer
        assert answer.error is not None
        assert answer.error.kind in ("agent-error", "http")
        assert "no puedo con ñ" in (answer.error.message + str(answer.error.excerpt))

    def test_an_agent_by_name_is_found_by_the_environment(
        self, server: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AGENT_ECO_URL", f"{server}/eco")
        for wire in ("misybot", "plain"):
            client = connect("eco", wire=wire)
            assert client.post({"texto": "x"}).success
            assert client.health().is_healthy

    def test_by_name_and_by_url_the_same_wire_is_spoken(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AGENT_LOUD_URL", "python:tests.workspace.acting:loud")
        named, placed = connect("loud"), connect("python:tests.workspace.acting:loud")
        for client in (named, placed):
            assert client._connection._is_misybot  # type: ignore[attr-defined]
            assert client.post({"text": "ñ", "sessionId": "s-9"}).data == "Ñ"

    def test_nobody_there_is_an_answer_with_advice(self) -> None:
        client = connect("http://127.0.0.1:9/api/v1/agents/eco")
        answer = client.post({"texto": "x"}, timeout_s=5)
        assert answer.error is not None
        assert answer.error.kind == "connect"
        found = client.health(timeout_s=2)
        assert not found
        assert found.detail

    def test_what_cannot_be_asked_is_told(self) -> None:
        with pytest.raises(MisyError, match="no wire “smoke”"):
            connect("eco", wire="smoke")
        with pytest.raises(MisyError, match="which agent"):
            connect(" ")
        with pytest.raises(AgentUnknown):
            connect("gopher://x/eco")
        with pytest.raises(InputsInvalid, match="JSON"):
            connect("python:tests.workspace.acting:loud").post({"text": object()})  # type: ignore[dict-item]

    def test_an_async_agent_that_asks_without_await_is_told(self, journal: Journal) -> None:
        client = connect("python:tests.workspace.acting:loud")

        async def asks(text: str) -> str:
            return str(client.post({"text": text}).data)

        async def awaits(text: str) -> str:
            return str((await client.apost({"text": text})).data)

        text = (
            "misy 1\nagent a(text: string) -> string\n"
            'pipeline p() { step s { call a(text: "ñ") }\n return s }'
        )
        assert load(text).run(agents={"a": awaits}).result == "Ñ"
        failed = load(text).run(agents={"a": asks})
        assert failed.failure is not None
        assert "await client.apost" in failed.failure.message


class TestHealth:
    def test_every_agent_of_a_file_is_asked_in_the_order_of_the_text(self, server: str) -> None:
        text = f"""misy 1
agent zeta(texto: string) -> any {{ url: "{server}/roto" }}
agent alfa(texto: string) -> any {{ url: "http://127.0.0.1:9/x" }}
"""
        library = check_text(text).library
        assert library is not None
        found = health(library, timeout_s=2)
        assert [(one.agent, one.is_healthy) for one in found] == [("zeta", True), ("alfa", False)]

    def test_settings_that_cannot_be_computed_are_told(self) -> None:
        text = 'misy 1\nagent a(q: string) -> any { url: "http://x/${1 / 0}" }\n'
        library = check_text(text).library
        if library is None:
            pytest.fail("the text should check")
        with pytest.raises(MisyError, match="cannot be computed"):
            health(library)
