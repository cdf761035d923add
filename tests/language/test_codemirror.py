"""The tokenizer of JupyterLab and Notebook 7, run under Node, colours as the lexer and Pygments do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pygments.token import string_to_tokentype

from misydsl.language.codemirror import codemirror_table, codemirror_text
from misydsl.language.highlight import CLASSES, highlight
from misydsl.language.pygments_lexer import MisyLexer
from misydsl.language.textmate import textmate_text
from tests.language.colouring import scopes_of
from tests.language.test_highlight import CHECKOUT, FILES, RIGHT_FILES, read, tokens_of
from tests.language.test_textmate import CERTAIN
from tests.language.test_tokens import PIECES

EXTENSION = CHECKOUT / "labextension"
SCRIPT = Path(__file__).with_name("colour.mjs")
NODE = shutil.which("node")
Coloured = list[tuple[str, str]]
"""For each line break a `("", "")`, else one character and its class."""

needs_node = pytest.mark.skipif(
    NODE is None and not os.environ.get("CI"),
    reason="the tokenizer of notebooks is JavaScript: install Node to run it",
)


def run(*texts: str, is_cell: bool = False) -> list[dict[str, Any]]:
    """What Node says of each text."""
    assert NODE is not None, "CI runs this for real: install Node"
    asked = json.dumps({"texts": texts, "isCell": is_cell})
    done = subprocess.run(
        [NODE, str(SCRIPT)], input=asked, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


def by_node(*texts: str) -> list[list[Coloured]]:
    """For each text and line, its characters with their classes."""
    return [
        [[(one, found) for part, found in line for one in part] for line in told["lines"]]
        for told in run(*texts)
    ]


def by_us(text: str) -> list[Coloured]:
    """The same from the tokens."""
    lines: list[Coloured] = [[]]
    for start, end, found in highlight(tokens_of(text)):
        for one in text[start:end]:
            if one == "\n":
                lines.append([])
            else:
                lines[-1].append((one, found.name))
    # A line ends before its `\r\n`, as in an editor.
    return [
        line[:-1] if line and line[-1][0] == "\r" and line is not lines[-1] else line
        for line in lines
    ]


def test_the_table_for_editors_is_up_to_date() -> None:
    """Else: `misy grammar --codemirror > labextension/static/table.js`."""
    assert (EXTENSION / "static" / "table.js").read_text(encoding="utf-8") == codemirror_text()


def test_every_class_of_the_table_is_told_to_codemirror() -> None:
    table: Any = codemirror_table()
    assert {*CLASSES, "magic", "arguments"} == set(table["tags"])
    plain = {name for name, one in CLASSES.items() if not one.codemirror}
    assert plain == {"space"}


def test_the_extension_is_small_and_loads_what_is_there() -> None:
    said = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))
    build = said["jupyterlab"]["_build"]
    assert (EXTENSION / build["load"]).is_file()
    shipped = [path for path in EXTENSION.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in shipped) < 40_000


@needs_node
def test_notebooks_colour_every_file_as_the_lexer_reads_it() -> None:
    """All but files with a block text that nothing closes, which one line at a time cannot see."""
    texts = [text for path in FILES if (text := read(path)).count('"""') % 2 == 0]
    assert len(texts) > 100
    for text, lines in zip(texts, by_node(*texts), strict=True):
        assert lines == by_us(text), text[:200]


@needs_node
def test_pygments_textmate_and_codemirror_agree_on_every_right_file() -> None:
    texts = [read(path).removeprefix("\ufeff").replace("\r\n", "\n") for path in RIGHT_FILES]
    grammar = json.loads(textmate_text())
    for text, lines in zip(texts, by_node(*texts), strict=True):
        told = [
            (one, kind)
            for _, kind, part in MisyLexer().get_tokens_unprocessed(text)
            for one in part
        ]
        scopes = scopes_of(grammar, text)
        offset = 0
        for line in lines:
            for one, name in line:
                found = CLASSES[name]
                assert told[offset] == (one, string_to_tokentype(found.pygments)), line
                if name in CERTAIN:
                    assert scopes[offset][-1] == f"{found.scope}.misy", line
                offset += 1
            offset += 1
        assert offset == len(text) + 1


# What this Python does not know as a character, another Unicode may.
KNOWN = st.characters(codec="utf-8", exclude_categories=["Cn"], max_codepoint=0xFFFF)
ANY_TEXT = st.one_of(st.text(KNOWN, max_size=60), st.lists(PIECES, max_size=60).map("".join))


def _is_told_by_lines(text: str) -> bool:
    """Whether lines end as in an editor, and no block text stays open."""
    return text.count('"""') == 0 and "\r" not in text.replace("\r\n", "")


@needs_node
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(ANY_TEXT.filter(_is_told_by_lines), min_size=40, max_size=80))
def test_any_text_is_coloured_as_the_lexer_reads_it(texts: list[str]) -> None:
    for text, lines in zip(texts, by_node(*texts), strict=True):
        assert lines == by_us(text), text


@needs_node
def test_a_cell_begins_with_its_magic_and_goes_on_in_misy() -> None:
    cell = '\n%%misy tendencias -p topic="ia"\nlet a = 1\n%%misy\n'
    [told] = run(cell, is_cell=True)
    assert told["lines"][1] == [["%%misy", "magic"], [' tendencias -p topic="ia"', "arguments"]]
    assert told["lines"][2][0] == ["let", "declaration"]
    assert told["lines"][3][0] == ["%%", "unknown"]
    [other] = run("%%misyx\n", is_cell=True)
    assert other["lines"][0][0] == ["%%", "unknown"]


HOSTILE = {
    "quotes and holes": '"${' * 60_000,
    "a long text": '"' + "a" * 400_000,
    "escapes": '"""' + "\\" * 400_000,
    "a block of one line": '"""' + 'a"' * 200_000,
    "brackets": "([{" * 100_000,
    "an unclosed text with brackets": '"' + ")" * 300_000,
    "digits": "1_" * 200_000 + "x",
    "numbers": "1.1" * 100_000,
    "apostrophes": "'" * 300_000,
    "name with hyphens": "a-" * 200_000,
    "marks": "a" + "\u0301" * 100_000,
    "marks of another": "é\u0301" * 50_000,
    "slashes": "http://" * 50_000,
    "lines in open holes": '"""${"${' + "\n{" * 50_000,
    "blanks": " " * 400_000,
}


@needs_node
def test_hostile_text_is_coloured_in_linear_time() -> None:
    for name, told in zip(HOSTILE, run(*HOSTILE.values()), strict=True):
        text = "\n".join("".join(part for part, _ in line) for line in told["lines"])
        assert text == HOSTILE[name], name
        assert told["milliseconds"] < 5_000, name
