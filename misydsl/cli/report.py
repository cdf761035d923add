"""What is told when a run is over, and when somebody asks for it later.

In: a history. Out: lines of text: how it ended, the result, a table of its steps, a table of its
agents, its failed attempts, its failures in sentences. Long parts are clipped with a word on how to see
the rest; the JSON form is never clipped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from misydsl.cli.facts import result_of
from misydsl.cli.naming import readable, round_name, special_words
from misydsl.cli.screen import BOLD, DIM, GREEN, RED, YELLOW, Screen, pretty
from misydsl.cli.tables import clipped, moment, seconds, share, state, table
from misydsl.history.states import Attempt, History, StepState
from misydsl.metrics.critical import Part, Stretch
from misydsl.metrics.critical_steps import critical_steps
from misydsl.metrics.figures import AgentFigures, FailureFigures, StepFigures
from misydsl.metrics.summary import agent_figures, step_figures

MAX_RESULT_LINES: Final = 200
MAX_ROWS: Final = 60
MIN_CRITICAL: Final = 2  # a path of one step is no news
PART_HEADS: Final[Mapping[Part, str]] = {
    "call": "in calls",
    "failed call": "failed",
    "retry wait": "to retry",
    "queue wait": "queued",
    "person": "person",
    "stopped": "stopped",
    "engine": "engine",
}
_SPREAD: Final = ("mean", "p50", "p90", "p95", "p99", "max")
_COLOURS: Final = {"succeeded": GREEN, "failed": RED, "cancelled": YELLOW, "paused": YELLOW}


def headline(history: History, screen: Screen, *, standing: str = "") -> str:
    """`✓ succeeded in 2.8 s: viral-trends  run …`; `standing` is what became of its process."""
    name = clipped(history.title or history.pipeline, 60)
    took = f" in {seconds(history.duration_s)}" if history.duration_s is not None else ""
    status = standing or history.status
    words = screen.paint(state(status), _COLOURS.get(status, BOLD))
    return f"{words}{took}: {screen.paint(name, BOLD)}  {screen.paint(f'run {history.id}', DIM)}"


def result_lines(history: History, screen: Screen) -> list[str]:
    """The result as pretty JSON under its heading; nothing when there is none."""
    if history.result is None:
        return []
    lines = pretty(result_of(history)).splitlines()
    if screen.out.isatty() and len(lines) > MAX_RESULT_LINES:
        more = f"… {len(lines) - MAX_RESULT_LINES} more lines: misy show {history.id} --json"
        lines = [*lines[:MAX_RESULT_LINES], more]
    return ["", screen.paint("result", BOLD), *lines]


def step_lines(history: History, screen: Screen) -> list[str]:
    """A table with a row per step."""
    figures = {row.step: row for row in step_figures([history])}
    if not figures:
        return []
    heads = ["step", "state", "items", "attempts", "retries", "time", "p50", "p90", "lost"]
    states: dict[str, list[StepState]] = {}
    for one in history.steps.values():
        states.setdefault(one.step, []).append(one)
    rows = [_step_row(states.get(row.step, []), row) for row in figures.values()]
    right = ("items", "attempts", "retries", "time", "p50", "p90", "lost")
    return _titled("steps", heads, rows, screen, right=right, optional=("p50", "p90", "lost"))


def agent_lines(figures: Sequence[AgentFigures], screen: Screen) -> list[str]:
    """A table with a row per agent; nothing when none was called."""
    if not figures:
        return []
    heads = ["agent", "calls", "success", "attempts", "retries", *_SPREAD, "in calls", "waited"]
    rows = [
        [
            *(row.agent, str(row.calls), share(row.success_rate)),
            *(str(row.attempts), str(row.retries), *map(seconds, row.spread)),
            *(_sum(row.call_s), _sum(row.waited_s), _sum(row.lost_to_retries_s)),
        ]
        for row in figures
    ]
    heads += ["lost"]
    optional = ("in calls", "max", "p95", "waited", "p99", "p50", "lost", "attempts")
    return _titled("agents", heads, rows, screen, right=heads[1:], optional=optional)


def figures_lines(figures: Sequence[StepFigures], screen: Screen) -> list[str]:
    """A table with a row per pipeline and step over many runs."""
    if not figures:
        return []
    heads = ["pipeline", "step", "runs", "items", "success", "attempts", "retries", *_SPREAD]
    rows = [
        [
            *(row.pipeline, row.step, str(row.runs), str(row.items), share(row.success_rate)),
            *(str(row.attempts), str(row.retries), *map(seconds, row.spread)),
            *(_sum(row.waited_s), _sum(row.lost_to_retries_s)),
        ]
        for row in figures
    ]
    heads += ["waited", "lost"]
    optional = ("runs", "max", "p95", "waited", "p99", "p50", "lost", "attempts")
    return _titled("steps", heads, rows, screen, right=heads[2:], optional=optional)


def failure_lines(figures: Sequence[FailureFigures], screen: Screen) -> list[str]:
    """A table with a row per agent and reason for its attempts to fail; nothing when none did."""
    if not figures:
        return []
    heads = ["agent", "kind", "attempts", "share", "ended", "first", "last", "latest words"]
    rows = [
        [
            *(row.agent, row.kind, str(row.attempts), share(row.share), str(row.ended)),
            *(moment(row.first_at), moment(row.last_at), row.message),
        ]
        for row in figures
    ]
    right = ("attempts", "share", "ended")
    return _titled("failures", heads, rows, screen, right=right, optional=("first", "last"))


def critical_lines(stretches: Sequence[Stretch], screen: Screen) -> list[str]:
    """A table of what the run's duration was spent on; nothing for one step or none."""
    rows = critical_steps(stretches)
    if len(rows) < MIN_CRITICAL:
        return []
    whole = sum(row.duration_s for row in rows) or 1.0
    heads = ["step", "item", "time", "share", *PART_HEADS.values()]
    lines = [
        [
            *(row.step, row.item, seconds(row.duration_s), share(row.duration_s / whole)),
            *(_sum(row.parts.get(part, 0.0)) for part in PART_HEADS),
        ]
        for row in rows
    ]
    optional = ("engine", "queued", "share")
    return _titled("critical path", heads, lines, screen, right=heads[2:], optional=optional)


