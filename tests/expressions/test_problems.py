"""Every problem an expression can have: its code, its place, its facts."""

from __future__ import annotations

import re

import pytest

from misydsl.expressions import problems as table
from misydsl.expressions.infer import check
from misydsl.expressions.nodes import Reference
from misydsl.expressions.scope import TypeScope
from misydsl.relations import optional, unite
from misydsl.source import Span
from misydsl.types import (
    ANY,
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INT,
    NOTHING,
    PERCENT,
    RATE,
    SIZE,
    STRING,
    URL,
    ListType,
    LiteralType,
    MapType,
    Type,
)
from tests.expressions.reading import KIND, SCOPE, place_of, problem_of, problems_of, record

RETRY = record(attempts=INT, delay=optional(DURATION), on=optional(ListType(unite(STRING, INT))))

BY_ITSELF = [
    ("E0201", "topc", "topc", {"name": "topc", "subtraction": None, "kind": "name"}),
    ("E0201", "total-1", "total-1", {"subtraction": "total - 1"}),
    ("E0201", "total-n", "total-n", {"subtraction": "total - n"}),
    ("E0201", "join", "join", {"kind": "function"}),
    ("E0201", "greet", "greet", {"kind": "prompt"}),
    ("E0204", "[n for n in [1]]", "n", {"name": "n"}),
    ("E0213", "{ a: 1, a: 2 }", "a", {"name": "a"}),
    ("E0304", "writer(topic)", "writer(topic)", {"name": "writer"}),
    ("E0304", "writer.text", "writer", {"name": "writer"}),
    ("E0305", 'sort([1], with: "x")', "with", {"name": "with", "function": "sort"}),
    ("E0305", 'greet(name: "x", tune: "y")', "tune", {"kind": "prompt"}),
    ("E0306", "greet()", "greet()", {"name": "name", "type": STRING, "kind": "prompt"}),
    ("E0306", "group(trends)", "group(trends)", {"name": "by", "kind": "function"}),
    ("E0307", 'greet(name: "x", name: "y")', 'name: "y"', {"name": "name"}),
    ("E0308", 'joim(["a"], ",")', "joim", {"name": "joim"}),
    ("E0308", "(1)(2)", "1", {"name": None}),
    ("E0309", 'join(["a"])', 'join(["a"])', {"least": 2, "most": 2, "given": 1}),
    ("E0309", "range(1, 2, 3)", "range(1, 2, 3)", {"least": 1, "most": 2, "given": 3}),
    ("E0311", 'greet("Ana", name: "x")', '"Ana"', {"function": "greet", "name": "name"}),
    ("E0501", "upper(3)", "3", {"what": "`text` of `upper`", "expected": STRING}),
    ("E0501", 'trends["a"]', '"a"', {"expected": INT, "found": LiteralType("a")}),
    ("E0501", "anything[true]", "true", {}),
    ("E0501", "scores[1]", "1", {"expected": STRING}),
    ("E0501", "{ ...n }", "...n", {"found": INT}),
    ("E0501", "contains([1], topic)", "topic", {"found": STRING}),
    ("E0502", 'kind == "xx"', 'kind == "xx"', {"always": False, "candidates": ("x", "y")}),
    ("E0502", '"xx" != kind', '"xx" != kind', {"always": True, "candidates": ("x", "y")}),
    ("E0502", "topic == null", "topic == null", {"always": False}),
    ("E0502", '"xx" in [kind]', '"xx" in [kind]', {"operator": "in"}),
    ("E0505", "review.score", "review.score", {"use": "member", "target": "review"}),
    ("E0505", "null.score", "null.score", {"use": "member", "is_always": True}),
    ("E0505", "notes[0]", "notes[0]", {"use": "index"}),
    ("E0505", "[x for x in notes]", "notes", {"use": "list", "what": "for"}),
    ("E0505", "count > 1", "count", {"use": "compare", "operator": ">"}),
    ("E0505", "null > 1", "null", {"use": "compare", "is_always": True}),
    ("E0505", "1 + count", "count", {"use": "arithmetic", "operator": "+"}),
    ("E0505", "-count", "count", {"use": "arithmetic", "operator": "-"}),
    ("E0505", "upper(maybe)", "maybe", {"use": "value", "expected": STRING}),
    ("E0505", "{ ...review }", "...review", {"use": "spread"}),
    ("E0508", "[x for x in topic]", "topic", {"what": "for", "found": STRING}),
    ("E0508", "first(topic)", "topic", {"what": "first"}),
    ("E0508", "1 in n", "n", {"what": "in"}),
    ("E0509", "if n then 1 else 2", "n", {"what": "if", "text": "n"}),
    ("E0509", "n and true", "n", {"what": "and"}),
    ("E0509", "true or n", "n", {"what": "or"}),
    ("E0509", "not n", "n", {"what": "not"}),
    ("E0509", "[x for x in [1] if x]", "x", {"what": "for … if"}),
    ("E0510", '"${maybe}"', "maybe", {"text": "maybe"}),
    ("E0510", "text(maybe)", "maybe", {}),
    ("E0510", 'join([maybe], ",")', "[maybe]", {}),
    ("E0511", '"${trends}"', "trends", {"use": "text"}),
    ("E0511", "lines(trends)", "trends", {"use": "lines"}),
    ("E0511", "text(trends)", "trends", {"use": "text"}),
    ("E0512", "3s > 2", "3s > 2", {"operator": ">", "left": DURATION}),
    ("E0512", "true < false", "true < false", {}),
    ("E0513", '"n = " + 3', '"n = " + 3', {"operator": "+", "right": LiteralType(3)}),
    ("E0513", '-"x"', '-"x"', {"operator": "-", "right": None}),
    ("E0513", "[1] - [1]", "[1] - [1]", {"operator": "-"}),
    ("E0514", "trends[0].nam", "nam", {"candidates": ("name", "score", "peak")}),
    ("E0514", "answer.reason", "reason", {"is_partial": True}),
    ("E0514", "answer.resaon", "resaon", {"is_partial": False}),
    ("E0515", "trends.name", "name", {"kind": "list", "item_has": True}),
    ("E0515", "topic.name", "name", {"kind": "other", "item_has": False}),
    ("E0515", "scores.ana", "ana", {"kind": "map"}),
    ("E0515", "n[0]", "n[0]", {"name": None}),
    ("E0517", "[1, 2][3]", "3", {"index": 3, "length": 2}),
    ("E0517", "trends[-1]", "-1", {"index": -1, "length": None}),
    ("E0518", 'sort(trends, by: "scor")', '"scor"', {"name": "scor", "function": "sort"}),
    ("E0518", 'group(trends, by: "name.x")', '"name.x"', {"name": "x"}),
    ("E0519", "answer.value", "value", {"types": (STRING, INT)}),
    ("E0520", 'date("2026-02-30")', '"2026-02-30"', {"kind": "date"}),
    ("E0520", 'datetime("now")', '"now"', {"kind": "datetime"}),
    ("E0525", "sum([true])", "[true]", {"what": "what is added"}),
    ("E0525", "max([[1]])", "[[1]]", {"what": "what is ordered"}),
    ("E0525", "sort([{ a: 1 }])", "[{ a: 1 }]", {"what": "what is ordered"}),
    ("E0701", '"key ${secret.TOKEN}"', "secret.TOKEN", {"use": "text"}),
    ("E0701", 'secret.TOKEN == "x"', 'secret.TOKEN == "x"', {"use": "operator"}),
    ("E0701", "json({ a: secret.TOKEN })", "{ a: secret.TOKEN }", {"use": "function"}),
    ("W0902", 'topic ?? ""', 'topic ?? ""', {"text": "topic"}),
]


