"""Hosted agents: both wires, refusals, health, and nothing said that should not be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from misydsl.agents.declare import agent
from misydsl.server.agents_app import BODY_BYTES, PREFIX, TwoAgentsOneName, agents_app


@agent("trend-scanner", title="Escáner", pure=True)
def scan(topic: str, most: int = 2, sessionId: str | None = None) -> dict[str, object]:  # noqa: N803
    """Busca tendencias."""
    return {"topic": topic, "most": most, "session": sessionId}


@agent("roto")
def broken() -> None:
    raise RuntimeError("no hay datos")


@agent
def odd() -> object:
    return object()


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(agents_app([scan, broken, odd]))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3007") as one:
        yield one


async def test_the_plain_wire_answers_with_the_data(client: httpx.AsyncClient) -> None:
    reply = await client.post(f"{PREFIX}/trend-scanner", json={"topic": "tecnología"})
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.json() == {"topic": "tecnología", "most": 2, "session": None}


@pytest.mark.parametrize("mark", ["sessionId", "previousResults"])
async def test_a_misybot_body_gets_the_envelope(client: httpx.AsyncClient, mark: str) -> None:
    body = {"topic": "moda", "userId": "u", mark: "s-1"}
    reply = await client.post(f"{PREFIX}/trend-scanner", json=body)
    session = "s-1" if mark == "sessionId" else None
    data = {"topic": "moda", "most": 2, "session": session}
    assert reply.json() == {"success": True, "data": data}


async def test_the_connector_says_which_wire_it_speaks(client: httpx.AsyncClient) -> None:
    url, body = f"{PREFIX}/trend-scanner", {"topic": "moda", "sessionId": "s"}
    plain = await client.post(url, json=body, headers={"X-Misy-Wire": "plain"})
    assert plain.json()["session"] == "s"
    bare = {"topic": "moda"}
    wrapped = await client.post(url, json=bare, headers={"X-Misy-Wire": "misybot"})
    assert wrapped.json()["success"] is True
    unknown = await client.post(url, json=bare, headers={"X-Misy-Wire": "other"})
    assert unknown.json()["topic"] == "moda"


async def test_names_fold_as_they_do_everywhere(client: httpx.AsyncClient) -> None:
    assert (await client.post(f"{PREFIX}/trend_scanner", json={"topic": "x"})).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("trend-scanner", "{}", 400, "it needs `topic: string`"),
        ("trend-scanner", '{"topic": 1}', 400, "`topic`: expected string"),
        ("trend-scanner", '{"topic": "a", "mots": 1}', 400, "Did you mean `most`?"),
        ("trend-scanner", "[1]", 400, "has to be a JSON object"),
        ("trend-scanner", "{", 400, "not valid JSON"),
        ("trend-scanner", '{"a":1,"a":2}', 400, "not valid JSON"),
        ("trend-scanner", "", 400, "not valid JSON"),
        ("nobody", "{}", 404, "no agent called `nobody` is hosted here"),
        ("roto", "{}", 500, "roto raised RuntimeError: no hay datos"),
        ("odd", "{}", 500, "odd returned what cannot be written as JSON"),
    ],
)
async def test_a_plain_refusal_is_a_problem_document(
    client: httpx.AsyncClient, path: str, body: str, status: int, words: str
) -> None:
    json = {"Content-Type": "application/json"}
    reply = await client.post(f"{PREFIX}/{path}", content=body, headers=json)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["status"] == status
    assert words in reply.json()["detail"]
    for leak in ("Traceback", ".py", "File "):
        assert leak not in reply.text


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("trend-scanner", "INVALID_INPUT", "it needs `topic: string`"),
        ("roto", "AGENT_ERROR", "no hay datos"),
        ("odd", "INVALID_RESULT", "cannot be written as JSON"),
    ],
)
async def test_a_misybot_refusal_is_an_envelope(
    client: httpx.AsyncClient, path: str, code: str, words: str
) -> None:
    reply = await client.post(f"{PREFIX}/{path}", json={"sessionId": "s"})
    assert reply.status_code == 200
    assert reply.json()["success"] is False
    assert reply.json()["error"]["code"] == code
    assert words in reply.json()["error"]["message"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_only_json_is_taken_so_no_web_page_can_post_unasked(
    client: httpx.AsyncClient, kind: str
) -> None:
    headers = {"Content-Type": kind} if kind else {}
    reply = await client.post(f"{PREFIX}/trend-scanner", content=b"{}", headers=headers)
    assert reply.status_code == 415
    fine = {"Content-Type": "application/ld+json; charset=utf-8"}
    reply = await client.post(f"{PREFIX}/trend-scanner", content=b'{"topic":"a"}', headers=fine)
    assert reply.status_code == 200


async def test_a_body_over_the_limit_is_refused(client: httpx.AsyncClient) -> None:
    body = b'{"topic":"' + b"x" * BODY_BYTES + b'"}'
    json = {"Content-Type": "application/json"}
    assert (
        await client.post(f"{PREFIX}/trend-scanner", content=body, headers=json)
    ).status_code == 413


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:3007", 200),
        ("agents.localhost", 200),
        ("127.0.0.1", 200),
        ("[::1]:3007", 200),
        ("10.0.0.7:80", 200),
        ("mine.test", 200),
        ("evil.test", 421),
        ("localhost.evil.test", 421),
        ("127.0.0.1.evil.test", 421),
        ("", 421),
        ("[", 421),
    ],
)
async def test_only_our_own_host_names_are_answered(host: str, status: int) -> None:
    transport = httpx.ASGITransport(agents_app([scan], host_names=["mine.test"]))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        reply = await client.get("/health", headers={"Host": host})
        assert reply.status_code == status


async def test_health_and_the_list_of_agents(client: httpx.AsyncClient) -> None:
    assert (await client.get("/health")).json()["status"] == "healthy"
    one = (await client.get(f"{PREFIX}/trend-scanner/health")).json()
    assert one == {"status": "healthy", "agent": "trend-scanner"}
    assert (await client.get(f"{PREFIX}/nobody/health")).status_code == 404
    first = (await client.get(PREFIX)).json()["agents"][0]
    assert (first["name"], first["title"]) == ("trend-scanner", "Escáner")
    assert first["url"] == "/api/v1/agents/trend-scanner"
    shown = [(one["name"], one["type"], one["required"]) for one in first["parameters"]]
    assert shown == [
        ("topic", "string", True),
        ("most", "int", False),
        ("sessionId", "string?", False),
    ]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", f"{PREFIX}/roto", 405), ("GET", "/x", 404)]
)
async def test_other_ways_are_problem_documents_too(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    reply = await client.request(method, path)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"


def test_two_agents_cannot_share_an_address() -> None:
    with pytest.raises(TwoAgentsOneName, match="two agents called `trend_scanner`"):
        agents_app([scan, agent("trend_scanner")(broken.function)])


async def test_who_hangs_up_has_the_call_cancelled() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    @agent
    async def slow() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    sent: list[dict[str, object]] = []
    body = [{"type": "http.request", "body": b"{}", "more_body": False}]

    async def receive() -> dict[str, object]:
        if body:
            return body.pop()
        await begun.wait()
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        assert isinstance(message, dict)
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"{PREFIX}/slow",
        "raw_path": b"",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
    }
    await asyncio.wait_for(agents_app([slow])(scope, receive, send), 5)
    assert ended.is_set()
    assert sent[0]["status"] == 499


async def test_a_result_of_another_type_is_the_functions_fault_on_both_wires() -> None:
    @agent("liar")
    def liar() -> int:
        return "tres"  # type: ignore[return-value]  # what is tested

    transport = httpx.ASGITransport(agents_app([liar]))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3007") as client:
        plain = await client.post(f"{PREFIX}/liar", json={})
        wrapped = await client.post(f"{PREFIX}/liar", json={"sessionId": "s"})
    assert plain.status_code == 500
    assert 'expected int, got "tres"' in plain.json()["detail"]
    assert wrapped.json()["error"]["code"] == "INVALID_RESULT"
