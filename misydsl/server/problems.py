"""Problem documents (RFC 9457): how this server says no.

In: a status and a sentence. Out: an `application/problem+json` answer, or the exception that becomes
one. The words are for whoever wrote the request; nothing of this process (paths, traces) is in them.
"""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import Response

from misydsl.values import Value, encode_json


class Refused(Exception):
    """A request that cannot be answered as asked; ends as a problem document."""

    def __init__(self, status: int, detail: str, *, headers: dict[str, str] | None = None) -> None:
        self.status, self.detail, self.headers = status, detail, headers
        super().__init__(detail)


def problem(status: int, detail: str, *, headers: dict[str, str] | None = None) -> Response:
    """The problem document."""
    document: dict[str, Value] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    content = encode_json(document)
    return Response(content, status, headers, media_type="application/problem+json")


def answer(value: Value, status: int = 200) -> Response:
    """A value as JSON."""
    return Response(encode_json(value), status, media_type="application/json")
