"""Who may be meant by a request: the names this server answers to.

In: the `Host` header. Out: whether it is ours. A page in a browser can make any domain name point to
this machine, but then the request carries that name; so addresses and local names pass, and other names
must have been allowed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from misydsl.server.problems import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class OnlyOurHosts:
    """ASGI middleware: answers 421 to requests meant for somebody else."""

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is ours."""
        if scope["type"] not in ("http", "websocket") or self._is_ours(_host_of(scope)):
            await self._app(scope, receive, send)
            return
        refusal = problem(421, "this server does not answer to that host name")
        await refusal(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        if host in self._names or host == "localhost" or host.endswith(".localhost"):
            return True
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True


def _host_of(scope: Scope) -> str:
    named = [value for name, value in scope["headers"] if name == b"host"]
    if len(named) != 1:
        return ""
    try:
        return (urlsplit("//" + named[0].decode("latin-1")).hostname or "").lower()
    except ValueError:
        return ""
