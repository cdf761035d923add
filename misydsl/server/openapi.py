"""The OpenAPI document, made from the table of operations.

In: operations whose bodies, queries and answers are structs. Out: OpenAPI 3.1 as a mapping. What is not in the table is
not answered, and what is in it is described, so the document cannot be wrong about either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from misydsl.server.operations import Operation, phrase
from misydsl.server.payloads import DiagnosticText, Payload

TITLE: Final = "MisyDSL orchestrator"
_REFUSALS: Final = (400, 401, 403, 404, 405, 408, 413, 415, 421, 422, 429, 500, 503)
_PROBLEM_MEDIA: Final = "application/problem+json"
_REFERENCE: Final = "#/components/schemas/{name}"


class Problem(Payload, frozen=True, kw_only=True):
    """Why a request was not answered as asked (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    diagnostics: list[DiagnosticText] | msgspec.UnsetType = msgspec.UNSET


def openapi_document(
    operations: Iterable[Operation], *, version: str, has_token: bool
) -> dict[str, Any]:
    """The whole document."""
    listed = list(operations)
    kinds = list(dict.fromkeys(_kinds(listed)))
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    known = dict(zip(kinds, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in listed:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, known, has_token)
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": version,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(one.tag for one in listed)],
        "paths": paths,
        "components": {"schemas": components},
    }
    if has_token:
        schemes = {
            "token": {"type": "http", "scheme": "bearer"},
            "cookie": {"type": "apiKey", "in": "cookie", "name": "misy-token"},
        }
        document["components"]["securitySchemes"] = schemes
        document["security"] = [{"token": []}, {"cookie": []}]
    return document


def _kinds(operations: Iterable[Operation]) -> Iterator[Any]:
    yield Problem
    for one in operations:
        yield from (kind for kind in (one.takes, one.asks) if kind is not None)
        yield from (kind for kind in one.gives.values() if not isinstance(kind, str))


def _operation(one: Operation, known: Mapping[Any, Any], has_token: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": _identity(one),
        "summary": one.summary,
        "tags": [one.tag],
        "responses": {
            **{str(status): _answer(status, kind, known) for status, kind in one.gives.items()},
            **{
                str(status): _problem(status, known)
                for status in _REFUSALS
                if status not in one.gives
            },
        },
    }
    parameters = [*_path_parameters(one), *_query_parameters(one)]
    if parameters:
        found["parameters"] = parameters
    if one.takes is not None:
        found["requestBody"] = {
            "required": any(field.required for field in msgspec.structs.fields(one.takes)),
            "content": {"application/json": {"schema": known[one.takes]}},
        }
    if has_token and one.is_open:
        found["security"] = []
    return found


def _identity(one: Operation) -> str:
    words = (
        one.path.replace("{", "").replace("}", "").replace("-", "/").replace(".", "/").split("/")
    )
    return one.method.lower() + "".join(word.capitalize() for word in words if word)


def _answer(status: int, kind: Any, known: Mapping[Any, Any]) -> dict[str, Any]:
    if isinstance(kind, str):
        return {"description": phrase(status), "content": {kind: {"schema": {"type": "string"}}}}
    return {
        "description": phrase(status),
        "content": {"application/json": {"schema": known[kind]}},
    }


def _problem(status: int, known: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "description": phrase(status),
        "content": {_PROBLEM_MEDIA: {"schema": known[Problem]}},
    }


def _path_parameters(one: Operation) -> Iterator[dict[str, Any]]:
    for name in one.parameters:
        schema = {"type": "string", "minLength": 1}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(one: Operation) -> Iterator[dict[str, Any]]:
    if one.asks is None:
        return
    _, components = msgspec.json.schema_components([one.asks], ref_template=_REFERENCE)
    properties = components[one.asks.__name__]["properties"]
    for field in msgspec.structs.fields(one.asks):
        yield {
            "name": field.encode_name,
            "in": "query",
            "required": field.required,
            "schema": properties[field.encode_name],
        }
