"""The page on metrics tells of every column there is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from misydsl.history.states import History
from misydsl.metrics import frames
from misydsl.metrics.comparison import ComparedRun
from misydsl.metrics.comparison_frame import comparison_frame
from misydsl.metrics.critical_frame import critical_frame
from misydsl.metrics.results import results_frame

if TYPE_CHECKING:
    import pandas as pd

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
SECTIONS: dict[str, Callable[[], pd.DataFrame]] = {
    "run.steps": lambda: frames.steps_frame(History()),
    "run.attempts": lambda: frames.attempts_frame(History()),
    "run.events": lambda: frames.events_frame([]),
    "run.agents": lambda: frames.agents_frame([]),
    "run.failures": lambda: frames.failures_frame([]),
    "misydsl.runs()": lambda: frames.runs_frame([]),
    "run.results()": lambda: results_frame(History(), explode=True),
    "run.critical_path()": lambda: critical_frame("r", []),
    "misydsl.compare(a, b)": lambda: comparison_frame(
        ComparedRun(History(), {}), ComparedRun(History(), {})
    ),
}


@pytest.mark.parametrize("title", SECTIONS)
def test_every_column_stands_in_its_section_of_the_page(title: str) -> None:
    sections = PAGE.read_text("utf-8").split("\n## ")
    (section,) = (one for one in sections if one.startswith(f"`{title}`"))
    told = set(re.findall(r"`(\w+)`", section))
    assert set(SECTIONS[title]().columns) <= told
