"""From what came over the wire to a reply or a failure.

In: an `Incoming`, read to its end and bounded, and what is known of the agent. Out: a `Reply` with the
value (of the `misybot` wire: the `data` inside), or a `Failure` with status, masked excerpt, the agent's
own words where it gave some, and how long it asked us to wait. Nothing here does I/O or raises.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import msgspec
from msgspec import Raw

from misydsl.agents import messages
from misydsl.agents.contract import AgentSpec, Reply
from misydsl.agents.masking import Mask, cut
from misydsl.agents.transport import Incoming
from misydsl.clock import Clock
from misydsl.failures import Failure
from misydsl.values import Value, decode_json, encode_json

WORDS_BYTES: Final = 300  # of the agent's own explanation go into the message; the excerpt has more
LONGEST_WAIT_S: Final = (
    1e9  # what is asked for beyond that means "never"; 30 years are not that far
)
BYTES_PER_CONTAINER: Final = 32
"""A list or object is two bytes on the wire and a hundred in memory, so 8 MiB of them would be 400 MB and
seconds of work. A reply of records has more bytes than this for each."""
_FEW_CONTAINERS: Final = 1000
_SECONDS = re.compile(r"\s*(\d+(?:\.\d{1,6})?)\s*", re.ASCII)
_TEXT = re.compile(rb'"[^"]*"')
_NEITHER_QUOTE_NOR_BRACKET = bytes(set(range(256)) - set(b'"[{'))
_NO_CONTENT: Final = (204, 205)


@dataclass(frozen=True, slots=True)
class ReplyReader:
    """Reads the answers of one agent."""

    spec: AgentSpec
    mask: Mask
    clock: Clock

    def read(self, incoming: Incoming) -> Reply | Failure:
        """The reply, or why this answer is none."""
        if not 200 <= incoming.status < 300:
            return self._complaint(incoming)
        encoding = incoming.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            return messages.compressed(self.spec.name, incoming.status, self.mask.text(encoding))
        if incoming.is_cut:
            failure = messages.too_large(self.spec.name, incoming.status, self.spec.max_reply)
            return self._with_excerpt(failure, incoming.body)
        if incoming.status in _NO_CONTENT and not incoming.body:
            return Reply(None, Raw(b"null"))
        return self._decoded(incoming)

    def _decoded(self, incoming: Incoming) -> Reply | Failure:
        most = max(_FEW_CONTAINERS, self.spec.max_reply // BYTES_PER_CONTAINER)
        if _has_more_containers(incoming.body, most):
            failure = messages.too_many_containers(self.spec.name, incoming.status, most)
            return self._with_excerpt(failure, incoming.body)
        try:
            value = decode_json(incoming.body)
        except ValueError as problem:
            words = self.mask.text(str(problem)) if incoming.body else "it is empty"
            failure = messages.not_json(self.spec.name, incoming.status, words)
            return self._with_excerpt(failure, incoming.body)
        if self.spec.wire == "misybot" and isinstance(value, dict):
            return self._unwrapped(value, incoming)
        return Reply(value, Raw(incoming.body))

    def _unwrapped(self, envelope: dict[str, Value], incoming: Incoming) -> Reply | Failure:
        match envelope.get("success"):
            case True if "data" in envelope:
                return Reply(envelope["data"])
            case True if len(envelope) == 1:
                return Reply(None)
            case False:
                error = envelope.get("error")
                words = self._words(_words_of(error)) or "it gave no reason"
                failure = messages.refused(
                    self.spec.name, words, code=_code_of(error), status=incoming.status
                )
                return self._with_excerpt(failure, incoming.body)
            case _:
                return Reply(envelope, Raw(incoming.body))

    def _complaint(self, incoming: Incoming) -> Failure:
        said = self._words(_explanation(incoming))
        failure = messages.not_2xx(
            self.spec.name,
            incoming.status,
            said,
            location=self._location(incoming.headers.get("Location")),
        )
        asked = retry_after_s(incoming.headers.get("Retry-After"), self.clock)
        failure = msgspec.structs.replace(failure, retry_after_s=asked)
        return self._with_excerpt(failure, incoming.body)

    def _words(self, words: str | None) -> str | None:
        return cut(self.mask.text(words), WORDS_BYTES) if words else None

    def _with_excerpt(self, failure: Failure, body: bytes) -> Failure:
        return msgspec.structs.replace(failure, excerpt=self.mask.excerpt(body))

    def _location(self, location: str | None) -> str | None:
        """Where a redirect leads, without what may be a credential."""
        if not location:
            return None
        try:
            parts = urlsplit(location)
        except ValueError:
            return None
        place = parts.netloc.rpartition("@")[2]
        shown = urlunsplit(parts._replace(netloc=place, query="", fragment=""))
        return cut(self.mask.text(shown), WORDS_BYTES)


def retry_after_s(header: str | None, clock: Clock) -> float | None:
    """How many seconds from now a `Retry-After` asks for (seconds or a date); None for junk."""
    if not header:
        return None
    if number := _SECONDS.fullmatch(header):
        return min(float(number[1]), LONGEST_WAIT_S)
    try:
        moment = parsedate_to_datetime(header)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return min(max(0.0, aware.timestamp() - clock.wall()), LONGEST_WAIT_S)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _has_more_containers(body: bytes, most: int) -> bool:
    """Whether JSON has more lists and objects than that, found without reading it.

    All brackets are counted first; only when there are many are those inside of texts left out.
    """
    if body.count(b"[") + body.count(b"{") <= most:
        return False
    unescaped = body.replace(rb"\\", b"").replace(rb"\"", b"")
    marks = unescaped.translate(None, _NEITHER_QUOTE_NOR_BRACKET)
    return len(_TEXT.sub(b"", marks)) > most


def _explanation(incoming: Incoming) -> str | None:
    """The agent's own words in an error body: a problem document, an envelope, or `message`."""
    if incoming.is_cut or not incoming.body:
        return None
    try:
        value = decode_json(incoming.body)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    return _words_of(value.get("error")) or _words_of(value)


def _words_of(error: Value) -> str | None:
    match error:
        case str() if error.strip():
            return error.strip()
        case {"message": str(text)} | {"detail": str(text)} | {"title": str(text)} if text.strip():
            return text.strip()
        case _:
            return None


def _code_of(error: Value) -> str | None:
    if isinstance(error, dict) and isinstance(code := error.get("code"), str | int):
        return cut(encode_json(code).decode().strip('"'), 60)
    return None
