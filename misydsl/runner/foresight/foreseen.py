"""What foresight comes to: the nouns that doors show.

In: made by `foresee`. Out: frozen records of texts, numbers and None, nothing of the engine in them. Times
are seconds; *most* holds whatever fails, *likely* is drawn from past runs, *least* holds for every run that
succeeds. None is what cannot be known, and `if_as_before` then takes the counts of the last run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from misydsl.runner.foresight.amounts import Amount, Number
from misydsl.runner.foresight.caching import CacheForecast
from misydsl.runner.foresight.nodes import Kind, Role

Origin = Literal["bound", "environment", "declared", "default"]
"""Why an agent is where it is: given to the run, by a variable, by its text, or by nobody."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity of a run."""

    most: Number | None
    likely: Number | None = None
    least: Number = 0
    if_as_before: Number | None = None
    """The most, with as many items as in the last run; None where `most` is known."""
    limit: Number | None = None
    """What the pipeline allows: its `budget` or `deadline`."""
    amount: Amount | None = None
    """The most, as it depends on counts of items."""


@dataclass(frozen=True, slots=True)
class StepForecast:
    """One step, or a block that runs besides one; in the order of the tree."""

    path: str
    title: str | None
    depth: int
    """How many steps it stands in."""
    role: Role
    kinds: tuple[Kind, ...]
    """What it does; several where an `else` may be taken."""
    targets: tuple[str, ...]
    """The agents or pipelines it calls."""
    is_conditional: bool
    """Whether only the run knows if it is done."""
    times: Amount
    """How often it is done in the whole run, at most: items and rounds."""
    items: int | None
    """Of its `for`, when it is begun once; None where only the run counts them, or without one."""
    is_fan: bool
    last_items: int | None
    median_items: float | None
    rounds: int
    calls: Amount
    """At most; of the step itself, not of steps in it."""
    requests: Amount
    attempts: int | None
    """Of one call; None for what calls no agent."""
    timeout_s: float | None
    """Of one attempt, or for a person's answer."""
    item_s: float | None
    """One item of it, at most."""
    longest_s: float | None
    """All of it, when begun once, at most."""
    likely_s: float | None
    cache: CacheForecast | None


@dataclass(frozen=True, slots=True)
class AgentPlace:
    """Where an agent is; `trouble` says why it cannot be called there."""

    place: str
    origin: Origin
    source: str = ""
    """The variable or the file that says so."""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class AgentForecast:
    """One agent of the program."""

    name: str
    where: AgentPlace
    concurrency: int
    rate_per_s: float | None
    calls: Figure
    requests: Figure


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a run may come to."""

    pipeline: str
    title: str | None
    steps: tuple[StepForecast, ...]
    agents: tuple[AgentForecast, ...]
    calls: Figure
    requests: Figure
    """What goes out: attempts, hedged ones twice."""
    time_s: Figure
    cost: Figure | None
    """None where no agent says what it costs."""
    tokens: Figure | None
    asked_s: float
    """What agents that ask for patience (`Retry-After`) may add to one call."""
    critical_path: tuple[str, ...]
    """Paths of the steps that no run is shorter than, by likely times, else by the longest."""
    is_path_likely: bool
    past_runs: int
    without_past: tuple[str, ...]
    """Steps whose likely time is not known."""
    warnings: tuple[str, ...]
