"""Values as a run holds them, and their strict JSON.

In: bytes from agents and people. Out: plain Python values (`None bool int float str list dict`, plus
`date datetime` and the four measures below), and bytes. Durations, percents, sizes and rates are
numbers that remember what they measure. Decoding is strict: what two JSON readers could understand
differently is refused.
"""

from __future__ import annotations

import datetime as dt
from typing import Final


class Duration(float):
    """A length of time in seconds: `30s`, `1h30m`."""

    __slots__ = ()


class Percent(float):
    """A share: `20%` is 0.2."""

    __slots__ = ()


class Rate(float):
    """How often: calls per second; `100/m` is 1.667."""

    __slots__ = ()


class Size(int):
    """A number of bytes: `64MiB`, `10MB`."""

    __slots__ = ()


class Secret:
    """A text that is never shown; only an agent's `auth` and `headers` may open it."""

    __slots__ = ("_text", "name")

    def __init__(self, name: str, text: str) -> None:
        self.name, self._text = name, text

    def reveal(self) -> str:
        """The text itself; only for the wire."""
        return self._text

    def __repr__(self) -> str:
        return f"<secret {self.name}>"

    __str__ = __repr__


Scalar = None | bool | int | float | str | Duration | Percent | Rate | Size
Value = Scalar | dt.date | dt.datetime | Secret | list["Value"] | dict[str, "Value"]

MAX_JSON_DEPTH: Final = 100  # deeper replies are refused; the wire contract says so
