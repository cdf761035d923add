"""The words of foresight: what a plan warns of.

In: figures. Out: sentences, each with what it means and what can be done.
"""

from __future__ import annotations

from collections.abc import Callable

from misydsl.runner.foresight.amounts import UTMOST, Amount, Number
from misydsl.values import duration_text


def count_text(number: Number | None) -> str:
    """`1,024`; `?` for what is not known."""
    if number is None:
        return "?"
    if number >= UTMOST:
        return "countless"
    return f"{number:,}" if isinstance(number, int) else f"{number:,.0f}"


def amount_text(
    amount: Amount, *, told: Callable[[Number], str] | None = None, terms: int = 3
) -> str:
    """`4 + 3 × n(scripts)`: with the counts that only the run knows by the name of their `for`."""
    told = told or count_text
    parts = [
        " × ".join(
            [
                *([] if number == 1 and path else [told(number)]),
                *(f"n({each})" for each in path),
            ]
        )
        for path, number in sorted(amount.terms.items(), key=lambda term: len(term[0]))
    ]
    return " + ".join([*parts[:terms], *(["…"] if len(parts) > terms else [])]) or "0"


def span_text(seconds: float | None) -> str:
    """`1m33s`, `2.1s`, `40ms`: no finer than anybody plans by; `?` for what is not known."""
    if seconds is None:
        return "?"
    if seconds >= UTMOST:
        return "forever"
    if seconds < 1:
        return f"{seconds * 1000:.0f}ms" if seconds else "0s"
    if seconds < 60:
        return f"{seconds:.1f}s".replace(".0s", "s")
    unit = 1 if seconds < 3_600 else 60 if seconds < 86_400 else 3_600
    return duration_text(round(seconds / unit) * unit)


def cost_text(cost: Number | None) -> str:
    """`0.12`, `1,204.5`; `?` for what is not known."""
    if cost is None:
        return "?"
    if cost >= UTMOST:
        return "countless"
    return f"{cost:,.4f}".rstrip("0").rstrip(".")


def over_budget(pipeline: str, what: str, *, most: Number, allowed: Number, is_open: bool) -> str:
    """A budget that the worst case exceeds."""
    if what == "cost":
        spent, budget = f"a cost of {cost_text(most)}", cost_text(allowed)
    else:
        spent, budget = f"{count_text(most)} {what}", count_text(allowed)
    more = " or more" if is_open else ""
    return (
        f"`{pipeline}` may come to {spent}{more} and its budget is {budget}: it would pause there"
    )


def over_deadline(pipeline: str, *, takes_s: float, deadline_s: float, is_likely: bool) -> str:
    """A deadline that may pass."""
    how = "likely takes" if is_likely else "may take"
    takes, allowed = span_text(takes_s), span_text(deadline_s)
    return f"`{pipeline}` {how} {takes} and has a deadline of {allowed}: it would fail then"


def uncounted(path: str, *, last: int | None) -> str:
    """A `for` whose items only the run counts."""
    before = "" if last is None else f"; {count_text(last)} in the last run"
    return f"`{path}`: how many items it has is only known in the run{before}"


def unmeasured(agent: str, what: str) -> str:
    """An agent whose replies say what they cost."""
    return f"`{agent}` says its {what} in its replies: the most cannot be known before"


def waits_for_people(path: str) -> str:
    """A question that may stay open for ever."""
    return f"`{path}` waits for a person as long as it takes: no time is counted for it"


def not_given(name: str) -> str:
    """An input that a run needs."""
    return f"the input `{name}` is not given: what depends on it is not known"


def unreachable(agent: str, trouble: str) -> str:
    """An agent that no run could call."""
    return f"`{agent}` cannot be called: {trouble}"


def about(path: str, words: str) -> str:
    """A remark on a step, or on the whole pipeline."""
    return f"`{path}`: {words}" if path else words
