"""What is sent to an agent, and what its answers become, over a mock transport."""

from __future__ import annotations

import base64
import json
from http import HTTPStatus

import httpx
import pytest

from misydsl.agents.contract import AgentSpec, Reply
from misydsl.failures import AgentUnknown
from misydsl.values import Secret, Size, Value
from tests.agents.fakes import TRACE, failure_of, mocked, request, value_of

SECRET = "s3cr3t-t0ken/with+signs"


async def test_a_plain_call_posts_the_inputs_as_json_and_gives_the_value_back() -> None:
    seen: list[httpx.Request] = []

    def agent(incoming: httpx.Request) -> httpx.Response:
        seen.append(incoming)
        return httpx.Response(200, json={"trends": ["café"]})

    outcome = await mocked(agent).call(request({"topic": "tecnología"}))
    assert value_of(outcome) == {"trends": ["café"]}
    assert isinstance(outcome, Reply)
    assert outcome.raw is not None
    assert json.loads(bytes(outcome.raw)) == {"trends": ["café"]}
    [call] = seen
    assert call.method == "POST"
    assert str(call.url) == "http://agents.test/scan"
    assert json.loads(call.content) == {"topic": "tecnología"}
    assert call.headers["content-type"] == "application/json"


async def test_every_call_carries_the_headers_of_the_contract() -> None:
    seen: list[httpx.Headers] = []

    def agent(incoming: httpx.Request) -> httpx.Response:
        seen.append(incoming.headers)
        return httpx.Response(200, json=1)

    await mocked(agent).call(request(attempt=3, step="creación", session="uno\r\nX-Evil: 1"))
    [headers] = seen
    assert headers["idempotency-key"] == "key-1"
    assert headers["traceparent"] == TRACE
    assert headers["x-run-id"] == "run-1"
    assert headers["x-attempt"] == "3"
    assert headers["x-step-id"] == "creaci%C3%B3n"
    assert headers["x-session-id"] == "uno%0D%0AX-Evil:%201"
    assert headers["accept-encoding"] == "identity"
    assert headers["x-misy-wire"] == "plain"
    assert "x-evil" not in headers
    assert "cookie" not in headers


@pytest.mark.parametrize(
    ("auth", "name", "sent"),
    [
        ({"bearer": Secret("T", SECRET)}, "authorization", f"Bearer {SECRET}"),
        (
            {"basic": {"user": "ana", "password": Secret("P", "pässword")}},
            "authorization",
            "Basic " + base64.b64encode("ana:pässword".encode()).decode(),
        ),
        ({"header": "X-Api-Key", "value": Secret("K", SECRET)}, "x-api-key", SECRET),
    ],
)
async def test_auth_is_sent_as_its_kind_asks(auth: dict[str, object], name: str, sent: str) -> None:
    def agent(incoming: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=incoming.headers.get(name))

    spec = AgentSpec("a", "http://agents.test/", auth=auth)  # type: ignore[arg-type]
    assert value_of(await mocked(agent, spec).call(request())) == sent


async def test_credentials_in_the_url_become_basic_auth_and_are_never_shown() -> None:
    def agent(incoming: httpx.Request) -> httpx.Response:
        assert "hunter22" not in str(incoming.url)
        assert incoming.headers["authorization"].startswith("Basic ")
        return httpx.Response(500, text="you said hunter22 for ana")

    spec = AgentSpec("a", "http://ana:hunter22@agents.test/x?key=abc")
    connection = mocked(agent, spec)
    failure = failure_of(await connection.call(request()))
    assert "hunter22" not in repr(failure)
    assert "hunter22" not in (await connection.health()).url


async def test_settings_override_headers_whatever_their_case_but_not_those_of_the_contract() -> (
    None
):
    def agent(incoming: httpx.Request) -> httpx.Response:
        raw = [(name.lower(), text) for name, text in incoming.headers.raw]
        return httpx.Response(200, json=[text.decode() for name, text in raw if name == b"accept"])

    headers: dict[str, str | Secret] = {"accept": "application/ld+json", "x-run-id": "forged"}
    spec = AgentSpec("a", "http://agents.test/", headers=headers)
    assert value_of(await mocked(agent, spec).call(request())) == ["application/ld+json"]


@pytest.mark.parametrize(
    "headers", [{"X Bad": "a"}, {"": "a"}, {"X-A": "a\r\nX-B: b"}, {"X-A": "ñ"}]
)
def test_a_header_that_is_none_is_refused_when_connecting(headers: dict[str, str]) -> None:
    spec = AgentSpec("a", "http://agents.test/", headers=dict(headers))
    with pytest.raises(AgentUnknown, match="header"):
        mocked(lambda _: httpx.Response(200), spec)


def test_auth_of_an_unknown_shape_is_refused_when_connecting() -> None:
    with pytest.raises(AgentUnknown, match=r"`auth` of a is none I know \(digest\)"):
        mocked(lambda _: httpx.Response(200), AgentSpec("a", "http://x/", auth={"digest": "x"}))


