"""Contenders take turns in fresh processes; the table says what came of it, whatever it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.contest import (
    Benchmark,
    Ceiling,
    Command,
    Comparison,
    Contender,
    Quantities,
    RatioGoal,
    Results,
    Work,
)
from benchmarks.measuring import agent_server, measure
from benchmarks.table import amount, as_json, fraction, lines, markdown

NOTE, FAIL = "tests.benchmarks.turns:note", "tests.benchmarks.turns:fail"
STEP = Comparison("a step", "step_us", "ours", "peer", RatioGoal(1 / 10, reach=1 / 20))


def _results(ours: list[float], peer: list[float], comparison: Comparison = STEP) -> Results:
    contenders = (Contender("ours", Work(NOTE), is_ours=True), Contender("peer", Work(NOTE)))
    quantity = comparison.quantity
    samples: dict[str, list[Quantities]] = {
        "ours": [{quantity: figure} for figure in ours],
        "peer": [{quantity: figure} for figure in peer],
    }
    return Results(Benchmark("B", contenders, (comparison,)), samples, {})


def test_contenders_take_turns(tmp_path: Path) -> None:
    file = tmp_path / "turns"
    contenders = tuple(
        Contender(name, Work(NOTE, {"name": name, "file": str(file), "step_us": step_us}))
        for name, step_us in (("ours", 3), ("peer", 60))
    )
    results = measure(Benchmark("B", contenders, (STEP,)), 2, agents="", tell=lambda _: None)
    assert file.read_text() == "ours peer ours peer "
    assert results.samples == {"ours": [{"step_us": 3}] * 2, "peer": [{"step_us": 60}] * 2}
    [line] = lines(results)
    assert line.ratio == 1 / 20
    assert line.is_reached


def test_one_that_fails_is_left_out_and_the_table_says_so(tmp_path: Path) -> None:
    note = Work(NOTE, {"name": "peer", "file": str(tmp_path / "turns"), "step_us": 1})
    benchmark = Benchmark("B", (Contender("ours", Work(FAIL)), Contender("peer", note)), (STEP,))
    told: list[str] = []
    results = measure(benchmark, 2, agents="", tell=told.append)
    assert told == ["B 1/2: ours", "B 1/2: peer", "B 2/2: peer"]
    assert results.problems == {"ours": "AssertionError: the result is wrong"}
    assert "no figures" in markdown(lines(results))


def test_a_command_has_one_turn_that_does_not_count() -> None:
    contender = Contender("bare", Command(("-c", "pass")))
    told: list[str] = []
    results = measure(Benchmark("B", (contender,), ()), 1, agents="", tell=told.append)
    assert told == ["B 0/1: bare", "B 1/1: bare"]
    assert len(results.samples["bare"]) == 1


def test_a_command_that_fails_gives_its_last_words() -> None:
    contender = Contender("bad", Command(("-c", "raise SystemExit('no such thing')")))
    results = measure(Benchmark("B", (contender,), ()), 1, agents="", tell=lambda _: None)
    assert results.problems == {"bad": "no such thing"}


def test_the_agents_are_in_another_process_and_end_with_the_block() -> None:
    with agent_server() as address:
        assert address.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("ours", "words"),
    [
        ([9.0, 4.0, 5.0], "1/20 | ≤ 1/10 (reach 1/20) | yes, and more"),
        ([9.0, 1.0, 8.0], "1/12.5 | ≤ 1/10 (reach 1/20) | yes "),
        ([30.0, 20.0, 10.0], "1/5 | ≤ 1/10 (reach 1/20) | no, 2.0× too much"),
    ],
)
def test_a_ratio_of_medians_is_held_against_the_goal(ours: list[float], words: str) -> None:
    table = markdown(lines(_results(ours, [100.0, 100.0, 900.0])))
    row = " ".join(table.splitlines()[2].split())
    assert words.strip() in row
    assert "100 µs [100–900] peer" in row


def test_a_difference_counts_above_the_peer() -> None:
    above = Comparison("start", "cpu_ms", "ours", "peer", Ceiling(100), is_difference=True)
    results = _results([150.0, 140.0, 160.0], [20.0, 10.0, 30.0], above)
    [line] = lines(results)
    assert line.ours is not None
    assert (line.ours.median, line.is_reached) == (130.0, False)
    assert "≤ +100 ms" in markdown([line])
    assert as_json(line)["reached"] is False


def test_ratios_and_amounts_read_as_people_say_them() -> None:
    assert [fraction(one) for one in (0.05, 0.5, 1.0, 2.345)] == ["1/20", "1/2", "1.00×", "2.35×"]
    assert [amount(one) for one in (0.1234, 12.34, 1234.5)] == ["0.123", "12.3", "1,234"]
