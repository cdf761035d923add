"""Logs: one line per event that matters, as text for people or as JSON for machines.

In: records of the logger `misydsl.server`, whose `extra` says what they are about. Out: lines on the standard error.
Nothing that looks like a credential gets into a line, and neither does this server's own token.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Literal, TextIO

from misydsl.agents.masking import Mask
from misydsl.values import Value, encode_json

LogFormat = Literal["text", "json"]
_SOCKET_REFUSED: Final = "ASGI callable returned without completing handshake."
LOGGER: Final = "misydsl.server"
FIELDS: Final = (
    "event", "run", "workflow", "session", "step", "item", "attempt", "agent", "trace",
    "status", "duration", "method", "path", "why", "watchers", "port",
    "pipelines", "agents",
)  # fmt: skip
"""What a record may say, in the order of a line."""


def begin_logging(
    form: LogFormat, *, secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Write what this server does, from now on, in place of where it was written before."""
    writer = logging.StreamHandler(stream or sys.stderr)
    mask = Mask(secrets)
    writer.setFormatter(_AsJson(mask) if form == "json" else _AsText(mask))
    for name in (LOGGER, "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers[:] = [writer]
        logger.propagate = False
    logging.getLogger(LOGGER).setLevel(logging.INFO)
    server = logging.getLogger("uvicorn.error")
    server.setLevel(logging.ERROR)
    server.filters[:] = [_is_news]


def _is_news(record: logging.LogRecord) -> bool:
    """Of a WebSocket that was refused with an HTTP answer uvicorn says that nobody answered it; the gate said why."""
    return record.msg != _SOCKET_REFUSED


class _Masked(logging.Formatter):
    """What both forms share."""

    def __init__(self, mask: Mask) -> None:
        super().__init__()
        self._mask = mask

    def _said(self, record: logging.LogRecord) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for name in FIELDS:
            value = getattr(record, name, None)
            if value not in (None, ""):
                found[name] = value if isinstance(value, int | float) else self._shown(str(value))
        return found

    def _shown(self, text: str) -> str:
        return self._mask.text(text.encode(errors="replace").decode())

    def _trace(self, record: logging.LogRecord) -> str:
        return self._shown(self.formatException(record.exc_info)) if record.exc_info else ""


class _AsJson(_Masked):
    """`{"time": …, "level": …, "message": …, "event": …, "run": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Value] = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "message": self._shown(record.getMessage()),
            **self._said(record),
        }
        if trace := self._trace(record):
            line["exception"] = trace
        return encode_json(line).decode()


class _AsText(_Masked):
    """`12:31:05 info  message  run=… step=…`."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        said = self._said(record)
        said.pop("event", None)
        fields = " ".join(f"{name}={_quoted(str(value))}" for name, value in said.items())
        message = " ".join(self._shown(record.getMessage()).splitlines())
        line = f"{moment} {record.levelname.lower():<7} {message}" + (
            f"  {fields}" if fields else ""
        )
        trace = self._trace(record)
        return f"{line}\n{trace}" if trace else line


def _quoted(value: str) -> str:
    return encode_json(value).decode() if not value or set(value) & set(" \"'=\n\t") else value
