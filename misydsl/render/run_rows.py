"""Where a run stands, as rows: what boards and reports show.

In: a `StepGraph`, a `History` and the time. Out: `RunView`: counts over the run, and one row a step, with
the items of a `for` summed up in it and its notes in words: the next attempt, why it failed, whose
value was reused. Works as well in mid-run as years later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from misydsl.graph.build import StepGraph, StepNode
from misydsl.history.states import History, StepState
from misydsl.history.status import RUN_FINAL, STEP_DONE, STEP_FINAL, StepStatus
from misydsl.render.standing import Standing, standings

_FIRST: Mapping[StepStatus, int] = {
    "asking": 0,
    "failed": 1,
    "retrying": 2,
    "running": 3,
    "blocked": 4,
    "cancelled": 4,
}
"""Which rows are kept when there is not room for all."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step; `depth` counts the steps around it."""

    path: str
    label: str
    depth: int
    status: StepStatus
    counts: str
    attempts: int
    duration_s: float | None
    is_going_on: bool
    note: str


@dataclass(frozen=True, slots=True)
class RunView:
    """Everything that is told of a run at one moment."""

    run: str
    title: str
    status: str
    done: int
    failed: int
    total: int
    retries: int
    reused: int
    elapsed_s: float
    share: float
    """0 to 1: how much has ended; steps that loop count by their items."""
    standings: tuple[Standing, ...]
    rows: tuple[StepRow, ...]


def view_of(graph: StepGraph, history: History, *, now: float) -> RunView:
    """Where the run stands at a moment."""
    found = standings(graph, history)
    states = _by_path(history.steps.values())
    roots = [found[number] for number in graph.roots]
    began = history.accepted_at if history.accepted_at is not None else now
    ended = history.finished_at or _paused_at(history) or now
    return RunView(
        run=history.id,
        title=history.title or history.pipeline or graph.label,
        status=history.status,
        done=sum(one.status in STEP_DONE for one in roots),
        failed=sum(one.status in ("failed", "blocked") for one in roots),
        total=len(roots),
        retries=sum(one.retries for one in history.steps.values()),
        reused=sum(one.reused is not None for one in history.steps.values()),
        elapsed_s=max(0.0, ended - began),
        share=sum(map(_share, roots)) / len(roots) if roots else 1.0,
        standings=tuple(found),
        rows=tuple(
            _row(node, depth, states.get(node.path, ()), found[node.id], now)
            for node, depth in _in_order(graph)
            if node.role == "body" or node.path in states
        ),
    )


def fitting(rows: Sequence[StepRow], room: int) -> tuple[list[StepRow], int]:
    """The rows that fit, in their order, and how many do not: what asks, failed or runs comes first."""
    if len(rows) <= room:
        return list(rows), 0
    order = sorted(range(len(rows)), key=lambda at: _FIRST.get(rows[at].status, 9))
    kept = set(order[:room])
    return [row for at, row in enumerate(rows) if at in kept], len(rows) - room


def reason_of(state: StepState) -> str:
    """Why a step, or one item of it, stands where it stands, in one sentence."""
    match state.status:
        case "succeeded" if state.reused and state.reused.partition(" ")[0] == "cache":
            return f"not called: an equal call had been made before ({state.reused})"
        case "succeeded" if state.reused:
            return f"not called: taken over from run {state.reused}, nothing it depends on changed"
        case "skipped":
            return "skipped: its `if` was false"
        case "blocked":
            return f"not run, because {state.blocked_by} failed"
        case "failed" | "retrying" | "cancelled" if state.failure is not None:
            return state.failure.sentence()
        case "waiting":
            return "not begun"
        case "asking":
            return "waits for a person"
        case "running":
            return f"calls {state.agent}" if state.agent else "at work"
        case _:
            return _ran(state)


def took(seconds: float | None) -> str:
    """A duration in a few characters; empty when it is not known."""
    if seconds is None:
        return ""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return (
        f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
    )


def counted(number: int, one: str, many: str) -> str:
    """`1 retry`, `2 retries`."""
    return f"{number} {one if number == 1 else many}"


