"""Steps that are to be alone: whose turn it is, whatever begins and ends when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from misydsl.runner.alone import Turns


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.randoms())
def test_whoever_is_to_be_alone_is_and_everybody_has_a_turn(
    exclusive: Sequence[bool], chance: Any
) -> None:
    turns = Turns(exclusive)
    coming, open_, ended = list(range(len(exclusive))), list[int](), list[int]()
    chance.shuffle(coming)
    while len(ended) < len(exclusive):
        if coming and (not open_ or chance.random() < 0.6):
            index = coming.pop()
            if turns.may_begin(index):
                open_.append(index)
        else:
            index = open_.pop(chance.randrange(len(open_)))
            ended.append(index)
            for one in turns.ended(index):
                assert turns.may_begin(one)
                open_.append(one)
        assert len(open_) <= 1 or not any(exclusive[one] for one in open_)
        assert open_ or coming or len(ended) == len(exclusive), "somebody waits for ever"


def test_they_begin_in_the_order_in_which_they_could() -> None:
    turns = Turns([False, True, False, False])
    assert turns.may_begin(0)
    assert not turns.may_begin(1)
    assert not turns.may_begin(2)
    assert not turns.may_begin(3)
    assert turns.ended(0) == [1]
    assert turns.ended(1) == [2, 3]
