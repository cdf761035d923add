"""The dashboard page: files of this package, and nothing else.

In: requests for `/` and `/page/NAME`. Out: the files in `misydsl/server/page`, read once, each with its own path in
the table, a tag so that a browser asks only whether it changed, and a policy under which nothing runs that
this server did not send. They are answered without a token: they hold no data.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from misydsl.server.operations import Operation

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from starlette.requests import Request as HttpRequest

START: Final = "index.html"
FOLDER: Final = "/page"
MEDIA_TYPES: Final = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
# Not every browser counts a WebSocket of the same place as 'self'.
_PLACE: Final = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:]+\](:\d+)?")
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'{sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file, as it is sent."""

    name: str
    content: bytes

    @property
    def path(self) -> str:
        """Where it is asked for."""
        return "/" if self.name == START else f"{FOLDER}/{self.name}"

    @property
    def media_type(self) -> str:
        """What kind of file it is."""
        return MEDIA_TYPES[self.name.rpartition(".")[2]]

    @property
    def tag(self) -> str:
        """Its `ETag`."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:20]}"'

    async def answer(self, http: HttpRequest) -> Response:
        """The file, or 304 for who has it already."""
        headers = {
            "Cache-Control": "no-cache",
            "ETag": self.tag,
            "Content-Security-Policy": policy(http.headers.get("host", "")),
        }
        if self.tag in http.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(self.content, headers=headers, media_type=self.media_type)


def page_operations() -> tuple[Operation, ...]:
    """The rows of the table: one for each file."""
    return tuple(
        Operation(
            method="GET",
            path=one.path,
            answer=one.answer,
            summary="The dashboard page"
            if one.name == START
            else f"A file of the page: {one.name}",
            tag="page",
            gives={200: one.media_type},
            is_open=True,
        )
        for one in page_files()
    )


def page_files() -> list[PageFile]:
    """The files of the page, by name."""
    folder: Traversable = files("misydsl.server") / "page"
    found = [one for one in folder.iterdir() if one.name.rpartition(".")[2] in MEDIA_TYPES]
    return [PageFile(one.name, one.read_bytes()) for one in sorted(found, key=lambda one: one.name)]


def policy(host: str) -> str:
    """What the page may do: its own scripts, styles and pictures, and to ask where it came from."""
    sockets = f" ws://{host} wss://{host}" if _PLACE.fullmatch(host) else ""
    return POLICY.format(sockets=sockets)