def _ran(state: StepState) -> str:
    called = f"called {state.agent}" if state.agent else "ran"
    tried = f", {counted(state.attempts, 'attempt', 'attempts')}" if state.attempts > 1 else ""
    turned = f"; turned to fallback {state.fallback}" if state.fallback else ""
    why = f" because {state.turned_by[-1].message}" if turned and state.turned_by else ""
    return f"{called}{tried}{turned}{why}"


def _by_path(states: Iterable[StepState]) -> Mapping[str, Sequence[StepState]]:
    found: dict[str, list[StepState]] = {}
    for state in states:
        found.setdefault(state.step, []).append(state)
    return found


def _paused_at(history: History) -> float | None:
    """When the last thing happened, for a run nobody works on."""
    if history.status != "paused":
        return None
    steps = (one.finished_at or one.started_at or 0.0 for one in history.steps.values())
    calls = (one.ended_at or one.started_at for one in history.attempts)
    return max(max(steps, default=0.0), max(calls, default=0.0)) or history.started_at


def _in_order(graph: StepGraph) -> Iterable[tuple[StepNode, int]]:
    """Every step after the one around it, as in the text."""
    ahead = [(one.id, 0) for one in reversed(graph.nodes) if one.parent is None]
    while ahead:
        number, depth = ahead.pop()
        yield graph.nodes[number], depth
        ahead.extend((one, depth + 1) for one in reversed(graph.children.get(number, ())))


def _share(standing: Standing) -> float:
    if standing.status in STEP_FINAL:
        return 1.0
    return (standing.done + standing.failed) / standing.total if standing.total else 0.0


def _row(
    node: StepNode, depth: int, states: Sequence[StepState], standing: Standing, now: float
) -> StepRow:
    is_many = len(states) > 1 or any(one.count is not None for one in states)
    is_going_on = standing.status not in STEP_FINAL and standing.status != "waiting"
    return StepRow(
        path=node.path,
        label=node.label,
        depth=depth,
        status=standing.status,
        counts=standing.progress if is_many else "",
        attempts=sum(one.attempts for one in states),
        duration_s=_duration(states, now if is_going_on else None),
        is_going_on=is_going_on,
        note=_many_notes(states, now) if is_many else _note(states[0], now) if states else "",
    )


def _duration(states: Sequence[StepState], now: float | None) -> float | None:
    """From the first start to the last end, or to now while something goes on."""
    states = [one for one in states if one.status not in ("blocked", "skipped")]
    starts = [one.started_at for one in states if one.started_at is not None]
    ends = [one.finished_at for one in states if one.finished_at is not None]
    ended = now if now is not None else max(ends, default=None)
    return max(0.0, ended - min(starts)) if starts and ended is not None else None


def _note(state: StepState, now: float) -> str:
    match state.status:
        case "retrying":
            why = f": {state.failure.message}" if state.failure else ""
            return f"{_next(state, now)}{why}"
        case "running":
            return f"calls {state.agent}" if state.agent else ""
        case "asking":
            return "waits for a person"
        case "waiting":
            return ""
        case "succeeded" if not (state.reused or state.fallback or state.attempts > 1):
            return ""
        case "failed" if state.failure is not None:
            return state.failure.message
        case _:
            return reason_of(state)


def _next(state: StepState, now: float) -> str:
    left_s = (state.next_attempt_at or now) - now
    return f"next attempt in {left_s:.0f} s" if left_s >= 0.5 else "next attempt now"


def _many_notes(states: Sequence[StepState], now: float) -> str:
    """Of a `for`: who waits for another attempt, the first failure, how many were reused."""
    items = [one for one in states if one.count is None]
    words = []
    retrying = [one for one in items if one.status == "retrying"]
    if retrying:
        soonest = min(retrying, key=lambda one: one.next_attempt_at or now)
        words.append(f"{len(retrying)} retrying, {_next(soonest, now)}")
    failed = next((one for one in items if one.status == "failed" and one.failure), None)
    if failed is not None and failed.failure is not None:
        words.append(f"[{failed.item}] {failed.failure.message}")
    reused = sum(one.reused is not None for one in items)
    if reused:
        words.append(f"{reused} reused")
    return " · ".join(words)


def is_over(view: RunView) -> bool:
    """Whether nothing of it goes on."""
    return view.status in RUN_FINAL or view.status == "paused"
