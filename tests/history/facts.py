"""Short ways to write down what happened, for tests of histories and journals."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Raw

from misydsl.failures import Failure
from misydsl.history.events import (
    AttemptFailed,
    AttemptStarted,
    Event,
    FanOut,
    ModuleText,
    Recorded,
    RunAccepted,
    RunFinished,
    RunOwned,
    StepFailed,
    StepFinished,
)

TIMEOUT = Failure(kind="timeout", message="no reply in 30 s", agent="a")


def accepted(at: float = 1.0, *, pipeline: str = "tendencias") -> RunAccepted:
    """A run of the pipeline exists."""
    return RunAccepted(
        at,
        pipeline=pipeline,
        title="Tendencias de la semana — ñandú",
        inputs=Raw(b'{ "topic":"caf\xc3\xa9" }'),
        session="s1",
        modules=(ModuleText("main", "main.misy", "pipeline tendencias {}"),),
        entry="main",
        steps=2,
        fingerprint="f",
    )


def owned(at: float = 2.0, *, resume: bool = False) -> RunOwned:
    """Somebody works on it."""
    return RunOwned(at, owner="o", is_resume=resume)


def fan_out(count: int, *, step: str = "s", item: str = "", at: float = 3.0) -> FanOut:
    """A `for` knows its items."""
    return FanOut(at, step=step, item=item, count=count)


def started(
    at: float, *, step: str = "s", item: str = "", attempt: int = 1, round_: int = 0
) -> AttemptStarted:
    """A call begins."""
    return AttemptStarted(
        at,
        step=step,
        agent="a",
        key=f"{step}/{item}",
        timeout_s=30.0,
        item=item,
        attempt=attempt,
        round=round_,
        waited_s=0.5,
    )


def attempt_failed(
    at: float, *, step: str = "s", item: str = "", attempt: int = 1, retry_at: float | None = None
) -> AttemptFailed:
    """A call fails after half a second."""
    return AttemptFailed(
        at,
        step=step,
        failure=TIMEOUT,
        duration_s=0.5,
        item=item,
        attempt=attempt,
        retry_at=retry_at,
    )


def finished(
    at: float,
    *,
    step: str = "s",
    item: str = "",
    attempts: int = 1,
    round_: int = 0,
    value: bytes = b'{"x": 1}',
) -> StepFinished:
    """A step has its value."""
    return StepFinished(
        at,
        step=step,
        value=Raw(value),
        item=item,
        attempts=attempts,
        round=round_,
        duration_s=0.25 if attempts else 0.0,
        agent="a" if attempts else None,
    )


def failed(at: float, *, step: str = "s", item: str = "", attempts: int = 1) -> StepFailed:
    """A step will never have one."""
    return StepFailed(at, step=step, failure=TIMEOUT, item=item, attempts=attempts)


def ended(at: float, status: str = "succeeded") -> RunFinished:
    """The run is over."""
    return RunFinished(at, status=status, result=Raw(b'["ma\xc3\xb1ana"]'))


def recorded(events: Iterable[Event], *, run: str = "r1") -> list[Recorded]:
    """With their places in a journal."""
    return [Recorded(seq, run, event) for seq, event in enumerate(events, start=1)]
