"""The types expressions have, and what conditions make known."""

from __future__ import annotations

import pytest

from misydsl.expressions.infer import check_condition, infer, narrowed
from misydsl.expressions.problems import Problem
from misydsl.relations import describe, optional, unite
from misydsl.types import ANY, BOOL, INT, STRING, ListType, LiteralType
from tests.expressions.reading import SCOPE, problems_of, read, record, type_of


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ('"x"', '"x"'),
        ("3", "3"),
        ("-3", "-3"),
        ("1.5", "float"),
        ("30s", "duration"),
        ("20%", "percent"),
        ("10/s", "rate"),
        ("5MB", "size"),
        ("null", "null"),
        ('"a ${n}"', "string"),
        ("[]", "list[nothing]"),
        ("[1, null]", "list[1?]"),
        ('{ a: 1, "b c": n }', "{ a: 1, b c: int }"),
        ("{ ...trends[0], score: true }", "{ name: string, score: true, peak: string? }"),
        ("{ a: 1, ...anything, b: 2 }", "{ a: any, b: 2, ... }"),
        ("{ ...answer }", "{ ... }"),
        ("n + 1", "int"),
        ("n + 1.5", "float"),
        ("n / 2", "float"),
        ("20% + 10%", "percent"),
        ("20% * 50", "float"),
        ("2 * 30s", "duration"),
        ("30s / 10s", "float"),
        ("-30s", "duration"),
        ("-n", "int"),
        ("64MiB / 2", "size"),
        ("10/s * 2", "rate"),
        ('topic + "x"', "string"),
        ('[1] + ["x"]', 'list[1 | "x"]'),
        ("anything + 1", "any"),
        ("-anything", "any"),
        ("n > 1 and topic != kind", "bool"),
        ("not (n == 1.0)", "bool"),
        ('n in [1, 2] or "a" not in scores or "a" in topic or "status" in answer', "bool"),
        ('date("2026-01-01") < date("2026-01-02")', "bool"),
        ("maybe ?? 3", "string | 3"),
        ("null ?? n", "int"),
        ("if n > 1 then 1 else null", "1?"),
        ("[t.name for t in trends]", "list[string]"),
        ("[[x, y] for x in [1] for y in [true]]", "list[list[1 | true]]"),
        ("trends[0].peak", "string?"),
        ("review?.score", "int?"),
        ("review?.notes[0]", "string?"),
        ("anything.x?.y[3]", "any"),
        ("scores[topic]", "int?"),
        ('trends[0]["name"]', "string"),
        ('trends[0]["nam"]', "string | int | null"),
        ('answer["status"]', "string | int | null"),
        ("answer.status", '"ok" | "error"'),
        ("env.HOME", "string?"),
        ("secret.TOKEN", "secret"),
        ("greet(name: topic)", "string"),
        ("first(trends)?.name", "string?"),
        ("first([])", "null"),
        ("max([1.5])", "float?"),
        ("min([])", "null"),
        ("sum([n])", "int"),
        ("sum([1.5, n])", "float"),
        ("sum([])", "int"),
        ("sum(anything)", "any"),
        ("avg([n])", "float?"),
        ("avg([30s])", "duration?"),
        ("round(1.5)", "int"),
        ("round(1.5, 1)", "float"),
        ("mod(n, 2)", "int"),
        ("mod(n, 1.5)", "float"),
        ("abs(n)", "int"),
        ("keys(scores)", "list[string]"),
        ("values(scores)", "list[int]"),
        ("values(anything)", "list[any]"),
        ("values({ a: 1, b: n })", "list[int]"),
        ("merge(scores, scores)", "map[int]"),
        ("merge({ a: 1, b: 2 }, { b: true })", "{ a: 1, b: true }"),
        ("merge(anything, anything)", "any"),
        ("merge({ a: 1 }, anything)", "{ ... }"),
        ("merge({ a: 1 }, { ...anything, b: 2 })", "{ a: any, b: 2, ... }"),
        ("flatten([[1], [2]])", "list[1 | 2]"),
        ('sort(trends, by: "peak")', "list[{ name: string, score: int, peak: string? }]"),
        ("sort(trends, by: topic)", "list[{ name: string, score: int, peak: string? }]"),
        ('group([{ a: n }], by: "a")', "list[{ key: int, items: list[{ a: int }] }]"),
        ('contains(topic, "x")', "bool"),
        ("parse-json(topic)", "any"),
        ('datetime(date("2026-01-01"))', "datetime"),
        ("length(topic) + length(trends) + length(scores)", "int"),
        ("failures(trends)", "list[{ index: int, item: any, error: { message: string, kind: string, status: int? } }]"),
    ],
)  # fmt: skip
def test_the_type_of_an_expression(text: str, type_: str) -> None:
    assert describe(type_of(text)) == type_


