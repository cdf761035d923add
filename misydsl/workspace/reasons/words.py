"""The words of `misy why`, and how quantities read in them.

In: names, numbers, failures. Out: whole sentences, one a line; lines that belong to the one before are
indented. Written for somebody who was woken up: what happened first, then why, then what to type.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from misydsl.failures import Failure
from misydsl.history.events import BoundAgent
from misydsl.history.states import Attempt
from misydsl.runner.units import ROUND_STRIDE
from misydsl.values import duration_text

INDENT: Final = "  "
ABSENT: Final = "(none)"
UNKNOWN: Final = "(not recorded)"
CODE_BEFORE: Final = "as it was"
CODE_AFTER: Final = "changed since"
_PARTS: Final = {"type": "reply type", "code": "agent's code", "place": "agent's place",
                 "version": "agent's version"}  # fmt: skip
_SHOWN_NAMES: Final = 8
_LOADED: Final = re.compile(r"^(python:.+)_[0-9a-f]{8}(:.+)$")
"""The place of a function of a loaded file, whose module has a digest in its name."""

ONLY_COMPUTES: Final = "It only computes: no agent was called."
NO_CACHE_FOR_EFFECTS: Final = (
    "It was called in spite of its `cache:`, because what an `undo` takes back is always done anew."
)
NO_CACHE: Final = "It was called because nothing could be reused: it has no `cache:`, and this run builds on no other."
NEVER_BEFORE: Final = "It was called because there was nothing to reuse: no earlier run in this journal has a finished call of it."
NOT_READABLE: Final = "The run's text can no longer be read, so only what was recorded is told."


def where(step: str, item: str = "") -> str:
    """A step, with its item in brackets."""
    return f"`{step}[{item}]`" if item else f"`{step}`"


def span(seconds: float) -> str:
    """`12 ms`, `2.8 s`, `5 min`, `7 h 02 min`, `3 days`."""
    if seconds < 0.9995:
        return f"{max(0.0, seconds) * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours < 48 else f"{hours // 24} days"


def counted(number: int, one: str, many: str) -> str:
    """`1 item`, `3 items`."""
    return f"{number:,} {one if number == 1 else many}"


def round_name(number: int) -> str:
    """`3`, and `2.3` for the third round inside of the second one of another `repeat`."""
    parts: list[str] = []
    while number > 0:
        number, part = divmod(number - 1, ROUND_STRIDE)
        parts.insert(0, str(part + 1))
    return ".".join(parts)


def listed(names: Sequence[str]) -> str:
    """`a`, `b` and `c`; of many the first."""
    quoted = [f"`{name}`" for name in names[:_SHOWN_NAMES]]
    if len(names) > _SHOWN_NAMES:
        return f"{', '.join(quoted)} and {len(names) - _SHOWN_NAMES:,} more"
    return " and ".join(filter(None, (", ".join(quoted[:-1]), *quoted[-1:])))


def agent_words(agent: BoundAgent) -> str:
    """An agent, where it is and which version."""
    about = [_LOADED.sub(r"\1\2", agent.url), f"version {agent.version}" if agent.version else ""]
    told = ", ".join(part for part in about if part)
    return f"{agent.name} ({told})" if told else agent.name


# ------------------------------------------------------------------ calls


def called(step: str, agent: str, *, attempts: int, took_s: float | None) -> str:
    """It succeeded."""
    took = "" if took_s is None else f", in {span(took_s)}"
    if attempts <= 1:
        return f"{step} succeeded: it called {agent} once{took}."
    return f"{step} succeeded: {agent} answered at attempt {attempts}{took} in all."


def difference(part: str, before: str, after: str) -> str:
    """One part that is not the same."""
    name = _PARTS.get(part, f"input `{part[6:]}`" if part.startswith("input ") else part)
    if after == CODE_AFTER:
        return f"{INDENT}{name}: {after}"
    return f"{INDENT}{name}: {before} → {after}"


def differs(run: str, ago_s: float, *, is_one: bool) -> str:
    """The cache had nothing equal."""
    what = "this is" if is_one else "these are"
    return (
        f"It was called because no equal call was in the cache. Compared with run {run}, "
        f"{span(ago_s)} before, {what} different:"
    )


def too_old(run: str, ago_s: float, limit_s: float | None) -> str:
    """There was an equal call, too long ago."""
    limit = "" if limit_s is None else f", and `cache: {duration_text(limit_s)}` allows less"
    return f"It was called although run {run} made an equal call: that was {span(ago_s)} before{limit}."


def not_asked(run: str, ago_s: float) -> str:
    """There was an equal call, young enough."""
    return (
        f"It was called although run {run} made an equal call {span(ago_s)} before. That is not "
        "recorded, but it happens when a run does not ask the cache (`misy run --no-cache`)."
    )


def lacks_cache_before(run: str, ago_s: float) -> str:
    """The earlier call was not kept."""
    return (
        f"It was called because the equal call of run {run}, {span(ago_s)} before, was not kept: "
        "the step had no `cache:` then."
    )


def builds_on(base: str, why: str) -> str:
    """The run has a base."""
    return f"This run builds on run {base} (`misy {why}`)."


def asked_anew(step: str, from_step: str) -> str:
    """`--from` asked for it."""
    if step == from_step or step.endswith(f"/{from_step}"):
        return f"It was called anew because `--from {from_step}` asked for it."
    return f"It was called anew because it depends on `{from_step}`, which `--from` asked for."


def base_differs(run: str, *, is_one: bool) -> str:
    """It is not the call of the base."""
    what = "this is" if is_one else "these are"
    return f"It was called because {what} different from its call in run {run}:"


def base_without(run: str, state: str) -> str:
    """The base had no result to take over."""
    return f"It was called because run {run} has no result of it: it {state} there."


def base_gone(run: str) -> str:
    """The base was forgotten."""
    return (
        f"What differs from run {run} is not known: it is not in the journal any more (`misy gc`)."
    )


BASE_EQUAL: Final = "Its call is equal to the one there; it was made all the same, which the journal does not explain."
HANDLER_ANEW: Final = "It was called anew because `on failure` and `on finish` speak of their own run: nothing of them is taken over."


def undone_there(run: str) -> str:
    """Its effect is gone."""
    return f"It was called anew because it was undone in run {run}."


def reused_from_cache(step: str, agent: str, run: str, ago_s: float | None) -> str:
    """The cache had it."""
    ago = "" if ago_s is None else f", {span(ago_s)} before"
    return f"{step} was not called: the cache had an equal call of {agent}, made in run {run}{ago}."


def reused_from_run(step: str, run: str, why: str) -> str:
    """The base had it."""
    return f"{step} was not called: its result is that of run {run}, on which this run builds (`misy {why}`)."


def equal_parts(agent: str, inputs: Sequence[str]) -> str:
    """What was the same."""
    given = f"its inputs {listed(inputs)}" if inputs else "its inputs, of which there are none"
    return f"Equal were {agent} with its type and code, and {given}."


def of_round(number: int) -> str:
    """Which round of a `repeat` is told."""
    return f"This is what happened in round {round_name(number)}, the last one."


# ------------------------------------------------------------------ attempts


def attempt_line(one: Attempt) -> str:
    """One attempt."""
    waited = f", after {span(one.waited_s)} in the queue" if one.waited_s >= 0.05 else ""
    head = f"{INDENT}attempt {one.attempt}{waited}"
    took = "" if one.duration_s is None else f" after {span(one.duration_s)}"
    if one.failure is not None and one.status != "succeeded":
        follows = ""
        if one.retry_at is not None and one.ended_at is not None:
            follows = f"; the next one {span(one.retry_at - one.ended_at)} later"
        return f"{head} {one.status}{took}: {failure_words(one.failure)}{follows}"
    if one.status == "lost":
        return f"{head} was lost: the process that made it ended before its reply"
    return f"{head} {one.status}{took}"


def failure_words(failure: Failure) -> str:
    """Kind, status and message."""
    status = failure.status
    known = status is None or str(status) in failure.message
    return f"{failure.kind}{'' if known else f' {status}'}: {failure.message}"


def failed(step: str, failure: Failure, *, after_s: float | None = None) -> str:
    """It failed."""
    took = "" if after_s is None else f" after {span(after_s)}"
    return f"{step} failed{took}: {failure_words(failure)}."


NO_RETRY: Final = "It was not tried again: it has no `retry:`, so there is one attempt."
OVER_RESTARTS: Final = (
    "It was not tried again: its attempts are used up, over the restarts of the run."
)


def used_up(attempts: int) -> str:
    """All attempts were made."""
    return f"It was not tried again: `retry:` allows {counted(attempts, 'attempt', 'attempts')}, and all were made."


def not_listed(kind: str, status: int | None, listed_on: Sequence[str | int]) -> str:
    """The failure is none that is tried again."""
    what = f"`{kind}`" if status is None else f"`{kind}` {status}"
    on = ", ".join(map(str, listed_on))
    return f"It was not tried again: `on` of its `retry:` lists {on}, and this is {what}."


BREAKER: Final = (
    "The agent had failed so often that its `breaker:` was open: it was not even called."
)


def fallback_failed(failure: Failure) -> str:
    """It came to nothing either."""
    return f"failed: {failure_words(failure)}"


def fallback_line(number: int, words: str) -> str:
    """What came of one fallback."""
    return f"{INDENT}fallback {number} {words}"


# ------------------------------------------------------------------ the rest


def skipped(step: str, conditions: Sequence[str]) -> str:
    """Its condition was false."""
    shown = " and ".join(f"`{one}`" for one in conditions)
    was = "were" if len(conditions) > 1 else "was"
    return f"{step} was skipped: {shown or 'its condition'} {was} false."


def name_line(name: str, value: str | None) -> str:
    """What a name stood for."""
    return f"{INDENT}`{name}` is not recorded" if value is None else f"{INDENT}`{name}` was {value}"


def blocked(step: str, chain: Sequence[str]) -> str:
    """Something it needs failed."""
    needs = " needs ".join(f"`{one}`" for one in chain)
    return f"{step} was never run: {needs}, which failed."


def because(reason: str) -> str:
    """The reason of another step, in one line."""
    return f"{INDENT}{reason}"


def failed_in(inner: str) -> str:
    """A step made of steps failed by one of them."""
    return f"That was in {inner}."


def turned(failure: Failure) -> str:
    """It had turned to its fallback."""
    return f"It had turned to its fallback, because of {failure_words(failure)}:"


def advice(text: str) -> str:
    """What to do."""
    return f"What helps: {text}."


STATUSES: Final = {
    "waiting": "was not begun",
    "running": "did not end",
    "retrying": "did not end",
    "asking": "was not answered",
    "succeeded": "succeeded, but not by a call like this one,",
    "skipped": "was skipped",
    "failed": "failed",
    "blocked": "was blocked",
    "cancelled": "was cancelled",
}
