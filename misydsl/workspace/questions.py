"""Questions: what the steps of a run ask people, and which of them somebody answers.

In: a history. Out: the open questions, and the one that a step's name means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from misydsl.diagnostics.similar import similar
from misydsl.failures import MisyError
from misydsl.history.states import History, StepState
from misydsl.values import Value, decode_json


@dataclass(frozen=True, slots=True)
class Question:
    """One `human.approve` that waits."""

    step: str
    item: str
    round: int
    message: str
    to: str | None
    """Whom it is for, in the pipeline's own words."""
    show: Value
    """What the person is to look at."""
    options: tuple[str, ...]
    asked_at: float
    """Unix seconds UTC."""

    @property
    def where(self) -> str:
        """The step, with its item in brackets."""
        return f"{self.step}[{self.item}]" if self.item else self.step


def open_questions(history: History) -> tuple[Question, ...]:
    """The questions nobody has answered yet, the oldest first."""
    return tuple(sorted(map(question_of, _asking(history)), key=lambda one: one.asked_at))


def asking_count(history: History) -> int:
    """How many questions nobody has answered yet, without reading them."""
    return sum(1 for _ in _asking(history))


def one_question(
    questions: Sequence[Question], step: str | None, item: str | None, *, run: str
) -> Question:
    """The question that is meant; raises `MisyError` when there is none, or more than one."""
    found = [
        one
        for one in questions
        if (step is None or step in (one.step, one.where) or one.step.endswith(f"/{step}"))
        and (item is None or item == one.item)
    ]
    if len(found) == 1:
        return found[0]
    names = [one.where for one in questions]
    if not names:
        raise MisyError(f"run {run} asks nobody anything now")
    if not found:
        near = similar(step or "", names)
        hint = f"Did you mean `{near}`?" if near else f"It asks in: {', '.join(names[:8])}"
        raise MisyError(f"run {run} asks nothing in `{step}` now. {hint}")
    several = ", ".join(one.where for one in found[:8])
    raise MisyError(f"run {run} asks several things now, say which: {several}")


def question_of(state: StepState) -> Question:
    """What the step asks; `state.question` must not be None."""
    asked = cast("Mapping[str, Value]", decode_json(bytes(state.question or b"{}")))
    options = cast("list[str]", asked.get("options") or [])
    to = asked.get("to")
    return Question(
        step=state.step,
        item=state.item,
        round=state.round,
        message=str(asked.get("message", "")),
        to=None if to is None else str(to),
        show=asked.get("show"),
        options=tuple(options),
        asked_at=state.started_at or 0.0,
    )


def _asking(history: History) -> Iterator[StepState]:
    return (
        one
        for one in history.steps.values()
        if one.question is not None and one.status in ("asking", "waiting")
    )
