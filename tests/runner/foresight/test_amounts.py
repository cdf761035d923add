"""Amounts: exact where nothing is unknown, and never over any measure."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from misydsl.runner.foresight.amounts import NOTHING, UTMOST, Amount, amount, larger, total
from misydsl.runner.foresight.wording import (
    amount_text,
    cost_text,
    count_text,
    over_deadline,
    span_text,
)

COUNTS = [{"a": one, "b": other} for one, other in product((0, 1, 7), (0, 2))]
amounts = st.dictionaries(
    st.sampled_from([(), ("a",), ("b",), ("a", "b")]), st.integers(1, 1000)
).map(Amount)


@given(amounts, amounts, st.integers(0, 50))
def test_amounts_add_and_multiply_like_the_numbers_they_become(
    left: Amount, right: Amount, factor: int
) -> None:
    for counts in COUNTS:
        one, other = left.at(counts), right.at(counts)
        assert one is not None
        assert other is not None
        assert total([left, right]).at(counts) == one + other
        assert left.times(factor).at(counts) == one * factor
        most = larger(left, right).at(counts)
        assert most is not None
        assert most >= max(one, other)


def test_an_amount_is_known_when_nothing_is_to_be_counted() -> None:
    assert amount(3).known == 3
    assert NOTHING.known == 0
    assert amount(3, ("a",)).known is None
    assert amount(3, ("a",)).at({}) is None
    assert total([amount(1, ("a",)), amount(2, ("b", "a"))]).unknowns == ("a", "b")


def test_what_no_run_comes_to_stays_where_it_is() -> None:
    huge = amount(10**300)
    assert huge.known == UTMOST
    assert huge.times(10**300).known == UTMOST
    assert huge.times(1e300).known == UTMOST
    assert amount(UTMOST, ("a", "a")).at({"a": 10**6}) == UTMOST
    assert count_text(UTMOST) == cost_text(UTMOST) == "countless"
    assert span_text(UTMOST) == "forever"


def test_amounts_read_as_sums_with_the_names_of_what_is_counted() -> None:
    assert amount_text(NOTHING) == "0"
    assert amount_text(amount(1204)) == "1,204"
    assert amount_text(total([amount(3, ("s",)), amount(1, ("s", "t")), amount(4)])) == (
        "4 + 3 × n(s) + n(s) × n(t)"
    )
    many = total(amount(1, (name,)) for name in "abcde")
    assert amount_text(many) == "n(a) + n(b) + n(c) + …"
    assert amount_text(amount(0.25), told=cost_text) == "0.25"


def test_times_are_told_no_finer_than_anybody_plans_by() -> None:
    told = {0: "0s", 0.04: "40ms", 2: "2s", 2.14: "2.1s", 59.96: "60s", 93.4: "1m33s"}
    assert {seconds: span_text(seconds) for seconds in told} == told
    assert span_text(3 * 3600 + 125) == "3h2m"
    assert span_text(86_400 * 3 + 3700) == "3d1h"
    assert span_text(None) == count_text(None) == cost_text(None) == "?"
    assert count_text(2.6) == "3"
    words = over_deadline("p", takes_s=61, deadline_s=60, is_likely=True)
    assert words == "`p` likely takes 1m1s and has a deadline of 1m: it would fail then"
