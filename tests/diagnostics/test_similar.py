"""Did you mean: near names are found, far ones are not, and the answer never depends on the order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misydsl.diagnostics.similar import fold, similar


@pytest.mark.parametrize(
    ("name", "candidates", "wanted"),
    [
        ("trend-scam", ["trend-scan", "writer"], "trend-scan"),
        ("trend_scan", ["trend-scan"], "trend-scan"),
        ("trendScan", ["trend-scan"], "trend-scan"),
        ("guion", ["guión", "gui"], "guión"),
        ("timout", ["timeout", "time"], "timeout"),
        ("timeuot", ["timeout"], "timeout"),
        ("joim", ["join", "json"], "join"),
        ("failur", ["failure", "finish"], "failure"),
        ("ss", ["s", "t"], "s"),
        ("xx", ["x", "y"], "x"),
        ("q", ["n", "p"], None),
        ("b", ["a"], None),
        ("topc", ["q", "n"], None),
        ("banana", ["orange", "apple"], None),
        ("", ["a"], None),
        ("x" * 200, ["x" * 199], None),
        ("anything", [], None),
    ],
)
def test_the_name_that_was_meant(name: str, candidates: list[str], wanted: str | None) -> None:
    assert similar(name, candidates) == wanted


def test_of_two_equally_near_names_the_first_in_the_alphabet_wins() -> None:
    assert similar("bat", ["cat", "hat", "bar"]) == "bar"
    assert similar("bat", ["hat", "bar", "cat"]) == "bar"


def test_a_nearer_name_wins_whatever_the_alphabet_says() -> None:
    assert similar("schedule", ["achedles", "schedules"]) == "schedules"


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=8))
def test_the_order_of_candidates_does_not_matter(name: str, candidates: list[str]) -> None:
    assert similar(name, candidates) == similar(name, list(reversed(candidates)))


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=8))
def test_only_a_candidate_is_ever_named(name: str, candidates: list[str]) -> None:
    found = similar(name, candidates)
    assert found is None or found in candidates


@given(st.from_regex(r"[a-zñáéíóú]{3,12}", fullmatch=True))
def test_a_name_is_similar_to_itself_without_accents_and_hyphens(name: str) -> None:
    assert similar(fold(name), [name, "zzzzzzzzzzzzzzzzz"]) == name
