"""How much one expression may cost, and how it says that it cannot be computed.

In: charges made by loops and by functions over lists and texts. Out: nothing, or an `EvaluationError`.
Only an expression with a loop or a prompt in it is metered: the cost of any other is bounded by its own
length. The meter is one per thread; evaluation never waits, so two expressions never share a count.

Codes of errors that only a run can find (the others are those of `problems`): E0521 division by zero ·
E0522 over a limit · E0523 a number no 64 bits hold · E0524 not JSON · E0526 an argument out of its range.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import msgspec

from misydsl.failures import MisyError
from misydsl.source import Span
from misydsl.values import MAX_JSON_DEPTH, Value

LONGEST_MESSAGE: Final = 1_000  # characters; a screen of words


class EvaluationError(MisyError):
    """An expression has no value: what was there, at which place; it fails the step, never more."""

    def __init__(self, code: str, message: str, span: Span | None = None) -> None:
        if len(message) > LONGEST_MESSAGE:  # a name or key in it may be of any length
            message = message[:LONGEST_MESSAGE] + "…"
        self.code, self.message = code, message
        self.span: Span = span or Span(0, 0)
        self.is_placed = span is not None
        super().__init__(message)

    def at(self, span: Span) -> EvaluationError:
        """The same error with its place, unless it has one already."""
        return self if self.is_placed else EvaluationError(self.code, self.message, span)


class EvaluatorMisused(MisyError):
    """The caller asked for something the checker would never let through; a defect, not a failure."""


class Limits(msgspec.Struct, frozen=True):
    """What one evaluation may use; the language reference gives these numbers."""

    steps: int = 1_000_000
    list_items: int = 100_000
    text_length: int = 10_000_000
    prompt_nesting: int = 64
    depth: int = MAX_JSON_DEPTH
    """Levels of a value that is built; what is deeper could not be read back from a journal."""
    parts: int = 2_000_000
    """Scalars and containers of a value that is built, shared ones counted each time."""


class Meter(threading.local):
    """What the running evaluation has left; `is_running` only inside a metered expression."""

    limits = Limits()
    is_running = False
    left = 0
    prompts = 0


METER: Final = Meter()
CHARACTERS_PER_STEP: Final = 100  # building text is charged by length, so 100 MB in all


@contextmanager
def limited(limits: Limits) -> Iterator[None]:
    """Evaluate under other limits in this thread."""
    before = METER.limits
    METER.limits = limits
    try:
        yield
    finally:
        METER.limits = before


@contextmanager
def metered(*, fresh: bool = False) -> Iterator[None]:
    """Count steps inside; a prompt counts on its caller's meter, a let (`fresh`) on its own."""
    before = (METER.is_running, METER.left)
    if fresh or not METER.is_running:
        METER.is_running, METER.left = True, METER.limits.steps
    try:
        yield
    finally:
        if fresh or not before[0]:
            METER.is_running, METER.left = before


def charge(steps: int) -> None:
    """Use up steps of the running expression."""
    if not METER.is_running:
        return
    METER.left -= steps
    if METER.left < 0:
        limit = METER.limits.steps
        raise EvaluationError("E0522", f"this takes more than {limit:,} steps to compute")


def checked_list(length: int) -> None:
    """Refuse a list that would be over the limit, and charge for it; asked before it is made."""
    allow_list(length)
    charge(length)


def allow_list(length: int) -> None:
    """Refuse a list over the limit; whoever makes it item by item was charged for each."""
    limit = METER.limits.list_items
    if length > limit:
        raise EvaluationError("E0522", f"a list of {length:,} is over the limit of {limit:,}")


def checked_text(length: int) -> None:
    """Refuse a text that would be over the limit; asked before it is made."""
    limit = METER.limits.text_length
    if length > limit:
        raise EvaluationError(
            "E0522", f"a text of {length:,} characters is over the limit of {limit:,}"
        )
    charge(length // CHARACTERS_PER_STEP)


def weigh(value: Value) -> int:
    """How many parts a value has, counted as its JSON would hold them.

    A value may hold one list in many places, so that its JSON is astronomically larger than its
    memory: whoever walks, compares or writes a value that an expression built weighs it first.
    """
    parts, depth, level = 1, 0, [value]
    limits = METER.limits
    while level:
        inner: list[Value] = []
        for container in level:
            if type(container) is list:
                inner += container
            elif type(container) is dict:
                inner += container.values()
            if len(inner) > limits.parts:
                raise value_too_large(limits)
        parts, depth = parts + len(inner), depth + 1
        if parts > limits.parts:
            raise value_too_large(limits)
        if depth > limits.depth + 1:
            raise EvaluationError("E0522", f"this value is nested over {limits.depth} levels deep")
        level = [child for child in inner if type(child) is list or type(child) is dict]
    return parts


def value_too_large(limits: Limits) -> EvaluationError:
    """A value has more parts than anybody may walk."""
    return EvaluationError("E0522", f"this value has over {limits.parts:,} parts")
