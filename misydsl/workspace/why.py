"""Why a step ran, was reused, was skipped, failed, is blocked or waits.

In: a run, the path of a step, perhaps an item. Out: an `Explanation`, told from the journal alone, in plain
sentences: what happened, why, and what to type next. Asking calls nothing and records nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from misydsl.clock import SYSTEM_CLOCK, Clock
from misydsl.diagnostics.similar import similar
from misydsl.expressions.evaluate import EvaluationError
from misydsl.failures import MisyError
from misydsl.history.states import History, StepState
from misydsl.pipeline.model import Library, Pipeline
from misydsl.runner.program import Program
from misydsl.runner.shelf import Shelf
from misydsl.store.journal import Journal
from misydsl.workspace.again import redoing
from misydsl.workspace.reasons.calls import Difference, calls_of
from misydsl.workspace.reasons.matter import Command, Matter, Told
from misydsl.workspace.reasons.places import Place, fill, paths_of, place_of, trail
from misydsl.workspace.reasons.told_ends import told_blocked, told_failed, told_skipped
from misydsl.workspace.reasons.told_open import told_cancelled, told_never, told_open
from misydsl.workspace.reasons.told_whole import (
    told_items,
    told_so_far,
    told_succeeded,
    told_whole_of,
)

_WITH_ITEM: Final = re.compile(r"(?P<step>[^\[\]]+)\[(?P<item>.*)\]")
_FROM: Final = re.compile(r"--from (\S+)")
_MOST_NAMED: Final = 12


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a step, or one item of it, stands where it stands."""

    run: str
    step: str
    item: str
    status: str
    """The step's word, or `never begun`, or `items` for a step told by all its items."""
    sentences: tuple[str, ...]
    """One a line; those that belong to the one before are indented."""
    differences: tuple[Difference, ...]
    """The parts of its call that are not those of the call it was compared with."""
    compared_with: str | None
    """The run that call was in, or the one the result came from."""
    commands: tuple[Command, ...]
    """What to type next: a verb, and what follows the run's id."""

    @property
    def text(self) -> str:
        """All of it, for people."""
        typed = [" ".join(("misy", verb, self.run, *rest)) for verb, *rest in self.commands]
        return "\n".join([*self.sentences, *(f"→ {line}" for line in typed)])

    def as_data(self) -> dict[str, object]:
        """JSON-ready."""
        return {
            "runId": self.run,
            "step": self.step,
            "item": self.item,
            "status": self.status,
            "sentences": list(self.sentences),
            "differences": [
                {"part": one.part, "before": one.before, "after": one.after}
                for one in self.differences
            ],
            "comparedWith": self.compared_with,
            "commands": [["misy", verb, self.run, *rest] for verb, *rest in self.commands],
        }

    def __repr__(self) -> str:
        return self.text


