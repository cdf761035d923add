"""Forecasts as people hold them: a plan of a run, as tables, text, page or data.

In: what the engine foresees. Out: a frozen `Forecast`. It shows itself in a notebook and in a terminal; `steps`
and `agents` are DataFrames; `as_dict` is what `misy plan --json` gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from misydsl.runner.foresight.foreseen import Foreseen

if TYPE_CHECKING:
    from misydsl.metrics.columns import DataFrame


@dataclass(frozen=True, slots=True, repr=False)
class Forecast:
    """What a run of a pipeline may come to; nothing was called to know it."""

    facts: Foreseen

    @property
    def pipeline(self) -> str:
        """The name of the pipeline."""
        return self.facts.pipeline

    @property
    def warnings(self) -> tuple[str, ...]:
        """Limits that the worst case exceeds, and what only a run will know."""
        return self.facts.warnings

    @property
    def critical_path(self) -> tuple[str, ...]:
        """The steps that no run is shorter than, in order."""
        return self.facts.critical_path

    @property
    def most_calls(self) -> int | float | None:
        """Different calls at most; None where that is known only in the run."""
        return self.facts.calls.most

    @property
    def most_requests(self) -> int | float | None:
        """What goes out at most: attempts, hedged ones twice."""
        return self.facts.requests.most

    @property
    def longest_s(self) -> float | None:
        """Seconds at most; None where that is known only in the run."""
        return None if self.facts.time_s.most is None else float(self.facts.time_s.most)

    @property
    def likely_s(self) -> float | None:
        """Seconds by the medians of past runs; None without them."""
        return None if self.facts.time_s.likely is None else float(self.facts.time_s.likely)

    @property
    def steps(self) -> DataFrame:
        """One row per step; columns as in `misydsl.workspace.forecast_frames.steps_frame`."""
        from misydsl.workspace.forecast_frames import steps_frame

        return steps_frame(self.facts)

    @property
    def agents(self) -> DataFrame:
        """One row per agent; columns as in `misydsl.workspace.forecast_frames.agents_frame`."""
        from misydsl.workspace.forecast_frames import agents_frame

        return agents_frame(self.facts)

    def as_dict(self) -> dict[str, object]:
        """All of it as JSON-ready data."""
        from misydsl.workspace.forecast_data import data_of

        return data_of(self.facts)

    def __repr__(self) -> str:
        from misydsl.workspace.forecast_tables import text_of

        return text_of(self.facts)

    def _repr_html_(self) -> str:
        from misydsl.workspace.forecast_tables import html_of

        return html_of(self.facts)
