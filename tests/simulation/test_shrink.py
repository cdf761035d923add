"""Shrinking keeps the breach and loses the rest."""

from __future__ import annotations

import pytest

from misydsl.history.fold import History
from tests.simulation.oracle import Oracle
from tests.simulation.play import Broken, Play
from tests.simulation.shrink import shrunk
from tests.simulation.world import Story


def test_a_breach_is_told_with_a_smaller_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def judge(play: Play, story: Story, oracle: Oracle, history: History) -> None:
        assert "undo {" not in play.written.text, "nobody may undo anything"

    monkeypatch.setattr(Play, "_judge", judge)
    play = next(
        play
        for play in map(Play, range(50))
        if play.written.text.count("\n") > 60 and "undo {" in play.written.text
    )
    with pytest.raises(Broken) as broken:
        play.perform(0)
    smaller = str(shrunk(play, 0, broken.value))
    program = smaller[: smaller.index("---- life")]
    assert "undo {" in program
    assert program.count("\n") < play.written.text.count("\n") / 3