async def test_get_sends_the_inputs_as_query_parameters() -> None:
    def agent(incoming: httpx.Request) -> httpx.Response:
        assert not incoming.content
        assert "content-type" not in incoming.headers
        return httpx.Response(200, json=list(incoming.url.params.multi_items()))

    spec = AgentSpec("a", "http://agents.test/x?v=1", method="GET")
    inputs: dict[str, Value] = {
        "topic": "café & té",
        "n": 3,
        "deep": {"a": [1]},
        "all": True,
        "no": None,
        "many": ["a", 2],
    }
    assert value_of(await mocked(agent, spec).call(request(inputs))) == [
        ["v", "1"],
        ["topic", "café & té"],
        ["n", "3"],
        ["deep", '{"a":[1]}'],
        ["all", "true"],
        ["many", "a"],
        ["many", "2"],
    ]


async def test_get_over_the_misybot_wire_asks_with_what_the_body_would_hold() -> None:
    def agent(incoming: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"success": True, "data": incoming.url.params["sessionId"]})

    spec = AgentSpec("a", "http://agents.test/", method="GET", wire="misybot")
    call = request({"x": 1}, body=b'{"x":1,"sessionId":"s-1"}')
    assert value_of(await mocked(agent, spec).call(call)) == "s-1"


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ({"success": True, "data": {"a": 1}}, {"a": 1}),
        ({"success": True, "data": None, "metadata": {}}, None),
        ({"success": True}, None),
        ({"success": True, "trends": []}, {"success": True, "trends": []}),
        ({"success": "yes", "data": 1}, {"success": "yes", "data": 1}),
        ({"trends": [1]}, {"trends": [1]}),
        ([1, 2], [1, 2]),
    ],
)
async def test_the_misybot_envelope_is_unwrapped(reply: object, value: object) -> None:
    spec = AgentSpec("a", "http://agents.test/", wire="misybot")
    connection = mocked(lambda _: httpx.Response(200, json=reply), spec)
    assert value_of(await connection.call(request())) == value


async def test_the_plain_wire_leaves_an_envelope_alone() -> None:
    reply = {"success": False, "error": {"message": "no"}}
    assert (
        value_of(await mocked(lambda _: httpx.Response(200, json=reply)).call(request())) == reply
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ({"message": "sin datos", "code": "NO_DATA"}, "a failed: sin datos [NO_DATA]"),
        ({"message": "sin datos", "code": 7}, "a failed: sin datos [7]"),
        ("roto", "a failed: roto"),
        (None, "a failed: it gave no reason"),
        ({"message": "  "}, "a failed: it gave no reason"),
    ],
)
async def test_success_false_is_an_agent_error_with_its_words(error: object, words: str) -> None:
    spec = AgentSpec("a", "http://agents.test/", wire="misybot")
    reply = {"success": False, "error": error}
    failure = failure_of(
        await mocked(lambda _: httpx.Response(200, json=reply), spec).call(request())
    )
    assert (failure.kind, failure.message, failure.status) == ("agent-error", words, 200)


@pytest.mark.parametrize("status", [300, 301, 302, 304, 307, 308])
async def test_a_redirect_is_a_failure_and_is_not_followed(status: int) -> None:
    calls: list[str] = []

    def agent(incoming: httpx.Request) -> httpx.Response:
        calls.append(str(incoming.url))
        location = "https://ana:pw123@elsewhere.test/new?token=abc"
        return httpx.Response(status, headers={"Location": location})

    failure = failure_of(await mocked(agent).call(request()))
    assert (failure.kind, failure.status) == ("http", status)
    assert "https://elsewhere.test/new" in (failure.advice or "")
    assert "pw123" not in repr(failure)
    assert "abc" not in repr(failure)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"detail": "falta el tema"}, ": falta el tema"),
        ({"error": {"message": "falta"}}, ": falta"),
        ({"error": "falta"}, ": falta"),
        ({"message": "falta"}, ": falta"),
        ({"title": "Falta"}, ": Falta"),
        ({"other": 1}, ""),
        ([1], ""),
    ],
)
async def test_the_agents_own_words_are_in_the_message_of_a_bad_status(
    body: object, words: str
) -> None:
    failure = failure_of(await mocked(lambda _: httpx.Response(422, json=body)).call(request()))
    phrase = HTTPStatus(422).phrase
    assert failure.message == f"trend-scanner answered 422 {phrase}{words}"
    assert failure.kind == "http"


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "`auth`"),
        (403, "`auth`"),
        (404, "AGENT_TREND_SCANNER_URL"),
        (405, "`method`"),
        (413, "less"),
        (415, "JSON"),
        (429, "`rate`"),
        (503, "log"),
        (599, "log"),
    ],
)
async def test_a_bad_status_comes_with_advice(status: int, advice: str) -> None:
    failure = failure_of(await mocked(lambda _: httpx.Response(status)).call(request()))
    assert advice in (failure.advice or "")
    assert failure.matches("http-5xx") == (status >= 500)
    assert failure.matches(status)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 1.5 ", 1.5),
        ("0", 0.0),
        ("Thu, 01 Jan 2026 00:01:30 GMT", 90.0),
        ("Thu, 01 Jan 2026 00:01:30 -0000", 90.0),
        ("Wed, 31 Dec 2025 00:00:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("1e9", None),
        ("99999999999999999999", 1e9),
        ("Thu, 99 Jan 2026 99:99:99 GMT", None),
        ("", None),
        ("٣", None),
    ],
)
async def test_retry_after_is_read_in_seconds_or_as_a_date_and_junk_is_ignored(
    header: str, seconds: float | None
) -> None:
    def agent(_: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers=[(b"Retry-After", header.encode())])

    failure = failure_of(await mocked(agent).call(request()))
    assert failure.retry_after_s == seconds


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"a":NaN}',
        b'{"a":1,"a":2}',
        b"[" * 200 + b"]" * 200,
        b'"\\ud800"',
        b"\xff\xfe",
        b"{} {}",
    ],
)
async def test_what_is_not_strict_json_is_a_bad_reply_that_names_the_agent(body: bytes) -> None:
    failure = failure_of(await mocked(lambda _: httpx.Response(200, content=body)).call(request()))
    assert (failure.kind, failure.status) == ("bad-reply", 200)
    assert "trend-scanner" in failure.message


