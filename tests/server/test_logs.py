"""Lines of the log: what they say, in both forms, and what never gets into one."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from misydsl.server.logs import LOGGER, begin_logging

SECRET = "p4s0-s3cr3t0-muy-largo"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    names = (LOGGER, "uvicorn.error")
    before = [(logging.getLogger(one), list(logging.getLogger(one).handlers)) for one in names]
    yield
    for logger, handlers in before:
        logger.handlers[:] = handlers
        logger.propagate = True


def _written(form: str, message: str, *words: object, **extra: object) -> str:
    stream = io.StringIO()
    begin_logging(form, secrets=[SECRET], stream=stream)  # type: ignore[arg-type]  # one of two
    logging.getLogger(LOGGER).warning(message, *words, extra=extra)
    return stream.getvalue()


def test_a_line_of_json_says_what_it_is_about() -> None:
    line = _written("json", "run %s ended", "r-1", event="run-finished", run="r-1", attempt=2)
    told = json.loads(line)
    assert told.pop("time").endswith("Z")
    assert told == {
        "level": "warning",
        "message": "run r-1 ended",
        "event": "run-finished",
        "run": "r-1",
        "attempt": 2,
    }


def test_a_line_of_text_is_one_line_whatever_it_holds() -> None:
    line = _written("text", "falló: %s", "dos\nlíneas", run="r-1", step='a "b" c')
    assert line.count("\n") == 1
    assert "falló: dos líneas  run=r-1" in line
    assert '"a \\"b\\" c"' in line


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "leak",
    [
        f"the token is {SECRET}",
        "http://user:hunter2hunter2@host/x",
        "Authorization: Bearer abcdefgh12345678",
        '{"password": "hunter2hunter2"}',
    ],
)
def test_credentials_never_get_into_a_line(form: str, leak: str) -> None:
    line = _written(form, "%s", leak, why=leak)
    assert "***" in line
    for secret in (SECRET, "hunter2hunter2", "abcdefgh12345678"):
        assert secret not in line


def test_a_terminal_is_not_commanded_by_what_somebody_sent() -> None:
    line = _written("text", "%s", "\x1b[2Jgone\u202e", path="/\x1b]0;x\x07")
    assert "\x1b" not in line
    assert "\u202e" not in line


def test_a_trace_is_in_the_log_with_its_secrets_masked() -> None:
    stream = io.StringIO()
    begin_logging("json", secrets=[SECRET], stream=stream)
    try:
        int(SECRET)
    except ValueError:
        logging.getLogger(LOGGER).exception("broken")
    told = json.loads(stream.getvalue())
    assert "ValueError: invalid literal" in told["exception"]
    assert "***" in told["exception"]
    assert SECRET not in told["exception"]
