"""The contract's REST over a real server: workflows, calls, health, figures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from misydsl.agents.declare import agent
from misydsl.server.hosting import HostedAgents
from tests.server.served import API, Served, asked, serving, workflow

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

@agent("roto")
def broken() -> str:
    raise RuntimeError("se rompió")
"""


@agent("lejos")
def far(n: int = 1) -> int:
    return n


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("contrato")
    (folder / "agents.py").write_text(AGENTS, "utf-8")
    with HostedAgents([far]) as elsewhere:
        environment = {
            "AGENT_LEJOS_URL": elsewhere.url_of("lejos"),
            "AGENT_CAIDO_URL": "http://127.0.0.1:9/nadie",
        }
        agents = str(folder / "agents.py")
        with serving(folder, "--agents", agents, environment=environment) as server:
            yield server


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with served.client() as client:
        yield client


def _well(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


def _problem(answer: httpx.Response, status: int) -> Any:
    found = _well(answer, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert found["status"] == status
    return found


def _run(client: httpx.Client, *steps: dict[str, Any], **context: Any) -> Any:
    return _well(client.post(f"{API}/workflow", json=asked(workflow(*steps), **context)))


def test_independent_steps_run_at_once_and_dependent_ones_in_order(client: httpx.Client) -> None:
    slow = {"agent": "lento", "input": {"ms": 400}}
    result = _run(client, slow, slow, slow, {"agent": "eco", "dependencies": ["s0", "s1", "s2"]})
    assert result["status"] == "success"
    assert result["duration"] < 1_100  # three of them in a row take 1,200
    last = result["stepResults"]["s3"]["metrics"]["startTime"]
    assert all(result["stepResults"][f"s{n}"]["metrics"]["endTime"] <= last for n in range(3))


def test_a_partial_workflow_is_200_and_says_what_failed(client: httpx.Client) -> None:
    result = _run(
        client, {"agent": "roto"}, {"agent": "eco", "dependencies": ["s0"]}, {"agent": "eco"}
    )
    assert result["status"] == "partial"
    codes = [one.get("error", {}).get("code") for one in result["stepResults"].values()]
    assert codes == ["AGENT_ERROR", "DEPENDENCY_FAILED", None]


def test_a_workflow_with_mistakes_is_400_with_each_of_them_at_its_place(
    client: httpx.Client,
) -> None:
    steps: list[dict[str, Any]] = [
        {"agent": "ecco"},
        {"agent": "eco", "dependencies": ["s9"], "timeout": -1},
    ]
    problem = _problem(client.post(f"{API}/workflow", json=asked(workflow(*steps))), 400)
    assert len(problem["diagnostics"]) == 3
    assert any("ecco" in one["message"] for one in problem["diagnostics"])
    assert all(one["line"] == 1 and one["column"] > 1 for one in problem["diagnostics"])


def test_who_prefers_not_to_wait_is_told_where_the_run_is(client: httpx.Client) -> None:
    body = asked(workflow({"agent": "lento", "input": {"ms": 700}}))
    began = time.monotonic()
    answer = client.post(f"{API}/workflow", json=body, headers={"Prefer": "respond-async"})
    accepted = _well(answer, 202)
    assert time.monotonic() - began < 0.6
    assert answer.headers["preference-applied"] == "respond-async"
    assert answer.headers["location"] == accepted["links"]["self"]
    assert accepted["status"] in ("accepted", "running")
    row = _ended(client, accepted["runId"])
    assert row["outcome"] == "success"


def test_who_waits_a_while_gets_the_result_when_it_comes_in_time(client: httpx.Client) -> None:
    for ms, wait, status in ((1, "20", 200), (3_000, "1", 202)):
        body = asked(workflow({"agent": "lento", "input": {"ms": ms}}))
        prefer = {"Prefer": f"respond-async, wait={wait}"}
        assert client.post(f"{API}/workflow", json=body, headers=prefer).status_code == status


def test_the_same_key_answers_with_the_same_run_and_another_body_is_422(
    client: httpx.Client,
) -> None:
    body = asked(workflow({"agent": "lento", "input": {"ms": 100}}), sessionId="s")
    headers = {"Idempotency-Key": "pedido 7"}
    first, second = (
        _well(client.post(f"{API}/workflow", json=body, headers=headers)) for _ in "ab"
    )
    assert first == second
    other = asked(workflow({"agent": "eco"}), sessionId="s")
    _problem(client.post(f"{API}/workflow", json=other, headers=headers), 422)
    _problem(client.post(f"{API}/workflow", json=body, headers={"Idempotency-Key": ""}), 400)


def test_a_client_that_goes_away_stops_nothing(served: Served, client: httpx.Client) -> None:
    key = {"Idempotency-Key": "se-fue"}
    body = asked(workflow({"agent": "lento", "input": {"ms": 800}}))
    with pytest.raises(httpx.ReadTimeout), served.client() as gone:
        gone.post(f"{API}/workflow", json=body, headers=key, timeout=0.4)
    result = _well(client.post(f"{API}/workflow", json=body, headers=key))
    assert (result["status"], result["stepResults"]["s0"]["metrics"]["attempts"]) == ("success", 1)


def test_made_workflows_have_ids_of_their_own_even_within_a_millisecond(
    client: httpx.Client,
) -> None:
    draft = {"name": "x", "steps": [{"id": "a", "name": "a", "agent": "eco"}]}
    with ThreadPoolExecutor(8) as pool:
        made = list(
            pool.map(lambda _: client.post(f"{API}/workflow/create", json=draft), range(40))
        )
    ids = [_well(one, 201)["id"] for one in made]
    assert len(set(ids)) == len(ids)


def test_validation_tells_mistakes_of_workflows_and_of_texts(client: httpx.Client) -> None:
    def verdict(body: dict[str, Any]) -> Any:
        return _well(client.post(f"{API}/workflow/validate", json=body))

    assert verdict({"workflow": workflow({"agent": "eco"})}) == {"valid": True, "diagnostics": []}
    assert verdict({"workflow": 7})["valid"] is False
    good = 'misy 1\nagent eco(texto: string)\npipeline p() { step s { call eco(texto: "a") } }\n'
    assert verdict({"source": good})["valid"] is True
    bad = verdict({"source": 'misy 1\nimport { x } from "./otro.misy"\npipeline p() { }\n'})
    assert bad["valid"] is False
    assert bad["diagnostics"][0]["file"]
    _problem(client.post(f"{API}/workflow/validate", json={}), 400)


def test_one_agent_is_called_by_name_wherever_it_is(client: httpx.Client) -> None:
    for name, params, data in (("eco", {"texto": "ñ"}, {"texto": "ñ"}), ("lejos", {"n": 7}, 7)):
        body = {"sessionId": "s", "params": params}
        answer = _well(client.post(f"{API}/agents/{name}/execute", json=body))
        assert (answer["success"], answer["data"]) == (True, data)
    failed = _well(client.post(f"{API}/agents/roto/execute", json={"sessionId": "s"}))
    assert (failed["success"], failed["error"]["code"]) == (False, "AGENT_ERROR")
    _problem(client.post(f"{API}/agents/nadie/execute", json={"sessionId": "s"}), 404)


def test_health_is_really_asked_for(client: httpx.Client) -> None:
    health = _well(client.get(f"{API}/health"))
    found = {one["name"]: one["status"] for one in health["agents"]}
    assert found["caido"] == "unhealthy"
    assert {found[name] for name in ("eco", "lejos", "lento", "roto")} == {"healthy"}
    assert health["status"] == "degraded"


def test_figures_are_those_of_the_runs_and_calls_are_no_workflows(client: httpx.Client) -> None:
    before = _well(client.get(f"{API}/metrics"))
    _run(client, {"agent": "eco"}, {"agent": "lejos"})
    _run(client, {"agent": "eco"}, {"agent": "roto"})
    _well(client.post(f"{API}/agents/eco/execute", json={"sessionId": "s"}))
    after = _well(client.get(f"{API}/metrics"))
    names = ("workflowsExecuted", "successfulWorkflows", "failedWorkflows")
    assert [after[name] - before[name] for name in names] == [2, 1, 1]
    counts = [one["agentMetrics"].get("eco", {}).get("executions", 0) for one in (before, after)]
    assert counts[1] - counts[0] == 3
    _problem(client.get(f"{API}/metrics/agent/nadie"), 404)


def test_the_last_execution_of_a_workflow_is_found_by_its_id_and_by_its_run(
    client: httpx.Client,
) -> None:
    body = asked(workflow({"agent": "eco"}, {"agent": "roto"}, id_="mi flujo"))
    result = _well(client.post(f"{API}/workflow", json=body))
    for wanted in ("mi%20flujo", result["runId"]):
        found = _well(client.get(f"{API}/metrics/workflow/{wanted}"))
        assert (found["runId"], found["status"]) == (result["runId"], "partial")
        executions = {one["agent"]: one for one in found["agentExecutions"]}
        assert {name: one["status"] for name, one in executions.items()} == {
            "eco": "success",
            "roto": "failure",
        }
        assert "se rompió" in executions["roto"]["error"]
    recent = _well(client.get(f"{API}/metrics/recent", params={"limit": 1}))
    assert [one["runId"] for one in recent] == [result["runId"]]
    _problem(client.get(f"{API}/metrics/workflow/nadie"), 404)
    _problem(client.get(f"{API}/metrics/recent", params={"limit": 0}), 400)


def _ended(client: httpx.Client, run: str) -> Any:
    until = time.monotonic() + 20
    while True:
        row = _well(client.get(f"/api/v1/runs/{run}"))
        if row["outcome"] is not None:
            return row
        assert time.monotonic() < until, row
        time.sleep(0.02)
