"""Clients that nobody wishes for: each is refused with the right word, and the server is well afterwards."""

from __future__ import annotations

import base64
import json
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from misydsl.server.gate import GateRules
from misydsl.server.intake import IntakeLimits
from tests.server.standing import Answer, Standing, read_answer, standing

API = "/api/v1/orchestrator"
BODY_BYTES = 100_000
SLOW_S = 0.4
JSON = "application/json"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A server with small limits."""
    rules = GateRules(limits=IntakeLimits(BODY_BYTES, SLOW_S))
    with standing(tmp_path_factory.mktemp("hostile"), rules, header_s=SLOW_S) as one:
        yield one
        assert one.is_well()


FOREIGN_HOSTS = (
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "localhost@evil.example",
    "evil.example:3007",
    "localhost:3007@evil.example",
    "xn--lcalhost-54a.example",
    "127.0.0.1:99999",
    "127.0.0.1:3007/x",
    "[::1",
    "",
    "локалхост",
)


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_requests_meant_for_somebody_else_are_not_answered(here: Standing, host: str) -> None:
    line = f"GET {API}/metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    answer = here.send(line.encode())
    assert answer.status in (400, 421)
    assert "workflowsExecuted" not in answer.body.decode()


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1", "[::1]", "127.0.0.1:1", "a.localhost"]
)
def test_our_own_names_are_answered_to(here: Standing, host: str) -> None:
    assert here.ask("GET", f"{API}/metrics", host=host).status == 200


def test_two_hosts_are_no_host(here: Standing) -> None:
    text = f"GET {API}/metrics HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"
    assert here.send(text.encode()).status in (400, 421)


FOREIGN_ORIGINS = (
    "null",
    "http://evil.example",
    "https://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://localhost:1",
    "file://",
    "chrome-extension://abc",
    "http://",
    "http://localhost@evil.example",
    "http://203.0.113.9:{port}",  # another machine, whose page is served at the same port
    "http://[2001:db8::9]:{port}",
)


def _origin(here: Standing, origin: str) -> str:
    return origin.format(port=here.port)


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD"])
def test_pages_of_others_may_ask_nothing(here: Standing, method: str, origin: str) -> None:
    target = f"{API}/workflow" if method == "POST" else f"{API}/metrics"
    body = b"{}" if method == "POST" else b""
    answer = here.ask(method, target, body=body, Origin=_origin(here, origin), Content_Type=JSON)
    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers


def test_what_a_page_of_others_can_load_without_an_origin_is_not_given(here: Standing) -> None:
    as_image = here.ask(
        "GET", f"{API}/metrics", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors"
    )
    visited = here.ask("GET", "/docs", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")
    assert as_image.status == 403
    assert visited.status == 200


def test_our_own_page_may_ask(here: Standing) -> None:
    for name in ("127.0.0.1", "localhost"):
        origin = f"http://{name}:{here.port}"
        assert here.ask("GET", f"{API}/metrics", Origin=origin).status == 200


ODD_PATHS = (
    f"/{API}/metrics",
    f"{API}//metrics",
    f"{API}/./metrics",
    f"{API}/x/../metrics",
    f"{API}/%2e%2e/metrics",
    f"{API}/%2E/metrics",
    f"{API}%2fmetrics",
    f"{API}%5Cmetrics",
    f"{API}\\metrics",
    f"{API}/metrics%00",
    f"{API}/metrics/",
    f"{API}/metrics;a=b",
    f"{API}/metrics%",
    f"{API}/metrics%ff",
    f"{API}/metrics.json",
    f"{API}/Metrics",
    "*",
    "http://evil.example/",
    "metrics",
)


@pytest.mark.parametrize("path", ODD_PATHS)
def test_paths_have_one_way_to_be_written(here: Standing, path: str) -> None:
    answer = here.ask("GET", path)
    assert answer.status in (400, 404)
    assert "workflowsExecuted" not in answer.body.decode()


def test_all_methods_on_all_routes_have_an_answer_of_their_own(here: Standing) -> None:
    for operation in here.app.gate.operations:
        path = operation.path.replace("{", "").replace("}", "")
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "POST", "get"):
            if method == operation.method:
                continue
            answer = here.ask(method, path, body=b"{}", Content_Type=JSON)
            assert answer.status in (400, 404, 405, 415, 422) or method == "POST", (method, path)
            assert answer.status < 500, (method, path, answer)
            if answer.status == 405:
                assert operation.method in answer.headers["allow"]
                assert answer.is_problem


def test_a_head_is_the_head_of_its_get(here: Standing) -> None:
    for path in (f"{API}/metrics", f"{API}/dashboard/live", "/docs"):
        answer = here.ask("HEAD", path)
        assert answer.status == 200
        assert answer.body == b""


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"]
)
def test_what_a_form_can_send_is_not_taken(here: Standing, kind: str) -> None:
    answer = here.ask("POST", f"{API}/workflow", body=b'{"workflow": {}}', Content_Type=kind)
    assert answer.status == 415
    assert answer.is_problem


ODD_BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"workflow": 1}',
    b'{"workflow": {"name": "x", "steps": 1}}',
    b'{"a": 1, "a": 2}',
    b'{"a": NaN}',
    b'{"a": "\xff"}',
    b'{"a": "\\ud800"}',
    b"[" * 5_000 + b"]" * 5_000,
    b'{"a":' * 200 + b"1" + b"}" * 200,
    b'{"workflow": {"name": "x", "steps": [{"id": "a", "agent": "nobody"}]}}',
    b'{"workflow": {"name": "x", "steps": [{"id": "a", "agent": "echo", "dependencies": ["a"]}]}}',
    json.dumps({"workflow": {"name": "x" * 90_000, "steps": []}, "context": []}).encode(),
)


@pytest.mark.parametrize("body", ODD_BODIES, ids=range(len(ODD_BODIES)))
def test_bad_bodies_are_told_what_is_wrong_and_never_break_anything(
    here: Standing, body: bytes
) -> None:
    for path in ("workflow", "workflow/validate", "workflow/create", "agents/echo/execute"):
        answer = here.ask("POST", f"{API}/{path}", body=body, Content_Type=JSON)
        assert answer.status < 500, (path, answer)
        assert answer.status == 200 or answer.is_problem
    for path in ("/api/v1/runs", "/api/v1/agents/echo"):
        assert here.ask("POST", path, body=body, Content_Type=JSON).status < 500


def test_a_body_that_is_too_large_is_not_read(here: Standing) -> None:
    announced = here.ask("POST", f"{API}/workflow", Content_Type=JSON, Content_Length=str(10**12))
    sent = here.ask("POST", f"{API}/workflow", body=b" " * (BODY_BYTES + 1), Content_Type=JSON)
    assert (announced.status, sent.status) == (413, 413)
    chunked = (
        (
            f"POST {API}/workflow HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n"
        ).encode()
        + b"10000\r\n"
        + b" " * 0x10000
        + b"\r\n10000\r\n"
        + b" " * 0x10000
        + b"\r\n0\r\n\r\n"
    )
    assert here.send(chunked).status == 413


def test_heads_over_sixteen_kilobytes_are_refused(here: Standing) -> None:
    assert here.ask("GET", f"{API}/metrics", X_Long="x" * 20_000).status in (400, 431)
    assert here.ask("GET", f"{API}/metrics?{'a' * 20_000}").status in (400, 414, 431)


def test_a_head_that_drips_is_closed(here: Standing) -> None:
    with here.connect() as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        answer = read_answer(one)
        assert (answer.status, json.loads(answer.body)["status"]) == (408, 408)
        assert one.recv(1) == b""


def test_a_head_that_never_begins_is_closed_too(here: Standing) -> None:
    with here.connect() as one:
        assert read_answer(one).status == 408


def test_a_body_that_drips_is_given_up(here: Standing) -> None:
    head = f"POST {API}/workflow HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\n"
    with here.connect() as one:
        one.sendall(f"{head}Content-Length: 1000\r\n\r\n{{".encode())
        answer = read_answer(one)
    assert answer.status == 408
    assert answer.is_problem


@pytest.mark.parametrize(
    "text",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET  /  HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n bad: folded\r\n\r\n",
    ],
)
def test_what_is_no_http_is_answered_once_and_closed(here: Standing, text: bytes) -> None:
    with here.connect() as one:
        one.sendall(text)
        with suppress(ConnectionError):  # closed without a word is fine
            assert read_answer(one).status in (400, 404, 405, 408, 415, 421)
    assert here.is_well()


def test_pipelined_requests_are_answered_in_order(here: Standing) -> None:
    one_request = f"GET {API}/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with here.connect() as one:
        one.sendall(one_request * 5 + b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
        data = b""
        while data.count(b"HTTP/1.1 ") < 6:
            data += one.recv(65_536)
    assert data.count(b"HTTP/1.1 200") == 5
    assert data.rindex(b"HTTP/1.1 404") > data.rindex(b"HTTP/1.1 200")


def test_five_hundred_idle_connections_keep_nobody_out(here: Standing) -> None:
    idle = [here.connect() for _ in range(500)]
    try:
        assert here.is_well()
    finally:
        for one in idle:
            one.close()


def _handshake(here: Standing, path: str = "/", *lines: str) -> socket.socket:
    key = base64.b64encode(os.urandom(16)).decode()
    head = (
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{here.port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
        *lines,
    )
    one = here.connect()
    one.sendall("\r\n".join(head).encode() + b"\r\n\r\n")
    return one


def _status_of(one: socket.socket) -> int:
    with one:
        return read_answer(one).status


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_sockets_of_other_pages_are_refused_at_the_handshake(here: Standing, origin: str) -> None:
    assert _status_of(_handshake(here, "/", f"Origin: {_origin(here, origin)}")) == 403


def test_sockets_are_at_one_place_only(here: Standing) -> None:
    assert _status_of(_handshake(here)) == 101
    assert _status_of(_handshake(here, f"{API}/metrics")) == 404
    assert _status_of(_handshake(here, "/%2e%2e/")) == 400


@pytest.mark.parametrize(
    "frame",
    [
        b"\x00",
        b"\xff\xff\xff\xff",
        b"\x81\x05hello",  # not masked
        b"\x81\xff" + b"\x7f" + b"\xff" * 7 + b"mask",  # 2^63 bytes
        b"\x83\x80mask",  # an opcode nobody has
        b"\xc1\x85mask" + b"x" * 5,  # compressed, which was not agreed on
        b"\x09\x80mask",  # a ping in pieces
        b"\x81\xfe\xff\xff" + b"mask" + b"x" * 65_535,
    ],
)
def test_broken_frames_end_their_connection_and_nothing_else(here: Standing, frame: bytes) -> None:
    with _handshake(here) as one:
        assert read_answer(one).status == 101
        one.sendall(frame)
        one.shutdown(socket.SHUT_WR)
        while one.recv(65_536):
            pass
    assert here.is_well()


def test_every_answer_tells_browsers_to_be_careful(here: Standing) -> None:
    answers: list[Answer] = [
        here.ask("GET", path) for path in (f"{API}/metrics", "/docs", "/nothing", "/openapi.json")
    ]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "script-src 'unsafe" not in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


def test_nothing_of_the_file_system_is_served(here: Standing, tmp_path: Path) -> None:
    for name in (
        "/etc/passwd",
        "/page/../serving.py",
        "/serving.py",
        f"{tmp_path}/x",
        "/.git/config",
    ):
        assert here.ask("GET", name).status in (400, 404)
