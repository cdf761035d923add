"""What a run says in numbers: its tables, its critical path, its charts.

In: a run's history and facts. Out: DataFrames with documented columns, and charts. Everything is read
from the journal when it is asked for, so yesterday's runs and running ones answer alike.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from misydsl.clock import SYSTEM_CLOCK
from misydsl.history.states import History
from misydsl.history.status import RUN_FINAL
from misydsl.pipeline.model import Library, Pipeline
from misydsl.store.journal import Journal

if TYPE_CHECKING:
    from misydsl.metrics.columns import DataFrame
    from misydsl.metrics.critical import Stretch
    from misydsl.workspace.charts import Chart

Program = tuple[Pipeline, Library]


class RunTables(ABC):
    """The tables of one run."""

    id: str
    journal: Journal

    @abstractmethod
    def history(self) -> History:
        """What has happened so far."""

    @abstractmethod
    def program(self) -> Program:
        """The pipeline as its text was when the run was accepted; raises `SourceInvalid`."""

    @property
    def steps(self) -> DataFrame:
        """One row per step and item; columns as in `misydsl.metrics.frames.steps_frame`."""
        from misydsl.metrics.frames import steps_frame

        return steps_frame(self.history())

    @property
    def attempts(self) -> DataFrame:
        """One row per attempt; columns as in `misydsl.metrics.frames.attempts_frame`."""
        from misydsl.metrics.frames import attempts_frame

        return attempts_frame(self.history())

    @property
    def agents(self) -> DataFrame:
        """One row per agent; columns as in `misydsl.metrics.frames.agents_frame`."""
        from misydsl.metrics.frames import agents_frame

        return agents_frame([self.history()])

    @property
    def events(self) -> DataFrame:
        """One row per fact, in order; columns as in `misydsl.metrics.frames.events_frame`."""
        from misydsl.metrics.frames import events_frame

        return events_frame(list(self.journal.read(self.id)))

    @property
    def failures(self) -> DataFrame:
        """One row per agent and reason; columns as in `misydsl.metrics.frames.failures_frame`."""
        from misydsl.metrics.frames import failures_frame

        return failures_frame([self.history()])

    def results(self, *, explode: bool = False) -> DataFrame:
        """One row per step and item with its value; `explode` takes lists and records apart.

        Columns as in `misydsl.metrics.results.results_frame`.
        """
        from misydsl.metrics.results import results_frame

        return results_frame(self.history(), explode=explode)

    def critical_path(self) -> DataFrame:
        """What the run's duration was spent on, step by step; durations add up to the run's.

        Columns as in `misydsl.metrics.critical_frame.critical_frame`.
        """
        from misydsl.metrics.critical_frame import critical_frame

        return critical_frame(self.id, critical_of(self.history(), self.journal, self.program))

    def timeline(self) -> Chart:
        """When what happened, as a picture: calls, retries, queues, failures, the critical path."""
        from misydsl.workspace.charts import timeline_chart

        history = self.history()
        critical = critical_of(history, self.journal, self.program)
        return timeline_chart(history, critical, until=now_of(history, self.journal))

    def latency(self) -> Chart:
        """How long the calls of each agent took, as a picture; `agents` has the numbers."""
        from misydsl.workspace.charts import latency_chart

        return latency_chart(self.history())


def now_of(history: History, journal: Journal) -> float | None:
    """Now, for a run that somebody works on; None when nothing of it goes on."""
    if history.status in RUN_FINAL or journal.find(history.id).owner is None:
        return None
    return SYSTEM_CLOCK.wall()


def critical_of(
    history: History, journal: Journal, program: Callable[[], Program]
) -> list[Stretch]:
    """The stretches of a run's critical path; without the text's order where it cannot be read."""
    from misydsl.failures import MisyError
    from misydsl.metrics.critical import absences_of, critical_stretches
    from misydsl.metrics.waits import Waits, waits_of

    try:
        waits = waits_of(*program())
    except MisyError:  # a text of another version: times are known still
        waits = Waits()
    absences = absences_of(journal.read(history.id)) if history.owners > 1 else []
    until = now_of(history, journal)
    return critical_stretches(history, waits, absences=absences, until=until)
