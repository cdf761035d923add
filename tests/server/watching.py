"""A server that only tells, over real sockets, for tests of who watches."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from misydsl.server.feed import Feed
from misydsl.server.sockets import Sockets
from misydsl.server.stream import LIVE, Streams
from misydsl.store.journal import Journal

if TYPE_CHECKING:
    from starlette.requests import Request as HttpRequest
    from starlette.responses import Response
    from starlette.websockets import WebSocket
    from websockets.asyncio.client import ClientConnection

PATIENCE_S = 30.0


def telling_app(feed: Feed, streams: Streams) -> Starlette:
    """The WebSocket, the live dashboard and the events of one run."""
    sockets = Sockets(feed)

    async def socket_(websocket: WebSocket) -> None:
        await sockets(websocket)

    async def events(http: HttpRequest) -> Response:
        after = int(http.query_params.get("after", "0"))
        return streams.run_events(http, http.path_params["run"], after)

    return Starlette(
        routes=[
            WebSocketRoute("/", socket_),
            Route(LIVE, streams.live),
            Route("/events/{run}", events),
        ]
    )


@asynccontextmanager
async def served(
    journal: Journal, *, feed: Feed | None = None, **streaming: float
) -> AsyncIterator[tuple[Feed, str]]:
    """The feed and where it is told: `127.0.0.1:PORT`."""
    feed = feed or Feed(journal, poll_s=0.002)
    await feed.start()
    streams = Streams(feed, **streaming)  # type: ignore[arg-type]  # only its numbers
    listener = socket.create_server(("127.0.0.1", 0), backlog=2_048)
    config = uvicorn.Config(
        telling_app(feed, streams),
        lifespan="off",
        log_level="error",
        ws_max_size=4_096,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        yield feed, f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        await feed.stop()
        server.should_exit = True
        await serving
        listener.close()


async def frames_until_end(client: ClientConnection, *, ends: int = 1) -> list[dict[str, Any]]:
    """Every frame up to the end of a run, or of so many runs."""
    frames: list[dict[str, Any]] = []
    async with asyncio.timeout(PATIENCE_S):
        while ends:
            frame = msgspec.json.decode(await client.recv())
            frames.append(frame)
            ends -= frame["type"] in ("workflow_completed", "workflow_failed")
    return frames
