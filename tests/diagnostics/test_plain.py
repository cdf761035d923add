"""How a diagnostic looks as plain text: the shape, and where the caret stands."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misydsl.diagnostics.cells import width
from misydsl.diagnostics.diagnostic import Diagnostic
from misydsl.diagnostics.excerpt import MAX_COLUMNS, excerpt
from misydsl.diagnostics.plain import render_all, render_plain
from misydsl.source import Source, Span


def diagnostic_at(text: str, marked: str, *, help_text: str | None = None) -> Diagnostic:
    start = text.index(marked)
    span = Span(start, start + len(marked))
    source = Source("plan.misy", text)
    return Diagnostic("E0201", "I can't find `x`", source, span, help=help_text)


def mark_of(text: str, marked: str) -> tuple[str, str]:
    """The shown line and its caret line, without the gutter."""
    _, _, line, caret = render_plain(diagnostic_at(text, marked)).splitlines()
    return line.partition("│ ")[2], caret.partition("│ ")[2]


def test_the_shape_is_message_place_line_caret_and_fix() -> None:
    text = "misy 1\n\npipeline p() {\n  step s { call a(q: yy) }\n}\n"
    assert render_plain(diagnostic_at(text, "yy", help_text="write `y`")) == (
        "error[E0201]: I can't find `x`\n"
        "  ┌ plan.misy:4:22\n"
        "4 │   step s { call a(q: yy) }\n"
        "  │                      ^^\n"
        "  = fix: write `y`"
    )


def test_the_gutter_grows_with_the_line_number() -> None:
    shown = render_plain(diagnostic_at("\n" * 99 + "bad", "bad", help_text="x"))
    assert shown.splitlines()[1:] == [
        "    ┌ plan.misy:100:1",
        "100 │ bad",
        "    │ ^^^",
        "    = fix: x",
    ]


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("café: bad", "café: "),
        ("cafe\u0301: bad", "café: "),
        ("日本: bad", "日本: "),
        ("\tbad", "    "),
        ("ab\tbad", "ab  "),
        ("日\tbad", "日  "),
        ("🎉 bad", "🎉 "),
        ("\ufeffbad", ""),
    ],
)
def test_the_caret_stands_under_the_right_column(text: str, before: str) -> None:
    # a wide blank under a wide character: it takes two columns too, and in a page as much as that one
    margin = "".join(
        "\u3000" if unicodedata.east_asian_width(one) in "WF" else " "
        for one in unicodedata.normalize("NFC", before)
    )
    line, caret = mark_of(text, "bad")
    assert unicodedata.normalize("NFC", line) == f"{before}bad"
    assert caret == f"{margin}^^^"
    assert width(margin) == width(before)


def test_wide_characters_get_wide_carets() -> None:
    assert mark_of("x = 日本", "日本")[1] == "    ^^^^"


def test_an_empty_span_gets_one_caret() -> None:
    diagnostic = Diagnostic("E0112", "ends here", Source("p.misy", "step"), Span(4, 4))
    assert render_plain(diagnostic).splitlines()[3] == "  │     ^"


def test_an_empty_file_can_be_pointed_at() -> None:
    diagnostic = Diagnostic("E0112", "ends here", Source("p.misy", ""), Span(0, 0))
    assert render_plain(diagnostic).splitlines() == [
        "error[E0112]: ends here",
        "  ┌ p.misy:1:1",
        "1 │",
        "  │ ^",
    ]


def test_a_span_over_lines_shows_the_first_and_says_that_it_goes_on() -> None:
    assert mark_of("step s {\n  call a()\n}", "{\n  call a()\n}") == ("step s {", "       ^…")


def test_a_line_break_at_the_end_of_a_span_is_not_another_line() -> None:
    assert mark_of("step s\nnext", "step s\n") == ("step s", "^^^^^^")


def test_a_windows_line_break_is_not_shown() -> None:
    assert mark_of("bad\r\nnext", "bad") == ("bad", "^^^")


@pytest.mark.parametrize(("left", "right"), [(300, 300), (0, 300), (300, 0), (90, 40), (10**6, 9)])
def test_a_long_line_is_clipped_around_the_span(left: int, right: int) -> None:
    line, caret = mark_of("a" * left + "HERE" + "b" * right, "HERE")
    assert len(line) <= MAX_COLUMNS
    assert line.startswith("…") == (left > 0)
    assert line.endswith("…") == (right > 60)
    assert [place for place, sign in enumerate(caret) if sign == "^"] == list(
        range(line.index("HERE"), line.index("HERE") + 4)
    )


def test_a_span_longer_than_the_room_is_marked_to_the_edge() -> None:
    line, caret = mark_of("x" * 90 + "Y" * 5000, "Y" * 5000)
    assert (len(line), len(caret)) == (MAX_COLUMNS, MAX_COLUMNS)


def test_controls_and_bidi_marks_become_visible_signs() -> None:
    line, caret = mark_of("a\x1b[31m\u202e\ud800\x00 bad", "bad")
    assert line == "a␛[31m\ufffd\ufffd␀ bad"
    assert caret.index("^") == line.index("bad")


def test_the_message_the_place_and_the_fix_are_safe_to_print_too() -> None:
    source = Source("a\x1bb.misy", "x")
    diagnostic = Diagnostic("E0100", "no \x07 here", source, Span(0, 1), help="\x1b]0;t\x07")
    assert "\x1b" not in render_plain(diagnostic)
    assert "\x07" not in render_plain(diagnostic)


def test_further_lines_of_a_message_and_a_fix_are_indented() -> None:
    source = Source("p.misy", "x")
    shown = render_plain(Diagnostic("E0100", "one\ntwo", source, Span(0, 1), help="a\nb"))
    assert shown.splitlines()[:2] == ["error[E0100]: one", "  two"]
    assert shown.splitlines()[-2:] == ["  = fix: a", "         b"]


def test_all_diagnostics_end_with_a_count() -> None:
    error = diagnostic_at("bad", "bad")
    warning = Diagnostic("W0901", "unused", error.source, error.span, severity="warning")
    shown = render_all([error, error, warning])
    assert shown.count("\n\n") == 3
    assert shown.endswith("\n\n2 errors, 1 warning")
    assert render_all([warning, warning]).endswith("\n\n2 warnings")
    assert render_all([]) == "no problems"


@given(st.text(max_size=300), st.integers(0, 320), st.integers(0, 320))
def test_any_span_of_any_text_can_be_shown(text: str, start: int, length: int) -> None:
    source = Source("p.misy", text)
    shown = excerpt(source, Span(start, start + length))
    assert shown.width >= 1
    assert width(shown.margin) + shown.width <= MAX_COLUMNS + 1
    rendered = render_plain(Diagnostic("E0100", "m", source, Span(start, start + length)))
    rendered.encode("utf-8")
    assert len(rendered.split("\n")) == 4
