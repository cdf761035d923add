"""The words of `misy why` about what goes on, waits, or is made of other steps.

In: names, numbers, times. Out: whole sentences, one a line; as in `words`, whose second half this is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from misydsl.failures import Failure
from misydsl.values import duration_text
from misydsl.workspace.reasons.words import INDENT, counted, failure_words, listed, span

_WAITING_FOR: Final = {
    "waiting": "not begun",
    "running": "running",
    "retrying": "between two attempts",
    "asking": "waiting for a person",
    "cancelled": "cancelled",
    "failed": "failed",
    "blocked": "blocked",
}


def running(step: str, agent: str | None, *, attempt: int, of: int | None, for_s: float) -> str:
    """A call is open."""
    if agent is None:
        return f"{step} is running, since {span(for_s)}."
    which = f", attempt {attempt}" + (f" of {of}" if of is not None and of > 1 else "")
    return f"{step} is running: it called {agent} {span(for_s)} ago{which if attempt > 1 or (of or 1) > 1 else ''}."


def allowed(timeout_s: float) -> str:
    """How long the open attempt may take."""
    return f"The attempt may take {duration_text(timeout_s)} (`timeout:`)."


def retrying(step: str, attempt: int, of: int | None) -> str:
    """Between two attempts."""
    total = f" of {of}" if of is not None else ""
    return f"{step} waits for attempt {attempt}{total}:"


def due(in_s: float) -> str:
    """When."""
    return (
        "The next attempt is due now." if in_s <= 0 else f"The next attempt is due in {span(in_s)}."
    )


def asking(step: str, to: str | None, for_s: float) -> str:
    """A person is to answer."""
    whom = to or "a person"
    return f"{step} waits for {whom}, who was asked {span(for_s)} ago:"


def question(text: str, options: Sequence[str]) -> str:
    """What is asked."""
    choice = f" [{' / '.join(options)}]" if options else ""
    return f"{INDENT}{text}{choice}"


def answer_within(left_s: float) -> str:
    """The step has a `timeout`."""
    if left_s <= 0:
        return "The time for an answer has passed."
    return f"Without an answer it fails in {span(left_s)} (`timeout:`)."


NO_LIMIT_TO_ANSWER: Final = "It waits as long as it takes, over restarts too."


def waits_for(step: str, needs: Mapping[str, str]) -> str:
    """Open dependencies."""
    told = [f"`{path}` ({_WAITING_FOR.get(status, status)})" for path, status in needs.items()]
    shown = ", ".join(told[:8]) + (f" and {len(told) - 8} more" if len(told) > 8 else "")
    return f"{step} has not begun: it waits for {shown}."


def outer_waits(step: str, outer: str) -> str:
    """The step around it has not begun."""
    return f"{step} has not begun, as `{outer}`, in which it stands, has not."


def ready(step: str) -> str:
    """Nothing it waits for is open."""
    return (
        f"{step} has not begun, though nothing it waits for is open: it is about to, or it queues "
        "at the limits of its agent (`concurrency`, `rate`)."
    )


def was_begun(step: str) -> str:
    """Begun by an owner that stopped."""
    return f"{step} was begun and has not ended; whoever worked on the run stopped before that."


def inside_of(step: str, outer: str, status: str) -> str:
    """The step around it ended before it had a turn."""
    verb = "failed" if status == "failed" else f"was {status}"
    return f"{step} was never begun: `{outer}`, in which it stands, {verb}."


def run_paused(reason: str | None) -> str:
    """The run is paused."""
    return f"The run is paused: {reason}." if reason else "The run is paused."


ENDS: Final = {"succeeded": "succeeded", "failed": "failed", "cancelled": "was cancelled"}
RUN_ABANDONED: Final = "Nobody works on the run: its process ended before the run did."


def never(step: str, run_status: str) -> str:
    """The run is over."""
    return f"{step} was never begun: the run {run_status} before that."


def not_chosen(step: str, outer: str) -> str:
    """It stands in another branch."""
    return f"{step} was never begun: `{outer}`, in which it stands, went another way."


def not_needed(step: str, outer: str, word: str) -> str:
    """A part nobody needed."""
    return f"{step} was never begun: {word} of {outer} was not needed."


def not_needed_yet(step: str, outer: str, word: str) -> str:
    """A part nobody has needed so far."""
    return f"{step} has not begun: {word} of {outer} has not been needed so far."


PARTS: Final = {
    ":fallback": "the `fallback`",
    ":undo": "the `undo`",
    ":on-failure": "the `on failure`",
    ":on-finish": "the `on finish`",
}
PIPELINE: Final = "the pipeline"


def cancelled(step: str, by: str | None) -> str:
    """Stopped with the run."""
    who = f" by {by}" if by else ""
    return f"{step} was stopped when the run was cancelled{who}."


def stopped(step: str, failure: Failure) -> str:
    """Stopped with its pipeline."""
    return f"{step} was stopped, because its pipeline was failing: {failure_words(failure)}."


def stopped_itself(step: str, reason: str) -> str:
    """Stopped, and why is only said at the step."""
    return f"{step} was stopped: {reason}."


# ------------------------------------------------------------------ steps made of others


def group(step: str, status: str, inner: Sequence[str], took_s: float | None) -> str:
    """A step made of steps."""
    took = "" if took_s is None else f" in {span(took_s)}"
    made = f"It is made of {listed(inner)}." if inner else "There are no steps in it."
    return f"{step} {status}{took}. {made}"


def items(step: str, count: int, words: Mapping[str, int], *, limit: int | None) -> str:
    """A `for`."""
    ended = ", ".join(f"{number:,} {word}" for word, number in words.items())
    allowed_ = "" if not limit else f"; {counted(limit, 'may', 'may')} fail"
    return f"{step} is done once for each of {counted(count, 'item', 'items')}: {ended or 'none has begun'}{allowed_}."


NO_ITEMS: Final = "Its list was empty, so there was nothing to do."


def items_reused(number: int) -> str:
    """Some were not called."""
    return f"{counted(number, 'item was', 'items were')} not called: equal calls were known."


def item_failed(item: str, failure: Failure) -> str:
    """One item."""
    return f"{INDENT}[{item}] failed: {failure_words(failure)}"


def more_failed(number: int) -> str:
    """The rest."""
    return f"{INDENT}… {counted(number, 'more item', 'more items')} failed"


def rounds(step: str, number: int, until: str) -> str:
    """A `repeat` that came to its end."""
    return f"{step} took {counted(number, 'round', 'rounds')}: then `until {until}` was true."


def rounds_kept(step: str, number: int, until: str) -> str:
    """A `repeat` whose rounds ran out."""
    return (
        f"{step} took {counted(number, 'round', 'rounds')}, which is all it may; `until {until}` was not true, "
        '`exhausted: "keep"` took the last result.'
    )


def rounds_so_far(number: int, of: int | None) -> str:
    """A `repeat` at work."""
    total = f" of at most {of}" if of is not None else ""
    return f"{counted(number, 'round is', 'rounds are')} over{total}."


def turned_and_succeeded(step: str, number: int) -> str:
    """A fallback gave the value."""
    which = "its fallback" if number == 1 else f"its fallback {number}"
    return f"{step} failed, and {which} gave the result in its place:"


def first_reason(failure: Failure) -> str:
    """Why it turned to it."""
    return f"{INDENT}the step itself failed: {failure_words(failure)}"


def answered(
    step: str, by: str | None, comment: str | None, *, is_yes: bool, after_s: float
) -> str:
    """A person answered."""
    what = "approved" if is_yes else "denied"
    said = f", saying “{comment}”" if comment else ""
    return f"{step} was {what} by {by or 'somebody'} after {span(after_s)}{said}."


def answer_taken_over(step: str, run: str) -> str:
    """The same question had been answered."""
    return f"{step} asked nobody: the same question was answered in run {run}."


def computed(step: str) -> str:
    """No agent."""
    return f"{step} succeeded. It only computes: no agent was called."


ORDER: Final = (
    *("succeeded", "skipped", "failed", "blocked", "cancelled"),
    *("running", "retrying", "asking", "waiting"),
)
"""How the items of a `for` are counted."""
TELLING: Final = (
    *("failed", "asking", "retrying", "blocked", "running", "cancelled"),
    *("skipped", "waiting", "succeeded"),
)
"""Which item says most about its step."""


def round_line(number: int, agent: str, took_s: float | None, reused: str | None) -> str:
    """One round that called."""
    if reused is not None:
        return f"{INDENT}round {number}: not called, taken from {reused}"
    took = "" if took_s is None else f" in {span(took_s)}"
    return f"{INDENT}round {number}: {agent} answered{took}"
