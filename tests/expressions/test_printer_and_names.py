"""Expressions back to text, and the names they need."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from misydsl.expressions.free import called_names, free_names
from misydsl.expressions.nodes import (
    Apply,
    Argument,
    Binary,
    Broken,
    Clause,
    Comprehension,
    Conditional,
    Expression,
    Index,
    ListOf,
    Literal,
    Member,
    RecordField,
    RecordOf,
    Reference,
    Spread,
    Text,
    Unary,
)
from misydsl.expressions.printer import to_text
from misydsl.source import Span
from misydsl.values import Duration, Percent, Rate, Size
from tests.expressions.reading import read

NOWHERE = Span(0, 0)
NAMES = st.sampled_from(["a", "trend-scan", "título", "step", "error"])
TEXTS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=6)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 10**12),
    st.floats(0, 1e12, allow_nan=False).map(lambda number: round(number, 6)),
    TEXTS,
    st.integers(0, 10**9).map(lambda number: Duration(number / 1000)),
    st.sampled_from([Percent(0.2), Percent(0.125), Rate(10), Rate(2.5), Size(64 * 2**20), Size(7)]),
)


def _compound(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    operators = [
        "or",
        "and",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "in",
        "not in",
        "??",
        "+",
        "-",
        "*",
        "/",
    ]
    condition = st.none() | inner
    clause = st.builds(Clause, st.just(NOWHERE), NAMES, st.just(NOWHERE), inner, condition)
    field = st.builds(RecordField, st.just(NOWHERE), NAMES | TEXTS, st.just(NOWHERE), inner)
    argument = st.builds(Argument, st.just(NOWHERE), st.none() | NAMES, inner)
    place = st.just(NOWHERE)
    pieces = st.tuples(TEXTS.filter(bool), inner)
    return st.one_of(
        st.builds(Member, place, inner, NAMES, place, st.booleans()),
        st.builds(Index, place, inner, inner),
        st.builds(Apply, place, inner, st.lists(argument, max_size=2).map(tuple)),
        st.builds(Unary, place, st.sampled_from(["-", "not"]), inner),
        st.builds(Binary, place, st.sampled_from(operators), inner, inner),
        st.builds(Conditional, place, inner, inner, inner),
        st.builds(ListOf, place, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Comprehension, place, inner, st.lists(clause, min_size=1, max_size=2).map(tuple)),
        st.builds(
            RecordOf,
            place,
            st.lists(field | st.builds(Spread, place, inner), max_size=3).map(tuple),
        ),
        st.builds(Text, place, pieces),
    )


EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(
    st.builds(Literal, st.just(NOWHERE), SCALARS) | st.builds(Reference, st.just(NOWHERE), NAMES),
    _compound,
    max_leaves=8,
)


def shape(value: object) -> object:
    """A tree without its places; floats as they print, because a measure is a rounded number."""
    if isinstance(value, msgspec.Struct):
        fields = {f: shape(getattr(value, f)) for f in value.__struct_fields__ if "span" not in f}
        return (type(value).__name__, fields)
    if isinstance(value, tuple | list):
        return [shape(item) for item in value]
    return (type(value).__name__, f"{value:.9g}" if isinstance(value, float) else value)


@given(EXPRESSIONS)
def test_what_is_printed_reads_back_as_the_same_tree(expression: Expression) -> None:
    text = to_text(expression)
    assert shape(read(text)) == shape(expression), text
    assert "\n" not in text


@pytest.mark.parametrize(
    "text",
    [
        "(a + b) * c - d",
        "a - (b - c)",
        "not (a and b) or c",
        "(if a then b else c).d",
        "a ?? b ?? c",
        "(a ?? b) ?? c",
        "-(a + b)",
        "[x for x in xs if x > 1 for y in ys]",
        '{ a: 1, topic, ...base, "if": 2, "odd key": 3 }',
        '"tab\\t quote\\" \\${not} ${real}"',
        'sort(xs, by: "a", desc: true)[0]?.b',
        "{}",
        "[]",
        "1e300",
    ],
)
def test_canonical_text_stays_as_it_is(text: str) -> None:
    assert to_text(read(text)) == text


def test_what_nobody_would_see_is_escaped() -> None:
    assert to_text(Literal(NOWHERE, "a\u202eb\x00")) == '"a\\u{202e}b\\u{0}"'
    assert to_text(Literal(NOWHERE, -3)) == "-3"
    assert to_text(Broken(NOWHERE)) == "…"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a + b.c[d]", {"a", "b", "d"}),
        ("[x + y for x in xs if x > z]", {"y", "xs", "z"}),
        ("[y for x in xs for y in x.items]", {"xs"}),
        ("[x for x in x]", {"x"}),
        ("join(parts, sep)", {"parts", "sep"}),
        ("greet(topic, tone: kind)", {"topic", "kind"}),
        ('{ a, b: c, ...d, e: "${f}" }', {"a", "c", "d", "f"}),
        ("if a then -b else [c]", {"a", "b", "c"}),
        ("failures(step)", {"step"}),
        ('"text"', set()),
    ],
)
def test_the_names_an_expression_depends_on(text: str, names: set[str]) -> None:
    assert free_names(read(text)) == names


def test_the_names_an_expression_calls() -> None:
    expression = read('greet(name: upper(a)) + "${[lower(x) for x in xs]}" + (1)(2)')
    assert called_names(expression) == {"greet", "upper", "lower"}
    assert free_names(Broken(NOWHERE)) == frozenset()
