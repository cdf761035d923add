"""Agents over HTTP: the application that hosts declared functions.

In: `AgentDeclaration`s. Out: an ASGI application with, under `/api/v1/agents`, each agent (POST), its
health and the list of all. Both wires are spoken: a `misybot` body gets `{ success, data | error }`, a
plain one the data itself. Whoever hangs up has their call cancelled. Bodies are JSON and bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, assert_never
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from misydsl.agents.contract import Reply, Request
from misydsl.agents.declare import AgentDeclaration, InputsRefused
from misydsl.agents.function import FunctionConnection
from misydsl.agents.workers import Workers
from misydsl.failures import Failure, MisyError
from misydsl.relations import admits_null, describe
from misydsl.server.hosts import OnlyOurHosts
from misydsl.server.operations import Operation
from misydsl.server.problems import Refused, answer, problem
from misydsl.values import Value, decode_json

PREFIX = "/api/v1/agents"
BODY_BYTES = 4 * 1024 * 1024
"""The most a request may hold; results of earlier steps travel in it."""
LONGEST_CALL_S = 600.0
"""A caller has its own deadline and hangs up; this only ends what nobody waits for."""
# How a failure of the function is told on each wire; inputs that do not fit are the caller's (400).
_STATUSES = {"timeout": 504}
_CODES = {
    "timeout": "TIMEOUT",
    "wrong-type": "INVALID_RESULT",
    "bad-reply": "INVALID_RESULT",
    "agent-error": "AGENT_ERROR",
}

WireName = Literal["plain", "misybot"]


class TwoAgentsOneName(MisyError):
    """Two agents would be hosted at the same address."""


def agents_app(
    declarations: Iterable[AgentDeclaration],
    *,
    host_names: Iterable[str] = (),
    workers: Workers | None = None,
) -> Starlette:
    """The application; `host_names` are domain names it answers to besides addresses and localhost."""
    hosted = _Hosted(declarations, workers or Workers())
    return Starlette(
        routes=[
            Route(PREFIX, hosted.list, methods=["GET"]),
            Route(PREFIX + "/{name}", hosted.call, methods=["POST"]),
            Route(PREFIX + "/{name}/health", hosted.health_of_one, methods=["GET"]),
            Route("/health", hosted.health, methods=["GET"]),
        ],
        middleware=[Middleware(OnlyOurHosts, names=tuple(host_names))],
        exception_handlers={Refused: _refused, HTTPException: _not_routed, Exception: _unexpected},
    )


def hosted_operations(
    declarations: Iterable[AgentDeclaration], *, workers: Workers | None = None
) -> tuple[Operation, ...]:
    """The same agents as rows of a server's table; the gate stands in front of them."""
    hosted = _Hosted(declarations, workers or Workers())
    one = PREFIX + "/{name}"
    anything = {200: dict[str, Any]}
    return (
        Operation(
            "GET", PREFIX, hosted.list, "The agents that are hosted here", "agents", gives=anything
        ),
        Operation(
            "POST", one, hosted.call, "Call an agent, as pipelines do", "agents", gives={200: Any}
        ),
        Operation(
            "GET",
            f"{one}/health",
            hosted.health_of_one,
            "Whether an agent is well",
            "agents",
            gives=anything,
        ),
    )


async def _refused(_: HttpRequest, problem_: Exception) -> Response:
    assert isinstance(problem_, Refused)
    return problem(problem_.status, problem_.detail, headers=problem_.headers)


async def _not_routed(_: HttpRequest, problem_: Exception) -> Response:
    assert isinstance(problem_, HTTPException)
    words = {404: f"there is nothing here; agents are at {PREFIX}/NAME", 405: "agents take POST"}
    detail = words.get(problem_.status_code, str(problem_.detail))
    return problem(problem_.status_code, detail, headers=dict(problem_.headers or {}))


async def _unexpected(_: HttpRequest, __: Exception) -> Response:
    return problem(500, "the server met something it did not expect; its log has more")


@dataclass(frozen=True, slots=True)
class _Posted:
    """A call as it came."""

    wire: WireName
    request: Request


