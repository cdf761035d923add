"""What a live board shows of a run: few rows, however large the run is.

In: the steps of the pipeline, the history so far, the time, and how many rows there is room for. Out:
`Overview`: plain rows and counts. Steps that are at work come first when the room is short; of a `for`
with 1,000 items only the ones that are running or waiting for another attempt are named.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from misydsl.cli.naming import readable, round_name, source_words
from misydsl.cli.tables import seconds
from misydsl.graph.build import StepGraph, StepNode
from misydsl.history.states import History, StepState
from misydsl.history.status import STEP_DONE, STEP_FINAL
from misydsl.workspace.questions import question_of

MAX_ITEMS: Final = 6  # active items named under one step
_ACTIVE: Final = ("asking", "running", "retrying")
# A group of items stands at the first of these words that one of them has.
_BY_WEIGHT: Final = (
    *("asking", "running", "retrying", "failed", "waiting", "cancelled"),
    *("blocked", "succeeded", "skipped"),
)


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One line of the board."""

    name: str
    status: str
    attempts: int
    duration_s: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the board shows."""

    name: str
    run: str
    status: str
    elapsed_s: float
    done: int
    failed: int
    total: int
    progress: float
    """0 to 1: the steps of the pipeline that have ended, those that loop by their items."""
    retries: int
    rows: tuple[BoardRow, ...]
    hidden: str
    """Counts of the steps there was no room for; empty when all are shown."""
    reason: str = ""
    """Why the run is paused; empty while it is not."""


def overview(graph: StepGraph, history: History, *, now: float, room: int = 24) -> Overview:
    """The board of a run at a moment, in at most `room` rows."""
    states = _by_step(history.steps.values())
    shown = [node for node in _in_order(graph) if node.role == "body" or node.path in states]
    leaves = {node.path for node in shown if not graph.children.get(node.id)}
    named = {node.path: node for node in shown}
    blocks = [
        _block(named.get(path, path), states.get(path, ()), now, names_items=path in leaves)
        for path in _with_parts(list(named), states)
    ]
    kept, hidden = _fitting(blocks, room)
    roots = [states.get(graph.nodes[number].path, ()) for number in graph.roots]
    top = [_status(root) for root in roots]
    began = history.accepted_at if history.accepted_at is not None else now
    return Overview(
        name=history.title or history.pipeline,
        run=history.id,
        status=history.status,
        elapsed_s=max(0.0, (history.finished_at or now) - began),
        done=sum(status in STEP_DONE for status in top),
        failed=sum(status in ("failed", "blocked") for status in top),
        total=len(top),
        progress=sum(_progress(root) for root in roots) / len(roots) if roots else 0.0,
        retries=sum(state.retries for state in history.steps.values()),
        rows=tuple(row for block in kept for row in block),
        hidden=_hidden(hidden),
        reason=history.pause_reason or "",
    )


_Block = list[BoardRow]


def _by_step(states: Iterable[StepState]) -> Mapping[str, Sequence[StepState]]:
    found: defaultdict[str, list[StepState]] = defaultdict(list)
    for state in states:
        found[state.step].append(state)
    return found


def _status(states: Sequence[StepState]) -> str:
    """The word for a step: its own where it stands alone, else that of its weightiest item."""
    if not states:
        return "waiting"
    own = [state.status for state in states if not state.item]
    words = own or [state.status for state in states]
    return min(words, key=_BY_WEIGHT.index)


def _in_order(graph: StepGraph) -> list[StepNode]:
    """Every step after the one around it, as in the text."""
    ordered: list[StepNode] = []
    ahead = [node.id for node in reversed(graph.nodes) if node.parent is None]
    while ahead:
        number = ahead.pop()
        ordered.append(graph.nodes[number])
        ahead.extend(reversed(graph.children.get(number, ())))
    return ordered


def _with_parts(paths: list[str], states: Iterable[str]) -> list[str]:
    """With the fallbacks, undos and handlers that ran: before their own steps, else after their owner."""
    found = list(paths)
    for part in states:
        owner, _, name = part.rpartition("/")
        if part in found or not name.startswith(":"):
            continue
        inner = (at for at, path in enumerate(found) if path.startswith(f"{part}/"))
        around = [at for at, path in enumerate(found) if f"{path}/".startswith(f"{owner}/")]
        place = next(inner, (around[-1] + 1) if owner and around else len(found))
        found.insert(place, part)
    return found


def _progress(states: Sequence[StepState]) -> float:
    """How much of a step has ended, 0 to 1."""
    if _status(states) in STEP_FINAL:
        return 1.0
    count = sum(state.count or 0 for state in states)
    ended = sum(state.done + state.failed for state in states)
    return ended / count if count else 0.0


def _block(
    node: StepNode | str, states: Sequence[StepState], now: float, *, names_items: bool
) -> _Block:
    path = node if isinstance(node, str) else node.path
    label = readable(path.rpartition("/")[2]) if isinstance(node, str) else node.label
    indent = "  " * path.count("/")
    head = BoardRow(
        name=indent + label,
        status=_status(states),
        attempts=sum(state.attempts for state in states),
        duration_s=_duration(states, now),
        note=_note(states, now),
    )
    return [head, *(_items(states, indent, now) if names_items else ())]


def _note(states: Sequence[StepState], now: float) -> str:
    """What else there is to say: counts of a `for`, the next attempt, why it failed."""
    if len(states) > 1 or any(state.count is not None for state in states):
        return _counts(states)
    if states:
        return _news(states[0], now)
    return ""


def _counts(states: Sequence[StepState]) -> str:
    items = [state for state in states if state.count is None]
    total = sum(state.count or 0 for state in states) or len(items)
    count = Counter(state.status for state in items)
    done = count["succeeded"] + count["skipped"]
    parts = [f"{done}/{total} done"]
    parts += [f"{count[word]} {word}" for word in (*_ACTIVE, "failed", "blocked") if count[word]]
    turned = sum(bool(state.fallback) for state in items)
    parts += [f"{turned} by fallback"] if turned else []
    reused = sum(state.reused is not None for state in items)
    parts += [f"{reused} reused"] if reused else []
    return " · ".join(parts)


def _news(state: StepState, now: float) -> str:
    """What there is to say about one step or item."""
    parts = [_round(state)]
    if state.status == "asking" and state.question is not None:
        question = question_of(state)
        parts.append(f"asks {question.to or 'a person'}: {question.message}")
    elif state.status == "retrying" and state.next_attempt_at is not None:
        parts.append(_next_attempt(state, state.next_attempt_at - now))
    elif state.blocked_by:
        parts.append(f"needs {readable(state.blocked_by)}")
    elif state.failure and state.status == "failed":
        parts.append(state.failure.message)
    elif state.status == "running" and state.agent and not state.fallback:
        parts.append(f"calls {state.agent}")
    if state.fallback and state.turned_by and state.status != "failed":
        parts.append(f"fallback {state.fallback}, because: {state.turned_by[-1].message}")
    if state.reused is not None:
        parts.append(f"from {source_words(state.reused)}")
    return " · ".join(part for part in parts if part)


def _round(state: StepState) -> str:
    """Which round it is at, or how many it took; empty outside of a `repeat`."""
    is_over = state.status in STEP_FINAL
    if state.rounds and is_over:
        return "1 round" if state.rounds == 1 else f"{state.rounds} rounds"
    if state.rounds:
        return f"round {state.rounds + 1}"
    return f"round {round_name(state.round)}" if state.round and not is_over else ""


def _next_attempt(state: StepState, left_s: float) -> str:
    wait = f"in {seconds(left_s)}" if left_s >= 0.05 else "now"
    why = f" ({state.failure.message})" if state.failure else ""
    return f"next attempt {wait}{why}"


def _items(states: Sequence[StepState], indent: str, now: float) -> _Block:
    active = [state for state in states if state.item and state.status in _ACTIVE]
    active.sort(key=lambda state: state.started_at or now)
    return [
        BoardRow(
            name=f"{indent}  [{state.item}]",
            status=state.status,
            attempts=state.attempts,
            duration_s=_duration([state], now),
            note=_news(state, now),
        )
        for state in active[:MAX_ITEMS]
        if state.count is None
    ]


def _duration(states: Sequence[StepState], now: float) -> float | None:
    """From the first start to the last end, or to now while something goes on."""
    starts = [state.started_at for state in states if state.started_at is not None]
    if not starts or _status(states) in ("blocked", "skipped"):
        return None
    is_over = _status(states) in STEP_FINAL
    ends = [state.finished_at for state in states if state.finished_at is not None]
    return max(0.0, (max(ends, default=now) if is_over else now) - min(starts))


def _fitting(blocks: Sequence[_Block], room: int) -> tuple[list[_Block], list[_Block]]:
    """The blocks that fit, in their order: what is at work or failed first, then the rest."""
    weight = {"asking": 0, "running": 0, "retrying": 0, "failed": 1}
    order = sorted(range(len(blocks)), key=lambda at: weight.get(blocks[at][0].status, 2))
    kept: set[int] = set()
    for place in order:
        size = len(blocks[place])
        if size > room:
            continue
        kept.add(place)
        room -= size
    return (
        [block for place, block in enumerate(blocks) if place in kept],
        [block for place, block in enumerate(blocks) if place not in kept],
    )


def _hidden(blocks: Sequence[_Block]) -> str:
    if not blocks:
        return ""
    count = Counter(block[0].status for block in blocks)
    words = ", ".join(f"{number} {word}" for word, number in count.items())
    return f"… {len(blocks)} more steps: {words}"
