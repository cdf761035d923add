"""How files are laid out: a directory a case, `main.misy` and what `misy fmt` makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from misydsl.language.formatter import format_text
from misydsl.source import Source

CASES = sorted(path.parent for path in Path(__file__).parent.glob("format-*/main.misy"))


def laid_out(text: str) -> str:
    formatted = format_text(Source("main.misy", text))
    assert formatted.diagnostics == ()
    return formatted.text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_is_laid_out_as_expected(case: Path, is_blessing: bool) -> None:
    text = laid_out((case / "main.misy").read_text(encoding="utf-8"))
    expected = case / "formatted.misy"
    if is_blessing:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")
    assert laid_out(text) == text
