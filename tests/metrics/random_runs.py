"""Runs drawn at random, told as events: steps begin when what they need has ended."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st
from msgspec import Raw

from misydsl.failures import Failure
from misydsl.history.events import (
    AttemptFailed,
    AttemptStarted,
    Event,
    FanOut,
    RunAccepted,
    RunFinished,
    RunOwned,
    StepFinished,
)
from misydsl.history.fold import fold
from misydsl.history.states import History
from misydsl.metrics.waits import Waits
from tests.metrics.stories import START, recorded

SLOW = Failure("timeout", "no answer within 2s")
seconds = st.floats(0.001, 30.0)


@dataclass(slots=True)
class Drawn:
    """A run and who waits for whom in it."""

    events: list[Event]
    needs: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def history(self) -> History:
        return fold(recorded(self.events))

    @property
    def waits(self) -> Waits:
        return Waits(self.needs)


@st.composite
def graphs(draw: st.DrawFn, *, gaps: bool = True) -> Drawn:
    """Steps that need earlier ones, with queues and retries; without `gaps`, nothing is lost between."""
    needs: dict[str, frozenset[str]] = {}
    ends: dict[str, float] = {}
    timed: list[tuple[float, int, Event]] = []
    for number in range(draw(st.integers(1, 12))):
        step = f"s{number}"
        needs[step] = frozenset(
            draw(st.lists(st.sampled_from(sorted(ends)), max_size=3)) if ends else ()
        )
        ready = max((ends[one] for one in needs[step]), default=START)
        ready += draw(seconds) if gaps and draw(st.booleans()) else 0.0
        ends[step] = _called(draw, step, ready, timed)
    last = max(ends.values()) + (draw(seconds) if gaps else 0.0)
    return Drawn(_story(timed, last), needs)


@st.composite
def fans(draw: st.DrawFn) -> Drawn:
    """One `for` whose items are called by so many hands."""
    count, hands = draw(st.integers(1, 12)), draw(st.integers(1, 4))
    free = [START] * hands
    timed: list[tuple[float, int, Event]] = [
        (START, -1, FanOut(at=START, step="each", item="", count=count))
    ]
    for item in range(count):
        hand = min(range(hands), key=free.__getitem__)
        free[hand] = _called(draw, "each", free[hand], timed, item=str(item))
    last = max(free)
    timed.append((last, 1_000_000, StepFinished(at=last, step="each", value=Raw(b"[]"))))
    return Drawn(_story(timed, last), {"each": frozenset()})


def _called(
    draw: st.DrawFn,
    step: str,
    ready: float,
    timed: list[tuple[float, int, Event]],
    *,
    item: str = "",
) -> float:
    """One call with its retries; when it ended."""
    waited = draw(seconds) if draw(st.booleans()) else 0.0
    at, tries = ready + waited, draw(st.integers(1, 3))
    for attempt in range(1, tries + 1):
        call = AttemptStarted(
            at=at, step=step, item=item, agent=f"a{len(step) % 2}", key="k",
            timeout_s=2, attempt=attempt, waited_s=waited if attempt == 1 else 0.0,
        )  # fmt: skip
        timed.append((at, len(timed), call))
        took = draw(seconds)
        if attempt == tries:
            done = StepFinished(
                at=at + took, step=step, item=item, value=Raw(b"1"), attempts=tries,
                duration_s=took, agent=call.agent,
            )  # fmt: skip
            timed.append((at + took, len(timed), done))
            return at + took
        again = at + took + draw(seconds)
        failed = AttemptFailed(
            at=at + took, step=step, item=item, failure=SLOW, duration_s=took, attempt=attempt,
            retry_at=again,
        )  # fmt: skip
        timed.append((at + took, len(timed), failed))
        at = again
    raise AssertionError("the last attempt ends the call")


def _story(timed: list[tuple[float, int, Event]], last: float) -> list[Event]:
    accepted = RunAccepted(
        at=START, pipeline="viral", title=None, inputs=Raw(b"{}"), session="s", modules=(),
        entry="main", steps=1, fingerprint="f",
    )  # fmt: skip
    return [
        accepted,
        RunOwned(at=START, owner="p1"),
        *(event for _, _, event in sorted(timed, key=lambda one: one[:2])),
        RunFinished(at=last, status="succeeded", result=Raw(b"1")),
    ]
