"""The values expressions have."""

from __future__ import annotations

import pytest

from misydsl.expressions.evaluate import EvaluationError, compile_expression
from misydsl.expressions.frames import Names
from misydsl.expressions.functions import FUNCTIONS
from misydsl.expressions.infer import infer
from misydsl.expressions.limits import EvaluatorMisused
from misydsl.expressions.nodes import Broken, Literal
from misydsl.expressions.problems import Problem
from misydsl.expressions.scope import TypeScope
from misydsl.relations import describe
from misydsl.source import Span
from misydsl.values import Duration, Percent, Rate, Secret, Size, Value
from tests.expressions.reading import PREFIX, read, value_of

TREND: Value = {"name": "ia", "score": 0.5, "peak": None}
VALUES: dict[str, Value] = {
    "n": 3,
    "topic": "tecnología",
    "trends": [TREND, {"name": "moda", "score": 0.2, "peak": "hoy"}],
    "scores": {"ana": 1},
    "nothing": None,
    "yes": True,
    "env": {"HOME": "/home"},
    "secret": {"TOKEN": Secret("TOKEN", "hush")},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"a ${n} ${yes} ${1.0} ${30s} ${20%} ${topic}"', "a 3 true 1.0 30s 20% tecnología"),
        ("n + 1 * 2 - 4 / 2", 3.0),
        ("n - 5", -2),
        ("-n", -3),
        ("-1.5", -1.5),
        ("0.5 + 1", 1.5),
        ('"a" + "b"', "ab"),
        ("[1] + [n]", [1, 3]),
        ("not yes or n == 3", True),
        ("not yes and n == 4", False),
        ("yes and not yes", False),
        ("n == 3.0", True),
        ("n != 4", True),
        ("yes == 1", False),
        ("[1, { a: 1, b: 2 }] == [1, { b: 2, a: 1 }]", True),
        ("[1] == [1, 2]", False),
        ("[[1]] == [1]", False),
        ("{ a: 1 } == { b: 1 }", False),
        ("[yes] == [1]", False),
        ('topic == "tecnología"', True),
        ('n == "x"', False),
        ("nothing == null", True),
        ("nothing != null", False),
        ("n > 2 and n >= 3 and 2.5 < n and n <= 3", True),
        ('"a" < "b"', True),
        ("30s < 1m", True),
        ("n in [1, 3]", True),
        ("n not in [1, 3]", False),
        ('"ana" in scores', True),
        ('"log" in topic', True),
        ('nothing ?? "x"', "x"),
        ('topic ?? "x"', "tecnología"),
        ("nothing ?? nothing ?? 1", 1),
        ("if n > 2 then 1 else 2", 1),
        ("if n > 5 then 1 else 2", 2),
        ("trends[0].name", "ia"),
        ('trends[1]["peak"]', "hoy"),
        ('scores["eva"]', None),
        ("nothing?.a.b[0].c", None),
        ("trends[0]?.name", "ia"),
        ("trends[0]?.nam", None),
        ("env.HOME", "/home"),
        ("env.NOWHERE", None),
        ("{ n, a: topic }", {"n": 3, "a": "tecnología"}),
        ("{ ...trends[0], score: 1 }", {"name": "ia", "score": 1, "peak": None}),
        ("{ a: 1, ...{ a: 2 } }", {"a": 2}),
        ('{ "odd key": 1 }', {"odd key": 1}),
        ("[t.name for t in trends]", ["ia", "moda"]),
        ("[t.name for t in trends if t.score > 0.3]", ["ia"]),
        ("[[x, y] for x in [1, 2] for y in [3, 4] if x + y != 5]", [[1, 3], [2, 4]]),
        ("[[x for x in range(y)] for y in range(3)]", [[], [0], [0, 1]]),
        ("[x for x in [1]] + [x for x in [2]]", [1, 2]),
        ("length(topic) + length(trends) + length(scores)", 13),
        ("take(trends, -1)", []),
        ("drop([1, 2], -1)", [1, 2]),
        ("first([])", None),
        ("last([])", None),
        ("min([])", None),
        ("avg([])", None),
        ("sum([])", 0),
        ("sum([0.5, 1])", 1.5),
        ("avg([1, 2])", 1.5),
        ("round(-2.5)", -2),
        ("round(3)", 3),
        ("round(2.345, 1)", 2.3),
        ("abs(2.5)", 2.5),
        ("mod(-7, 3)", 2),
        ("mod(7.5, 2)", 1.5),
        ("range(3)", [0, 1, 2]),
        ("range(3, 1)", []),
        ("unique([1, 1.0, true, [1], [1], { a: 1, b: 2 }, { b: 2, a: 1 }])", [1, True, [1], {"a": 1, "b": 2}]),
        ('[t.name for t in sort(trends, by: "score")]', ["moda", "ia"]),
        ('[t.name for t in sort(trends, by: "peak", desc: true)]', ["moda", "ia"]),
        ("sort([3, 1, 2], desc: true)", [3, 2, 1]),
        ('sort([{ a: { b: 2 } }, { a: null }, { a: { b: 1 } }], by: "a.b")',
         [{"a": {"b": 1}}, {"a": {"b": 2}}, {"a": None}]),
        ('contains(topic, "tec") and contains([1, 2], 2)', True),
        ('text(date(datetime("2026-03-01T23:00:00-02:00")))', "2026-03-02"),
        ('text(datetime(date("2026-03-01")))', "2026-03-01T00:00:00Z"),
        ('json([1, 1.5, true, null, "ñ", 30s])', '[1,1.5,true,null,"ñ",30.0]'),
        ('date("2026-03-01") < date("2026-03-02")', True),
    ],
)  # fmt: skip
def test_the_value_of_an_expression(text: str, value: Value) -> None:
    found = value_of(text, **VALUES)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("30s + 1m", Duration(90)),
        ("2 * 30s", Duration(60)),
        ("1h / 2", Duration(1800)),
        ("-30s", Duration(-30)),
        ("1h / 30m", 2.0),
        ("64MiB / 2", Size(2**25)),
        ("1kB + 1kB", Size(2000)),
        ("10/s * 2", Rate(20)),
        ("20% + 10%", Percent(0.3)),
        ("20% * 50", 10.0),
        ("abs(-30s)", Duration(30)),
        ("avg([10s, 20s])", Duration(15)),
        ("max([10s, 20s])", Duration(20)),
        ("sum([1kB, 2kB])", Size(3000)),
    ],
)
def test_measures_keep_what_they_measure(text: str, value: float) -> None:
    found = value_of(text)
    assert found == pytest.approx(value)
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "code", "words", "place"),
    [
        ("trends[0].nam", "E0514", "`trends[0]` has no field `nam`; it has: name, score, peak", "nam"),
        ("{}.a", "E0514", "it is empty", "a"),
        ("secret.KEY", "E0514", "the secret `KEY` is not set", "KEY"),
        ("nothing.name", "E0505", "`nothing` is null, so it has no `.name`", "nothing.name"),
        ("nothing[0]", "E0505", "`nothing` is null", "nothing[0]"),
        ("trends.name", "E0515", "`trends` is a list", "name"),
        ("n?.x", "E0515", "`n` is an int", "x"),
        ("topic[0]", "E0515", "a text", "topic[0]"),
        ("trends[true]", "E0515", "a bool", "trends[true]"),
        ("trends[2]", "E0517", "index 2 is past the end of this list of 2", "2"),
        ("trends[-1]", "E0517", "a list counts from 0", "-1"),
        ("n / 0", "E0521", "division by zero", "n / 0"),
        ("mod(n, 0)", "E0521", "zero", "mod(n, 0)"),
        ('n + "x"', "E0513", "`+` does not work between an int and a text", 'n + "x"'),
        ("yes + 1", "E0513", "a bool", "yes + 1"),
        ("-topic", "E0513", "`-` does not work on a text", "-topic"),
        ("trends < 3", "E0512", "a list and an int cannot be compared with `<`", "trends < 3"),
        ("yes < yes", "E0512", "a bool", "yes < yes"),
        ("nothing > nothing", "E0512", "null", "nothing > nothing"),
        ('"x${nothing}"', "E0510", "null", "nothing"),
        ('"${trends}"', "E0511", "a list", "trends"),
        ('"${scores}"', "E0511", "a record", "scores"),
        ('"${secret.TOKEN}"', "E0701", "secret", "secret.TOKEN"),
        ("if n then 1 else 2", "E0509", "`if` needs yes or no (bool), this is an int", "n"),
        ("n and yes", "E0509", "`and`", "n"),
        ("yes and n", "E0509", "`and`", "n"),
        ("not n", "E0509", "`not`", "n"),
        ("[x for x in [1] if x]", "E0509", "`for … if`", "x"),
        ("[x for x in topic]", "E0508", "`for` needs a list, this is a text", "topic"),
        ("[x for x in [1] for y in topic if yes]", "E0508", "a text", "topic"),
        ("n in n", "E0508", "`in` needs a list", "n in n"),
        ("n in topic", "E0508", "looks for a text", "n in topic"),
        ("{ ...nothing }", "E0501", "`...` needs a record, this is null", "...nothing"),
        ("upper(n)", "E0501", "`text` of `upper`: expected string, got 3", "n"),
        ("contains(topic, n)", "E0501", "a text in a text", "contains(topic, n)"),
        ('split("a", "")', "E0526", "not empty", 'split("a", "")'),
        ('replace("a", "", "b")', "E0526", "not empty", 'replace("a", "", "b")'),
        ("round(n, 99)", "E0526", "0 to 15 digits", "round(n, 99)"),
        ('parse-json("{")', "E0524", "not JSON", 'parse-json("{")'),
        ("json(secret)", "E0524", "has no JSON", "json(secret)"),
        ('date("2026-02-30")', "E0520", '"2026-02-30" is not a date', 'date("2026-02-30")'),
        ("sum([yes])", "E0525", "a bool", "sum([yes])"),
        ("max([1, topic])", "E0525", "number, text", "max([1, topic])"),
        ("min([null])", "E0525", "null has no order", "min([null])"),
        ("sort([1, topic])", "E0525", "number, text", "sort([1, topic])"),
        ('sort(trends, by: "scor")', "E0518", "no field `scor`", 'sort(trends, by: "scor")'),
        ("9_000_000_000_000_000_000 + 9_000_000_000_000_000_000", "E0523", "larger", None),
        ("9_000_000_000_000_000_000 * n", "E0523", "larger", None),
        ("1e300 * 1e300", "E0523", "larger", "1e300 * 1e300"),
    ],
)  # fmt: skip
def test_an_expression_without_a_value_says_why_and_where(
    text: str, code: str, words: str, place: str | None
) -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of(text, **VALUES)
    error = caught.value
    assert error.code == code
    assert words in error.message
    assert error.is_placed
    assert (PREFIX + text)[slice(*error.span)] == (place or text)


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - {"failures"}))
def test_the_example_of_a_function_is_true(name: str) -> None:
    text, expected = FUNCTIONS[name].example
    problems: list[Problem] = []
    type_ = infer(read(text), TypeScope(), problems)
    assert problems == []
    assert describe(type_)
    assert value_of(text) == value_of(expected)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_says_what_it_is_for(name: str) -> None:
    function = FUNCTIONS[name]
    assert function.summary.endswith(".")
    assert function.written().startswith(f"{name}(")
    assert function.least <= len(function.parameters)


