"""Tokens lose nothing, and characters that deceive are told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from misydsl.language.lexer import tokenize
from misydsl.source import Source, Span

PIECES = st.sampled_from(
    [
        '"',
        '"""',
        "${",
        "{",
        "}",
        "\n",
        "\r\n",
        "#",
        "##",
        "\\",
        "-",
        "a",
        "1",
        "30s",
        "é",
        "́",
        "\ufeff",
        "\x00",
        "'",
        "“",
        "аb",
        "!",
        "//",
        ",",
        ".",
        "??",
        " ",
        "\t",
        "\r",
        "...",
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=60).map("".join))


def kinds(text: str) -> list[str]:
    return [kind for kind, _ in tokenize(Source("x", text))[0] if kind != "WHITESPACE"]


def codes(text: str) -> list[str]:
    return [problem.code for problem in tokenize(Source("x", text))[1]]


@settings(max_examples=400)
@given(TEXTS)
def test_tokens_joined_are_the_text(text: str) -> None:
    tokens, _ = tokenize(Source("x", text))
    assert "".join(piece for _, piece in tokens) == text
    assert len(tokens.starts) == len(tokens) + 1
    assert tokens.starts == sorted(tokens.starts)


def test_a_token_is_found_by_its_place() -> None:
    tokens, _ = tokenize(Source("x", "let a = 1"))
    assert tokens.at(4) == 2
    assert tokens.span(2) == Span(4, 5)
    assert tokens.text_of(2) == "a"
    assert tokens.at(9) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 1.5 30s 10/s 20% 5MB", ["INT", "FLOAT", "DURATION", "RATE", "PERCENT", "SIZE"]),
        ("10/total", ["INT", "SLASH", "NAME"]),
        ("1.5/x", ["FLOAT", "SLASH", "NAME"]),
        ("a?.b ?? c?", ["NAME", "QDOT", "NAME", "COALESCE", "NAME", "QMARK"]),
        ("# c\n## d\n### e", ["COMMENT", "NEWLINE", "DOC", "NEWLINE", "COMMENT"]),
        ('"{ }"', ["STRING"]),
        (
            '"${ { a: 1 } }"',
            [
                "TEXT_OPEN",
                "INTERPOLATION_OPEN",
                "LBRACE",
                "NAME",
                "COLON",
                "INT",
                "RBRACE",
                "INTERPOLATION_CLOSE",
                "TEXT_CLOSE",
            ],
        ),
        ("a && !b", ["NAME", "AND", "NOT", "NAME"]),
    ],
)
def test_text_is_cut_where_a_person_sees_the_cuts(text: str, expected: list[str]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('"open', "E0101"), ('"a ${b', "E0101"), ('"""open', "E0101"), ("'x'", "E0102"),
        ("a\u00a0b", "E0102"), ("a\u200bb", "E0102"), ("30sec", "E0103"), ("аgent", "E0106"),
        ("αb", "E0106"), ('"\u202e"', "E0107"), ("# \u2066", "E0107"), ("x² ", "E0102"),
    ],
)  # fmt: skip
def test_a_wrong_character_has_its_code(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text", ["año-niño", "ёлка", "日本語", "日本api", "cancio\u0301n", "größe_2"]
)
def test_names_of_one_script_are_fine(text: str) -> None:
    assert kinds(text) == ["NAME"]
    assert codes(text) == []


def test_an_open_text_ends_before_the_brackets_around_it() -> None:
    tokens, _ = tokenize(Source("x", 'call a(q: "x) }\n'))
    assert [piece for _, piece in tokens][-4:] == [")", " ", "}", "\n"]
