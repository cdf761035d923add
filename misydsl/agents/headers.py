"""Headers of a call: what never changes made once, what belongs to the attempt added per call.

In: an agent's settings (`headers`, `auth`), its address, and a `Request`. Out: headers for the wire, and
the secrets in them, for masking. `Secret.reveal` is called here and nowhere else. A header that could
break out of its line raises `AgentUnknown`; the run's own texts are percent-encoded instead.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from misydsl.agents import messages
from misydsl.agents.address import Address
from misydsl.agents.contract import AgentSpec, Request
from misydsl.failures import AgentUnknown
from misydsl.values import Secret, Value

USER_AGENT = "misydsl"
WIRE_HEADER = "X-Misy-Wire"
"""Tells an agent that is hosted by this library which of the two wires is spoken."""
_PER_CALL = (
    "Idempotency-Key",
    "X-Run-Id",
    "X-Step-Id",
    "X-Session-Id",
    "X-Attempt",
    "traceparent",
)
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of one agent."""

    always: dict[str, str]
    secrets: tuple[str, ...]

    def of(self, request: Request) -> dict[str, str]:
        """The headers of one attempt, as `orchestrator-contract` names them."""
        headers = self.always.copy()
        headers["Idempotency-Key"] = _printable(request.key)
        headers["X-Run-Id"] = _printable(request.run)
        headers["X-Step-Id"] = _printable(request.step)
        headers["X-Session-Id"] = _printable(request.session)
        headers["X-Attempt"] = str(request.attempt)
        if request.traceparent:
            headers["traceparent"] = _printable(request.traceparent)
        return headers


def headers_for(spec: AgentSpec, address: Address) -> Headers:
    """The headers every call to this agent carries.

    Raises:
        AgentUnknown: a header of the settings is no legal one, or `auth` has another shape.
    """
    own = _authorization(spec, address) | _opened(spec.headers)
    named = {name.lower(): (name, text) for name, text in _standard(spec).items()}
    for name, (text, _) in own.items():
        _refuse_unless_legal(spec.name, name, text)
        named[name.lower()] = (name, text)
    for name in _PER_CALL:
        named.pop(name.lower(), None)
    hidden = [secret for _, secrets in own.values() for secret in secrets]
    return Headers(dict(named.values()), tuple(secret for secret in hidden if secret))


def _standard(spec: AgentSpec) -> dict[str, str]:
    standard = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": USER_AGENT,
        WIRE_HEADER: spec.wire,
    }
    return standard if spec.method == "GET" else {**standard, "Content-Type": "application/json"}


_Opened = dict[str, tuple[str, tuple[str, ...]]]  # name → (text for the wire, secrets in it)


def _opened(settings: Mapping[str, str | Secret]) -> _Opened:
    return {name: _text_and_secrets(value) for name, value in settings.items()}


def _text_and_secrets(value: Value) -> tuple[str, tuple[str, ...]]:
    if isinstance(value, Secret):
        return value.reveal(), (value.reveal(),)
    return str(value), ()


def _authorization(spec: AgentSpec, address: Address) -> _Opened:
    match spec.auth:
        case None if address.user is None:
            return {}
        case None:
            return _basic(address.user or "", address.password or "")
        case {"bearer": token}:
            text, _ = _text_and_secrets(token)
            return {"Authorization": (f"Bearer {text}", (text,))}
        case {"basic": {"user": user, "password": password}}:
            return _basic(_text_and_secrets(user)[0], _text_and_secrets(password)[0])
        case {"header": str(name), "value": value}:
            text, _ = _text_and_secrets(value)
            return {name: (text, (text,))}
        case other:
            raise AgentUnknown(messages.bad_auth(spec.name, sorted(other)))


def _basic(user: str, password: str) -> _Opened:
    pair = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return {"Authorization": (f"Basic {pair}", (pair, password))}


def _refuse_unless_legal(agent: str, name: str, text: str) -> None:
    if not name or not _TOKEN.issuperset(name):
        raise AgentUnknown(messages.bad_header_name(agent, name))
    if not (text.isascii() and (text.isprintable() or not text)):
        raise AgentUnknown(messages.bad_header_value(agent, name))


def _printable(text: str) -> str:
    """A run's own text as a header: percent-encoded (UTF-8) unless it is plain already."""
    if text.isascii() and text.isprintable():
        return text
    return quote(text, safe=_PRINTABLE.replace("%", ""))
