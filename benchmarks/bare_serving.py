"""A bare Starlette application on uvicorn, as its documentation shows it: what a request costs at least.

In: nothing. Out: one line of JSON with its address, then answers until it is ended: a constant at `/metrics`, 202 at
the orchestrator's path.
"""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from benchmarks.serving import SUBMIT

if TYPE_CHECKING:
    from starlette.requests import Request

TEXT = "# HELP nothing Nothing.\nnothing 1.0\n" * 40


async def metrics(_: Request) -> Response:
    """A text as long as ours."""
    return PlainTextResponse(TEXT)


async def submit(request: Request) -> Response:
    """The body decoded, and nothing done with it."""
    await request.json()
    return JSONResponse({"runId": "r", "status": "accepted"}, 202)


def main() -> None:
    """Serve on a free port of this machine until the process is ended."""
    app = Starlette(
        routes=[Route("/metrics", metrics), Route(SUBMIT, submit, methods=["POST"])],
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print(json.dumps({"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
        config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