@pytest.mark.parametrize(
    "text",
    ["n * 1.5", "n / 2", "n + 1", "-n", "avg([n, 1])", "2 * (n * 30s)", "round(1e300)"],
)
def test_an_int_longer_than_any_float_ends_in_an_error(text: str) -> None:
    with pytest.raises(EvaluationError, match="larger than a number can be") as caught:
        value_of(text, n=10**400)
    assert caught.value.code == "E0523"


@pytest.mark.parametrize("text", ["mod(n, 1.5)", "range(n)", "round(n)"])
def test_a_function_takes_no_int_longer_than_any_float(text: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        value_of(text, n=10**400)
    assert caught.value.code == "E0501"


def test_and_or_and_if_evaluate_only_what_they_need() -> None:
    assert value_of("n == 0 or 6 / n > 1", n=0) is True
    assert value_of("n != 0 and 6 / n > 1", n=0) is False
    assert value_of("if n == 0 then 0 else 6 / n", n=0) == 0


def test_a_literal_list_or_record_is_new_each_time() -> None:
    names = Names()
    for text in ("[1, 2]", "{ a: 1 }", "[x for x in [1]]"):
        code = compile_expression(read(text), names)
        frame = names.new_frame()
        assert code(frame) == code(frame)
        assert code(frame) is not code(frame)


def test_a_list_of_steps_results_is_read_through_its_levels() -> None:
    outer = Names()
    outer.declare("a")
    middle = Names(outer)
    middle.declare("b")
    inner = Names(middle)
    inner.declare("c")
    code = compile_expression(read("[a, b, c]"), inner)
    frames = outer.new_frame()
    frames.values[0] = 1
    below = middle.new_frame(frames)
    below.values[0] = 2
    last = inner.new_frame(below)
    last.values[0] = 3
    assert code(last) == [1, 2, 3]


def test_secrets_may_come_from_a_dict_that_knows_every_name() -> None:
    class Known(dict[str, Value]):
        def __missing__(self, name: str) -> Value:
            return None

    token = Secret("TOKEN", "hush")
    known = Known(TOKEN=token)
    assert value_of("secret.TOKEN", secret=known) is token
    assert value_of('[secret.KEY, secret?.TOKEN, secret["TOKEN"]]', secret=known) == [
        None,
        token,
        token,
    ]


def test_failures_of_a_step_are_read_from_its_frame() -> None:
    names = Names()
    slot = names.declare("step")
    inner = Names(names)
    code = compile_expression(read("length(failures(step))"), inner)
    frame = names.new_frame()
    frame.values[slot] = []
    assert code(inner.new_frame(frame)) == 0
    frame.failures = {slot: [{"index": 0, "item": "x", "error": None}]}
    assert code(inner.new_frame(frame)) == 1


def test_what_the_checker_never_lets_through_is_a_defect_not_a_value() -> None:
    names = Names()
    names.declare("unset")
    for text in ("nowhere", "failures(1)", "failures()", "(1)(2)", "upper()", 'upper("a", "b")'):
        with pytest.raises(EvaluatorMisused):
            compile_expression(read(text), names)
    with pytest.raises(EvaluatorMisused):
        compile_expression(Broken(Span(0, 0)), names)
    for text in ("unset", "failures(unset)", "nobody()"):
        with pytest.raises(EvaluatorMisused):
            compile_expression(read(text), names)(names.new_frame())
    inner = Names(Names(names))
    frame = inner.new_frame(Names().new_frame(names.new_frame()))
    with pytest.raises(EvaluatorMisused, match="before it had a value"):
        compile_expression(read("unset"), inner)(frame)
    with pytest.raises(EvaluatorMisused, match="parents"):
        compile_expression(read("unset"), inner)(names.new_frame())
    with pytest.raises(EvaluatorMisused):
        names.up(1)
    with pytest.raises(EvaluatorMisused):
        FUNCTIONS["failures"].body([])


def test_constants_are_computed_once_and_errors_wait_for_the_run() -> None:
    names = Names()
    code = compile_expression(read("1 / 0"), names)
    with pytest.raises(EvaluationError, match="division by zero"):
        code(names.new_frame())
    literal = compile_expression(Literal(Span(0, 0), Duration(3)), names)
    assert literal(names.new_frame()) == Duration(3)
