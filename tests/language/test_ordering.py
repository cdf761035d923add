"""Needed first: groups after what they need, circles found and shown."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from misydsl.language.ordering import circle_path, is_circle, needed_first


@st.composite
def graphs(draw: st.DrawFn) -> list[list[int]]:
    size = draw(st.integers(0, 12))
    numbers = st.integers(0, max(size - 1, 0))
    return [draw(st.lists(numbers, max_size=4)) for _ in range(size)]


@given(graphs())
def test_each_group_stands_after_all_it_needs(needs: list[list[int]]) -> None:
    done: set[int] = set()
    for group in needed_first(needs):
        done.update(group)
        assert {need for number in group for need in needs[number]} <= done
    assert done == set(range(len(needs)))


@given(graphs())
def test_the_path_of_a_circle_goes_round_it(needs: list[list[int]]) -> None:
    for group in needed_first(needs):
        if is_circle(group, needs):
            path = circle_path(group, needs)
            assert path[0] == path[-1] == min(group)
            assert len(path) > 1
            assert all(after in needs[before] for before, after in pairwise(path))


def test_things_without_needs_keep_their_order() -> None:
    assert needed_first([[], [], []]) == [(0,), (1,), (2,)]


def test_a_thing_that_needs_itself_is_a_circle() -> None:
    needs = [[0], []]
    assert [is_circle(group, needs) for group in needed_first(needs)] == [True, False]
    assert circle_path((0,), needs) == [0, 0]


def test_the_shortest_way_round_is_shown() -> None:
    needs = [[1, 2], [2], [0]]
    assert circle_path((0, 1, 2), needs) == [0, 2, 0]


def test_a_chain_of_a_hundred_thousand_needs_no_recursion() -> None:
    count = 100_000
    needs = [[number + 1] if number + 1 < count else [] for number in range(count)]
    assert needed_first(needs)[0] == (count - 1,)
