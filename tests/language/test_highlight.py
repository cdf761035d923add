"""Colours: every text is coloured whole, keywords only where they are keywords, Pygments agrees."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from pygments import highlight as pygmentize
from pygments import lex
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename, guess_lexer
from pygments.token import STANDARD_TYPES, Error, string_to_tokentype

from misydsl.language.highlight import CLASS_OF, CLASSES, SOFT, highlight
from misydsl.language.lexer import tokenize
from misydsl.language.parser import parse
from misydsl.language.pygments_lexer import MisyLexer
from misydsl.language.tokens import (
    CLOSER_OF,
    KEYWORD_KINDS,
    NUMBERS,
    PUNCTUATION,
    SOFT_KEYWORDS,
    TEXTS,
    TRIVIA,
    Tokens,
)
from misydsl.source import Source
from tests.language.test_tokens import TEXTS as ANY_TEXT

CHECKOUT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path
    for folder in ("tests", "examples")
    for path in (CHECKOUT / folder).rglob("*.misy")
    if ".misy" not in path.parts
)
ALL_KINDS = {
    *("NAME", *KEYWORD_KINDS.values(), *PUNCTUATION.values(), *NUMBERS, *TEXTS, *TRIVIA),
    *(*CLOSER_OF, *CLOSER_OF.values()),
}


def tokens_of(text: str) -> Tokens:
    return tokenize(Source("x", text))[0]


def read(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


RIGHT_FILES = [path for path in FILES if not parse(Source("x", read(path))).diagnostics]


def classes(text: str) -> dict[str, str]:
    """The class of each piece, blanks left out; of equal pieces the last."""
    pieces = highlight(tokens_of(text))
    return {
        text[p.start : p.end]: p.token_class.name for p in pieces if text[p.start : p.end].strip()
    }


def test_every_kind_of_token_has_one_class_and_no_class_knows_another_kind() -> None:
    kinds = [kind for one in CLASSES.values() for kind in one.kinds]
    assert sorted(kinds) == sorted(ALL_KINDS)
    assert set(SOFT) == {word.upper() for word in SOFT_KEYWORDS}


def test_every_class_has_a_type_that_all_styles_of_pygments_know() -> None:
    for one in CLASSES.values():
        assert string_to_tokentype(one.pygments) in STANDARD_TYPES, one.name


@settings(max_examples=300)
@given(ANY_TEXT)
def test_no_text_is_lost_and_nothing_fails(text: str) -> None:
    pieces = list(highlight(tokens_of(text)))
    assert "".join(text[piece.start : piece.end] for piece in pieces) == text
    assert all(piece.start < piece.end for piece in pieces)
    assert "".join(part for _, _, part in MisyLexer().get_tokens_unprocessed(text)) == text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name + "/" + path.name)
def test_pygments_and_the_tokenizer_agree_on_every_file(path: Path) -> None:
    text = read(path)
    tokens = tokens_of(text)
    told = list(MisyLexer().get_tokens_unprocessed(text))
    assert "".join(part for _, _, part in told) == text
    starts = {start: kind for start, kind, _ in told}
    by_place = {"NAME", *SOFT, *TEXTS}
    for (kind, part), start in zip(tokens, tokens.starts, strict=False):
        if not part:
            continue
        assert start in starts, f"{part!r} does not begin a piece"
        if kind not in by_place:
            assert starts[start] is string_to_tokentype(CLASS_OF[kind].pygments)
    assert "".join(part for _, part in lex(text, MisyLexer(stripnl=False, ensurenl=False))) == (
        text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    )


@pytest.mark.parametrize("path", RIGHT_FILES, ids=lambda path: path.parent.name + "/" + path.name)
def test_what_is_coloured_as_a_name_may_be_any_name(path: Path) -> None:
    """Soft keywords that are names here can all be renamed, and the file still reads."""
    text = read(path)
    renamed = "".join(
        f"{text[p.start : p.end]}-x"
        if text[p.start : p.end] in SOFT_KEYWORDS
        and p.token_class.name not in {"declaration", "control", "text"}
        else text[p.start : p.end]
        for p in highlight(tokens_of(text))
    )
    assert parse(Source("x", renamed)).diagnostics == ()


@pytest.mark.parametrize("path", RIGHT_FILES, ids=lambda path: path.parent.name + "/" + path.name)
def test_what_is_coloured_as_a_keyword_can_be_no_other_word(path: Path) -> None:
    """Each soft keyword that is one here is needed: with another word the file no longer reads."""
    text = read(path)
    for start, end, found in highlight(tokens_of(text)):
        if text[start:end] in SOFT_KEYWORDS and found.name in {"declaration", "control"}:
            renamed = f"{text[:start]}{text[start:end]}-x{text[end:]}"
            assert parse(Source("x", renamed)).diagnostics != (), text[start : end + 20]


def test_every_soft_keyword_can_be_a_field_an_input_and_a_name() -> None:
    for word in SOFT_KEYWORDS:
        assert classes(f"type T = {{ {word}: int }}")[word] == "key"
        assert classes(f"let x = a.{word}")[word] == "name"
        assert classes(f"let x = {{ {word}, b: 1 }}")[word] == "name"
        assert classes(f"let x = [\n  {word}\n]")[word] == "name"
        assert classes(f"agent {word}() ")[word] == "declared"


@pytest.mark.parametrize(
    ("text", "piece", "name"),
    [
        ("misy 1", "misy", "declaration"),
        ('import { a as b } from "./x.misy"', "as", "declaration"),
        ('import { a as b } from "./x.misy"', "from", "declaration"),
        ("step s when a after b, c repeat up to 3 {", "when", "control"),
        ("step s when a after b, c repeat up to 3 {", "after", "control"),
        ("step s when a after b, c repeat up to 3 {", "repeat", "control"),
        ("step s when a after b, c repeat up to 3 {", "up", "control"),
        ("step s when a after b, c repeat up to 3 {", "to", "control"),
        ("step s\n  when not a {", "when", "control"),
        ("} else when a {", "when", "control"),
        ("{ step s { return [1] } }", "return", "control"),
        ("fallback { return 1 }", "fallback", "control"),
        ("on failure {", "on", "control"),
        ("let when = 1 - when", "when", "name"),
        ("call human.approve(to: x)", "to", "key"),
        ("call writer(topic)", "writer", "declared"),
        ("type Trend = string", "Trend", "type"),
        ("step s: list[string] {", "list", "type"),
        ("step s: list[string] {", "string", "type"),
        ("let x = [date for date in dates]", "date", "name"),
        ("let x = length(xs)", "length", "function"),
        ("let x = a.length(xs)", "length", "name"),
        ("let x = env.HOME", "env", "implicit"),
        ("let x = true", "true", "constant"),
        ("timeout: 1h30m", "1h30m", "measure"),
        ('"a\\n${b}"', "\\n", "escape"),
        ('"a\\q"', '"a\\q"', "text"),
        ('"""a\\n${b}"""', "a\\n", "text"),
        ('"""a\\${b}"""', "\\${", "escape"),
        ('"${ { a: "}" } }"', "${", "interpolation"),
        ("## doc", "## doc", "documentation"),
        ("§", "§", "unknown"),
    ],
)
def test_a_piece_has_the_class_of_its_place(text: str, piece: str, name: str) -> None:
    assert classes(text)[piece] == name


def test_pygments_finds_the_lexer_by_alias_file_media_type_and_first_line() -> None:
    from pygments.lexers import get_lexer_for_mimetype

    assert get_lexer_by_name("misy").name == "misy"
    assert get_lexer_for_filename("viral.misy").name == "misy"
    assert get_lexer_for_mimetype("text/x-misy").name == "misy"
    assert guess_lexer("# hola\nmisy 1\n\nlet a = 1\n").name == "misy"
    assert MisyLexer.analyse_text("misyx 1") == 0.0


def test_broken_text_is_shown_whole_and_what_is_no_misy_stands_out() -> None:
    text = 'step s { call a(q: "x ${b \n § )'
    told = list(lex(text, MisyLexer()))
    assert (Error, "§") in told
    html = pygmentize(text, MisyLexer(), HtmlFormatter())
    assert "call" in html
