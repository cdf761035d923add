"""Agents over HTTP: one call, one deadline, one answer.

In: an `AgentSpec` with an `http:` or `https:` URL. Out: a `Connection` whose `call` gives a `Reply` or a
`Failure` and never outlives `timeout_s`, which covers everything from the name look-up to the last byte.
URL, headers and masks are made when connecting; a call adds its own headers and sends bytes that are
already encoded. Each event loop has its own pool, made at the first call and shared by all agents.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from misydsl.agents import messages
from misydsl.agents.address import Address, address_of
from misydsl.agents.contract import AgentSpec, Connection, Health, Reply, Request
from misydsl.agents.headers import Headers, headers_for
from misydsl.agents.masking import Mask, cut
from misydsl.agents.replies import ReplyReader
from misydsl.agents.transport import AiohttpWire, Incoming, Limits, Outgoing, Wire, WireBroken
from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.failures import Failure
from misydsl.values import Value, decode_json

HEALTHY_WORDS = ("healthy", "ok", "up", "pass")
_HEALTH_BYTES = 64 * 1024  # a health report is a few words; more is some other page


class HttpConnector:
    """Reaches agents over HTTP; `make_wire` is called once in each event loop that calls."""

    def __init__(self, make_wire: Callable[[], Wire] = AiohttpWire, *, clock: Clock = SYSTEM_CLOCK):
        self._make_wire = make_wire
        self._clock = clock
        self._wires: dict[asyncio.AbstractEventLoop, Wire] = {}
        self._is_closed = False

    def connect(self, spec: AgentSpec) -> Connection:
        """The agent behind a spec; raises `AgentUnknown` for a URL or headers it cannot use."""
        return HttpConnection(spec, self.wire, clock=self._clock)

    def wire(self) -> Wire:
        """The running loop's pool."""
        loop = asyncio.get_running_loop()
        wire = self._wires.get(loop)
        if wire is None:
            if self._is_closed:
                raise WireBroken("reset", "the connections were closed")
            self._wires = {
                known: one for known, one in self._wires.items() if not known.is_closed()
            }
            wire = self._wires[loop] = self._make_wire()
        return wire

    async def aclose(self) -> None:
        """Close every pool; open calls end as `reset`, and so do later ones."""
        self._is_closed = True
        here = asyncio.get_running_loop()
        wires, self._wires = self._wires, {}
        for loop, wire in wires.items():
            if loop is here:
                await wire.aclose()
            elif loop.is_running():
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_closing(wire), loop))


async def _closing(wire: Wire) -> None:
    await wire.aclose()


@dataclass(frozen=True, slots=True)
class _Route:
    """What is sent where, made once."""

    address: Address
    headers: Headers
    limits: Limits


class HttpConnection:
    """One agent over HTTP; holds no state between calls."""

    def __init__(self, spec: AgentSpec, wire: Callable[[], Wire], *, clock: Clock) -> None:
        address = address_of(spec.url, agent=spec.name)
        headers = headers_for(spec, address)
        mask = Mask((*headers.secrets, address.password or ""))
        self._spec = spec
        self._wire = wire
        self._clock = clock
        self._mask = mask
        self._route = _Route(address, headers, Limits(spec.max_reply))
        self._reader = ReplyReader(spec, mask, clock)

    @property
    def name(self) -> str:
        """The agent's name."""
        return self._spec.name

    @property
    def is_pure(self) -> bool:
        """Never known of something behind a wire; the declaration's `pure` setting may say it."""
        return False

    @property
    def place(self) -> str:
        """Its URL, without credentials."""
        return self._route.address.shown

    async def call(self, request: Request) -> Reply | Failure:
        """The reply, or why there is none, within `request.timeout_s`."""
        shown = self._route.address.shown
        try:
            async with asyncio.timeout(request.timeout_s):
                incoming = await self._wire().exchange(self._outgoing(request), self._route.limits)
        except TimeoutError:
            return messages.timed_out(self.name, shown, request.timeout_s)
        except WireBroken as broken:
            reason = self._mask.text(broken.reason)
            return messages.broken(self.name, shown, broken.kind, reason)
        return self._reader.read(incoming)

    async def health(self, timeout_s: float = 5.0) -> Health:
        """Healthy is a 2xx answer whose JSON `status`, if it has one, is a word of health."""
        address = self._route.address.below(self._spec.health)
        always = {**self._route.headers.always}
        always.pop("Content-Type", None)
        began = self._clock.monotonic()
        try:
            async with asyncio.timeout(timeout_s):
                incoming = await self._wire().exchange(
                    Outgoing("GET", address.url, always, None), Limits(_HEALTH_BYTES)
                )
            detail = _illness(incoming)
        except TimeoutError:
            detail = f"no answer within {messages.seconds(timeout_s)}"
        except WireBroken as broken:
            detail = f"{broken.kind}: {broken.reason}"
        took_s = self._clock.monotonic() - began
        shown = cut(self._mask.text(detail), 200)
        return Health(self.name, not detail, address.shown, detail=shown, duration_s=took_s)

    def _outgoing(self, request: Request) -> Outgoing:
        headers = self._route.headers.of(request)
        if self._spec.method == "GET":
            url = self._route.address.asking(self._asked(request))
            return Outgoing("GET", url, headers, None)
        return Outgoing(self._spec.method, self._route.address.url, headers, request.body)

    def _asked(self, request: Request) -> Mapping[str, Value]:
        """The inputs a GET sends; the `misybot` wire puts more into the body than the inputs."""
        if self._spec.wire == "plain":
            return request.inputs
        return cast("Mapping[str, Value]", decode_json(request.body))


def _illness(incoming: Incoming) -> str:
    """Why an answer does not mean healthy; empty when it does."""
    if not 200 <= incoming.status < 300:
        return f"answered {incoming.status}"
    try:
        report = decode_json(incoming.body)
    except ValueError:
        return ""  # healthy is 2xx; only a report in JSON can say otherwise
    if not isinstance(report, dict) or "status" not in report:
        return ""
    status = report["status"]
    return "" if str(status).lower() in HEALTHY_WORDS else f"says its status is {status}"
