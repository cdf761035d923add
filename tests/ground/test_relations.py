"""What types mean to each other."""

from __future__ import annotations

from hypothesis import given

from misydsl.relations import (
    admits_null,
    comparable,
    describe,
    generalise,
    holds_secret,
    is_assignable,
    is_certain,
    optional,
    unite,
    widen,
    without_null,
)
from misydsl.types import (
    ANY,
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    FLOAT,
    INT,
    NOTHING,
    NULL,
    PERCENT,
    SECRET,
    STRING,
    URL,
    Field,
    ListType,
    LiteralType,
    MapType,
    RecordType,
    Type,
    UnionType,
)
from tests.ground.kinds import PLAIN_TYPES, TYPES


def record(*, is_open: bool = False, name: str | None = None, **fields: Type) -> RecordType:
    return of_fields(fields, is_open=is_open, name=name)


def of_fields(
    fields: dict[str, Type], *, is_open: bool = False, name: str | None = None
) -> RecordType:
    return RecordType(tuple(Field(*pair) for pair in fields.items()), is_open, name)


X, Y = LiteralType("x"), LiteralType("y")


@given(TYPES)
def test_every_type_is_assignable_to_itself(type_: Type) -> None:
    assert is_assignable(type_, type_)
    assert is_certain(type_, type_)


@given(PLAIN_TYPES, PLAIN_TYPES, PLAIN_TYPES)
def test_assignability_goes_on_from_type_to_type(one: Type, two: Type, three: Type) -> None:
    if is_assignable(one, two) and is_assignable(two, three):
        assert is_assignable(one, three)


@given(TYPES, TYPES)
def test_a_union_takes_both_of_its_sides(one: Type, other: Type) -> None:
    assert is_assignable(one, unite(one, other))
    assert is_assignable(other, unite(one, other))


@given(TYPES, TYPES)
def test_uniting_is_the_same_in_either_order(one: Type, other: Type) -> None:
    first, second = unite(one, other), unite(other, one)
    assert is_assignable(first, second)
    assert is_assignable(second, first)


@given(TYPES)
def test_what_is_certain_is_assignable_and_optional_only_adds_null(type_: Type) -> None:
    assert admits_null(optional(type_))
    assert not admits_null(without_null(type_))
    assert is_assignable(type_, optional(type_))
    assert comparable(type_, type_)
    assert describe(type_)


@given(TYPES)
def test_a_more_general_type_takes_what_the_type_takes(type_: Type) -> None:
    assert is_assignable(type_, generalise(type_))
    assert is_assignable(type_, widen(type_))


def test_any_goes_both_ways_but_is_not_certain() -> None:
    assert is_assignable(ANY, INT)
    assert is_assignable(INT, ANY)
    assert is_assignable(ListType(ANY), ListType(STRING))
    assert not is_certain(ListType(ANY), ListType(STRING))
    assert is_certain(INT, ANY)


def test_numbers_widen_and_nothing_else_is_coerced() -> None:
    assert is_assignable(INT, FLOAT)
    assert is_assignable(PERCENT, FLOAT)
    assert is_assignable(LiteralType(3), FLOAT)
    assert is_assignable(URL, STRING)
    for source, wanted in [
        (FLOAT, INT),
        (INT, STRING),
        (BOOL, INT),
        (STRING, URL),
        (INT, DURATION),
    ]:
        assert not is_assignable(source, wanted)


def test_only_a_whole_address_is_a_url() -> None:
    assert is_assignable(LiteralType("http://localhost"), URL)
    assert not is_assignable(LiteralType("localhost"), URL)


def test_literals_of_other_python_types_are_other_literals() -> None:
    assert LiteralType(True) != LiteralType(1)
    assert not is_assignable(LiteralType(1), LiteralType(True))
    assert len({LiteralType(True), LiteralType(1)}) == 2


