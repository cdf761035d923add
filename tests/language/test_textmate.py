"""The TextMate grammar is the table's, is up to date, and colours as the lexer reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from misydsl.language.highlight import CLASSES, highlight
from misydsl.language.lexer import tokenize
from misydsl.language.textmate import textmate_text
from misydsl.source import Source
from tests.language.colouring import scopes_of
from tests.language.test_highlight import CHECKOUT, RIGHT_FILES, read

FILE = CHECKOUT / "editors" / "misy.tmLanguage.json"
GRAMMAR: Any = json.loads(textmate_text())
# What one line at a time can tell for certain; names are coloured by what is beside them.
CERTAIN = {
    *("comment", "documentation", "declaration", "control", "word-operator", "constant"),
    *("integer", "float", "measure", "text", "escape", "interpolation", "operator", "punctuation"),
    *("key", "function", "declared"),
}


def test_the_file_for_editors_is_up_to_date() -> None:
    """Else: `misy grammar --textmate > editors/misy.tmLanguage.json`."""
    assert FILE.read_text(encoding="utf-8") == textmate_text()


def _scopes_in(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["name"]} if isinstance(part.get("name"), str) else set()
        return own.union(*(_scopes_in(one) for one in part.values()))
    return set().union(*(_scopes_in(one) for one in part)) if isinstance(part, list) else set()


def test_it_uses_the_scopes_of_the_table_and_no_others() -> None:
    table = {f"{one.scope}.misy" for one in CLASSES.values()}
    found = {one for one in _scopes_in(GRAMMAR) if one != "misy" and not one.startswith("meta.")}
    assert found <= table
    # Blanks, other names and characters that mean nothing have no colour of their own.
    plain = {CLASSES[name].scope + ".misy" for name in ("space", "name", "unknown")}
    assert found == table - plain


@pytest.mark.parametrize("path", RIGHT_FILES, ids=lambda path: path.parent.name + "/" + path.name)
def test_it_colours_a_right_file_as_the_lexer_reads_it(path: Path) -> None:
    text = read(path).removeprefix("\ufeff")
    scopes = scopes_of(GRAMMAR, text)
    assert len(scopes) == len(text)
    for start, end, found in highlight(tokenize(Source("x", text))[0]):
        if found.name not in CERTAIN:
            continue
        for offset in range(start, end):
            if text[offset] not in "\r\n":
                said = scopes[offset][-1] if scopes[offset] else ""
                assert said == f"{found.scope}.misy", text[max(0, start - 30) : end + 10]
