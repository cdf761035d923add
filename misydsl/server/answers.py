"""Answers made of payloads, and what a request asks for in its headers.

In: a payload; a request. Out: a JSON response; whether somebody waits for the end (`Prefer`, RFC 7240), and
the key under which the same request may come again (`Idempotency-Key`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
from starlette.responses import Response

from misydsl.server.payloads import Accepted, Links, Payload
from misydsl.server.problems import Refused
from misydsl.workspace.runs import Run

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest

RUNS: Final = "/api/v1/runs"
MOST_KEY: Final = 255
LONGEST_WAIT_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Preference:
    """How long the answer may take: `wait_s` seconds, or as long as the run (None)."""

    wait_s: float | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What is said of a preference that was kept."""
        return {} if self.wait_s is None else {"Preference-Applied": "respond-async"}


def told(
    payload: Payload, status: int = 200, *, headers: Mapping[str, str] | None = None
) -> Response:
    """A payload as JSON."""
    content = msgspec.json.encode(payload)
    return Response(content, status, headers, media_type="application/json")


def accepted(run: Run, status: str, *, headers: Mapping[str, str] | None = None) -> Response:
    """202: the run exists, and where it can be looked at."""
    links = links_of(run.id)
    payload = Accepted(run_id=run.id, status=status, links=links)  # type: ignore[arg-type]  # one of its words
    return told(payload, 202, headers={"Location": links.self, **(headers or {})})


def links_of(run: str) -> Links:
    """Where a run can be looked at and led."""
    place = f"{RUNS}/{run}"
    return Links(
        self=place,
        events=f"{place}/events",
        graph=f"{place}/graph.svg",
        cancel=f"{place}/cancel",
        resume=f"{place}/resume",
        approve=f"{place}/approve",
    )


def preference_of(http: HttpRequest) -> Preference:
    """Whether to answer at once (`respond-async`), after a while (`, wait=10`), or at the end."""
    words = [one.split(";")[0].strip() for one in ",".join(_all(http, "prefer")).split(",")]
    if "respond-async" not in (word.lower() for word in words):
        return Preference()
    waits = [word.partition("=")[2].strip() for word in words if word.lower().startswith("wait")]
    wait_s = float(waits[0]) if waits and waits[0].isascii() and waits[0].isdigit() else 0.0
    return Preference(min(wait_s, LONGEST_WAIT_S))


def key_of(http: HttpRequest) -> str | None:
    """The `Idempotency-Key`; raises `Refused` (400) for one that is empty, long, or there twice."""
    keys = _all(http, "idempotency-key")
    if not keys:
        return None
    if len(keys) > 1 or not 0 < len(keys[0]) <= MOST_KEY:
        raise Refused(400, f"one Idempotency-Key of 1 to {MOST_KEY} characters, please")
    return keys[0]


def _all(http: HttpRequest, name: str) -> list[str]:
    return http.headers.getlist(name)
