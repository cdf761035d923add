"""Problem documents (RFC 9457): how this server says no.

In: a status and a sentence. Out: an `application/problem+json` answer, or the exception that becomes
one. The words are for whoever wrote the request; nothing of this process (paths, traces) is in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import cast

from starlette.responses import Response

from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.machine import as_dict
from misydsl.values import Value, encode_json


class Refused(Exception):
    """A request that cannot be answered as asked; ends as a problem document."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        diagnostics: Sequence[Diagnostic] = (),
    ) -> None:
        self.status, self.detail, self.headers = status, detail, headers
        self.diagnostics = diagnostics
        super().__init__(detail)


def problem(
    status: int,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    diagnostics: Sequence[Diagnostic] = (),
) -> Response:
    """The problem document; `diagnostics` where a text is at fault."""
    document: dict[str, Value] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if diagnostics:
        document["diagnostics"] = [
            _camel(cast("Mapping[str, Value]", as_dict(one))) for one in diagnostics
        ]
    content = encode_json(document)
    return Response(content, status, headers, media_type="application/problem+json")


def _camel(record: Mapping[str, Value]) -> dict[str, Value]:
    """A record as it stands on this wire, names within it too."""
    return {
        re.sub(r"_(\w)", lambda found: found[1].upper(), name): _inside(value)
        for name, value in record.items()
    }


def _inside(value: Value) -> Value:
    if isinstance(value, dict):
        return _camel(value)
    return [_inside(one) for one in value] if isinstance(value, list) else value


def answer(value: Value, status: int = 200) -> Response:
    """A value as JSON."""
    return Response(encode_json(value), status, media_type="application/json")
