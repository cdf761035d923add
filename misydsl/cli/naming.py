"""How steps, rounds and sources are called where people read them.

In: paths, numbers and words as the journal has them. Out: the same in plain words: `booked · undo`,
`on failure · tell-team`, round `2.3`, `the cache of run …`. Machines get what the journal has.
"""

from __future__ import annotations

from typing import Final

from misydsl.history.states import StepState
from misydsl.workspace.reasons.words import round_name

__all__ = ["readable", "round_name", "source_words", "special_words"]

_BETWEEN: Final = " · "


def readable(path: str, item: str = "") -> str:
    """A step's path, with its fallbacks, undo and handlers in words, and its item in brackets."""
    if ":" not in path:
        return f"{path}[{item}]" if item else path
    words: list[str] = []
    was_part = True
    for name in path.split("/"):
        is_part = name.startswith(":")
        word = _part(name) if is_part else name
        if is_part or was_part:
            words.append(word)
        else:
            words[-1] += f"/{word}"
        was_part = is_part
    shown = _BETWEEN.join(words)
    return f"{shown}[{item}]" if item else shown


def _part(name: str) -> str:
    """`:on-failure` is `on failure`, `:fallback-2` is `fallback 2`."""
    return name[1:].replace("-", " ")


def source_words(reused: str) -> str:
    """Where a result was taken from."""
    kept, _, run = reused.rpartition(" ")
    return f"the cache of run {run}" if kept == "cache" else f"run {run}"


def special_words(state: StepState) -> list[str]:
    """What is out of the ordinary about how a step came to its value."""
    words = []
    if state.rounds:
        words.append("1 round" if state.rounds == 1 else f"{state.rounds:,} rounds")
    if state.fallback:
        words.append("fallback" if state.fallback == 1 else f"fallback {state.fallback}")
    if state.reused is not None:
        words.append(f"from {source_words(state.reused)}")
    return words
