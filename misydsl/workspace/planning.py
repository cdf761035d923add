"""Planning: what a run of a pipeline may come to, before anything is called.

In: a pipeline, inputs, bindings and a journal, as a run would be given them. Out: a `Forecast`. Files of agents
given to the run are loaded, to know what they bind; no agent is called, nothing is recorded, no folder or
journal is made.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from misydsl.agents.registry import Binding
from misydsl.failures import JournalUnusable
from misydsl.headroom import with_headroom
from misydsl.language.collector import collector_paused
from misydsl.runner.foresight.caching import Lookup
from misydsl.runner.foresight.foresee import Outlook, foresee
from misydsl.runner.shelf import Shelf
from misydsl.store.journal import Journal, Memo
from misydsl.values import Value
from misydsl.workspace.forecasts import Forecast
from misydsl.workspace.pasts import past_of
from misydsl.workspace.whereabouts import Whereabouts


@dataclass(frozen=True, slots=True)
class Intention:
    """What would be run, and with what."""

    shelf: Shelf
    inputs: Mapping[str, Value]
    journal: Journal
    agents: Mapping[str, Binding]
    agent_files: Sequence[Path | str] = ()
    asks_cache: bool = True


def forecast(intention: Intention) -> Forecast:
    """What it may come to; raises `InputsInvalid`, `PipelineTooLarge` and what files of agents raise."""
    shelf, journal = intention.shelf, intention.journal
    environment = dict(os.environ)
    whereabouts = Whereabouts(intention.agents, intention.agent_files, environment)
    program = shelf.take()
    try:
        names = [agent.name for agent in program.agents]
        outlook = Outlook(
            inputs=intention.inputs,
            environment=environment,
            past=past_of(journal, shelf.pipeline.name, names),
            place_of=whereabouts.place_of,
            identity_of=whereabouts.identity_of,
            lookup=_lookup(journal) if intention.asks_cache else None,
        )
        with collector_paused():
            facts = with_headroom(lambda: foresee(program, shelf.library, outlook))
    finally:
        shelf.give_back(program)
    return Forecast(facts)


def _lookup(journal: Journal) -> Lookup:
    def find(key: str) -> Memo | None:
        try:
            return journal.recall(key)
        except JournalUnusable:  # one of an earlier version has no cache, and reading makes it none
            return None

    return find