@pytest.mark.parametrize(("code", "text", "place", "facts"), BY_ITSELF)
def test_an_expression_by_itself_has_this_problem(
    code: str, text: str, place: str, facts: dict[str, object]
) -> None:
    problem = problem_of(text)
    assert problem.code == code
    assert place_of(problem, text) == place
    assert {name: problem.facts[name] for name in facts} == facts


WANTED: list[tuple[str, str, Type, str, dict[str, object]]] = [
    ("E0501", "3", STRING, "3", {"what": "`q` of `a`", "found": LiteralType(3), "path": ""}),
    ("E0501", "{ a: [3] }", record(a=ListType(STRING)), "3", {"what": "item 1 of `a`"}),
    ("E0501", "trends", ListType(record(name=INT)), "trends", {"path": "[…].name"}),
    (
        "E0501",
        "trends",
        ListType(record(id=INT)),
        "trends",
        {"path": "[…].id", "part_found": NOTHING},
    ),
    ("E0501", "[t.name for t in trends]", ListType(INT), "t.name", {"found": STRING}),
    ("E0501", "if n > 1 then 1 else true", INT, "true", {}),
    ("E0501", "maybe ?? 3", STRING, "3", {}),
    ("E0501", 'count ?? "x"', STRING, "count", {"found": INT}),
    ("E0501", "null", STRING, "null", {}),
    ("E0501", "{ ...{ attempts: true } }", RETRY, "{ attempts: true }", {"what": "`attempts`"}),
    ("E0501", "{ ...topic }", MapType(STRING), "topic", {"what": "`...topic`"}),
    ("E0501", '{ a: "x" }', MapType(INT), '"x"', {"what": "`a`"}),
    ("E0503", "{ attempts: 3, delay: 1000 }", RETRY, "1000", {"suggestions": ("1000ms", "1000s")}),
    ("E0503", '"30s"', DURATION, '"30s"', {"found": "text", "suggestions": ("30s",)}),
    ("E0503", '"soon"', optional(DURATION), '"soon"', {"suggestions": ()}),
    ("E0503", "10", RATE, "10", {"suggestions": ("10/s", "10/m")}),
    ("E0503", "10", SIZE, "10", {"suggestions": ("10kB", "10MB")}),
    ("E0503", "10", PERCENT, "10", {"suggestions": ("10%",)}),
    ("E0503", '"2026-03-01"', DATE, '"2026-03-01"', {"suggestions": ('date("2026-03-01")',)}),
    ("E0520", '"2026-02-30"', DATE, '"2026-02-30"', {"kind": "date"}),
    ("E0520", '"noon"', DATETIME, '"noon"', {"kind": "datetime"}),
    ("E0504", '"xx"', KIND, '"xx"', {"value": "xx", "choices": ("x", "y")}),
    ("E0504", '{ k: "xx" }', record(k=optional(KIND)), '"xx"', {"what": "`k`"}),
    ("E0505", "maybe", STRING, "maybe", {"use": "value", "what": "`q` of `a`"}),
    ("E0505", "count and true", BOOL, "count", {"use": "bool"}),
    ("E0506", "{ delay: 1s }", RETRY, "{ delay: 1s }", {"name": "attempts", "type": INT}),
    ("E0507", "{ attempts: 3, maxAttempts: 3 }", RETRY, "maxAttempts", {"what": "`q` of `a`"}),
    ("E0513", '{ attempts: 1 + "x" }', RETRY, '1 + "x"', {}),
    ("W0902", 'topic ?? "x"', STRING, 'topic ?? "x"', {}),
]


