"""`/docs`: the OpenAPI document as a page for people, and `/openapi.json`.

In: the document. Out: HTML without scripts and without anything from elsewhere, which reads well on a phone, in light and
in dark. Whatever stands in the document is text.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from html import escape
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import Response

from misydsl.server.operations import Operation
from misydsl.values import encode_json

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1f2328; --paper: #fff; --line: #d0d7de; --soft: #f6f8fa;
  --get: #0b5cad; --post: #196c2e; --dim: #57606a }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117; --line: #3d444d;
  --soft: #161b22; --get: #79c0ff; --post: #7ee787; --dim: #9da7b3 } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem; text-transform: capitalize }
details { border: 1px solid var(--line); border-radius: 6px; margin: .4rem 0; padding: .4rem .7rem }
summary { cursor: pointer; overflow-wrap: anywhere }
summary b { display: inline-block; min-width: 3.2rem; font-family: ui-monospace, monospace }
.get { color: var(--get) } .post { color: var(--post) } .dim { color: var(--dim) }
code, pre { font: .86rem/1.45 ui-monospace, monospace }
pre { background: var(--soft); padding: .6rem; border-radius: 6px; overflow: auto; max-height: 24rem }
table { border-collapse: collapse; width: 100% } td { border-top: 1px solid var(--line);
  padding: .3rem .5rem .3rem 0; vertical-align: top; overflow-wrap: anywhere }
a { color: var(--get) }
"""
_STYLE_HASH: Final = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
PAGE_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


class Docs:
    """What is answered at `/openapi.json` and `/docs`; the document is made when the table is whole."""

    def __init__(self) -> None:
        self._document: Mapping[str, Any] = {}

    def show(self, document: Mapping[str, Any]) -> None:
        """From now on answer with this document."""
        self._document = document

    def operations(self) -> tuple[Operation, ...]:
        """The rows of the table."""
        return (
            Operation(
                method="GET",
                path="/openapi.json",
                answer=self.document,
                summary="This very description, as OpenAPI 3.1",
                tag="about",
                gives={200: dict[str, Any]},
            ),
            Operation(
                method="GET",
                path="/docs",
                answer=self.page,
                summary="This very description, as a page",
                tag="about",
                gives={200: "text/html"},
            ),
        )

    async def document(self, _: HttpRequest) -> Response:
        """`GET /openapi.json`."""
        return Response(encode_json(dict(self._document)), media_type="application/json")

    async def page(self, _: HttpRequest) -> Response:
        """`GET /docs`."""
        headers = {"Content-Security-Policy": PAGE_POLICY}
        return Response("".join(_page(self._document)), headers=headers, media_type="text/html")


def _page(document: Mapping[str, Any]) -> Iterator[str]:
    info = document["info"]
    yield "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
    yield "<meta name='viewport' content='width=device-width, initial-scale=1'>"
    yield f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{escape(info['title'])} <span class='dim'>{escape(info['version'])}</span></h1>"
    yield "<p>The same for machines: <a href='/openapi.json'>/openapi.json</a>. Events as they happen: "
    yield "a WebSocket at <code>/</code>.</p>"
    for tag in document["tags"]:
        yield f"<h2>{escape(tag['name'])}</h2>"
        for path, method, operation in _rows(document):
            if tag["name"] in operation["tags"]:
                yield from _operation(document, path, method, operation)
    yield "</body></html>"


def _rows(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def _operation(
    document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]
) -> Iterator[str]:
    yield f"<details><summary><b class='{method}'>{method.upper()}</b> <code>{escape(path)}</code> "
    yield f"<span class='dim'>{escape(operation['summary'])}</span></summary>"
    for parameter in operation.get("parameters", ()):
        kind = _kind(parameter["schema"])
        yield f"<p><code>{escape(parameter['name'])}</code> in the {parameter['in']}: {kind}</p>"
    body = operation.get("requestBody")
    if body is not None:
        yield "<p>Takes</p>" + _example(document, body["content"]["application/json"]["schema"])
    yield "<table>"
    for status, answer in operation["responses"].items():
        content = answer.get("content", {})
        told = content.get("application/json")
        shown = _example(document, told["schema"]) if told else escape(", ".join(content))
        yield f"<tr><td><code>{status}</code></td><td>{escape(answer['description'])} {shown}</td></tr>"
    yield "</table></details>"


def _kind(schema: Mapping[str, Any]) -> str:
    return escape(str(schema.get("type") or "one of several"))


def _example(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    shown = document["components"]["schemas"].get(name, schema)
    fields = shown.get("properties")
    if not fields:
        return f"<code>{escape(name) or _kind(shown)}</code>"
    required = set(shown.get("required", ()))
    lines = [
        f"{one}{'' if one in required else '?'}: {_word(field)}" for one, field in fields.items()
    ]
    return f"<pre>{escape(name)} {{\n  {escape(chr(10).join(lines)).replace(chr(10), chr(10) + '  ')}\n}}</pre>"


def _word(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " | ".join(_word(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_word(schema.get('items') or {})}]"
    return str(schema.get("type", "any"))
