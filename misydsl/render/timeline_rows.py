"""What stands in a timeline: rows of bars, folded until they can be read.

In: a `History`, and what its critical path was if that is known. Out: at most `MOST_ROWS` rows: a row per
step, its calls in lanes; a row of many calls shows how many were open at each moment instead; steps
beyond the bound are put together, the ones that failed or decided the duration last of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Protocol

from misydsl.history.states import Attempt, History, StepKey, StepState
from misydsl.history.status import StepStatus
from misydsl.render.text import clean

MOST_ROWS = 40
OWN_ROWS = MOST_ROWS // 2 - 1  # steps that keep a row of their own when others are put together
MOST_LANES = 12  # calls of one row at once; more are shown as an amount
MOST_BARS = 120  # of one row; more are thinner than a pixel
SLOTS = 160  # moments for which the calls open at once are counted
SHORTEST_SHARE = 0.005  # of the run: a step without calls is shown if it took longer than that


class CriticalStretch(Protocol):
    """Time on the critical path: when, on what, in which step (empty between steps)."""

    @property
    def begun(self) -> float:
        """When it began, Unix seconds."""
        ...

    @property
    def ended(self) -> float:
        """When it ended, Unix seconds."""
        ...

    @property
    def part(self) -> str:
        """What it was spent on."""
        ...

    @property
    def step(self) -> str:
        """The step, empty between steps."""
        ...

    @property
    def item(self) -> str:
        """The item of the step."""
        ...


@dataclass(frozen=True, slots=True)
class Bar:
    """One call, or a step that needed none; times are Unix seconds."""

    begun: float
    ended: float
    status: StepStatus
    words: str
    queued_from: float
    """When it began to queue; equal to `begun` where it did not."""
    retried_from: float | None = None
    """When the failed attempt before it ended."""
    lane: int = 0
    is_critical: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """The bars of one step, or of several put together."""

    label: str
    bars: tuple[Bar, ...]
    steps: int = 1

    @property
    def lanes(self) -> int:
        """How many bars lie under each other."""
        return 1 + max((bar.lane for bar in self.bars), default=0)

    @property
    def is_amount(self) -> bool:
        """Whether there are too many bars to tell them apart."""
        return self.steps > 1 or self.lanes > MOST_LANES or len(self.bars) > MOST_BARS

    @property
    def is_critical(self) -> bool:
        """Whether the run's duration depended on it."""
        return any(bar.is_critical for bar in self.bars)

    @property
    def failed(self) -> int:
        """Calls that failed."""
        return sum(bar.status == "failed" for bar in self.bars)

    @property
    def queued_s(self) -> float:
        """How long its calls queued on average."""
        return sum(bar.begun - bar.queued_from for bar in self.bars) / max(len(self.bars), 1)

    @property
    def begun(self) -> float:
        """When the first bar began to queue."""
        return min(bar.queued_from for bar in self.bars)

    @property
    def ended(self) -> float:
        """When the last bar ended."""
        return max(bar.ended for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything a picture needs; `begun` and `ended` are Unix seconds."""

    title: str
    status: str
    begun: float
    ended: float
    rows: tuple[Row, ...]
    critical: tuple[CriticalStretch, ...] = ()

    @property
    def duration_s(self) -> float:
        """What the picture shows, in seconds; never nothing."""
        return self.ended - self.begun


def timeline_of(
    history: History,
    critical: Iterable[CriticalStretch] = (),
    *,
    until: float | None = None,
) -> Timeline:
    """The timeline of a run, up to `until` if it goes on; one without calls has no rows."""
    begun = history.accepted_at or 0.0
    ended = max(begun + 0.001, _last_at(history, begun), until or 0.0)
    stretches = tuple(critical)
    rows = [
        Row(clean(step), bars)
        for step, bars in _bars_by_step(history, begun, ended, _moments(stretches)).items()
    ]
    title = clean(history.title or history.pipeline)
    return Timeline(title, history.status, begun, ended, tuple(_folded(rows)), stretches)


def opened(row: Row, timeline: Timeline, *, slots: int = SLOTS) -> list[tuple[int, int]]:
    """For each slot of the timeline: how many calls were open, and how many of those then failed."""
    steps = [[0, 0] for _ in range(slots + 1)]
    for bar in row.bars:
        first = _slot(bar.begun, timeline, slots)
        last = max(_slot(bar.ended, timeline, slots), first)
        for kind in (0, 1) if bar.status == "failed" else (0,):
            steps[first][kind] += 1
            steps[last + 1][kind] -= 1
    found, calls, failed = [], 0, 0
    for slot in range(slots):
        calls, failed = calls + steps[slot][0], failed + steps[slot][1]
        found.append((calls, failed))
    return found


def _slot(at: float, timeline: Timeline, slots: int) -> int:
    share = (at - timeline.begun) / timeline.duration_s
    return min(max(int(share * slots), 0), slots - 1)


# ------------------------------------------------------------------ bars

_Moments = Mapping[StepKey, Sequence[tuple[float, float]]]


def _moments(stretches: Iterable[CriticalStretch]) -> _Moments:
    """When each step was on the critical path."""
    found: dict[StepKey, list[tuple[float, float]]] = {}
    for one in stretches:
        if one.step:
            found.setdefault((one.step, one.item), []).append((one.begun, one.ended))
    return found


def _bars_by_step(
    history: History, begun: float, ended: float, critical: _Moments
) -> dict[str, tuple[Bar, ...]]:
    calls: dict[str, list[Attempt]] = {}
    for attempt in history.attempts:
        calls.setdefault(attempt.step, []).append(attempt)
    found = {step: tuple(_bars(attempts, ended, critical)) for step, attempts in calls.items()}
    shortest = SHORTEST_SHARE * (ended - begun)
    for state in _without_calls(history, found.keys()):
        bar = _state_bar(state, ended, critical)
        if bar.ended - bar.begun > shortest:
            found[state.step] = (*found.get(state.step, ()), bar)
    return dict(sorted(found.items(), key=lambda one: min(bar.queued_from for bar in one[1])))


def _without_calls(history: History, called: Iterable[str]) -> Iterator[StepState]:
    """Steps that took time and are made neither of calls nor of other steps: people, mostly."""
    own = set(called)
    groups = {step.rpartition("/")[0] for step, _ in history.steps}
    for state in history.steps.values():
        is_leaf = state.count is None and state.step not in own and state.step not in groups
        if is_leaf and state.started_at is not None:
            yield state


def _state_bar(state: StepState, ended: float, critical: _Moments) -> Bar:
    begun = state.started_at or 0.0
    end = state.finished_at if state.finished_at is not None else ended
    words = f"{_place(state.step, state.item)}: {state.status}, {max(0.0, end - begun):.3f} s"
    is_critical = _meets(critical.get((state.step, state.item), ()), begun, end)
    return Bar(begun, end, state.status, clean(words), begun, is_critical=is_critical)


def _bars(attempts: Sequence[Attempt], ended: float, critical: _Moments) -> Iterator[Bar]:
    """Attempts that overlap go into different lanes; retries of an item stay in its lane."""
    free_at: list[float] = []
    last: dict[StepKey, tuple[int, Attempt]] = {}
    for attempt, free in zip(attempts, _free_again(attempts), strict=True):
        key = (attempt.step, attempt.item)
        before = last.get(key) if attempt.attempt > 1 else None
        queued = attempt.started_at - attempt.waited_s
        lane = _lane(free_at, queued) if before is None else before[0]
        free_at[lane] = max(free_at[lane], free)
        last[key] = (lane, attempt)
        end = attempt.ended_at
        if end is None:
            end = ended if attempt.status == "running" else attempt.started_at
        yield Bar(
            begun=attempt.started_at,
            ended=end,
            status=_status(attempt),
            words=_words(attempt),
            queued_from=queued,
            retried_from=before[1].ended_at if before else None,
            lane=lane,
            is_critical=_meets(critical.get(key, ()), attempt.started_at, end),
        )


def _lane(free_at: list[float], begun: float) -> int:
    """The first free lane; beyond what can be shown, one shared lane is as good as many."""
    for lane, free in enumerate(free_at):
        if free <= begun:
            return lane
    if len(free_at) <= MOST_LANES:
        free_at.append(0.0)
    return len(free_at) - 1


def _free_again(attempts: Sequence[Attempt]) -> list[float]:
    """When each attempt's lane is free: after the last retry of the same call."""
    free: list[float] = []
    followed: dict[StepKey, float] = {}
    for attempt in reversed(attempts):
        key = (attempt.step, attempt.item)
        ended = float("inf") if attempt.ended_at is None else attempt.ended_at
        free.append(max(ended, followed.pop(key, ended)))
        if attempt.attempt > 1:
            followed[key] = free[-1]
    return free[::-1]


def _status(attempt: Attempt) -> StepStatus:
    match attempt.status:
        case "lost":
            return "blocked"
        case status:
            return status


def _words(attempt: Attempt) -> str:
    took = f", {attempt.duration_s:.3f} s" if attempt.duration_s is not None else ""
    queued = f", queued {attempt.waited_s:.3f} s" if attempt.waited_s else ""
    hedged = ", sent twice" if attempt.is_hedged else ""
    why = f": {attempt.failure.message}" if attempt.failure else ""
    place = _place(attempt.step, attempt.item)
    return clean(f"{place}: attempt {attempt.attempt} {attempt.status}{took}{queued}{hedged}{why}")


def _place(step: str, item: str) -> str:
    return f"{step} [{item}]" if item else step


def _meets(moments: Sequence[tuple[float, float]], begun: float, ended: float) -> bool:
    return any(one_begun < ended and begun < one_ended for one_begun, one_ended in moments)


def _last_at(history: History, begun: float) -> float:
    ends = [one.ended_at or one.started_at for one in history.attempts]
    ends += [one.finished_at or one.started_at or begun for one in history.steps.values()]
    return max([*ends, history.finished_at or begun])


# ------------------------------------------------------------------ folding


def _folded(rows: list[Row]) -> list[Row]:
    """At most `MOST_ROWS`: the telling steps keep their rows, neighbours among the rest share one."""
    if len(rows) <= MOST_ROWS:
        return rows
    ranked = sorted(range(len(rows)), key=lambda number: _worth(rows[number]), reverse=True)
    own = set(ranked[:OWN_ROWS])
    found: list[Row] = []
    for is_own, numbers in groupby(range(len(rows)), key=own.__contains__):
        run = [rows[number] for number in numbers]
        found += run if is_own or len(run) == 1 else [_together(run)]
    return found


def _worth(row: Row) -> tuple[bool, bool, float]:
    return row.failed > 0, row.is_critical, row.ended - row.begun


def _together(rows: Sequence[Row]) -> Row:
    """Several rows as one, in which only the amount of calls matters."""
    label = f"{len(rows)} more steps"
    free_at: list[float] = []
    bars = []
    every = sorted((bar for row in rows for bar in row.bars), key=lambda bar: bar.queued_from)
    for bar in every:
        lane = _lane(free_at, bar.queued_from)
        free_at[lane] = max(free_at[lane], bar.ended)
        bars.append(replace(bar, lane=lane))
    return Row(label, tuple(bars), len(rows))