@pytest.mark.parametrize(("code", "text", "wanted", "place", "facts"), WANTED)
def test_an_expression_that_should_fit_has_this_problem(
    code: str, text: str, wanted: Type, place: str, facts: dict[str, object]
) -> None:
    if code == "E0505" and "and" in text:
        wanted_scope = SCOPE.child({"flag": optional(BOOL)})
        text, place = text.replace("count", "flag"), "flag"
        problem = problem_of(text, wanted, wanted_scope)
    else:
        problem = problem_of(text, wanted)
    assert problem.code == code
    assert place_of(problem, text) == place
    assert {name: problem.facts[name] for name in facts} == facts


def test_the_table_names_every_code_that_is_reported() -> None:
    documented = set(re.findall(r"^([EW]\d{4})", table.__doc__ or "", re.MULTILINE))
    shown = {case[0] for case in BY_ITSELF} | {case[0] for case in WANTED}
    assert shown == documented - {"E0516"}  # a strict check alone: see below


def test_only_a_strict_check_tells_where_any_goes_into_a_typed_place() -> None:
    scope = TypeScope({"x": record(a=ListType(ANY))})
    assert vague_parts(scope, is_strict=False) == []
    (found,) = vague_parts(scope, is_strict=True)
    assert found.code == "E0516"
    assert found.facts == {"text": "x.a[…]", "name": None, "what": "`q`", "expected": STRING}


