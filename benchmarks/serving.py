"""serve: what a request costs at `misy serve`, beside a bare Starlette application on the same uvicorn.

In: how many requests. Out: microseconds a request, eight connections at once, for `GET /metrics` (Prometheus text) and
for a workflow that is accepted (`Prefer: respond-async`: read, checked, compiled, on the disk, and run meanwhile).
The bare application answers at once: a constant text, and 202 to a body that it has decoded.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.contest import Benchmark, Comparison, Contender, Work

REQUESTS = 400
AT_ONCE = 8
OURS, BARE = "misy serve", "bare Starlette"
SUBMIT = "/api/v1/orchestrator/workflow"
WORKFLOW = {
    "workflow": {
        "id": "w",
        "name": "Análisis",
        "steps": [
            {"id": "a", "name": "a", "agent": "eco", "input": {"n": 1}},
            {"id": "b", "name": "b", "agent": "eco", "dependencies": ["a"]},
        ],
    },
    "context": {"sessionId": "s"},
}


def benchmark(*, requests: int = REQUESTS) -> Benchmark:
    """Who takes part in serving."""
    arguments = {"requests": requests}
    return Benchmark(
        "serve",
        (
            Contender(OURS, Work("benchmarks.serving:ours", arguments), is_ours=True),
            Contender(BARE, Work("benchmarks.serving:bare", arguments)),
        ),
        (
            Comparison("`GET /metrics`", "metrics_us", OURS, BARE),
            Comparison("a workflow accepted, `Prefer: respond-async`", "submit_us", OURS, BARE),
        ),
    )


def ours(*, requests: int, place: str, agents: str) -> dict[str, float]:
    """The orchestrator, with a journal on the disk and agents in another process."""
    arguments = ["-m", "misydsl.cli", "serve", place, "--port", "0", "--json"]
    with _server(arguments, AGENT_ECO_URL=f"{agents}/wait/0") as url:
        return _figures(url, requests)


def bare(*, requests: int) -> dict[str, float]:
    """Starlette and uvicorn, and nothing else."""
    with _server(["-m", "benchmarks.bare_serving"]) as url:
        return _figures(url, requests)


def _figures(url: str, requests: int) -> dict[str, float]:
    """Microseconds a request, once the server is warm."""
    get, post = _request(url, "GET", "/metrics", b""), _submit(url)
    for request in (get, post):
        asyncio.run(_asked(url, request, AT_ONCE * 4))
    return {
        "metrics_us": asyncio.run(_asked(url, get, requests)) / requests * 1e6,
        "submit_us": asyncio.run(_asked(url, post, requests)) / requests * 1e6,
    }


def _submit(url: str) -> bytes:
    return _request(url, "POST", SUBMIT, json.dumps(WORKFLOW).encode())


def _request(url: str, method: str, path: str, body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {urlsplit(url).netloc}"]
    if body:
        lines += ["Content-Type: application/json", "Prefer: respond-async"]
        lines += [f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _asked(url: str, request: bytes, requests: int) -> float:
    """Seconds for so many requests over `AT_ONCE` connections."""
    address = urlsplit(url)
    began = time.perf_counter()
    each = [requests // AT_ONCE] * AT_ONCE
    await asyncio.gather(*(_connection(address.hostname, address.port, request, n) for n in each))
    return time.perf_counter() - began


async def _connection(host: str | None, port: int | None, request: bytes, times: int) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for _ in range(times):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if head.split(b" ", 2)[1] not in (b"200", b"202"):
            raise AssertionError(head.decode())
        (length,) = [one for one in head.lower().split(b"\r\n") if one[:15] == b"content-length:"]
        await reader.readexactly(int(length[15:]))
    writer.close()
    await writer.wait_closed()


@contextmanager
def _server(arguments: list[str], **environment: str) -> Iterator[str]:
    """A server in a process of its own; gives its address."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=Path(__file__).resolve().parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["url"])
        finally:
            process.terminate()
