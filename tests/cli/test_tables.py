"""Tables and quantities as people read them."""

from __future__ import annotations

import pytest

from misydsl.cli.tables import GLYPHS, clipped, moment, seconds, share, size, state, table
from misydsl.diagnostics.cells import width
from misydsl.history.status import RunStatus, StepStatus


@pytest.mark.parametrize(
    ("duration_s", "words"),
    [
        (None, ""),
        (0.0, "0.0 ms"),
        (0.00042, "0.4 ms"),
        (0.0104, "10 ms"),
        (0.2104, "210 ms"),
        (0.9996, "1.0 s"),
        (2.84, "2.8 s"),
        (59.96, "1 min 00 s"),
        (125.4, "2 min 05 s"),
        (3600.0, "1 h 00 min"),
        (3_725.0, "1 h 02 min"),
    ],
)
def test_durations_read_naturally(duration_s: float | None, words: str) -> None:
    assert seconds(duration_s) == words


@pytest.mark.parametrize(
    ("part", "words"),
    [(None, ""), (1.0, "100 %"), (0.0, "0 %"), (0.985, "98.5 %"), (0.9999, "99.9 %")],
)
def test_shares_read_as_percent(part: float | None, words: str) -> None:
    assert share(part) == words


def test_columns_stand_under_each_other_whatever_the_width_of_the_characters() -> None:
    head, first, second = table(
        ["step", "n", "agent"], [["análisis", "1", "x"], ["日本語", "200", "y"]], right=["n"]
    )
    assert head == "step        n  agent"
    assert first == "análisis    1  x"
    assert second == "日本語    200  y"
    assert width(head[: head.index("agent")]) == width(second[: second.index("y")])


def test_a_table_without_rows_is_its_head() -> None:
    assert table(["a", "b"], []) == ["a  b"]


def test_columns_without_any_text_are_left_out() -> None:
    assert table(["a", "b", "c"], [["1", "", "3"]]) == ["a  c", "1  3"]


def test_a_narrow_terminal_loses_optional_columns_first_and_then_the_end_of_the_widest() -> None:
    heads, row = ["step", "p50", "p90", "state"], ["x" * 30, "1.0 s", "2.0 s", "✓ succeeded"]
    wide = table(heads, [row], optional=["p50", "p90"])
    fits = table(heads, [row], optional=["p50", "p90"], room=52)
    narrow = table(heads, [row], optional=["p50", "p90"], room=30)
    assert "p50" in wide[0]
    assert (fits[0].split(), len(fits[1])) == (["step", "p90", "state"], 50)
    assert (narrow[0].split(), len(narrow[1])) == (["step", "state"], 30)
    assert "…" in narrow[1]


def test_long_and_hostile_cells_are_clipped_and_harmless() -> None:
    _, line = table(["a", "b"], [["x" * 500, "\x1b[2J\n"]])
    assert line.startswith("x" * 59 + "…")
    assert "\x1b" not in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 5, "日本…"), ("日本語", 6, "日本語")],
)
def test_clipping_counts_columns(text: str, room: int, shown: str) -> None:
    assert clipped(text, room) == shown


def test_every_status_has_a_sign_of_its_own() -> None:
    from typing import get_args

    words = [*get_args(StepStatus), *get_args(RunStatus)]
    assert set(words) <= set(GLYPHS)
    assert state("failed") == "✗ failed"
    assert state("something-new") == "? something-new"


def test_a_moment_is_a_date_and_a_time_and_may_be_unknown() -> None:
    assert len(moment(1_700_000_000.0)) == len("2023-11-14 22:13:20")
    assert moment(None) == ""


def test_sizes_read_in_decimal_units() -> None:
    sizes = (0, 1, 999, 1_000, 999_949, 999_950, 1_300_000_000, 5 * 10**15)
    assert [size(one) for one in sizes] == [
        "0 bytes",
        "1 byte",
        "999 bytes",
        "1.0 kB",
        "999.9 kB",
        "1.0 MB",
        "1.3 GB",
        "5000.0 TB",
    ]
