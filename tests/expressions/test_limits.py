"""Cost is limited whatever the input is, and never depends on Python's stack."""

from __future__ import annotations

import threading

import msgspec
import pytest

from misydsl.expressions.evaluate import EvaluationError, compile_expression
from misydsl.expressions.frames import Frame, Names
from misydsl.expressions.limits import METER, Limits, charge, limited, metered, weigh
from misydsl.expressions.nodes import Comprehension
from misydsl.values import Value
from tests.expressions.reading import compiled, read, value_of


def lets(*texts: str) -> tuple[Names, list[str]]:
    """Names of a block with lets `v0`, `v1`, …"""
    names = Names()
    for number, text in enumerate(texts):
        names.declare_let(f"v{number}", read(text))
    return names, [f"v{number}" for number in range(len(texts))]


def run(text: str, names: Names) -> Value:
    return compile_expression(read(text), names)(names.new_frame())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("range(100_001)", "a list of 100,001 is over the limit of 100,000"),
        ("range(-9_000_000_000, 9_000_000_000)", "over the limit of 100,000"),
        ("[x for x in many]", "a list of 200,000 is over the limit"),
        ("[1 for x in range(1000) for y in range(200)]", "over the limit of 100,000"),
        ("many + many", "a list of 400,000"),
        ("zip(many, many)", "a list of 200,000"),
        ("take(many, 150_000)", "a list of 150,000"),
        ("drop(many, 1)", "a list of 199,999"),
        ("sort(many)", "a list of 200,000"),
        ("flatten([range(60_000), range(60_000)])", "a list of 120,000"),
        ('replace(long, "a", long)', "a text of"),
        ('split(long, "a")', "a list of 1,000,001"),
        ("long + long + long + long + long + long + long + long + long + long + long", "a text of"),
        (
            '"${long}${long}${long}${long}${long}${long}${long}${long}${long}${long}${long}"',
            "text of",
        ),
        ("join([long for x in range(11)], long)", "a text of"),
        ("[1 for x in range(2000) for y in range(2000) if false]", "more than 1,000,000 steps"),
        ("[[1 for y in range(2000)] for x in range(2000)]", "more than 1,000,000 steps"),
        ("[upper(long) for x in range(1000)]", "more than 1,000,000 steps"),
        ('[long + "x" for x in range(1000)]', "more than 1,000,000 steps"),
        ('["${long}x" for x in range(1000)]', "more than 1,000,000 steps"),
        ("[contains(many, -1) for x in range(1000)]", "more than 1,000,000 steps"),
        ("[-1 in many for x in range(1000)]", "more than 1,000,000 steps"),
        ("[json(many) for x in range(1000)]", "more than 1,000,000 steps"),
        ("[unique(many) for x in range(1000)]", "more than 1,000,000 steps"),
        ("[max(range(20_000)) for x in range(1000)]", "more than 1,000,000 steps"),
        ("[sum(range(20_000)) for x in range(1000)]", "more than 1,000,000 steps"),
        ("[{ ...wide } for x in range(1000)]", "more than 1,000,000 steps"),
        ("[merge(wide, wide) for x in range(1000)]", "more than 1,000,000 steps"),
        ("[length(keys(wide)) for x in range(1000)]", "more than 1,000,000 steps"),
        ("[length(values(wide)) for x in range(1000)]", "more than 1,000,000 steps"),
        ("[many for x in range(1000)]", "over 2,000,000 parts"),
    ],
)
def test_an_expression_that_costs_too_much_ends_in_an_error(text: str, words: str) -> None:
    values: dict[str, Value] = {
        "many": list(range(200_000)),
        "long": "a" * 1_000_000,
        "wide": {f"k{n}": n for n in range(10_000)},
    }
    run_it = compiled(text, values)
    with pytest.raises(EvaluationError, match=words) as caught:
        run_it()
    assert caught.value.code == "E0522"
    assert caught.value.is_placed
    assert not METER.is_running


