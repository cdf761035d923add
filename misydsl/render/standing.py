"""How each step of a graph stands, over all its items.

In: a `StepGraph` and a `History`. Out: one `Standing` per path: a status, how many of how many are
done, how many failed, and how often it was tried. A step inside a `for` happened once per item; its
standing sums them up, and counts against the items of the loop around it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from misydsl.graph.build import StepGraph, StepNode
from misydsl.history.states import History, StepState
from misydsl.history.status import STEP_DONE, STEP_FINAL, StepStatus

_MOST_TELLING: tuple[StepStatus, ...] = (
    "asking",
    "retrying",
    "running",
    "failed",
    "cancelled",
    "blocked",
    "succeeded",
    "skipped",
)
_INSIDE: Mapping[StepStatus, StepStatus] = {
    "succeeded": "skipped",
    "skipped": "skipped",
    "failed": "blocked",
    "blocked": "blocked",
    "cancelled": "cancelled",
}
"""How a step stands that nothing is known of, inside of one that ended so: it will never run."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One step, or several drawn as one: `total` is None while nobody knows it."""

    status: StepStatus = "waiting"
    done: int = 0
    failed: int = 0
    total: int | None = None
    attempts: int = 0

    @property
    def progress(self) -> str:
        """`3/8 done · 1 failed`, or nothing for a step that happens once."""
        if self.total is None and self.done + self.failed <= 1:
            return f"{self.attempts} attempts" if self.attempts > 1 else ""
        done = f"{self.done}/{self.total} done" if self.total is not None else f"{self.done} done"
        return f"{done} · {self.failed} failed" if self.failed else done


def standings(graph: StepGraph, history: History) -> list[Standing]:
    """The standing of every node of the graph, by its number."""
    by_path: dict[str, list[StepState]] = {}
    for state in history.steps.values():
        by_path.setdefault(state.step, []).append(state)
    found: list[Standing] = []
    for node in graph.nodes:
        own = _own_states(by_path.get(node.path, []))
        if own or node.parent is None:
            found.append(_within_loop(node, _summed(own), graph.nodes, found))
        else:
            found.append(Standing(_INSIDE.get(found[node.parent].status, "waiting")))
    return found


def together(standings_: Iterable[Standing]) -> Standing:
    """Several steps drawn as one: each counts as one."""
    every = list(standings_)
    ended = sum(one.status in STEP_DONE for one in every)
    failed = sum(one.status == "failed" for one in every)
    return Standing(_status([one.status for one in every]), ended, failed, len(every))


def _own_states(states: list[StepState]) -> list[StepState]:
    """The states of the step itself, without those of the items it fans out to."""
    fans = {state.item for state in states if state.count is not None}
    return [state for state in states if not _is_within(state.item, fans)] if fans else states


def _is_within(item: str, fans: set[str]) -> bool:
    """Whether it is an item of one of these fan-outs; a key may itself contain slashes."""
    while item:
        item = item.rpartition("/")[0]
        if item in fans:
            return True
    return False


def _summed(states: Sequence[StepState]) -> Standing:
    if not states:
        return Standing()
    if len(states) == 1 and states[0].count is None:
        only = states[0]
        failed = int(only.status == "failed")
        done = int(only.status in STEP_DONE)
        return Standing(only.status, done, failed, None, only.attempts)
    attempts = max(state.attempts for state in states)
    status = _status([state.status for state in states])
    if any(state.count is not None for state in states):
        total = sum(state.count or 0 for state in states)
        done = sum(state.done for state in states)
        return Standing(status, done, sum(state.failed for state in states), total, attempts)
    return replace(together(_summed([state]) for state in states), attempts=attempts)


def _status(statuses: Sequence[StepStatus]) -> StepStatus:
    """One word for many: what is going on now, else the worst end."""
    kinds: set[StepStatus] = set(statuses)
    if "waiting" in kinds and not kinds.isdisjoint(STEP_FINAL):
        kinds.add("running")  # some are through and some are not: it is under way
    return next((status for status in _MOST_TELLING if status in kinds), "waiting")


def _within_loop(
    node: StepNode, own: Standing, nodes: Sequence[StepNode], before: Sequence[Standing]
) -> Standing:
    """A step inside a `for` counts against the items of the nearest loop around it."""
    if node.loop or own.done + own.failed == 0:
        return own
    parent = node.parent
    while parent is not None:
        if nodes[parent].loop:
            total = before[parent].total
            unfinished = total is not None and own.done + own.failed < total
            going_on = unfinished and own.status == "succeeded"
            status = (
                "running" if going_on and before[parent].status not in STEP_FINAL else own.status
            )
            return replace(own, total=total, status=status)
        parent = nodes[parent].parent
    return own
