"""Who may be meant by a request, and from where it may come.

In: the `Host` and `Origin` headers. Out: whether they are ours. A page in a browser can make any domain name point to
this machine, but then the request carries that name: addresses and local names pass, other names must have been
allowed. A page of another origin may ask nothing, whatever it asks for, unless that very origin was allowed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from misydsl.server.problems import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}


@dataclass(frozen=True, slots=True)
class Place:
    """A host and a port, as a header names them."""

    host: str
    port: int | None


class Hosts:
    """The names this server answers to."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(name.lower().rstrip(".") for name in names)

    def is_ours(self, host: str) -> bool:
        """Whether a host, without a port, means this server."""
        if host in self._names or host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True

    def place_of(self, header: str | None) -> Place | None:
        """The place that a `Host` header names, when it is ours."""
        found = None if header is None else _place(f"//{header}")
        return found if found is not None and self.is_ours(found.host) else None

    def is_same_origin(self, origin: str, here: Place) -> bool:
        """Whether an origin is a page of this very server: the host it asks, with the same port.

        Another address is another machine, though the server answers to any of its own; the names of this machine are
        one.
        """
        scheme = origin.partition("://")[0]
        found = _place(origin)
        if found is None or scheme not in ("http", "https") or not self.is_ours(found.host):
            return False
        is_same_port = (found.port or _DEFAULT_PORTS[scheme]) == (
            here.port or _DEFAULT_PORTS[scheme]
        )
        is_here = is_loopback(found.host) and is_loopback(here.host)
        return is_same_port and (found.host == here.host or is_here)


def is_loopback(host: str) -> bool:
    """Whether a host, without a port, is this machine and nobody else can be reached by it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def one_header(scope: Scope, name: bytes) -> tuple[int, str | None]:
    """How often a header is there, and its value if it is there once."""
    values = [value for known, value in scope["headers"] if known == name]
    return len(values), values[0].decode("latin-1") if len(values) == 1 else None


def _place(text: str) -> Place | None:
    """Host and port of `//host:port` and nothing else: no user, no path, no blanks."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    rest = parts.path + parts.query + parts.fragment
    if parts.hostname is None or parts.username is not None or rest or text != text.strip():
        return None
    return Place(parts.hostname.lower(), port)


class OnlyOurHosts:
    """ASGI middleware: answers 421 to requests meant for somebody else."""

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = Hosts(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is ours."""
        is_request = scope["type"] in ("http", "websocket")
        if not is_request or self._hosts.place_of(one_header(scope, b"host")[1]) is not None:
            await self._app(scope, receive, send)
            return
        refusal = problem(421, "this server does not answer to that host name")
        await refusal(scope, receive, send)
