"""Words in pictures: clean, short, and never wider than their room."""

from __future__ import annotations

import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misydsl.render.text import LONGEST_LABEL, clean, clip, escape_xml, width, wrap

SIZE = 13.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Análisis\n de\ttendencias ", "Análisis de tendencias"),
        ("\u202eevil\u202c", "evil"),
        ("\u2066a\u2069b", "a b"),
        ("a\ud800b", "a b"),
        ("a\x00\x07b", "a b"),
        ("👩\u200d👧 sí", "👩\u200d👧 sí"),
        ("x" * 10_000, "x" * (LONGEST_LABEL - 1) + "…"),
        ("", ""),
    ],
)
def test_labels_are_one_short_clean_line(text: str, expected: str) -> None:
    assert clean(text) == expected


@given(st.text())
def test_clean_text_has_no_characters_that_act(text: str) -> None:
    shown = clean(text)
    assert len(shown) <= LONGEST_LABEL
    assert not {unicodedata.category(one) for one in shown} & {"Cc", "Cs", "Co", "Zl", "Zp"}
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\ufeff")
    shown.encode()


@given(st.text(), st.floats(20, 300))
def test_clipped_text_fits_its_room(text: str, room: float) -> None:
    shown = clip(clean(text), room, SIZE)
    assert width(shown, SIZE) <= room + 0.01
    assert shown == clean(text) or shown.endswith("…")


@given(st.text(), st.floats(30, 300), st.integers(1, 4), st.booleans())
def test_wrapped_lines_fit_their_room(text: str, room: float, lines: int, bold: bool) -> None:
    wrapped = wrap(clean(text), room, SIZE, lines=lines, bold=bold)
    assert 1 <= len(wrapped) <= lines
    assert all(width(line, SIZE, bold=bold) <= room + 0.01 for line in wrapped)


def test_lines_break_between_words_and_a_long_word_inside() -> None:
    assert wrap("Guión por cada tema", 80, SIZE, lines=3) == ["Guión por", "cada tema"]
    assert wrap("uno dos tres cuatro cinco", 60, SIZE, lines=2) == ["uno dos", "tres cu…"]
    broken = wrap("a" * 30, 80, SIZE, lines=5)
    assert len(broken) > 1
    assert "".join(broken) == "a" * 30
    assert wrap("", 80, SIZE, lines=2) == [""]


def test_accents_are_as_wide_as_their_letters_and_ideographs_wider() -> None:
    assert width("áñü", SIZE) == width("anu", SIZE)
    assert width("a\u0301", SIZE) == width("a", SIZE)
    assert width("漢", SIZE) > width("M", SIZE)
    assert width("→", SIZE) >= width("e", SIZE)
    assert width("щ", SIZE) > 0
    assert width("a", SIZE, bold=True) > width("a", SIZE)


@given(st.text())
def test_escaped_words_come_back_as_they_were(text: str) -> None:
    line = clean(text)
    element = ET.fromstring(f'<a b="{escape_xml(line)}">{escape_xml(line)}</a>')
    assert (element.text or "", element.get("b")) == (line, line)
