"""Contenders take turns in fresh processes; the table says what came of it, whatever it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import main
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
from benchmarks.matrix import matrix
from benchmarks.measuring import agent_server, measure
from benchmarks.stopwatch import family_peak_bytes
from benchmarks.systems import DASK, DBOS, MISY, PREFECT, heavy
from benchmarks.table import amount, as_json, fraction, lines, markdown

NOTE, FAIL = "tests.benchmarks.turns:note", "tests.benchmarks.turns:fail"
REPEAT = "tests.benchmarks.turns:repeat"
STEP = Comparison("a step", "step_us", "ours", "peer", RatioGoal(1 / 10, reach=1 / 20))


def _without_memory(results: Results) -> dict[str, list[dict[str, float]]]:
    return {
        name: [{key: one[key] for key in one if key != "peak_bytes"} for one in samples]
        for name, samples in results.samples.items()
    }


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
    assert _without_memory(results) == {"ours": [{"step_us": 3}] * 2, "peer": [{"step_us": 60}] * 2}
    assert all(one["peak_bytes"] > 1e6 for one in results.samples["ours"])
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
        ([5.0, 4.0, 9.0], "1/25 [1/100–1/20] | ≤ 1/10 (reach 1/20) | yes, and more"),
        ([8.0, 8.0, 8.0], "1/12.5 [1/112–1/12.5] | ≤ 1/10 (reach 1/20) | yes "),
        ([30.0, 20.0, 180.0], "1/5 [1/5–1/3.33] | ≤ 1/10 (reach 1/20) | no, 2.0× too much"),
    ],
)
def test_the_median_of_the_rounds_ratios_is_held_against_the_goal(
    ours: list[float], words: str
) -> None:
    table = markdown(lines(_results(ours, [100.0, 100.0, 900.0])))
    row = " ".join(table.splitlines()[2].split())
    assert words.strip() in row
    assert "100 µs [100–900] peer" in row


def test_what_slows_a_whole_round_does_not_change_the_ratio() -> None:
    [line] = lines(_results([5.0, 500.0, 6.0], [100.0, 10_000.0, 120.0]))
    assert line.ratios is not None
    assert (line.ratios.least, line.ratios.most) == (0.05, 0.05)


def test_one_that_repeats_within_its_process_takes_part_in_fewer_rounds(tmp_path: Path) -> None:
    work = Work(REPEAT, {"file": str(tmp_path / "turns"), "times": 3})
    contender = Contender("peer", work, rounds=1)
    results = measure(Benchmark("B", (contender,), ()), 2, agents="", tell=lambda _: None)
    assert (tmp_path / "turns").read_text() == "repeated "
    assert _without_memory(results) == {"peer": [{"step_us": time} for time in range(3)]}


def test_a_peer_that_is_not_installed_is_told_in_the_table(tmp_path: Path) -> None:
    contender = heavy(DASK, "chain", arguments={"steps": 3})
    ours = Contender(
        "ours", Work(NOTE, {"name": "ours", "file": str(tmp_path / "t"), "step_us": 1})
    )
    benchmark = Benchmark("B", (ours, contender), (Comparison("a step", "step_us", "ours", DASK),))
    nowhere = tmp_path / "bin" / "python"
    results = measure(benchmark, 1, agents="", tell=lambda _: None, peers=nowhere)
    assert results.problems[DASK].startswith("not installed")
    assert "no figures" in markdown(lines(results))


def test_systems_stand_beside_one_another_in_units_of_ours() -> None:
    contenders = (
        Contender("misy", Work(NOTE), is_ours=True, system=MISY),
        Contender("Dask, 5 steps", Work(NOTE), system=DASK, size="5 steps"),
        Contender("DBOS", Work(NOTE), system=DBOS),
    )
    samples: dict[str, list[Quantities]] = {
        "misy": [{"step_us": 10.0, "peak_bytes": 50e6}, {"step_us": 20.0, "peak_bytes": 52e6}],
        "Dask, 5 steps": [{"step_us": 40.0, "peak_bytes": 70e6}],
    }
    results = Results(Benchmark("W4", contenders, ()), samples, {"DBOS": "no such table"})
    cells = {row.split(" | ")[0][2:]: row.split(" | ")[1] for row in matrix([results]).splitlines()}
    assert cells[MISY] == "15 µs, 51 MB"
    assert cells[DASK] == "**4×** (40 µs), 70 MB, 5 steps"
    assert cells[DBOS] == "failed, see below"
    assert cells[PREFECT] == "–"
    assert matrix([]) == ""


def test_the_memory_of_a_process_counts_those_it_started() -> None:
    alone = family_peak_bytes()
    waiting = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(
        waiting, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        both = family_peak_bytes()
        child.communicate("\n")
    assert both - alone > (2e6 if Path("/proc").exists() else -1)


def test_only_a_whole_run_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--write", "--quick"])
    assert "only all of it" in capsys.readouterr().err


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
