"""Every fix of the corpus mends what it is offered for, alone and together with the others."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from misydsl.cli.mending import mended_file
from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.fixes import mend
from misydsl.language.check import check_source
from misydsl.language.reading import read_source
from misydsl.source import Source

HERE = Path(__file__).parent


# Cures that bring to light what the first error hid: two slips on one line are told one by one.
HIDING = {
    ("E0100-human-without-call", 0),
    ("E0100-misspelt", 1),
    ("E0100-yaml-quoted-key", 1),
    ("E0102-other-languages", 7),
}


def problems(source: Source) -> list[Diagnostic]:
    """What is wrong in the file itself."""
    assert source.path is not None
    found = check_source(source, root=source.path.parent).diagnostics
    return [one for one in found if one.source.name == source.name]


def read(case: Path) -> Source:
    return read_source(case / "main.misy")[0]


FIXABLE = [
    (case.parent, index)
    for case in sorted(HERE.glob("[EW]*/main.misy"))
    for index, one in enumerate(problems(read(case.parent)))
    if one.fix is not None
]


def test_the_corpus_offers_many_fixes() -> None:
    codes = {problems(read(case))[index].code for case, index in FIXABLE}
    assert len(FIXABLE) > 100
    assert len(codes) >= 25


@pytest.mark.parametrize(("case", "index"), FIXABLE, ids=lambda one: getattr(one, "name", one))
def test_a_fix_leaves_fewer_problems_and_takes_its_own_away(case: Path, index: int) -> None:
    source = read(case)
    before = problems(source)
    mended = mend(source, [before[index]])
    assert len(mended.applied) == 1
    after = problems(Source(source.name, mended.text, source.path))
    assert len(after) < len(before) or (case.name, index) in HIDING
    code = before[index].code
    is_fewer = Counter(one.code for one in after)[code] < Counter(one.code for one in before)[code]
    assert is_fewer or (case.name, index) in HIDING


@pytest.mark.parametrize("case", sorted({case for case, _ in FIXABLE}), ids=lambda case: case.name)
def test_all_fixes_together_leave_nothing_that_could_be_mended(case: Path) -> None:
    source = read(case)
    done = mended_file(source, strict=False)
    assert done.has_changed
    left = Source(source.name, done.after, source.path)
    assert len(problems(left)) < len(problems(source))
    assert mended_file(left, strict=False).after == done.after
