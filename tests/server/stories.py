"""Runs as a journal holds them, for tests of whoever tells of them."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw

from misydsl.failures import Failure
from misydsl.history.events import (
    AttemptFailed,
    AttemptStarted,
    Event,
    FanOut,
    ModuleText,
    RunAccepted,
    RunFinished,
    RunOwned,
    StepBlocked,
    StepFailed,
    StepFinished,
)
from misydsl.server.telling import Message
from misydsl.store.journal import Journal

START = 1_700_000_000.0
TEXT = """
agent escáner() -> string
agent redactor() -> string

pipeline análisis "Análisis viral — ñandú" {
  step buscar "Buscar tendencias" {
    call escáner()
  }
  step escribir for tema in ["a", "b"] {
    call redactor()
  }
  step cerrar after escribir {
    call escáner()
  }
}
"""
TIMEOUT = Failure("timeout", "no answer within 2s", agent="redactor")


def accepted(
    at: float = 0.0,
    *,
    pipeline: str = "análisis",
    session: str = "s1",
    text: str = TEXT,
    fingerprint: str = "f",
) -> RunAccepted:
    """A run exists."""
    return RunAccepted(
        at=START + at,
        pipeline=pipeline,
        title="Análisis viral — ñandú",
        inputs=Raw(b"{}"),
        session=session,
        modules=(ModuleText("main", "main.misy", text),),
        entry="main",
        steps=3,
        fingerprint=fingerprint,
    )


def started(step: str, at: float, **more: Any) -> AttemptStarted:
    """A call begins."""
    known = {"agent": "escáner", "key": "k", "timeout_s": 2.0, **more}
    return AttemptStarted(at=START + at, step=step, **known)


def finished(step: str, at: float, **more: Any) -> StepFinished:
    """A step has its value after half a second."""
    known = {"attempts": 1, "duration_s": 0.5, "agent": "escáner", "value": Raw(b'"x"'), **more}
    return StepFinished(at=START + at, step=step, **known)


def ended(at: float, status: str = "succeeded", failure: Failure | None = None) -> RunFinished:
    """The run is over."""
    return RunFinished(at=START + at, status=status, failure=failure)


def story() -> list[Event]:
    """Searched at the second attempt; one of two topics written; the end blocked."""
    return [
        accepted(),
        RunOwned(at=START, owner="p"),
        started("buscar", 0.0),
        AttemptFailed(
            at=START + 1.0, step="buscar", failure=TIMEOUT, duration_s=1.0, retry_at=START + 2
        ),
        started("buscar", 2.0, attempt=2),
        finished("buscar", 2.5, attempts=2),
        FanOut(at=START + 2.5, step="escribir", item="", count=2),
        started("escribir", 2.5, item="0", agent="redactor"),
        finished("escribir", 3.0, item="0", agent="redactor"),
        started("escribir", 3.0, item="1", agent="redactor"),
        AttemptFailed(at=START + 5, step="escribir", item="1", failure=TIMEOUT, duration_s=2.0),
        StepFailed(at=START + 5, step="escribir", item="1", failure=TIMEOUT, attempts=1),
        StepFailed(at=START + 5, step="escribir", failure=TIMEOUT),
        StepBlocked(at=START + 5, step="cerrar", by="escribir"),
        ended(6.0, "failed", TIMEOUT),
    ]


def short(session: str = "s1", *, steps: int = 1) -> list[Event]:
    """One step after the other succeeds."""
    calls: list[Event] = []
    for number in range(steps):
        calls += [started(f"p{number}", number), finished(f"p{number}", number + 0.5)]
    return [
        accepted(session=session),
        RunOwned(at=START, owner="p"),
        *calls,
        ended(steps),
    ]


def keep(journal: Journal, run: str, events: list[Event]) -> None:
    """Record a run, or what follows of one."""
    if isinstance(events[0], RunAccepted):
        journal.accept(run, events[0])
        events = events[1:]
    journal.append(run, events)
    journal.flush()


def shown(message: Message) -> dict[str, Any]:
    """The frame as it is read."""
    frame: dict[str, Any] = msgspec.json.decode(message.data)
    return frame
