"""The agents: a small HTTP server of its own process, the same for every contender.

In: `POST /wait/MS` with a JSON body. Out: the same body, after that many milliseconds. It prints its
address, then serves until it is ended. It answers what the contenders send (a `Content-Length`, no
chunks) and knows no more of HTTP than that, so that it costs them as little as an agent can.
"""

from __future__ import annotations

import asyncio
import re

REQUEST = re.compile(rb"POST /wait/(\d+) HTTP/1\.1\r\n")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"
EARLY_S = (
    0.002  # timers of event loops ring up to a millisecond late; the rest is waited for busily
)


class AgentProtocol(asyncio.Protocol):
    """One connection; requests are answered one after another."""

    def __init__(self) -> None:
        self._received = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is here as a whole."""
        self._received += data
        while (end := self._received.find(HEAD_END)) >= 0:
            head = self._received[: end + 2]
            length = LENGTH.search(head)
            body_end = end + len(HEAD_END) + (int(length[1]) if length else 0)
            if len(self._received) < body_end:
                return
            body = self._received[end + len(HEAD_END) : body_end]
            self._received = self._received[body_end:]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        request = REQUEST.match(head)
        if request is None:
            self._send(b"404 Not Found", b"{}")
        elif delay_ms := int(request[1]):
            loop = asyncio.get_running_loop()
            due = loop.time() + delay_ms / 1e3
            loop.call_at(due - EARLY_S, self._send_at, due, body)
        else:
            self._send(b"200 OK", body)

    def _send_at(self, due: float, body: bytes) -> None:
        """Answer at a time, to the microsecond."""
        while asyncio.get_running_loop().time() < due:
            pass
        self._send(b"200 OK", body)

    def _send(self, status: bytes, body: bytes) -> None:
        assert self._transport is not None
        if not self._transport.is_closing():
            head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
            self._transport.write(head % (status, len(body)) + body)


async def serve() -> None:
    """Serve on a free port of this machine until the process is ended."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(AgentProtocol, "127.0.0.1", 0, backlog=4_096)
    host, port = server.sockets[0].getsockname()[:2]
    print(f"http://{host}:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
