"""The description: valid, complete, and readable for people without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from misydsl.server.docs_page import Docs
from misydsl.server.openapi import openapi_document
from misydsl.server.operations import Operation, Table
from misydsl.server.payloads import Payload
from tests.server.standing import Standing, standing


class Taken(Payload, frozen=True, kw_only=True):
    """What is taken."""

    topic_name: str
    most: int = 5


class Asked(Payload, frozen=True, kw_only=True):
    """What is asked."""

    after_seq: int = 0


async def _nothing(_: HttpRequest) -> Response:
    return Response()


def _operation(path: str = "/a/{name}/b", method: Any = "POST", **more: Any) -> Operation:
    return Operation(method, path, _nothing, "Do <b>it</b>", "things", **more)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A server."""
    with standing(tmp_path_factory.mktemp("described")) as one:
        yield one


def test_a_row_of_the_table_is_a_row_of_the_document() -> None:
    row = _operation(takes=Taken, asks=Asked, gives={200: Taken, 206: "text/csv"})
    document = openapi_document([row], version="1", has_token=False)
    told = document["paths"]["/a/{name}/b"]["post"]
    assert [one["name"] for one in told["parameters"]] == ["name", "afterSeq"]
    assert told["requestBody"]["required"]
    assert {"topicName", "most"} <= set(document["components"]["schemas"]["Taken"]["properties"])
    assert "text/csv" in told["responses"]["206"]["content"]
    assert "application/problem+json" in told["responses"]["400"]["content"]
    assert "security" not in document


def test_a_server_with_a_token_says_so_and_what_is_open() -> None:
    rows = [_operation(), _operation("/open", "GET", is_open=True)]
    document = openapi_document(rows, version="1", has_token=True)
    assert document["security"]
    assert document["paths"]["/open"]["get"]["security"] == []
    assert "security" not in document["paths"]["/a/{name}/b"]["post"]


def test_everything_that_is_answered_is_described(here: Standing) -> None:
    document = here.ask("GET", "/openapi.json").json
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    # the files of the page are not for programs
    offered = {
        (one.method, one.path)
        for one in here.app.gate.operations
        if one.path != "/" and not one.path.startswith("/page/")
    }
    assert described == offered
    names = [
        one["operationId"] for methods in document["paths"].values() for one in methods.values()
    ]
    assert len(names) == len(set(names))
    referred = set(re.findall(r'"#/components/schemas/(\w+)"', str(document).replace("'", '"')))
    assert referred <= set(document["components"]["schemas"])


def test_the_page_needs_no_script_and_nothing_from_elsewhere(here: Standing) -> None:
    page = here.ask("GET", "/docs")
    text = page.body.decode()
    assert "<script" not in text
    assert not re.search(r"(?:src|href)='(?!/openapi\.json)", text)
    assert "script-src" not in page.headers["content-security-policy"]
    for path in here.ask("GET", "/openapi.json").json["paths"]:
        assert f"<code>{path}</code>" in text


async def test_what_stands_in_the_document_is_text_on_the_page() -> None:
    docs = Docs()
    docs.show(openapi_document([_operation()], version="<1>", has_token=False))
    page = bytes((await docs.page(HttpRequest({"type": "http", "headers": []}))).body).decode()
    assert "Do &lt;b&gt;it&lt;/b&gt;" in page
    assert "<1>" not in page


def test_nothing_is_answered_twice() -> None:
    with pytest.raises(ValueError, match="answered twice"):
        Table([_operation(), _operation()])


def test_a_path_without_parameters_comes_before_one_with() -> None:
    table = Table([_operation("/a/{x}", "GET"), _operation("/a/b", "GET"), _operation("/a/b")])
    fixed, open_ = table.find("/a/b"), table.find("/a/c")
    assert fixed is not None
    assert fixed.allowed == "GET, HEAD, POST"
    assert open_ is not None
    assert open_.parameters == {"x": "c"}
    assert table.find("/a/b/c") is None
