"""What a reason is looked for in, and what comes of it.

In: a run's history and journal, a step of it and an item. Out: `Matter`, which every teller is given, and
`Told`, which every teller gives back: sentences, differences, commands to type next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from misydsl.history.states import Attempt, History, StepState
from misydsl.runner.past import Address
from misydsl.store.journal import Journal
from misydsl.workspace.reasons import words
from misydsl.workspace.reasons.calls import Difference, MadeCall
from misydsl.workspace.reasons.places import Place

Command = tuple[str, ...]
"""A verb and what follows the run's id: `("approve", "review", "--deny")`."""


@dataclass(frozen=True, slots=True)
class Told:
    """Why."""

    lines: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    compared_with: str | None = None
    """The run whose call the differences are against."""
    commands: tuple[Command, ...] = ()

    def and_then(self, other: Told) -> Told:
        """Both, one after the other."""
        return Told(
            (*self.lines, *other.lines),
            (*self.differences, *other.differences),
            self.compared_with or other.compared_with,
            (*self.commands, *other.commands),
        )


@dataclass(frozen=True, slots=True)
class Matter:
    """One step, or one item of it, and all that is known around it."""

    history: History
    journal: Journal
    step: str
    item: str
    state: StepState | None
    """None where it has not begun."""
    place: Place | None
    """None where the text cannot be read any more."""
    calls: Mapping[Address, MadeCall] = field(default_factory=dict)
    now: float = 0.0
    redoes: Callable[[str], bool] | None = None
    """Whether a step was to be done anew, in a run that was begun `--from` one."""
    is_owned: bool = False
    """Whether a process works on the run now."""

    @property
    def where(self) -> str:
        """The step, with its item in brackets."""
        return words.where(self.step, self.item)

    @property
    def call(self) -> MadeCall | None:
        """Its newest call."""
        here = [one for address, one in self.calls.items() if address[:2] == (self.step, self.item)]
        return here[-1] if here else None

    @property
    def attempts(self) -> list[Attempt]:
        """The attempts of its newest call."""
        here = [
            one for one in self.history.attempts if (one.step, one.item) == (self.step, self.item)
        ]
        newest = here[-1].round if here else 0
        return [one for one in here if one.round == newest]

    def about(self, step: str) -> StepState | None:
        """Another step with the same item."""
        return self.history.steps.get((step, self.item))
