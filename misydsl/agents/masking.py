"""What an agent said, made fit to be shown and stored.

In: bytes or text from outside, and the secrets that were sent along. Out: text without those secrets
(plain, percent-encoded, Base64 or escaped as JSON), without other things that look like credentials,
without control characters that could speak to a terminal, and of bounded length.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = "***"
EXCERPT_BYTES = 2 * 1024
"""How much of an answer is kept with a failure; the journal and people need no more."""
_WINDOW_BYTES = 4 * EXCERPT_BYTES

_CREDENTIAL = re.compile(
    r"""(?ix)
    (?P<lead> \b(?:bearer|basic)\s+
      | ["']?\b(?:authorization|password|passwd|secret|api[_-]?key|access[_-]?token|client[_-]?secret)
        \b["']?\s*[:=]\s*["']? (?:(?:bearer|basic)\s+)?
      | (?<=://)[^\s/@:]+: (?=[^\s/@]+@) )
    (?P<credential> [^\s"',;&}<@]{4,})
    """
)
_UNSPEAKABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


class Mask:
    """Hides the given secrets, and what looks like one."""

    __slots__ = ("_longest", "_pattern")

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._longest = len(ordered[0]) if ordered else 0
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def text(self, text: str) -> str:
        """The text without secrets and control characters."""
        if self._pattern is not None:
            text = self._pattern.sub(MASK, text)
        text = _CREDENTIAL.sub(lambda found: f"{found['lead']}{MASK}", text)
        return _UNSPEAKABLE.sub("�", text)

    def excerpt(self, body: bytes) -> str | None:
        """The beginning of an answer, at most 2 kB; None when there was nothing."""
        window = body[:_WINDOW_BYTES].decode("utf-8", "replace")
        shown = self.text(window)
        if len(body) > _WINDOW_BYTES and self._longest:
            shown = shown[: -self._longest]  # a secret cut in two at the end was not recognised
        return cut(shown, EXCERPT_BYTES) or None


def cut(text: str, most_bytes: int) -> str:
    """The text, shortened to so many bytes of UTF-8 with an ellipsis at its end."""
    data = text.encode("utf-8", "replace")
    if len(data) <= most_bytes:
        return text
    return data[: most_bytes - 3].decode("utf-8", "ignore") + "…"


def _forms(secret: str) -> Iterable[str]:
    yield secret
    yield quote(secret, safe="")
    yield base64.b64encode(secret.encode("utf-8", "replace")).decode("ascii").rstrip("=")
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