def test_a_list_with_too_many_loops_is_not_evaluated_even_if_it_was_not_read_from_text() -> None:
    tree = read("[1 for x in [1]]")
    assert isinstance(tree, Comprehension)
    code = compile_expression(msgspec.structs.replace(tree, clauses=tree.clauses * 33), Names())
    with pytest.raises(EvaluationError, match="over 32 `for` in one list"):
        code(Frame([]))


def test_comparing_values_that_share_their_parts_is_counted() -> None:
    value: Value = [1]
    other: Value = [1]
    for _ in range(60):
        value, other = [value, value], [other, other]
    run_it = compiled("[x for x in [1] if a == b]", {"a": value, "b": other})
    with limited(Limits(steps=10_000)), pytest.raises(EvaluationError, match="10,000 steps"):
        run_it()


def test_doubling_lets_end_before_they_are_astronomical() -> None:
    names, _ = lets("[1]", *(f"[v{n}, v{n}]" for n in range(64)))
    with limited(Limits(parts=50_000)), pytest.raises(EvaluationError, match="over 50,000 parts"):
        run("v64", names)


def test_a_tower_of_records_ends_at_the_depth_a_journal_can_read_back() -> None:
    names, _ = lets("{ a: 1 }", *(f"{{ a: v{n} }}" for n in range(110)))
    assert run("v98.a", names)
    with pytest.raises(EvaluationError, match="nested over 100 levels"):
        run("v110", names)


def test_numbers_do_not_grow_without_end() -> None:
    names, _ = lets("3", *(f"v{n} * v{n}" for n in range(64)))
    with pytest.raises(EvaluationError, match="larger than a number can be"):
        run("v64", names)


def test_a_chain_of_lets_may_be_longer_than_the_stack() -> None:
    names, _ = lets("1", *(f"v{n} + 1" for n in range(5000)))
    assert run("v5000", names) == 5001


def test_a_long_chain_stays_lazy_about_what_it_does_not_need() -> None:
    names, _ = lets("1 / 0", *(f"if true then 1 else v{n}" for n in range(50)))
    assert run("v50", names) == 1
    with pytest.raises(EvaluationError, match="division by zero"):
        run("v0", names)


def test_limits_are_settings_of_the_evaluator() -> None:
    run_it = compiled("[x for x in range(50)]", {})
    with limited(Limits(list_items=40)), pytest.raises(EvaluationError, match="limit of 40"):
        run_it()
    assert run_it() == list(range(50))
    with limited(Limits(steps=10)), pytest.raises(EvaluationError, match="10 steps"):
        run_it()


def test_only_a_loop_is_metered_and_each_top_expression_anew() -> None:
    assert value_of("length(many)", many=[0] * 1_000_001) == 1_000_001
    run_it = compiled("[x for x in many]", {"many": [0] * 90_000})
    with limited(Limits(steps=100_000)):
        for _ in range(3):
            assert run_it() == [0] * 90_000


def test_the_meter_counts_inside_and_is_put_back() -> None:
    charge(10**9)
    with metered():
        charge(10)
        left = METER.left
        with metered():
            charge(5)
        assert METER.left == left - 5
        with metered(fresh=True):
            charge(1000)
        assert METER.left == left - 5
    assert not METER.is_running


def test_each_thread_has_its_own_meter() -> None:
    seen: list[bool] = []
    with metered():
        other = threading.Thread(target=lambda: seen.append(METER.is_running))
        other.start()
        other.join()
    assert seen == [False]


def test_a_value_is_weighed_as_its_json_would_be() -> None:
    shared: Value = [1, 2]
    assert weigh(3) == 1
    assert weigh([shared, {"a": shared}]) == 8


def test_an_expression_of_full_depth_has_a_value() -> None:
    assert value_of(" + ".join(["n"] * 190), n=1) == 190
    assert value_of("a" + "?.a" * 190, a=None) is None
    nested: Value = 1
    for _ in range(60):
        nested = [nested]
    assert value_of("[" * 60 + "n" + "]" * 60, n=1) == nested
    assert value_of("not (" * 60 + "true" + ")" * 60) is True
