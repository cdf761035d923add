"""The token: read from a file that nobody else can read, compared, brought in a header or a cookie."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from misydsl.server.gate import GateRules
from misydsl.server.tokens import TokenUnusable, read_token
from tests.server.standing import Answer, Standing, standing

SECRET = "p4s0-s3cr3t0-muy-largo_1"
API = "/api/v1/orchestrator"


def _file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "token"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_a_token_is_one_line_of_a_file(tmp_path: Path) -> None:
    token = read_token(_file(tmp_path, f"{SECRET}\n"))
    assert token.matches(SECRET)
    assert not token.matches(SECRET[:-1])
    assert not token.matches("ñ")
    assert SECRET not in repr(token)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606, 0o620])
def test_a_file_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(TokenUnusable, match="chmod 600"):
        read_token(_file(tmp_path, SECRET, mode))


@pytest.mark.parametrize("text", ["", "short", "x" * 2_000, "with blanks in its middle", "ñ" * 20])
def test_what_is_no_token_is_refused_with_a_way_to_make_one(tmp_path: Path, text: str) -> None:
    with pytest.raises(TokenUnusable, match="token_urlsafe"):
        read_token(_file(tmp_path, text))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TokenUnusable, match="cannot be read"):
        read_token(tmp_path / "nothing")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A server that asks for its token."""
    folder = tmp_path_factory.mktemp("guarded")
    with standing(folder, GateRules(token=read_token(_file(folder, SECRET)))) as one:
        yield one


def test_without_the_token_nothing_is_told_but_that_one_is_needed(guarded: Standing) -> None:
    for operation in guarded.app.gate.operations:
        path = operation.path.replace("{", "").replace("}", "")
        body = b"{}" if operation.method == "POST" else b""
        answer = guarded.ask(operation.method, path, body=body, Content_Type="application/json")
        if operation.is_open:
            assert answer.status != 401 or operation.path == "/api/v1/session", path
        else:
            assert answer.status == 401, path
            assert answer.headers["www-authenticate"] == "Bearer"
    assert guarded.ask("GET", "/nothing/of/this/name").status == 401


@pytest.mark.parametrize("given", [f"Bearer {SECRET}x", "Bearer", "Basic abc", f"Token {SECRET}"])
def test_a_wrong_token_is_no_token(guarded: Standing, given: str) -> None:
    assert guarded.ask("GET", f"{API}/metrics", Authorization=given).status == 401


def test_the_token_opens_in_a_header_and_in_a_cookie(guarded: Standing) -> None:
    assert guarded.ask("GET", f"{API}/metrics", Authorization=f"Bearer {SECRET}").status == 200
    assert guarded.ask("GET", f"{API}/metrics", Authorization=f"bearer  {SECRET}").status == 200
    cookie = f"other=1; misy-token={SECRET}"
    assert guarded.ask("GET", f"{API}/metrics", Cookie=cookie).status == 200
    assert guarded.ask("GET", f"{API}/metrics", Cookie="misy-token=;;=x").status == 401


def test_a_page_gives_the_token_for_a_cookie_that_no_script_can_read(guarded: Standing) -> None:
    def begun(token: str) -> Answer:
        body = json.dumps({"token": token}).encode()
        return guarded.ask("POST", "/api/v1/session", body=body, Content_Type="application/json")

    answer = begun(SECRET)
    assert answer.status == 204
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert guarded.ask("GET", f"{API}/metrics", Cookie=cookie.partition(";")[0]).status == 200
    assert begun("something-else-entirely").status == 401


def test_over_tls_the_cookie_goes_nowhere_else(guarded: Standing) -> None:
    answer = guarded.ask(
        "POST", "/api/v1/session", body=json.dumps({"token": SECRET}).encode(),
        Content_Type="application/json", Origin=f"https://localhost:{guarded.port}",
        host=f"localhost:{guarded.port}",
    )  # fmt: skip
    assert answer.headers["set-cookie"].endswith("; Secure")