def vague_parts(scope: TypeScope, *, is_strict: bool) -> list[table.Problem]:
    problems: list[table.Problem] = []
    wanted = record(a=ListType(STRING))
    check(Reference(Span(0, 1), "x"), wanted, scope, problems, what="`q`", is_strict=is_strict)
    return problems


def test_an_unknown_name_is_reported_once_and_is_any() -> None:
    problems = problems_of('tpic.name + tpic + "x ${tpic[0]}"')
    assert [problem.code for problem in problems] == ["E0201"]


@pytest.mark.parametrize(
    "text",
    [
        "{ attempts: 3 }",
        '{ attempts: 3, delay: 1s, on: ["timeout", 429] }',
        "{ ...{ attempts: 1 }, delay: 1s }",
        "{ ...anything }",
        "if n > 1 then { attempts: 1 } else { attempts: 2, delay: null }",
        "anything",
    ],
)
def test_a_record_that_fits_has_no_problem(text: str) -> None:
    assert problems_of(text, RETRY) == []


AUTH = unite(
    record(bearer=STRING),
    record(basic=record(user=STRING, password=STRING)),
    record(kind=LiteralType("a"), value=STRING),
    record(kind=LiteralType("b"), value=INT),
)


def test_a_literal_record_is_judged_by_the_alternative_it_means() -> None:
    assert problems_of('{ bearer: "x" }', AUTH) == []
    assert problems_of('{ kind: "b", value: 3 }', AUTH) == []
    wrong = problem_of('{ kind: "b", value: "3" }', AUTH)
    assert (wrong.code, wrong.facts["expected"]) == ("E0501", INT)
    unknown = problem_of('{ basic: { user: "x" } }', AUTH)
    assert (unknown.code, unknown.facts["name"]) == ("E0506", "password")
    assert problem_of("{ nothing: 1 }", AUTH).code == "E0501"


def test_open_records_and_maps_take_any_field() -> None:
    assert problems_of("{ a: 1, extra: 2 }", record(is_open=True, a=INT)) == []
    assert problems_of("{ a: 1, b: 2, ...{ c: 3 } }", MapType(INT)) == []
    assert problems_of("{}", MapType(INT)) == []


def test_text_that_is_an_address_is_a_url() -> None:
    assert problems_of('"http://localhost/${topic}"', URL) == []
    assert problem_of('"x${topic}"', URL).code == "E0501"


def test_secrets_may_be_handed_on_where_they_are_wanted() -> None:
    from misydsl.types import SECRET

    assert problems_of("{ bearer: secret.TOKEN }", record(bearer=SECRET)) == []


def test_several_problems_of_one_expression_are_all_found() -> None:
    codes = [problem.code for problem in problems_of('{ a: topc, b: 1 + "x", c: joim(1) }')]
    assert codes == ["E0201", "E0513", "E0308"]


def test_prompts_take_puns_by_name_only() -> None:
    scope = SCOPE.child({"name": STRING})
    assert problems_of("greet(name)", scope=scope) == []
    assert problems_of('greet(name: topic, tone: "warm")') == []
    assert problem_of("greet(topic, name: topic)").code == "E0311"
    assert problem_of("greet(name: secret.X)").code in ("E0701", "E0501")


def test_any_is_taken_everywhere() -> None:
    text = 'upper(anything) + "${anything.x.y[0]}" + anything'
    assert problems_of(text) == []
    assert problems_of("anything", ListType(record(a=FLOAT))) == []
    assert problems_of("[x.a for x in anything if x.ok]", ListType(ANY)) == []
