"""Budgets: what the calls of a pipeline may come to, and what they have come to so far.

In: a call about to be made, or one that ended. Out: whether it may be made. A call counts against the
budget of every pipeline around it; when one of them is spent, the run pauses: what is open ends and is
kept, and a resume with a larger budget goes on. `cost` and `tokens` of a call are those its agent declares,
or are read from the reply.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from misydsl.pipeline.policies import Budget
from misydsl.runner.program import AgentCode
from misydsl.runner.state import Course, Job, Spent, State
from misydsl.values import Value


def admits(state: State, job: Job) -> bool:
    """Whether the budgets around a call still allow it; it counts from here on."""
    course: Course | None = job.unit.course
    while course is not None:
        if course.budget is not None and (words := _spent(course.budget, course.spent)):
            name = course.code.name
            state.overspent = state.overspent or f"the budget of `{name}` is spent: {words}"
            return False
        course = course.parent
    charge(job.unit.course, calls=1)
    return True


def charge(course: Course, *, calls: int = 0, cost: float = 0.0, tokens: int = 0) -> None:
    """Count something against a pipeline and all around it."""
    around: Course | None = course
    while around is not None:
        spent = around.spent
        spent.calls += calls
        spent.cost += cost
        spent.tokens += tokens
        around = around.parent


def usage_of(agent: AgentCode, reply: Value) -> tuple[float, int]:
    """Cost and tokens of one call of an agent."""
    cost = _measure(agent.layer.get("cost"), reply)
    return float(cost), int(_measure(agent.layer.get("tokens"), reply))


def _spent(budget: Budget, spent: Spent) -> str | None:
    if budget.calls is not None and spent.calls >= budget.calls:
        return f"{spent.calls:,} of {budget.calls:,} calls were made"
    if budget.cost is not None and spent.cost >= budget.cost:
        return f"{spent.cost:g} of a cost of {budget.cost:g}"
    if budget.tokens is not None and spent.tokens >= budget.tokens:
        return f"{spent.tokens:,} of {budget.tokens:,} tokens were used"
    return None


def _measure(declared: Value, reply: Value) -> float:
    """What a setting says: a number, or the place of one in the reply (`usage.total_tokens`)."""
    if not isinstance(declared, str):
        return 0.0 if declared is None else float(cast("float", declared))
    found: Value = reply
    for name in declared.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(cast("float", found)) if is_number else 0.0
