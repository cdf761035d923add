"""Every function and operator over values of any kind: a value or an `EvaluationError`, and soon.

Names are `any`, so nothing was checked before. Values that expressions build in lets, lists and prompts
may be astronomically large; what happens then is an error too.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random
from typing import Final, cast

import pytest

from misydsl.expressions.evaluate import (
    EvaluationError,
    compile_expression,
    compile_prompt,
)
from misydsl.expressions.frames import Names
from misydsl.expressions.functions import FAILURES, FUNCTIONS
from misydsl.expressions.limits import METER
from misydsl.expressions.signature import Function
from misydsl.values import Duration, Percent, Rate, Secret, Size, Value, parse_date, parse_datetime
from tests.expressions.reading import PREFIX, compiled, read

SLOWEST_S: Final = 10.0  # CPU of one expression that uses up its whole budget
TOWER: Value = []
for _ in range(60):
    TOWER = [TOWER, TOWER]
DEEP: Value = []
for _ in range(5_000):
    DEEP = [DEEP]
VALUES: Final = cast(
    "tuple[Value, ...]",
    (
        *(None, True, False, 0, 1, -1, 3, 2**63 - 1, -(2**63), 10**18, 0.0, -0.0, 1e308, 5e-324),
        *(
            "",
            "a",
            "ñ",
            "e\u0301",
            "\udc80",
            "a,b",
            "{",
            "[" * 5_000,
            '{"a":1,"a":2}',
            "1e999",
            "NaN",
        ),
        *(
            "x" * 100_000,
            "9" * 5_000,
            "\n" * 1_000,
            "2026-02-30",
            "0001-01-01",
            "9999-12-31T23:59:59Z",
        ),
        *(Duration(1e308), Duration(-1.0), Percent(0.2), Rate(5e-324), Size(2**63 - 1), Size(0)),
        *(
            parse_date("9999-12-31"),
            parse_date("0001-01-01"),
            parse_datetime("0001-01-01T00:00:00Z"),
        ),
        *(
            [],
            [1, 2.5, Percent(0.5)],
            ["b", "a", None],
            [True, 1, "1"],
            [[1], [1.0], []],
            [[]] * 300,
        ),
        *({}, {"a": 1}, {"": None, "a-b": [1]}, [{"a": 1}, {"a": "x"}, {}], TOWER, DEEP),
        *(list(range(100_000)), {f"k{n}": n for n in range(10_000)}, Secret("s", "hidden")),
    ),
)
OPERATORS: Final = (
    *("+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!=", "in", "not in", "??", "and", "or"),
)
BOUND_BY_NAME: Final = ("a", "b", "c", "d", "e")


def calls(function: Function, random: Random) -> str:
    """A call with as many inputs as it needs, and some of those it may have."""
    given = [
        f"{one.name}: {name}" if one.is_named else name
        for one, name in zip(function.parameters, BOUND_BY_NAME, strict=False)
        if not one.is_optional or random.randrange(2)
    ]
    return f"{function.name}({', '.join(given)})"


def ends_well(text: str, values: dict[str, Value]) -> None:
    """A value or an error at its place, in time."""
    run = compiled(text, values)
    began = time.process_time()
    error = error_of(run)
    if error is not None:
        assert error.is_placed
        assert len(PREFIX) <= error.span.start < error.span.end <= len(PREFIX + text)
        assert len(str(error)) < 2_000
    assert not METER.is_running
    assert time.process_time() - began < SLOWEST_S, (text, values)


def error_of(run: Callable[[], Value]) -> EvaluationError | None:
    """The error an expression ends in; None when it has a value."""
    try:
        run()
    except EvaluationError as error:
        return error
    return None


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - {FAILURES.name}))
def test_a_function_of_anything_gives_a_value_or_an_error(name: str) -> None:
    random = Random(name)
    for first in VALUES:
        for _ in range(4):
            values = [first, *random.choices(VALUES, k=len(BOUND_BY_NAME) - 1)]
            text = calls(FUNCTIONS[name], random)
            ends_well(text, dict(zip(BOUND_BY_NAME, values, strict=True)))


@pytest.mark.parametrize("operator", OPERATORS)
def test_an_operator_between_anything_gives_a_value_or_an_error(operator: str) -> None:
    for left in VALUES:
        for right in VALUES:
            ends_well(f"a {operator} b", {"a": left, "b": right})


@pytest.mark.parametrize(
    "text",
    [
        *("-a", "not a", "a.x", "a?.x", "a[0]", "a[-1]", '"${a}"', "{ ...a }", "[x for x in a]"),
        *("if a then 1 else 2", "[y for x in a for y in x]", "[x for x in a if x]", "a[a]"),
        *('"${a}${a}" + json(a)', "[a, a] == [a, a]", "a.x.y[0]?.z", "a in [a]", "{ k: a }.k"),
    ],
)
def test_any_value_may_stand_anywhere(text: str) -> None:
    for value in VALUES:
        ends_well(text, {"a": value})


@pytest.mark.parametrize(
    ("first", "following"),
    [
        ('"x"', "{last} + {last}"),
        ('"x"', '"${{{last}}}${{{last}}}"'),
        ('"x,"', 'join(split({last}, "x"), {last})'),
        ('"x"', 'replace({last} + {last}, "x", {last})'),
        ("[1]", "{last} + {last}"),
        ("[1]", "[{last}, {last}]"),
        ("[1]", "flatten([{last}, {last}])"),
        ("{{ a: 1 }}", "{{ l: {last}, r: {last} }}"),
        ("[1]", "[{last} for x in {last}]"),
        ('"1"', "json({last})"),
        ("[1]", "json([{last}, {last}])"),
        ("2", "{last} * {last}"),
        ("1d", "{last} * 1_000_000_000"),
        ("2.0", "{last} * {last}"),
        ("1GiB", "{last} * 1024"),
        ("1/s", "{last} * 1e300"),
        ('"x"', "[{last} for x in range(1000)]"),
        ("[1]", "zip({last}, {last})"),
    ],
)
def test_lets_that_double_end_in_an_error_soon(first: str, following: str) -> None:
    texts = [first.replace("{{", "{").replace("}}", "}")]
    texts += [following.format(last=f"v{number}") for number in range(63)]
    names = Names()
    for number, text in enumerate(texts):
        names.declare_let(f"v{number}", read(text))
    code = compile_expression(read("v63"), names)
    began = time.process_time()
    error = error_of(lambda: code(names.new_frame()))
    assert error is None or error.is_placed
    assert time.process_time() - began < SLOWEST_S


def test_prompts_that_double_end_in_an_error_soon() -> None:
    names = Names()
    for number in range(60):
        body = f'"${{p{number - 1}(x)}}${{p{number - 1}(x)}}"' if number else '"${x}${x}"'
        names.prompts[f"p{number}"] = compile_prompt((("x", None),), read(body), names, None)
    frame = names.new_frame()
    for prompt in names.prompts.values():
        prompt.home_frame = frame
    began = time.process_time()
    with pytest.raises(EvaluationError, match="steps to compute"):
        compile_expression(read('p59(x: "a")'), names)(frame)
    assert time.process_time() - began < SLOWEST_S
