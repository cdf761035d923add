"""The project's own resources over a real server: pipelines, runs, events, pictures, commands."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

import misydsl
from misydsl.render.theme import DARK, LIGHT
from tests.server.served import API, Served, asked, serving, workflow

if TYPE_CHECKING:
    import httpx

AGENTS: Final = """
import asyncio
from misydsl import agent

@agent("eco")
def echo(*, texto: str = "hola") -> dict[str, str]:
    return {"texto": texto}

@agent("lento")
async def slow(*, ms: int = 300) -> int:
    await asyncio.sleep(ms / 1000)
    return ms
"""
PROJECT: Final = """misy 1
agent eco(texto: string = "hola") -> { texto: string }

## Saluda a alguien
pipeline saludo "Un saludo" (texto: string, veces: int = 2) {
  step decir "Decirlo" for n in range(veces) { call eco(texto: "${texto} ${n}") }
  return [x.texto for x in decir]
}

pipeline permiso() {
  step preguntar { call human.approve(message: "¿Publicar?") }
  step hacer after preguntar { call eco(texto: "hecho") }
  return hacer.texto
}
"""
POSTED: Final = """misy 1
agent lento(ms: int) -> int
pipeline espera(ms: int) {
  step s { call lento(ms) }
  return s
}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("carreras")
    (folder / "agents.py").write_text(AGENTS, "utf-8")
    (folder / "saludo.misy").write_text(PROJECT, "utf-8")
    (folder / "roto.misy").write_text("misy 1\npipeline {", "utf-8")
    with serving(folder, "--agents", str(folder / "agents.py")) as server:
        yield server


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with served.client() as client:
        yield client


def _well(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def _begin(client: httpx.Client, **body: Any) -> Any:
    return _well(client.post("/api/v1/runs", json=body), 202)


def _until(client: httpx.Client, run: str, status: str) -> Any:
    until = time.monotonic() + 20
    while True:
        found = _well(client.get(f"/api/v1/runs/{run}"))
        if found["status"] == status:
            return found
        assert time.monotonic() < until, found
        time.sleep(0.02)


def _row(client: httpx.Client, run: str) -> Any:
    rows = _well(client.get("/api/v1/runs?limit=1000"))["runs"]
    return next(one for one in rows if one["id"] == run)


def test_the_projects_pipelines_are_listed_with_what_they_take(client: httpx.Client) -> None:
    found = _well(client.get("/api/v1/pipelines"))
    rows = {one["name"]: one for one in found["pipelines"]}
    assert set(rows) == {"saludo", "permiso"}
    hello = rows["saludo"]
    assert (hello["title"], hello["description"]) == ("Un saludo", "Saluda a alguien")
    assert hello["file"] == "saludo.misy"
    text, times = hello["parameters"]
    assert (text["name"], text["type"], text["required"]) == ("texto", "string", True)
    assert (times["required"], times["default"]) == (False, "2")
    assert {one["file"] for one in found["problems"]} == {"roto.misy"}


def test_a_pipeline_of_the_project_is_run_and_told_whole(client: httpx.Client) -> None:
    row = _begin(client, pipeline="saludo", params={"texto": "año"}, session="s-1")
    assert (row["workflowId"], row["workflowName"], row["sessionId"]) == (
        "saludo",
        "Un saludo",
        "s-1",
    )
    found = _until(client, row["id"], "succeeded")
    assert found["result"] == ["año 0", "año 1"]
    assert found["outcome"] == "success"
    assert found["progress"] == {"total": 1, "done": 1, "failed": 0, "running": 0}
    whole, *items = found["steps"]
    assert (whole["id"], whole["name"], whole["count"], whole["done"]) == ("decir", "Decirlo", 2, 2)
    assert [one["item"] for one in items] == ["0", "1"]
    assert [one["status"] for one in found["attempts"]] == ["succeeded", "succeeded"]
    assert [one["name"] for one in found["agents"]] == ["eco"]
    assert found["acceptedAt"] <= found["startedAt"] <= found["finishedAt"]
    assert found["duration"] > 0


def test_a_text_in_a_request_is_run_and_one_that_reaches_out_is_refused(
    client: httpx.Client,
) -> None:
    row = _begin(client, source=POSTED, params={"ms": 5})
    assert _until(client, row["id"], "succeeded")["result"] == 5
    reaching = POSTED.replace("-> int\n", '-> int { url: "http://evil.example/" }\n', 1)
    refused = client.post("/api/v1/runs", json={"source": reaching, "params": {"ms": 5}})
    assert _well(refused, 400)["diagnostics"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"pipeline": "nadie"}, 404),
        ({"pipeline": "saludo"}, 422),
        ({"pipeline": "saludo", "params": {"texto": 7}}, 422),
        ({"pipeline": "saludo", "params": {"testo": "a"}}, 422),
        ({"source": "misy 1\n"}, 400),
        ({"pipeline": 7}, 400),
    ],
)
def test_what_cannot_be_run_is_refused_and_makes_no_run(
    client: httpx.Client, body: dict[str, Any], status: int
) -> None:
    before = _well(client.get("/api/v1/runs", params={"limit": 1000}))["runs"]
    assert _well(client.post("/api/v1/runs", json=body), status)["detail"]
    assert _well(client.get("/api/v1/runs", params={"limit": 1000}))["runs"] == before