@pytest.mark.parametrize(
    "text",
    [
        'if maybe != null then maybe + "x" else ""',
        'if maybe == null then "" else upper(maybe)',
        'if not (maybe == null) then upper(maybe) else ""',
        "if review != null and review.score > 1 then review.notes else []",
        "if review == null or review.score > 1 then [] else review.notes",
        "if review?.score != null then review.score + 1 else 0",
        "if review?.score == 3 then review.notes else []",
        "if review?.score == 1.5 then review.notes else []",
        'if answer.status == "ok" then upper(answer.value) else answer.reason',
        'if answer.status != "ok" then answer.value + 1 else 0',
        'if "error" == answer.status then answer.reason else ""',
        "[upper(t.peak) for t in trends if t.peak != null]",
        'if env.HOME != null then upper(env.HOME) else ""',
        'if maybe != null and count != null then "${maybe}${count}" else ""',
        'if maybe == "a" or maybe == "b" then upper(maybe) else ""',
        'if (maybe != null and true) or (maybe != null and false) then upper(maybe) else ""',
        'if not (maybe == null or count == null) then "${maybe}${count}" else ""',
        'if kind == "x" then "" else (if kind == "y" then kind else "")',
    ],
)
def test_a_condition_makes_known_what_it_says(text: str) -> None:
    assert problems_of(text) == []


@pytest.mark.parametrize(
    "text",
    [
        'if maybe != null or n > 1 then upper(maybe) else ""',
        'if maybe == null then upper(maybe) else ""',
        "if n > 1 and review == null then [] else review.notes",
        'if maybe != topic then upper(maybe) else ""',
        "if anything then maybe[0] else 0",
    ],
)
def test_a_condition_makes_nothing_else_known(text: str) -> None:
    assert problems_of(text) != []


def test_a_bool_says_what_it_is_and_tags_its_record() -> None:
    yes = record(ok=LiteralType(True), value=STRING)
    no = record(ok=LiteralType(False), reason=STRING)
    scope = SCOPE.child({"result": unite(yes, no), "flag": optional(BOOL)})
    assert problems_of("if result.ok then result.value else result.reason", scope=scope) == []
    inner = narrowed(read("flag != null and flag"), scope, truth=True)
    assert inner.lookup("flag") == LiteralType(True)
    inner = narrowed(read("flag == true"), scope, truth=False)
    assert inner.lookup("flag") == optional(LiteralType(False))


def test_a_scope_sees_outwards_and_never_changes() -> None:
    inner = SCOPE.child({"x": INT})
    known = inner.narrow(("maybe",), STRING)
    assert known.lookup("maybe") == STRING
    assert inner.lookup("maybe") == optional(STRING)
    assert known.lookup("x") == INT
    assert known.lookup("nowhere") is None
    assert known.child({"maybe": INT}).lookup("maybe") == INT
    assert known.narrow(("x", "y"), INT).child({"x": STRING}).type_at(("x", "y")) is None
    assert set(inner.names()) >= {"x", "topic"}


def test_conditions_of_steps_are_bools() -> None:
    problems: list[Problem] = []
    check_condition(read("length(trends)"), SCOPE, problems, what="when")
    check_condition(read("n > 1"), SCOPE, problems, what="until")
    assert [(p.code, p.facts["what"]) for p in problems] == [("E0509", "when")]


def test_long_data_has_a_short_type() -> None:
    items = ", ".join(f'{{ id: {n}, name: "n{n}" }}' for n in range(100))
    assert describe(type_of(f"[{items}]")) == "list[{ id: int, name: string }]"


def test_deep_conditions_take_linear_time() -> None:
    condition = "n == 0"
    for level in range(60):
        condition = f'({condition} {"or" if level % 2 else "and"} anything == "k{level}")'
    problems: list[Problem] = []
    infer(read(f"if {condition} then 1 else 2"), SCOPE, problems)
    assert problems == []


def test_an_expression_of_full_depth_is_typed() -> None:
    chain = "anything" + ".x" * 190
    assert type_of(chain) == ANY
    assert type_of(" + ".join(["n"] * 190)) == INT
    assert type_of("[" * 60 + "n" + "]" * 60) != ListType(ANY)
