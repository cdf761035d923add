"""Figures as flat records: the same names, in the same order, as the columns of their DataFrames.

In: rows of `figures`. Out: dictionaries of texts, numbers and None; times stay Unix seconds. JSON, CSV
and DataFrames are all made from these, so they cannot disagree about a name.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TypeAlias

from misydsl.metrics.figures import AgentFigures, FailureFigures, Spread, StepFigures

Figures: TypeAlias = AgentFigures | StepFigures | FailureFigures
Record: TypeAlias = dict[str, str | int | float | None]


def names_of(kind: type[Figures]) -> list[str]:
    """The names a record of this kind has, in order."""
    return [
        name
        for one in fields(kind)
        for name in (Spread._fields if one.name == "spread" else (one.name,))
    ]


def record_of(row: Figures) -> Record:
    """One row, flat: percentiles stand where the spread stood, agents are joined by commas."""
    found: Record = {}
    for one in fields(row):
        value = getattr(row, one.name)
        if one.name == "spread":
            found.update(value._asdict())
        elif one.name == "agents":
            found["agents"] = ", ".join(value) or None
        else:
            found[one.name] = value
    return found