def test_runs_are_listed_newest_first_and_by_status(client: httpx.Client) -> None:
    ids = [_begin(client, pipeline="saludo", params={"texto": "a"})["id"] for _ in range(3)]
    for run in ids:
        _until(client, run, "succeeded")
    rows = _well(client.get("/api/v1/runs", params={"limit": 3}))["runs"]
    assert [one["id"] for one in rows] == ids[::-1]
    done = _well(client.get("/api/v1/runs", params={"status": "succeeded", "limit": 2}))["runs"]
    assert [one["id"] for one in done] == ids[:0:-1]
    assert _well(client.get("/api/v1/runs", params={"status": "failed"}))["runs"] == []
    _well(client.get("/api/v1/runs", params={"status": "nunca"}), 400)


def test_facts_come_one_a_line_from_a_cursor_on(client: httpx.Client) -> None:
    run = _begin(client, pipeline="saludo", params={"texto": "a"})["id"]
    _until(client, run, "succeeded")
    answer = client.get(f"/api/v1/runs/{run}/events")
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    facts = [json.loads(line) for line in answer.text.splitlines()]
    assert [facts[0]["event"]["kind"], facts[-1]["event"]["kind"]] == [
        "run-accepted",
        "run-finished",
    ]
    seqs = [one["seq"] for one in facts]
    assert seqs == sorted(set(seqs))
    rest = client.get(f"/api/v1/runs/{run}/events", params={"after": seqs[2]})
    assert [json.loads(line) for line in rest.text.splitlines()] == facts[3:]


