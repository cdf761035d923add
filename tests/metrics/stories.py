"""Small runs told as events, with times a test can do sums with."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Raw

from misydsl.failures import Failure
from misydsl.history.events import (
    AttemptFailed,
    AttemptStarted,
    CancelRequested,
    Event,
    FanOut,
    GroupStarted,
    ModuleText,
    Recorded,
    RunAccepted,
    RunFinished,
    RunOwned,
    RunPaused,
    StepBlocked,
    StepFailed,
    StepFinished,
    StepSkipped,
)

START = 1_700_000_000.0
TIMEOUT = Failure("timeout", "no answer within 2s", agent="scanner", step="scan", attempt=1)
REFUSED = Failure("http", "status 503", status=503, agent="writer", step="write", attempt=1)


def recorded(events: Iterable[Event], run: str = "r1") -> list[Recorded]:
    return [Recorded(seq, run, event) for seq, event in enumerate(events, 1)]


def accepted(pipeline: str = "viral", steps: int = 5) -> RunAccepted:
    return RunAccepted(
        at=START,
        pipeline=pipeline,
        title="Análisis",
        inputs=Raw(b'{"topic":"ia"}'),
        session="s1",
        modules=(ModuleText("main", "main.misy", ""),),
        entry="main",
        steps=steps,
        fingerprint="f",
    )


def started(step: str, agent: str, at: float, **more: object) -> AttemptStarted:
    return AttemptStarted(at=START + at, step=step, agent=agent, key="k", timeout_s=2.0, **more)  # type: ignore[arg-type]  # test data


def retried_scan() -> list[Event]:
    """`scan` fails at 1.0 s, waits until 3.0 s, and succeeds at 3.5 s."""
    return [
        started("scan", "scanner", 0.0, waited_s=0.25),
        AttemptFailed(
            at=START + 1.0, step="scan", failure=TIMEOUT, duration_s=1.0, retry_at=START + 3.0
        ),
        started("scan", "scanner", 3.0, attempt=2),
        StepFinished(
            at=START + 3.5,
            step="scan",
            value=Raw(b'["a"]'),
            attempts=2,
            duration_s=0.5,
            agent="scanner",
        ),
    ]


def fanned_write() -> list[Event]:
    """`write` has three items: 1.0 s, failed after 2.0 s, skipped."""
    return [
        FanOut(at=START + 3.5, step="write", item="", count=3),
        started("write", "writer", 3.5, item="0"),
        started("write", "writer", 3.5, item="1"),
        StepSkipped(at=START + 3.5, step="write", item="2"),
        StepFinished(
            at=START + 4.5, step="write", item="0", attempts=1, duration_s=1.0, agent="writer"
        ),
        AttemptFailed(at=START + 5.5, step="write", item="1", failure=REFUSED, duration_s=2.0),
        StepFailed(at=START + 5.5, step="write", item="1", failure=REFUSED, attempts=1),
        StepFailed(at=START + 5.5, step="write", failure=REFUSED),
    ]


def failed_story() -> list[Event]:
    """Retried, fanned out, failed: the whole run takes 6.0 s."""
    return [
        accepted(),
        RunOwned(at=START, owner="p1"),
        *retried_scan(),
        *fanned_write(),
        StepBlocked(at=START + 5.5, step="post", by="write"),
        RunFinished(at=START + 6.0, status="failed", failure=REFUSED),
    ]


def every_kind() -> list[Event]:
    return [
        *failed_story(),
        GroupStarted(at=START, step="group"),
        CancelRequested(at=START, by="ana"),
        RunPaused(at=START, reason="Ctrl-C"),
        RunOwned(at=START, owner="p2", is_resume=True),
        RunFinished(at=START, status="succeeded"),
    ]
