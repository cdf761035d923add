"""The types of a file, at a place and as a table."""

from __future__ import annotations

import pytest

from misydsl.language.check import check_modules
from misydsl.language.type_table import type_at, type_table
from misydsl.relations import describe
from misydsl.source import Source

TEXT = """\
type Post = { text: string, tags: list[string] }
let brand = "Ñandú"
agent writer(topic: string) -> Post
prompt ask(topic: string) \"\"\"Sobre ${topic}\"\"\"
pipeline posts(topic: string?, topics: list[string]) {
  step one when topic != null { call writer(topic) }
  step all for t in topics {
    let long = "${brand} ${t}"
    step draft { call writer(topic: ask(topic: long)) }
    return draft.tags
    fallback { return [error.message] }
  }
  on failure {
    step tell { call writer(topic: error.message) }
  }
  return [p for p in all if length(p) > 0]
}
"""
CHECKED = check_modules({"main.misy": TEXT}, "main.misy", with_types=True)


def at(piece: str, inside: int = 0) -> tuple[str, str] | None:
    """The text and type of what stands `inside` characters after the start of a piece."""
    found = type_at(CHECKED, TEXT.index(piece) + inside)
    return (TEXT[found[0].start : found[0].end], describe(found[1])) if found else None


def test_the_file_has_no_errors() -> None:
    assert not [one for one in CHECKED.diagnostics if one.is_error]


@pytest.mark.parametrize(
    ("piece", "inside", "text", "type_"),
    [
        ("brand =", 0, "brand", '"Ñandú"'),
        ("topic != null", 0, "topic", "string?"),
        ("topics {", 2, "topics", "list[string]"),
        ("ask(topic: long)", 0, "ask(topic: long)", "string"),
        ("topic: long", 7, "long", "string"),
        ("draft.tags", 0, "draft", "{ text: string, tags: list[string] }"),
        ("draft.tags", 7, "draft.tags", "list[string]"),
        ("error.message]", 8, "error.message", "string"),
        ("one when", 0, "one", "{ text: string, tags: list[string] }?"),
        ("length(p)", 0, "length(p)", "int"),
        ("length(p)", 7, "p", "list[string]"),
    ],
)
def test_the_narrowest_thing_at_a_place_has_its_type(
    piece: str, inside: int, text: str, type_: str
) -> None:
    found = at(piece, inside)
    assert found is not None
    assert found[0] == text
    assert found[1].replace("Post", "{ text: string, tags: list[string] }") == type_


def test_where_nothing_has_a_type_there_is_no_answer() -> None:
    assert at("pipeline posts") is None
    assert type_at(CHECKED, len(TEXT) + 10) is None
    assert type_at(CHECKED, -1) is None


def test_the_table_has_every_name_in_the_order_of_the_text() -> None:
    table = type_table(CHECKED)
    assert [row.span for row in table] == sorted(row.span for row in table)
    assert [(row.kind, row.path) for row in table] == [
        ("type", "Post"),
        ("let", "brand"),
        ("agent", "writer"),
        ("input", "writer.topic"),
        ("prompt", "ask"),
        ("input", "ask.topic"),
        ("pipeline", "posts"),
        ("input", "posts.topic"),
        ("input", "posts.topics"),
        ("step", "posts.one"),
        ("step", "posts.all"),
        ("let", "posts.all.long"),
        ("step", "posts.all.draft"),
        ("step", "posts.tell"),
    ]


def test_a_text_that_cannot_be_read_still_has_a_table() -> None:
    broken = check_modules({"m": "let a = 3\nlet b = (\n"}, "m", with_types=True)
    assert describe({row.path: row.type for row in type_table(broken)}["a"]) in ("3", "int")


@pytest.mark.parametrize(
    ("line", "column", "offset"),
    [(1, 1, 0), (2, 3, 5), (2, 4, None), (3, 1, 6), (4, 1, None), (0, 1, None), (1, 0, None)],
)
def test_a_place_in_lines_and_columns_is_an_offset(
    line: int, column: int, offset: int | None
) -> None:
    assert Source("a", "no\ndo\n").offset(line, column) == offset
