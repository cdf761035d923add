"""Laws of the formatter over made-up programs, laid out in made-up ways.

`MISY_LAWS=20000` tries that many programs instead of the usual 300; `HYPOTHESIS_PROFILE=explore` draws
others than last time.
"""

from __future__ import annotations

import os

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from misydsl.language.formatter import Formatted, format_text
from misydsl.language.lexer import tokenize
from misydsl.language.parser import parse
from misydsl.language.separators import pieces_of, separate
from misydsl.language.tables import tables
from misydsl.source import Source, Span
from tests.language.programs import Program, laid_out, layouts, programs

EXAMPLES = int(os.environ.get("MISY_LAWS", "300"))
SECONDS_AN_EXAMPLE = 0.2

# A long run takes as long as it takes; a single program that hangs is still noticed.
patient = pytest.mark.timeout(max(120, EXAMPLES * SECONDS_AN_EXAMPLE))


def formatted(text: str) -> Formatted:
    return format_text(Source("generated.misy", text))


def terminals(text: str) -> list[str]:
    """What the parser reads, without an edition: kinds and texts, separators as it sees them."""
    tokens, problems = tokenize(Source("generated.misy", text))
    assert problems == []
    stream = separate(tokens.source, pieces_of(tokens), tables())
    assert stream.problems == []
    named = [
        "SEP" if tables().terminals[terminal] == "SEP" else text[start:end]
        for terminal, start, end in zip(stream.terminals, stream.starts, stream.ends, strict=True)
    ]
    return named[2 + (named[2:3] == ["SEP"]) :] if named[:1] == ["misy"] else named


def comments(text: str) -> list[str]:
    """Every comment, what is left after its last letter aside."""
    tokens, _ = tokenize(Source("generated.misy", text))
    return [comment.rstrip() for kind, comment in tokens if kind in {"COMMENT", "DOC"}]


def meaning(node: object) -> object:
    """A syntax tree without its places, documentation included."""
    match node:
        case Span():
            return None
        case msgspec.Struct():
            return (type(node), *(meaning(getattr(node, each)) for each in node.__struct_fields__))
        case tuple():
            return tuple(meaning(part) for part in node)
        case _:
            return node


@settings(max_examples=EXAMPLES)
@patient
@given(layouts())
def test_formatting_twice_is_formatting_once_and_says_the_same(text: str) -> None:
    once = formatted(text)
    assert once.diagnostics == ()
    assert terminals(once.text) == terminals(text)
    assert comments(once.text) == comments(text)
    again = formatted(once.text)
    assert again.text == once.text
    assert not again.changed


@patient
@given(layouts())
def test_what_was_written_is_what_is_written(text: str) -> None:
    after = parse(Source("generated.misy", formatted(text).text))
    before = parse(Source("generated.misy", text))
    assert meaning(after.tree.declarations) == meaning(before.tree.declarations)


@patient
@given(layouts())
def test_a_layout_is_clean(text: str) -> None:
    after = formatted(text).text
    assert after.startswith("misy") or after[:1] in {"#", "\ufeff"}
    assert after.endswith("\n")
    is_crlf = 0 < text.count("\n") == text.count("\r\n")
    assert after.count("\r\n") == (after.count("\n") if is_crlf else after.count("\r"))
    assert after.startswith("\ufeff") == text.startswith("\ufeff")


@patient
@given(programs(most=3))
def test_white_space_within_lines_decides_nothing(program: Program) -> None:
    neat = laid_out(program, wildness=0)
    assert formatted(neat.replace("  #", "\t  #")).text == formatted(neat).text


@patient
@given(layouts(most=2), st.data())
def test_a_text_that_was_damaged_is_laid_out_lawfully_or_left_alone(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(start + 4, len(text))))
    damage = data.draw(
        st.sampled_from(["", "}", "(", '"', ",", "#", "\r", "when ", "- ", "…", "for"])
    )
    damaged = text[:start] + damage + text[end:]
    found = formatted(damaged)
    if found.diagnostics:
        assert found == Formatted(damaged, found.diagnostics, changed=False)
        assert any(problem.is_error for problem in found.diagnostics)
    else:
        assert terminals(found.text) == terminals(damaged)


@given(st.text(max_size=80))
def test_any_text_ends_in_a_layout_or_in_diagnostics(text: str) -> None:
    found = formatted(text)
    assert found.diagnostics or formatted(found.text).text == found.text
