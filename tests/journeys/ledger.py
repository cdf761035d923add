"""An agent server in a process of its own that writes down every call it gets.

Run as `python -m tests.journeys.ledger LEDGER`; prints its port. Each request appends one JSON line to the
ledger: path, Idempotency-Key, attempt, body. What a path does: `/echo` answers its body, `/flaky/N` answers
503 to the first N calls of each key, `/slow/MS` answers after so many milliseconds, `/no` answers 400.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CALLS: Counter[str] = Counter()
LOCK = threading.Lock()
LEDGER = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("ledger.jsonl")


class Ledger(BaseHTTPRequestHandler):
    """Writes down, then answers."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.answer(200, {"status": "ok"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"null")
        key = self.headers.get("Idempotency-Key", "")
        with LOCK:
            CALLS[key] += 1
            seen = CALLS[key]
            line = {
                "path": self.path,
                "key": key,
                "attempt": self.headers.get("X-Attempt"),
                "step": self.headers.get("X-Step-Id"),
                "session": self.headers.get("X-Session-Id"),
                "traceparent": self.headers.get("traceparent"),
                "body": body,
            }
            with LEDGER.open("a", encoding="utf-8") as ledger:
                ledger.write(json.dumps(line, ensure_ascii=False) + "\n")
        _, what, *more = self.path.split("/")
        if what == "flaky" and seen <= int(more[0]):
            self.answer(503, {"error": "not yet"})
        elif what == "no":
            self.answer(400, {"error": "never"})
        else:
            if what == "slow":
                time.sleep(int(more[0]) / 1000)
            self.answer(200, body)

    def answer(self, status: int, value: object) -> None:
        data = json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the ledger is the log."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that was killed is what some journeys are about."""


def main() -> None:
    """Serve until killed."""
    server = Server(("127.0.0.1", 0), Ledger)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