def attempt_lines(history: History, screen: Screen) -> list[str]:
    """A table of the attempts: all of them when they are few, else those that did not succeed."""
    attempts: Sequence[Attempt] = history.attempts
    title = "attempts"
    if len(attempts) > MAX_ROWS:
        attempts = [one for one in attempts if one.status != "succeeded"]
        title = "attempts that did not succeed"
    if not attempts:
        return []
    heads = ["step", "item", "round", "attempt", "agent", "state", "began", "waited", "time"]
    heads += ["error"]
    rows = [_attempt_row(one) for one in attempts]
    right = ("round", "attempt", "waited", "time")
    return _titled(title, heads, rows, screen, right=right, optional=("began", "waited"))


def _titled(
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    screen: Screen,
    *,
    right: Sequence[str],
    optional: Sequence[str],
) -> list[str]:
    """A heading and a table, at most `MAX_ROWS` long."""
    head, *lines = table(
        heads, rows[:MAX_ROWS], right=right, optional=optional, room=screen.columns
    )
    more = len(rows) - MAX_ROWS
    rest = [screen.paint(f"… {more} more rows: --json has all of them", DIM)] if more > 0 else []
    return ["", screen.paint(title, BOLD), screen.paint(head, DIM), *lines, *rest]


def _step_row(states: Sequence[StepState], row: StepFigures) -> list[str]:
    is_many = row.items > 1
    return [
        readable(row.step),
        _state_words(states),
        str(row.items) if is_many else "",
        str(row.attempts) if row.attempts else "",
        str(row.retries) if row.retries else "",
        seconds(_wall_s(states)),
        seconds(row.spread.p50_s) if is_many else "",
        seconds(row.spread.p90_s) if is_many else "",
        _sum(row.lost_to_retries_s),
    ]


def _sum(total_s: float) -> str:
    """Time added up; less than a tenth of a millisecond is nothing worth a cell."""
    return seconds(total_s) if total_s >= 0.0001 else ""


def _state_words(states: Sequence[StepState]) -> str:
    """The step's own state, and how its items ended where it has several."""
    own = [one for one in states if not one.item]
    items = [one for one in states if one.count is None]
    if len(states) == 1 or not items:
        one = states[0]
        by = f" by {readable(one.blocked_by)}" if one.blocked_by else ""
        return ", ".join([state(one.status) + by, *special_words(one)])
    counts: dict[str, int] = {}
    for one in items:
        counts[one.status] = counts.get(one.status, 0) + 1
    words = ", ".join(f"{number} {word}" for word, number in counts.items())
    special = _special_items(items)
    if not own:
        return (words if len(counts) > 1 else state(items[0].status)) + special
    return state(own[0].status) + (f": {words}" if len(counts) > 1 else "") + special


def _special_items(items: Sequence[StepState]) -> str:
    """How many items came to their value in another way than by a call of their own."""
    turned = sum(bool(one.fallback) and one.status == "succeeded" for one in items)
    reused = sum(one.reused is not None for one in items)
    words = [f"{turned} by fallback" if turned else "", f"{reused} reused" if reused else ""]
    return "".join(f", {word}" for word in words if word)


def _wall_s(states: Sequence[StepState]) -> float | None:
    """Seconds from the first start to the last end; None for what was never run."""
    ran = [one for one in states if one.status not in ("blocked", "skipped", "waiting")]
    starts = [one.started_at for one in ran if one.started_at is not None]
    ends = [one.finished_at for one in ran if one.finished_at is not None]
    return max(0.0, max(ends) - min(starts)) if starts and ends else None


def _attempt_row(one: Attempt) -> list[str]:
    return [
        readable(one.step),
        one.item,
        round_name(one.round),
        str(one.attempt),
        one.agent,
        state(one.status),
        moment(one.started_at)[11:],
        _sum(one.waited_s),
        seconds(one.duration_s),
        one.failure.message if one.failure else "",
    ]


def whole(history: History, screen: Screen) -> list[str]:
    """Everything that is told at the end of a run."""
    return [
        headline(history, screen),
        *result_lines(history, screen),
        *step_lines(history, screen),
        *agent_lines(agent_figures([history]), screen),
    ]