def test_a_runs_messages_come_as_a_stream_that_ends_with_it(client: httpx.Client) -> None:
    run = _begin(client, pipeline="saludo", params={"texto": "a"})["id"]
    headers = {"Accept": "text/event-stream"}
    with client.stream("GET", f"/api/v1/runs/{run}/events", headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        told = [json.loads(one[5:]) for one in stream.iter_lines() if one.startswith("data:")]
    assert [told[0]["type"], told[-1]["type"]] == ["workflow_started", "workflow_completed"]
    assert {one["runId"] for one in told} == {run}


def test_its_picture_is_plain_svg(client: httpx.Client) -> None:
    run = _begin(client, pipeline="saludo", params={"texto": "a"})["id"]
    _until(client, run, "succeeded")
    answer = client.get(f"/api/v1/runs/{run}/graph.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "<svg" in answer.text
    assert "<script" not in answer.text


def test_its_picture_is_drawn_for_a_dark_page_when_asked(client: httpx.Client) -> None:
    run = _begin(client, pipeline="saludo", params={"texto": "a"})["id"]
    _until(client, run, "succeeded")
    place = f"/api/v1/runs/{run}/graph.svg"
    light, dark = (client.get(f"{place}?theme={one}").text for one in ("light", "dark"))
    for picture, colours, others in ((light, LIGHT, DARK), (dark, DARK, LIGHT)):
        assert colours.tones["succeeded"].fill in picture
        assert others.tones["succeeded"].fill not in picture
    assert client.get(place).text == light
    _well(client.get(f"{place}?theme=rosa"), 400)


def test_a_question_is_answered_and_the_run_goes_on(client: httpx.Client) -> None:
    run = _begin(client, pipeline="permiso")["id"]
    found = _until(client, run, "running")
    while not found["questions"]:
        found = _until(client, run, "running")
    (question,) = found["questions"]
    assert (question["step"], question["message"]) == ("preguntar", "¿Publicar?")
    assert (found["asking"], _row(client, run)["asking"]) == (1, 1)
    place = f"/api/v1/runs/{run}/approve"
    _well(client.post(place, json={"step": "otro"}), 409)
    _well(client.post(place, json={"aproved": False}), 400)  # a slip is no yes
    _well(client.post(place, json={"by": "ana", "comment": "¡sí!"}), 202)
    assert _until(client, run, "succeeded")["result"] == "hecho"
    assert _row(client, run)["asking"] == 0
    _well(client.post(place, json={}), 409)


def test_a_run_is_cancelled_once_and_for_all(client: httpx.Client) -> None:
    run = _begin(client, source=POSTED, params={"ms": 60_000})["id"]
    _well(client.post(f"/api/v1/runs/{run}/resume", json={}), 409)  # it is at work
    _well(client.post(f"/api/v1/runs/{run}/cancel", json={"by": "ana"}), 202)
    found = _until(client, run, "cancelled")
    assert (found["outcome"], found["error"]["code"]) == ("failure", "CANCELLED")
    assert "ana" in found["error"]["message"]
    _well(client.post(f"/api/v1/runs/{run}/cancel"), 202)
    assert "ended" in _well(client.post(f"/api/v1/runs/{run}/resume"), 409)["detail"]


@pytest.mark.parametrize("what", ["", "/events", "/graph.svg", "/cancel", "/resume", "/approve"])
def test_a_run_that_is_not_there_is_404(client: httpx.Client, what: str) -> None:
    ask = client.post if what in ("/cancel", "/resume", "/approve") else client.get
    _well(ask(f"/api/v1/runs/2026{what}"), 404)


def test_what_a_server_had_to_leave_is_resumed_by_hand(tmp_path: Path) -> None:
    file, journal = tmp_path / "agents.py", tmp_path / ".misy" / "journal.db"
    file.write_text(AGENTS, "utf-8")
    with serving(tmp_path, "--agents", str(file), "--grace", "0") as server:
        with server.client() as client:
            run = _begin(client, source=POSTED, params={"ms": 1_500})["id"]
            _until(client, run, "running")
        assert server.stop() == 0
    resumed = misydsl.resume(run, journal=journal)
    assert resumed.wait(20) == "succeeded"
    assert resumed.result == 1_500


def test_what_a_server_had_to_leave_the_next_one_ends(tmp_path: Path) -> None:
    (tmp_path / "agents.py").write_text(AGENTS, "utf-8")
    arguments = ("--agents", str(tmp_path / "agents.py"), "--grace", "1")
    steps: list[dict[str, Any]] = [
        {"agent": "eco"},
        {"agent": "lento", "input": {"ms": 3_000}, "dependencies": ["s0"]},
    ]
    body = asked(workflow(*steps))
    with serving(tmp_path, *arguments) as server, server.client() as client:
        prefer = {"Prefer": "respond-async", "Idempotency-Key": "k"}
        run = _well(client.post(f"{API}/workflow", json=body, headers=prefer), 202)["runId"]
        _until(client, run, "running")
        assert server.stop() == 0
    with serving(tmp_path, *arguments) as server, server.client() as client:
        found = _until(client, run, "succeeded")
        result = _well(client.post(f"{API}/workflow", json=body, headers={"Idempotency-Key": "k"}))
        assert server.stop() == 0
    assert result["runId"] == run
    assert next(one["attempts"] for one in found["steps"]) == 1  # what was done was not done again
