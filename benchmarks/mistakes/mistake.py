"""The nouns: a mistake, and what a person who read the words of a tool judged of them.

In: the folders beside this module. Out: `Mistake`s in the order of their folders. Which line of the output
tells, whether it names the place and whether it names a cure is judged by people and kept in `judged.toml`;
when and whether a tool notices at all is never judged, it is tried out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
NO = "no"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was made of a tool's words; without `words` it had none, with `missing` no such thing."""

    words: tuple[str, ...] = ()
    """A part of each line that tells, in the order they are said."""
    place: str = NO
    cure: str = NO
    note: str = ""
    missing: str = ""

    @property
    def is_full(self) -> bool:
        """Whether the words name the line and a cure."""
        return self.place.startswith("line") and self.cure != NO


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake, and what is judged of each tool by its name."""

    folder: Path
    title: str
    judged: Mapping[str, Judgement]


def mistakes() -> tuple[Mistake, ...]:
    """All of them, in order."""
    return tuple(_read(path.parent) for path in sorted(HERE.glob("*/judged.toml")))


def _read(folder: Path) -> Mistake:
    facts = tomllib.loads((folder / "judged.toml").read_text(encoding="utf-8"))
    title = facts.pop("title")
    return Mistake(folder, title, {tool: _judgement(one) for tool, one in facts.items()})


def _judgement(facts: dict[str, str | list[str]]) -> Judgement:
    words = tuple(facts.pop("words", ()))
    return Judgement(words=words, **{key: str(value) for key, value in facts.items()})