async def test_no_content_is_null() -> None:
    assert value_of(await mocked(lambda _: httpx.Response(204)).call(request())) is None


async def test_a_reply_over_the_limit_is_too_large() -> None:
    spec = AgentSpec("a", "http://agents.test/", max_reply=Size(10))
    fits, over = b'"12345678"', b'"123456789"'
    assert (
        value_of(await mocked(lambda _: httpx.Response(200, content=fits), spec).call(request()))
        == "12345678"
    )
    failure = failure_of(
        await mocked(lambda _: httpx.Response(200, content=over), spec).call(request())
    )
    assert (failure.kind, failure.message) == ("too-large", "the reply of a is over 10 bytes")


async def test_a_compressed_reply_is_refused_unopened() -> None:
    def agent(_: httpx.Request) -> httpx.Response:
        stream = httpx.ByteStream(b"\x1f\x8b not opened")
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=stream)

    failure = failure_of(await mocked(agent).call(request()))
    assert failure.kind == "bad-reply"
    assert "compressed (gzip)" in failure.message


async def test_an_excerpt_is_short_masked_and_cannot_speak_to_a_terminal() -> None:
    spec = AgentSpec("a", "http://agents.test/", auth={"bearer": Secret("T", SECRET)})
    body = (
        f"\x1b[31mkey {SECRET} and {base64.b64encode(SECRET.encode()).decode()}\u202e" + "ñ" * 9000
    )
    failure = failure_of(
        await mocked(lambda _: httpx.Response(500, text=body), spec).call(request())
    )
    assert failure.excerpt is not None
    assert len(failure.excerpt.encode()) <= 2048
    assert SECRET not in failure.excerpt
    assert "czNjc" not in failure.excerpt
    assert "\x1b" not in failure.excerpt
    assert "\u202e" not in failure.excerpt
    assert "key ***" in failure.excerpt


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (httpx.ConnectError("All connection attempts failed"), "connect"),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]"), "tls"),
        (httpx.ConnectTimeout(""), "connect"),
        (httpx.ReadTimeout("slow"), "timeout"),
        (httpx.ReadError("gone"), "reset"),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), "reset"),
        (httpx.RemoteProtocolError("illegal status line"), "bad-reply"),
        (httpx.ProxyError("no"), "connect"),
    ],
)
async def test_troubles_of_a_transport_are_words_of_the_closed_list(
    problem: httpx.TransportError, kind: str
) -> None:
    def agent(_: httpx.Request) -> httpx.Response:
        raise problem

    failure = failure_of(await mocked(agent).call(request()))
    assert failure.kind == kind
    assert "trend-scanner" in failure.message


@pytest.mark.parametrize(
    ("status", "body", "is_healthy", "detail"),
    [
        (200, b'{"status":"healthy"}', True, ""),
        (200, b'{"status":"UP"}', True, ""),
        (200, b'{"status":"pass"}', True, ""),
        (204, b"", True, ""),
        (200, b"fine", True, ""),
        (200, b'{"version":1}', True, ""),
        (200, b"[]", True, ""),
        (200, b'{"status":"degraded"}', False, "says its status is degraded"),
        (200, b'{"status":null}', False, "says its status is None"),
        (503, b'{"status":"ok"}', False, "answered 503"),
        (302, b"", False, "answered 302"),
    ],
)
async def test_health_is_2xx_and_a_healthy_word(
    status: int, body: bytes, is_healthy: bool, detail: str
) -> None:
    def agent(incoming: httpx.Request) -> httpx.Response:
        assert (incoming.method, incoming.url.path) == ("GET", "/scan/health")
        return httpx.Response(status, content=body)

    health = await mocked(agent).health()
    assert (health.is_healthy, health.detail) == (is_healthy, detail)
    assert health.url == "http://agents.test/scan/health"


async def test_health_may_be_a_url_of_its_own() -> None:
    def agent(incoming: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if incoming.url.host == "elsewhere.test" else 500)

    spec = AgentSpec("a", "http://agents.test/", health="http://elsewhere.test/up")
    assert (await mocked(agent, spec).health()).is_healthy
