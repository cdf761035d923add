"""The page's way in, where a token is asked for.

In: `POST /api/v1/session` with the token. Out: a cookie that no script can read and no other site can send along.
Open by its exact path, because whoever has no cookie yet has to be able to ask for one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from starlette.responses import Response

from misydsl.server.operations import Operation
from misydsl.server.payloads import Name, Payload
from misydsl.server.problems import Refused

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest

    from misydsl.server.tokens import Token

PATH = "/api/v1/session"


class SessionRequest(Payload, frozen=True, kw_only=True):
    """The token, typed by a person."""

    token: Name


class Sessions:
    """What is answered to somebody who brings the token."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def operations(self) -> tuple[Operation, ...]:
        """The row of the table."""
        return (
            Operation(
                method="POST",
                path=PATH,
                answer=self.begin,
                summary="Give the token for a cookie",
                tag="about",
                takes=SessionRequest,
                gives={204: "text/plain"},
                is_open=True,
            ),
        )

    async def begin(self, http: HttpRequest) -> Response:
        """`POST /api/v1/session`."""
        body = cast("SessionRequest", http.state.body)
        if not self._token.matches(body.token):
            raise Refused(401, "that is not the token", headers={"WWW-Authenticate": "Bearer"})
        # behind a proxy that speaks TLS only the page's own origin tells
        is_secure = http.headers.get("origin", "").startswith("https://")
        cookie = self._token.cookie(is_secure=is_secure)
        return Response(status_code=204, headers={"Set-Cookie": cookie})
