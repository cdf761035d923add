"""Whatever the text, the parser comes to its end, in linear time, with one word for each cause."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from misydsl.language.abridging import MOST_ERRORS
from misydsl.language.brackets import are_sound, mend
from misydsl.language.lexer import tokenize
from misydsl.language.parser import Parsed, parse
from misydsl.language.reading import source_of
from misydsl.language.separators import pieces_of
from misydsl.language.syntax import LetSyntax, PipelineSyntax, StepSyntax
from misydsl.language.tables import tables
from misydsl.source import Source

WORDS = st.sampled_from(
    [
        "step ",
        "call ",
        "pipeline p() ",
        "agent a()",
        "x",
        "y: ",
        "1",
        "=",
        "->",
        "|",
        "for ",
        "in ",
        "when ",
        "if ",
        "then ",
        "else ",
        "not ",
        "- ",
        "##d\n",
        ".",
        "...",
        "return ",
        "type T = ",
        "import ",
        "let ",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        '"',
        '"""',
        "${",
        "\n",
        "\n  ",
        ",",
        "on ",
        "repeat up to ",
        "prompt ",
    ]
)
TEXTS = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=60).map("".join))


def read(text: str) -> Parsed:
    return parse(Source("main.misy", text))


def codes(text: str) -> list[str]:
    return [problem.code for problem in read(text).diagnostics]


@settings(max_examples=400)
@given(TEXTS)
def test_no_text_makes_the_parser_fail(text: str) -> None:
    parsed = read(text)
    assert len(parsed.diagnostics) <= MOST_ERRORS + 1
    for problem in parsed.diagnostics:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
        written = problem.message.split("`")[::2]
        assert not any(
            name in part for part in written for name in tables().terminals if len(name) > 2
        )


@settings(max_examples=300)
@given(st.binary(max_size=80))
def test_no_bytes_make_the_reader_fail(data: bytes) -> None:
    source, problems = source_of(data, name="main.misy")
    parse(source)
    if problems:
        assert {problem.code for problem in problems} == {"E0108"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1"])
def test_another_encoding_is_told(encoding: str) -> None:
    _, problems = source_of("let título = 1\n".encode(encoding), name="main.misy")
    assert [problem.code for problem in problems] == ["E0108"]


@settings(max_examples=300)
@given(TEXTS)
def test_mended_brackets_always_match(text: str) -> None:
    source = Source("x", text)
    pieces = pieces_of(tokenize(source)[0])
    if not are_sound(pieces):
        assert are_sound(mend(source, pieces).pieces)


@pytest.mark.parametrize(
    "line",
    [
        "  step a {", "  step a { call b(q: ) }", "  step a { call b(q: [1, 2 }", "  step a { timeout = 3s }",
        "  }", "  step", "  foo bar baz", "  step a { call b(q: 'x' n: 1) }", '  step a { call b(q: "x) }',
        "  step a for x in { call b() }", "  let q =", "  step a: {", "  step a when 1 < 2 < 3 { }",
    ],
)  # fmt: skip
def test_one_mistake_leaves_the_rest_of_the_file_its_meaning(line: str) -> None:
    parsed = read(
        f"pipeline before() {{\n  return 1\n}}\npipeline p() {{\n{line}\n  step z {{ call b() }}\n}}\n"
        "let after = 2\n"
    )
    assert len(parsed.diagnostics) == 1
    before, *_, after = parsed.tree.declarations
    assert isinstance(before, PipelineSyntax)
    assert isinstance(after, LetSyntax)
    middle = parsed.tree.declarations[1]
    assert isinstance(middle, PipelineSyntax)
    steps = [item.name.text for item in middle.block.items if isinstance(item, StepSyntax)]
    assert steps[-1] == "z"


def test_errors_past_the_first_fifty_are_counted() -> None:
    found = read("".join(f"let v{number} =\n" for number in range(73))).diagnostics
    assert len(found) == MOST_ERRORS + 1
    assert found[-1].code == "E0119"
    assert found[-1].message.startswith("23 more")


def test_sixty_four_brackets_are_fine_and_one_more_is_not() -> None:
    assert codes("let x = " + "[" * 64 + "]" * 64) == []
    assert codes("let x = " + "[" * 65 + "]" * 65) == ["E0118"]


@pytest.mark.parametrize(
    "text", ["1" + " + 1" * 300, "a" + ".b" * 300, "- " * 300 + "1", "not " * 300 + "a"]
)
def test_a_long_chain_is_told_once(text: str) -> None:
    assert codes(f"let x = {text}\nlet y = 1\n") == ["E0118"]


def test_a_chain_of_two_hundred_is_fine() -> None:
    assert codes("let x = 1" + " + 1" * 200) == []


HOSTILE = {
    "open brackets": ("let x = ", "[", ""),
    "open braces on lines": ("pipeline p() ", "{\n", ""),
    "closers": ("", ")]}", ""),
    "interpolations": ("let x = ", '"${', ""),
    "additions": ("let x = a", "+a", ""),
    "signs": ("let x = ", "- ", ")"),
    "conditions": ("let x = ", "if a then b else ", "c"),
    "empty lets": ("", "let x = \n", ""),
    "strange characters": ("", "@ ", ""),
    "quotes": ("", "' ", ""),
    "one line": ('let x = "', "a)", ""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_ends_in_diagnostics_in_linear_time(name: str) -> None:
    before, piece, after = HOSTILE[name]

    def seconds(count: int) -> float:
        text = before + piece * count + after
        best = float("inf")
        found: object = None
        for _ in range(2):
            started = time.process_time()
            found = codes(text)
            best = min(best, time.process_time() - started)
        assert found
        return best

    small, large = seconds(4_000), seconds(32_000)
    # Eight times the text; a quadratic reader would take sixty-four times as long.
    assert large < 30 * small + 0.2