def explain(
    history: History,
    journal: Journal,
    program: Callable[[], tuple[Pipeline, Library]],
    *,
    step: str,
    item: str | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> Explanation:
    """Why a step of a run stands where it stands.

    `step` is its path, or the end of one that no other step has; `STEP[ITEM]` means one item.

    Raises: `MisyError` for a step or item that is not there, with the nearest name.
    """
    text = _Text(history, program)
    path, key = _meant(text, step, item)
    own = history.steps.get((path, key or ""))
    items = _items(history, path, key or "")
    if key and own is None:
        raise MisyError(_no_item(history, path, key))
    matter = Matter(
        history=history,
        journal=journal,
        step=path,
        item=key or "",
        state=own,
        place=text.place(path, key or ""),
        calls=calls_of(journal.read(history.id), path),
        now=clock.wall(),
        redoes=text.redoes(),
        is_owned=journal.find(history.id).owner is not None,
    )
    is_loop = own is not None and own.count is not None
    is_of_items = is_loop or (not matter.item and bool(items))
    told = _told_of_items(matter, items) if is_of_items else _told(matter)
    return _explanation(matter, told, is_of_items=is_of_items)


def _items(history: History, step: str, around: str) -> list[StepState]:
    """The items of a step, inside of one of them where one is given."""
    inside = f"{around}/" if around else ""
    return [
        one
        for (path, item), one in history.steps.items()
        if path == step and item.startswith(inside) and item != inside
    ]


def _explanation(matter: Matter, told: Told, *, is_of_items: bool) -> Explanation:
    unbegun = "items" if is_of_items else "never begun"
    return Explanation(
        run=matter.history.id,
        step=matter.step,
        item=matter.item,
        status=unbegun if matter.state is None else matter.state.status,
        sentences=told.lines,
        differences=told.differences,
        compared_with=told.compared_with,
        commands=tuple(dict.fromkeys(told.commands)),
    )


def _told_of_items(matter: Matter, items: list[StepState]) -> Told:
    """A `for`, or a step inside of one: all of its items together."""
    own = matter.state
    if own is not None and own.status in ("blocked", "skipped", "cancelled"):
        return _told(matter)
    # a `for` inside of another one has states of its own among those of its items
    inner = [one for one in items if one.count is None]
    told = told_items(matter, own, inner)
    return told if own is None else told_whole_of(matter, own).and_then(told)


def _told(matter: Matter) -> Told:
    state = matter.state
    if state is None:
        return told_never(matter)
    match state.status:
        case "succeeded":
            return told_succeeded(matter, state)
        case "failed":
            return told_failed(matter, state)
        case "skipped":
            return told_skipped(matter)
        case "blocked":
            return told_blocked(matter, state)
        case "cancelled":
            return told_cancelled(matter, state)
        case "waiting" | "running" | "retrying" | "asking":
            return told_open(matter, state).and_then(told_so_far(matter, state))


class _Text:
    """The run's text, as far as it can still be read."""

    def __init__(self, history: History, program: Callable[[], tuple[Pipeline, Library]]) -> None:
        self._history = history
        self._program: Program | None = None
        self._is_filled = False
        self.pipeline: Pipeline | None = None
        self.library: Library | None = None
        with suppress(MisyError):  # a text of another version: what was recorded is told still
            self.pipeline, self.library = program()
            self._program = Shelf(self.pipeline, self.library).take()
            self._is_filled = _filled(self._program, history)

    def paths(self) -> list[str]:
        """The paths of all steps, known from the text or from the journal."""
        known = dict.fromkeys(step for step, _ in self._history.steps)
        written = [] if self._program is None else paths_of(self._program.course)
        return list(dict.fromkeys((*written, *known)))

    def place(self, path: str, item: str) -> Place | None:
        """Where a step stands."""
        if self._program is None:
            return None
        links = trail(self._program.course, path)
        if not links:
            return None
        return place_of(self._program, self._history, links, item, is_filled=self._is_filled)

    def redoes(self) -> Callable[[str], bool] | None:
        """Which steps a `--from` asked for."""
        accepted = self._history.accepted
        asked = _FROM.search(accepted.why) if accepted is not None else None
        if asked is None or self.pipeline is None or self.library is None:
            return None
        with suppress(MisyError):
            return redoing(self.pipeline, self.library, asked[1])
        return None


def _filled(program: Program, history: History) -> bool:
    """Whether the values of the run could be given to its program."""
    try:
        fill(program, history, os.environ)
    except EvaluationError:  # what it read from the environment is there no more
        return False
    return True


def _meant(text: _Text, step: str, item: str | None) -> tuple[str, str | None]:
    """The step that is meant, and the item."""
    paths = text.paths()
    written = _WITH_ITEM.fullmatch(step)
    if step not in paths and written is not None:
        step, item = written["step"], written["item"]
    found = [step] if step in paths else [one for one in paths if one.endswith(f"/{step}")]
    if len(found) == 1:
        return found[0], item
    if found:
        raise MisyError(
            f"`{step}` may be {' or '.join(f'`{one}`' for one in found[:_MOST_NAMED])}: say which"
        )
    near = similar(step, paths) or similar(step, [one.rpartition("/")[2] for one in paths])
    hint = f"Did you mean `{near}`?" if near else f"It has: {', '.join(paths[:_MOST_NAMED])}"
    name = text.pipeline.name if text.pipeline is not None else "the run"
    raise MisyError(f"`{name}` has no step `{step}`. {hint}")


def _no_item(history: History, step: str, item: str) -> str:
    keys = [key for at, key in history.steps if at == step and key]
    if not keys:
        return f"`{step}` has no items in run {history.id}: ask without --item"
    near = similar(item, keys)
    hint = f"Did you mean `{near}`?" if near else f"It has: {', '.join(keys[:_MOST_NAMED])}"
    return f"`{step}` has no item `{item}` in run {history.id}. {hint}"
