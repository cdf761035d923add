"""`misy grammar`: the page, the card and the colours, as people, scripts and models get them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from misydsl.cli.main import main
from misydsl.expressions.functions import FUNCTIONS
from misydsl.language.card import card
from misydsl.language.codemirror import codemirror_text
from misydsl.language.textmate import textmate_grammar
from misydsl.pipeline.settings import SETTINGS

Out = pytest.CaptureFixture[str]


def said(capsys: Out, *words: str) -> str:
    assert main(["grammar", *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_it_says_where_the_page_and_the_grammar_are_and_what_there_is(capsys: Out) -> None:
    out = said(capsys)
    places = [Path(line.split()[-1]) for line in out.splitlines() if line.startswith("the ")]
    assert [place.name for place in places] == ["README.md", "misy.lark"]
    assert all(place.is_file() for place in places)
    assert "misy grammar --card" in out
    assert f"functions  {len(FUNCTIONS)}: " in out


def test_a_machine_gets_the_words_settings_and_functions(capsys: Out) -> None:
    found = json.loads(said(capsys, "--json"))
    assert Path(found["page"]).is_file()
    assert Path(found["grammar"]).is_file()
    assert found["functions"] == list(FUNCTIONS)
    assert found["settings"] == {place: list(known) for place, known in SETTINGS.items()}
    assert {"and", "null"} <= set(found["reserved"])
    assert {"step", "call"} <= set(found["keywords"])


def test_the_card_is_printed_as_it_is(capsys: Out) -> None:
    assert said(capsys, "--card") == card()
    assert json.loads(said(capsys, "--card", "--json")) == {"card": card()}


def test_an_editor_gets_its_grammar(capsys: Out) -> None:
    assert json.loads(said(capsys, "--textmate")) == textmate_grammar()


def test_a_page_with_codemirror_gets_its_table(capsys: Out) -> None:
    assert said(capsys, "--codemirror") == codemirror_text()


def test_one_thing_is_asked_for_at_a_time(capsys: Out) -> None:
    assert main(["grammar", "--card", "--textmate"]) == 2
    assert "not allowed with" in capsys.readouterr().err
