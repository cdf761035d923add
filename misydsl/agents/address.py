"""Where an agent is: a URL taken apart once, so that no call shows what nobody should see.

In: the `url` setting. Out: an `Address` with the URL that is called (without user and password), the
same as people may see it (without its query too, where keys like to hide), and the credentials that
stood in it. A URL that cannot be called raises `AgentUnknown` with a right one beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit, urlunsplit

from misydsl.agents import messages
from misydsl.failures import AgentUnknown
from misydsl.values import Value, encode_json

_PATH_SAFE = "/%:@!$&'()*+,;=~-._"
_QUERY_SAFE = _PATH_SAFE + "?"


@dataclass(frozen=True, slots=True)
class Address:
    """An agent's URL in its parts."""

    url: str
    """What is called; escaped, without credentials, without fragment."""
    shown: str
    """What people see: scheme, host and path."""
    user: str | None = None
    password: str | None = None
    query: str = ""

    def below(self, path: str) -> Address:
        """The address of something under this agent, such as its health; a full URL stands alone."""
        if "://" in path:
            return address_of(path, agent=self.shown)
        parts = urlsplit(self.url)
        joined = parts.path.rstrip("/") + "/" + quote(path.lstrip("/"), safe=_PATH_SAFE)
        return self._with(parts._replace(path=joined))

    def asking(self, inputs: Mapping[str, Value]) -> str:
        """The URL with the inputs as query parameters; lists of scalars repeat their name."""
        pairs = [(name, text) for name, value in inputs.items() for text in _texts(value)]
        parts = urlsplit(self.url)
        query = "&".join(text for text in (parts.query, urlencode(pairs, quote_via=quote)) if text)
        return urlunsplit(parts._replace(query=query))

    def _with(self, parts: SplitResult) -> Address:
        shown = urlunsplit(parts._replace(query=""))
        return Address(urlunsplit(parts), shown, self.user, self.password, parts.query)


def address_of(url: str, *, agent: str) -> Address:
    """The parts of an http(s) URL.

    Raises:
        AgentUnknown: no host, a port that is none, or characters that no URL has.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        host = host and host.encode("idna" if not host.isascii() else "ascii").decode("ascii")
    except ValueError as problem:
        raise AgentUnknown(messages.bad_url(agent, str(problem))) from problem
    if parts.scheme not in ("http", "https") or not host or " " in host:
        raise AgentUnknown(messages.bad_url(agent, "a host is missing"))
    place = f"[{host}]" if ":" in host else host
    clean = SplitResult(
        parts.scheme,
        place if port is None else f"{place}:{port}",
        quote(parts.path, safe=_PATH_SAFE) or "/",
        quote(parts.query, safe=_QUERY_SAFE),
        "",
    )
    return Address(
        urlunsplit(clean),
        urlunsplit(clean._replace(query="")),
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
        clean.query,
    )


def _texts(value: Value) -> list[str]:
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return [text for item in value for text in _texts(item)]
    match value:
        case None:
            return []
        case str():
            return [value]
        case _:
            return [encode_json(value).decode().strip('"')]
