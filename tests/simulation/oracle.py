"""An oracle: how every call and every question of a run ends, known before it is made.

In: a seed. Out: for an address (step, item, round) the same answers, whoever asks, when and how often. A
call may fail for good, for a while, or for ever; it may hang or answer something of the wrong type; what
it answers depends on its inputs, so that a value that went astray is seen.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from misydsl.failures import Failure
from misydsl.values import Value

Address = tuple[str, str, int]
"""Step, item, round."""

FOR_GOOD: Final = (
    Failure("http", "no", status=400),
    Failure("bad-reply", "no JSON"),
    Failure("wrong-type", "not what was declared"),
    Failure("agent-error", "it says no"),
)
FOR_NOW: Final = (
    Failure("timeout", "hangs"),
    Failure("http", "busy", status=503),
    Failure("http", "slow down", status=429, retry_after_s=3.0),
    Failure("connect", "refused"),
    Failure("reset", "reset"),
    Failure("http", "too early", status=425),
)


@dataclass(frozen=True)
class Fate:
    """How the attempts of one call end: so many failures, one after the other, and then a reply."""

    failures: tuple[Failure, ...]

    def of(self, attempt: int) -> Failure | None:
        """How the attempt ends that follows on `attempt - 1` known failures."""
        return self.failures[attempt - 1] if attempt <= len(self.failures) else None


@dataclass(frozen=True)
class Oracle:
    """The same question has the same answer."""

    seed: str
    bad: float = 0.1
    """The share of calls that fail for good."""
    shaky: float = 0.25
    """The share of calls that fail for a while."""

    def fate(self, address: Address) -> Fate:
        """What becomes of the calls of one address."""
        chance = random.Random(f"{self.seed}/{address}")
        draw = chance.random()
        if draw < self.bad:
            last = chance.choice(FOR_GOOD)
            return Fate((*chance.choices(FOR_NOW, k=chance.choice([0, 0, 1])), *[last] * 9))
        if draw < self.bad + self.shaky:
            count = chance.choice([1, 1, 1, 2, 2, 3, 9])
            return Fate(tuple(chance.choices(FOR_NOW, k=count)))
        return Fate(())

    def reply(
        self, address: Address, agent: str, attempt: int, inputs: Mapping[str, Value]
    ) -> Value | Failure:
        """What an attempt comes to."""
        failure = self.fate(address).of(attempt)
        return value_of(address, agent, inputs) if failure is None else failure

    def answer(self, address: Address, question: Mapping[str, Value]) -> Value | None:
        """What a person answers; None when nobody ever does."""
        if question.get("to") == "nobody":
            return None
        number = crc32(f"{self.seed}{address}".encode())
        return {"approved": number % 2 == 0, "by": "ana", "comment": "vale" if number % 3 else None}


def value_of(address: Address, agent: str, inputs: Mapping[str, Value]) -> Value:
    """The reply of an agent: of its declared type, and told by where it was called with what."""
    number = crc32(f"{address}{json.dumps(dict(inputs), sort_keys=True)}".encode())
    text = f"{agent}{number % 1000}" + "í" * (number // 1000 % 4)
    match agent:
        case "say":
            return text
        case "tell":
            return {"text": text, "n": number % 100}
        case _:
            return number % 1000