class _Hosted:
    """The endpoints, over one connection per agent and wire."""

    def __init__(self, declarations: Iterable[AgentDeclaration], workers: Workers) -> None:
        self._agents: dict[str, AgentDeclaration] = {}
        self._connections: dict[tuple[str, WireName], FunctionConnection] = {}
        for declaration in declarations:
            name = _folded(declaration.name)
            if name in self._agents:
                raise TwoAgentsOneName(f"there are two agents called `{declaration.name}`")
            self._agents[name] = declaration
            for wire in ("plain", "misybot"):
                connection = FunctionConnection(declaration, wire=wire, workers=workers)
                self._connections[name, wire] = connection

    async def list(self, _: HttpRequest) -> Response:
        """What is hosted, and what it takes."""
        return answer({"agents": [_described(one) for one in self._agents.values()]})

    async def health(self, _: HttpRequest) -> Response:
        """Healthy: whoever answers can call the functions."""
        agents: list[Value] = [
            {"name": one.name, "status": "healthy"} for one in self._agents.values()
        ]
        return answer({"status": "healthy", "agents": agents})

    async def health_of_one(self, http: HttpRequest) -> Response:
        """The health of one agent."""
        return answer({"status": "healthy", "agent": self._named(http).name})

    async def call(self, http: HttpRequest) -> Response:
        """One call of one agent."""
        declaration = self._named(http)
        posted = _posted(http, await _json_body(http))
        connection = self._connections[_folded(declaration.name), posted.wire]
        try:
            outcome = await _unless_gone(http, connection.answer(posted.request))
        except InputsRefused as problem_:
            return _refused_inputs(connection.wrong_inputs(problem_).message, posted.wire)
        if outcome is None:
            return Response(status_code=499)  # nobody reads it: the caller hung up
        return _answered(outcome, posted.wire)

    def _named(self, http: HttpRequest) -> AgentDeclaration:
        name = str(http.path_params["name"])
        found = self._agents.get(_folded(name))
        if found is None:
            hosted = ", ".join(sorted(one.name for one in self._agents.values()))
            raise Refused(404, f"no agent called `{name}` is hosted here; there is: {hosted}")
        return found


def _posted(http: HttpRequest, body: bytes) -> _Posted:
    try:
        inputs = decode_json(body)
    except ValueError as invalid:
        raise Refused(400, f"the body is not valid JSON: {invalid}") from invalid
    if not isinstance(inputs, dict):
        raise Refused(400, "the body has to be a JSON object with the inputs by name")
    header = http.headers.get
    request = Request(
        run=header("x-run-id", ""),
        session=header("x-session-id", "") or str(inputs.get("sessionId", "")),
        step=header("x-step-id", ""),
        item="",
        attempt=1,
        key=header("idempotency-key", ""),
        timeout_s=LONGEST_CALL_S,
        inputs=inputs,
        body=body,
        traceparent=header("traceparent", ""),
    )
    return _Posted(_wire_of(http, inputs), request)


def _wire_of(http: HttpRequest, inputs: Mapping[str, Value]) -> WireName:
    """What our own connector says, else what the body looks like."""
    match http.headers.get("x-misy-wire"):
        case "plain":
            return "plain"
        case "misybot":
            return "misybot"
        case _:
            return "misybot" if "sessionId" in inputs or "previousResults" in inputs else "plain"


async def _json_body(http: HttpRequest) -> bytes:
    kind = http.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        raise Refused(415, "send JSON, with `Content-Type: application/json`")
    body = bytearray()
    try:
        async for chunk in http.stream():
            body += chunk
            if len(body) > BODY_BYTES:
                raise Refused(413, f"the body is over {BODY_BYTES} bytes")
    except ClientDisconnect as gone:
        raise Refused(400, "the body ended too early") from gone
    return bytes(body)


async def _unless_gone(
    http: HttpRequest, call: Awaitable[Reply | Failure]
) -> Reply | Failure | None:
    """The outcome; None when the caller hung up first, with the call cancelled."""
    calling = asyncio.ensure_future(call)
    leaving = asyncio.ensure_future(_left(http.receive))
    try:
        await asyncio.wait({calling, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return calling.result() if calling.done() else None
    finally:
        for task in (calling, leaving):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _left(receive: Callable[[], Awaitable[Mapping[str, object]]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _answered(outcome: Reply | Failure, wire: WireName) -> Response:
    match outcome:
        case Reply(value=value):
            return answer(value if wire == "plain" else {"success": True, "data": value})
        case Failure(message=message) if wire == "plain":
            return problem(_STATUSES.get(outcome.kind, 500), message)
        case Failure(message=message):
            error: dict[str, Value] = {
                "message": message,
                "code": _CODES.get(outcome.kind, "ERROR"),
            }
            return answer({"success": False, "error": error})
        case never:
            assert_never(never)


def _refused_inputs(message: str, wire: WireName) -> Response:
    if wire == "plain":
        return problem(400, message)
    return answer({"success": False, "error": {"message": message, "code": "INVALID_INPUT"}})


def _described(declaration: AgentDeclaration) -> dict[str, Value]:
    parameters: list[Value] = [
        {
            "name": one.name,
            "type": describe(one.type),
            "required": one.default is None and not admits_null(one.type),
            "description": one.description,
        }
        for one in declaration.parameters
    ]
    return {
        "name": declaration.name,
        "title": declaration.title,
        "description": declaration.description,
        "url": f"{PREFIX}/{quote(declaration.name)}",
        "parameters": parameters,
        "result": describe(declaration.result),
    }


def _folded(name: str) -> str:
    return name.replace("_", "-")
