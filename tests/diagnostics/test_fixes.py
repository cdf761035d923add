"""Fixes are applied whole, in any order, and never over one another."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from misydsl.diagnostics import Diagnostic, Edit, Fix
from misydsl.diagnostics.fixes import edited, mend
from misydsl.source import Source, Span

SOURCE = Source("a.misy", "uno dos tres\n")


def wrong(*edits: tuple[int, int, str], source: Source = SOURCE) -> Diagnostic:
    """A diagnostic whose fix makes these edits."""
    made = tuple(Edit(Span(start, end), text) for start, end, text in edits)
    return Diagnostic("E0100", "wrong", source, made[0].span, fix=Fix("mend it", made))


def test_fixes_that_stand_apart_are_applied_together() -> None:
    mended = mend(SOURCE, [wrong((8, 12, "3")), wrong((0, 3, "1"))])
    assert mended.text == "1 dos 3\n"
    assert len(mended.applied) == 2
    assert mended.waiting == ()


def test_of_two_fixes_at_one_place_the_second_waits() -> None:
    first, second = wrong((0, 3, "1")), wrong((2, 6, "x"))
    mended = mend(SOURCE, [first, second])
    assert (mended.text, mended.applied, mended.waiting) == ("1 dos tres\n", (first,), (second,))


def test_two_insertions_at_one_place_have_no_order_so_one_waits() -> None:
    mended = mend(SOURCE, [wrong((3, 3, ",")), wrong((3, 3, ";"))])
    assert mended.text == "uno, dos tres\n"
    assert len(mended.waiting) == 1


def test_an_edit_beside_a_long_one_waits_too() -> None:
    assert mend(SOURCE, [wrong((0, 12, "todo")), wrong((4, 7, "2"))]).text == "todo\n"
    assert mend(SOURCE, [wrong((4, 7, "2")), wrong((0, 12, "todo"))]).text == "uno 2 tres\n"


def test_a_fix_of_several_edits_is_applied_whole_or_not_at_all() -> None:
    mended = mend(SOURCE, [wrong((4, 7, "2")), wrong((0, 3, "1"), (4, 7, "x"))])
    assert mended.text == "uno 2 tres\n"


def test_a_fix_whose_own_edits_overlap_is_never_applied() -> None:
    assert mend(SOURCE, [wrong((0, 5, "1"), (3, 7, "2"))]).text == SOURCE.text


def test_a_fix_of_another_file_or_no_fix_changes_nothing() -> None:
    other = wrong((0, 3, "1"), source=Source("b.misy", SOURCE.text))
    none = Diagnostic("E0100", "wrong", SOURCE, Span(0, 3))
    mended = mend(SOURCE, [other, none])
    assert (mended.text, mended.applied, mended.waiting) == (SOURCE.text, (), ())


@given(st.lists(st.tuples(st.integers(0, 13), st.integers(0, 4), st.text(max_size=3)), max_size=8))
def test_what_is_applied_is_what_the_edits_say(edits: list[tuple[int, int, str]]) -> None:
    found = [wrong((start, min(start + size, 13), text)) for start, size, text in edits]
    mended = mend(SOURCE, found)
    assert len(mended.applied) + len(mended.waiting) == len(found)
    taken = [edit for one in mended.applied if one.fix for edit in one.fix.edits]
    assert mended.text == edited(SOURCE.text, taken)
    added = sum(len(edit.text) - (edit.span.end - edit.span.start) for edit in taken)
    assert len(mended.text) == len(SOURCE.text) + added
