"""The token: who may use a server that others can reach.

In: a file with one line. Out: `Token`, which compares in constant time and shows itself to nobody. A request brings it
as `Authorization: Bearer …`, a page as a cookie that no script can read.
"""

from __future__ import annotations

import hmac
import os
import stat
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, Final

from misydsl.failures import MisyError
from misydsl.server.hosts import one_header

if TYPE_CHECKING:
    from starlette.types import Scope

COOKIE: Final = "misy-token"
SHORTEST: Final = 16
LONGEST: Final = 1024


class TokenUnusable(MisyError):
    """The file of the token cannot be used: why, and what to do."""


class Token:
    """A secret that is only ever compared."""

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def __repr__(self) -> str:
        return "Token(***)"

    def matches(self, given: str) -> bool:
        """Whether it is this one; takes as long whatever was given."""
        return hmac.compare_digest(self._secret, given.encode(errors="replace"))

    def secrets(self) -> tuple[str, ...]:
        """What no log may show."""
        return (self._secret.decode(),)

    def is_brought(self, scope: Scope) -> bool:
        """Whether a request, or the handshake of a WebSocket, brings it."""
        _, header = one_header(scope, b"authorization")
        kind, _, given = (header or "").partition(" ")
        if kind.lower() == "bearer":
            return self.matches(given.strip())
        _, cookies = one_header(scope, b"cookie")
        return self.matches(_from_cookies(cookies or ""))

    def cookie(self, *, is_secure: bool = False) -> str:
        """The value of a `Set-Cookie` header that brings it back, over TLS only when that is how it came."""
        kept = "; Secure" if is_secure else ""
        return f"{COOKIE}={self._secret.decode()}; HttpOnly; SameSite=Strict; Path=/{kept}"


def read_token(path: Path) -> Token:
    """The token in a file; raises `TokenUnusable`."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8").strip()
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise TokenUnusable(f"the token cannot be read from {path}: {reason}") from problem
    except UnicodeError as problem:
        raise TokenUnusable(f"{path} holds no token: it is not UTF-8 text") from problem
    if os.name == "posix" and mode & (stat.S_IRGRP | stat.S_IROTH | stat.S_IWGRP | stat.S_IWOTH):
        raise TokenUnusable(f"others can read {path}, so it is no secret: chmod 600 {path}")
    if not SHORTEST <= len(text) <= LONGEST or not _is_plain(text):
        raise TokenUnusable(
            f"{path} has to hold one line of {SHORTEST} to {LONGEST} letters, digits, `-`, `_` or `.`; "
            'make one with: python -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return Token(text)


def _is_plain(text: str) -> bool:
    """Whether it can stand in a header and in a cookie as it is."""
    return text.isascii() and all(letter.isalnum() or letter in "-_.~" for letter in text)


def _from_cookies(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return "" if found is None else found.value
