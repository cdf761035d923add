"""What clients could hold, hide or slow down, found in review: each over a real socket."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from misydsl.server import intake
from misydsl.server.gate import GateRules
from misydsl.server.intake import BYTES_AT_ONCE
from misydsl.values import Value, decode_json
from tests.server.standing import PATIENCE_S, Answer, Standing, read_answer, standing

API = "/api/v1/orchestrator"
SLOW_S = 0.4
LIVE = "text/event-stream"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A server that is patient for a short while only."""
    with standing(tmp_path_factory.mktemp("review"), GateRules(), header_s=SLOW_S) as one:
        yield one
        assert one.is_well()


def _submitted(here: Standing, **more: object) -> Answer:
    step = {"id": "a", "agent": "echo", "input": {"text": "x"}}
    body = json.dumps({"workflow": {"name": "w", "steps": [step], **more}}).encode()
    return here.ask("POST", f"{API}/workflow", body=body, Content_Type="application/json")


def _until(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(0.005)
    return held


def test_a_head_of_a_stream_holds_no_place_among_the_watchers(here: Standing) -> None:
    run = _submitted(here).json["runId"]
    for _ in range(5):
        assert here.ask("HEAD", f"/api/v1/runs/{run}/events", Accept=LIVE).status == 200
    assert _until(lambda: here.app.feed.watchers == 0)


def test_a_body_that_nobody_waits_for_does_not_hold_its_connection(here: Standing) -> None:
    with here.connect() as one:
        head = f"GET {API}/metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
        one.sendall(head.encode())
        assert read_answer(one).status == 200
        one.settimeout(SLOW_S / 8)
        assert _until(lambda: _is_closed_after_a_drop(one))


def test_a_late_body_that_ends_in_time_leaves_the_connection_open(here: Standing) -> None:
    with here.connect() as one:
        head = f"GET {API}/metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n"
        one.sendall(head.encode())
        assert read_answer(one).status == 200
        one.sendall(b"xx")
        one.sendall(head.encode() + b"xx")
        assert read_answer(one).status == 200


def _is_closed_after_a_drop(one: socket.socket) -> bool:
    try:
        one.sendall(b"x")
        return one.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_a_body_with_two_lengths_is_refused_and_nothing_after_it_is_answered(
    here: Standing,
) -> None:
    with here.connect() as one:
        one.sendall(
            f"GET {API}/metrics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
            f"Content-Length: 5\r\n\r\n0\r\n\r\nGET {API}/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        )
        answer = read_answer(one)
        assert answer.status == 400
        assert answer.is_problem
        assert one.recv(1) == b""


def test_large_bodies_are_read_where_they_hold_nobody_up(
    here: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_by: list[str] = []

    def decode(data: bytes) -> Value:
        read_by.append(threading.current_thread().name)
        return decode_json(data)

    monkeypatch.setattr(intake, "decode_json", decode)
    body = b"[" + b"[]," * (BYTES_AT_ONCE // 3 + 1) + b"[]]"
    for data in (b"[]", body):
        answer = here.ask("POST", f"{API}/workflow", body=data, Content_Type="application/json")
        assert (answer.status, answer.is_problem) == (400, True)
    small, large = read_by
    assert small != large


def test_no_other_page_can_show_what_it_loads_from_here(here: Standing) -> None:
    for path in (f"{API}/metrics", "/", "/nowhere"):
        assert here.ask("GET", path).headers["cross-origin-resource-policy"] == "same-origin"


def test_an_allowed_page_can_show_what_it_loads(tmp_path: Path) -> None:
    origin = "http://front.example"
    with standing(tmp_path, GateRules(origins=(origin,))) as one:
        headers = one.ask("GET", f"{API}/metrics", Origin=origin).headers
    assert headers["access-control-allow-origin"] == origin
    assert "cross-origin-resource-policy" not in headers


def test_no_workflow_can_pass_for_a_single_call_and_go_uncounted(here: Standing) -> None:
    answer = _submitted(here, id="agent:echo")
    assert (answer.status, answer.is_problem) == (400, True)
    executed = here.ask("GET", f"{API}/metrics").json["workflowsExecuted"]
    assert _submitted(here, id="agente").status == 200
    assert here.ask("GET", f"{API}/metrics").json["workflowsExecuted"] == executed + 1