def test_records_fit_by_width_and_depth() -> None:
    assert is_assignable(record(a=INT, b=STRING), record(a=FLOAT))
    assert not is_assignable(record(a=STRING), record(a=FLOAT))
    assert not is_assignable(record(), record(a=FLOAT))
    assert is_assignable(record(), record(a=optional(FLOAT)))
    assert not is_certain(record(), record(a=optional(FLOAT)))
    assert is_assignable(record(is_open=True), record(a=FLOAT))
    assert not is_certain(record(is_open=True), record(a=FLOAT))


def test_a_record_is_a_map_when_all_its_fields_fit() -> None:
    assert is_assignable(record(a=INT, b=INT), MapType(FLOAT))
    assert not is_assignable(record(a=INT, b=STRING), MapType(FLOAT))
    assert not is_certain(record(is_open=True, a=INT), MapType(INT))
    assert not is_assignable(MapType(INT), record(a=INT))


def test_records_are_compared_without_their_aliases_and_descriptions() -> None:
    named = RecordType((Field("a", INT, "what it is"),), name="Trend")
    assert named == record(a=INT)
    assert len({named, record(a=INT)}) == 1
    assert UnionType((X, Y), name="Kind") == UnionType((X, Y))


def test_unions_are_flat_distinct_and_absorb() -> None:
    assert unite(X, STRING) == STRING
    assert unite(LiteralType(True), LiteralType(False)) == BOOL
    assert unite(X, NULL, Y, X) == UnionType((X, NULL, Y))
    assert unite(unite(X, Y), INT) == UnionType((X, Y, INT))
    assert unite(INT, ANY) == ANY
    assert unite() == NOTHING
    assert unite(ListType(NOTHING), ListType(INT)) == ListType(INT)
    assert unite(LiteralType(True), NULL, LiteralType(False)) == optional(BOOL)


def test_the_empty_list_fits_every_list() -> None:
    assert is_assignable(ListType(NOTHING), ListType(record(a=INT)))


def test_types_that_can_be_equal() -> None:
    assert comparable(INT, FLOAT)
    assert comparable(STRING, X)
    assert comparable(X, unite(X, Y))
    assert comparable(ANY, SECRET)
    assert comparable(optional(STRING), NULL)
    assert comparable(ListType(NOTHING), ListType(INT))
    assert comparable(record(a=INT), record(b=STRING))
    assert comparable(record(a=INT), MapType(INT))
    assert comparable(MapType(INT), MapType(FLOAT))
    strangers: list[tuple[Type, Type]] = [
        (X, Y),
        (STRING, INT),
        (STRING, NULL),
        (DATE, DATETIME),
        (DURATION, INT),
    ]
    for left, right in strangers:
        assert not comparable(left, right)
    assert not comparable(ListType(INT), ListType(STRING))
    assert not comparable(record(a=INT), record(a=STRING))
    assert not comparable(X, unite(Y, INT))


def test_secrets_are_found_at_any_depth() -> None:
    assert holds_secret(ListType(record(a=optional(MapType(SECRET)))))
    assert not holds_secret(record(a=STRING))


def test_types_are_written_as_a_person_would() -> None:
    assert describe(optional(STRING)) == "string?"
    assert describe(unite(X, Y, NULL)) == '"x" | "y" | null'
    assert describe(ListType(ANY)) == "list[any]"
    assert describe(MapType(optional(INT))) == "map[int?]"
    assert describe(record(a=INT, b=LiteralType(True))) == "{ a: int, b: true }"
    assert describe(record(is_open=True, a=INT)) == "{ a: int, ... }"
    assert describe(record()) == "{}"
    assert describe(record(is_open=True)) == "{ ... }"
    assert describe(record(name="Trend", a=INT)) == "Trend"
    assert describe(NOTHING) == "nothing"


def test_a_long_record_is_shortened_from_the_inside() -> None:
    inner = of_fields({f"field{n}": STRING for n in range(10)})
    assert describe(record(a=inner, b=INT)) == "{ a: { … }, b: int }"
    assert describe(of_fields({f"field{n}": STRING for n in range(40)})) == "{ … }"


def test_an_alias_survives_uniting_with_itself_and_null() -> None:
    kind = UnionType((X, Y), name="Kind")
    assert describe(unite(kind, kind)) == "Kind"
