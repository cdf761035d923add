"""Pictures in files: the suffix says the form, and a name without one is told what it needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from misydsl.failures import MisyError
from misydsl.workspace import load

TEXT = "pipeline p {\n  step a { return 1 }\n  return a\n}\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [("dibujo", "it needs a suffix"), ("dibujo.txt", "“.txt” is no form of picture")],
)
def test_a_name_that_says_no_form_is_told_which_there_are(
    tmp_path: Path, name: str, words: str
) -> None:
    with pytest.raises(MisyError) as told:
        load(TEXT).graph().save(tmp_path / name)
    assert str(told.value) == (
        f"{tmp_path / name}: {words}; end its name with one of .svg, .png, .dot, .mmd"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("suffix", "start"), [(".svg", "<svg"), (".dot", "digraph"), (".mmd", "flowchart")]
)
def test_the_suffix_says_the_form(tmp_path: Path, suffix: str, start: str) -> None:
    path = load(TEXT).graph().save(tmp_path / f"año{suffix}")
    assert start in path.read_text(encoding="utf-8")
