"""What is said of a hostile text is short: fifty errors, a count, and never a line as long as the text's.

The texts are a megabyte, many of them on one line, with names, texts and lists a message would quote.
"""

from __future__ import annotations

from typing import Final

import pytest

from misydsl.diagnostics.html import render_html
from misydsl.diagnostics.plain import render_all
from misydsl.language.abridging import LONGEST_WORDS, MOST_ERRORS
from misydsl.workspace.checking import check_text

LARGE: Final = 1_000_000
NAME: Final = "n" * LARGE
HOSTILE: Final = {
    "an unknown name": f"let v = {NAME}",
    "a name that is no subtraction": f"let {NAME} = 1\nlet v = {NAME}-1",
    "an unknown function": f"let v = {NAME}(1)",
    "an unknown field": f"let r = {{ a: 1 }}\nlet v = r.{NAME}",
    "a field of a long value": f'let v = "{NAME}".a',
    "a text that is no choice": f'type T = "a" | "b"\nlet v: T = "{NAME}"',
    "a text that is no number": f'let v: int = "{NAME}"',
    "choices that are long": f'type T = "{NAME}" | "b"\nlet v: T = "c"',
    "a type with a long field": f"type T = {{ {NAME}: int }}\nlet v: T = {{}}\nlet w: int = v",
    "many fields": f"let r = {{ {' '.join(f'f{n}: 1' for n in range(100_000))} }}\nlet v = r.g",
    "many inputs": f"agent a({', '.join(f'p{n}: int' for n in range(50_000))}) -> int\n"
    "pipeline p() { step s { call a(q: 1) } }",
    "names in a circle": f"let {NAME} = b\nlet b = {NAME}",
    "an unknown agent": f"pipeline p() {{ step s {{ call {NAME}() }} }}",
    "an unknown setting": f"agent a() -> int {{ {NAME}: 1 }}",
    "an unknown type": f"type T = {NAME}",
    "a long number": f"let v = {'9' * LARGE}",
    "a long duration": f"let v = {'1h' * LARGE}",
    "a text that never ends": f'let v = "{NAME}',
    "a block that never ends": f'let v = """{NAME}',
    "an escape": f'let v = "\\u{{{NAME}}}"',
    "a word of another language": f"def {NAME}(): pass",
    "words on one line": "word " * (LARGE // 5),
    "signs on one line": "; ] € " * (LARGE // 6),
    "lines": "= = =\n" * (LARGE // 6),
    "an import": f'import {{ a }} from "{NAME}"',
    "a comment that allows": f"# misy: allow {NAME}\nlet v = 1",
    "a step of a long name": f"pipeline p() {{ step {NAME} {{ return {NAME} }} }}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_said_of_a_hostile_text_is_short(text: str) -> None:
    found = check_text(text).diagnostics
    assert found
    assert len(found) <= 2 * (MOST_ERRORS + 1)
    for one in found:
        assert len(one.message) + len(one.help or "") <= 2 * (LONGEST_WORDS + 1)
        assert one.fix is None or len(one.fix.title) <= LONGEST_WORDS + 1
        assert len(render_all([one])) < 3_500
    assert len(render_html(found)) < 400_000


def test_circles_are_told_up_to_fifty_and_then_counted() -> None:
    steps = "".join(f"step s{number} {{ return s{number} }}\n" for number in range(1_000))
    found = check_text(f"pipeline p() {{\n{steps}}}\n").diagnostics
    assert sum(one.code == "E0601" for one in found) == MOST_ERRORS
    assert any("950 more" in one.message for one in found)
