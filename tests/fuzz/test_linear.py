"""Checking is linear: four times the text takes about four times the work.

The work is counted, not timed: every function called, Python's own ones too. So the tests say the same on
every machine, and a pass that looks back at all it has read is found where it is still quick.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Final

import pytest

from misydsl.language.check import check_source
from misydsl.source import Source
from tests.fuzz.law import keep_the_form
from tests.fuzz.shapes import SHAPES, Made

SIZE: Final = 100
MOST: Final = 5.0  # four would be linear; what counts names with names is bounded later


def work_of(text: str) -> int:
    """How many functions are called to check a text."""
    calls = 0

    def count(_frame: FrameType, _event: str, _arg: object) -> None:
        nonlocal calls
        calls += 1

    source = Source("x.misy", text)
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        checked = check_source(source)
    finally:
        sys.setprofile(before)
    keep_the_form(checked.diagnostics, source)
    return calls


@pytest.mark.parametrize("made", SHAPES.values(), ids=SHAPES.keys())
def test_four_times_the_text_is_about_four_times_the_work(made: Made) -> None:
    check_source(Source("x.misy", made(1)))  # what is only done once in a process
    assert work_of(made(4 * SIZE)) <= MOST * work_of(made(SIZE))
