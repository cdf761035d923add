"""`misy explain`: what a code means."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from misydsl.cli.main import main
from misydsl.diagnostics.catalogue import CATALOGUE

Misy = Callable[..., tuple[int, str, str]]


@pytest.fixture
def misy(capsys: pytest.CaptureFixture[str]) -> Misy:
    def call(*words: str) -> tuple[int, str, str]:
        code = main(words)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_a_code_is_explained_with_a_bad_and_a_good_example(misy: Misy) -> None:
    code, out, err = misy("explain", "E0505")
    assert (code, err) == (0, "")
    assert out.startswith("E0505  may be null\n\nThe value may be missing")
    wrong, right = out.index("wrong:"), out.index("right:")
    assert wrong < out.index("return draft.text") < right < out.index('draft?.text ?? "nothing"')


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_page_fits_a_terminal(misy: Misy, code: str) -> None:
    _, out, _ = misy("explain", code)
    assert len(out.splitlines()) <= 50
    assert all(len(line) <= 120 for line in out.splitlines())
    assert all(letter.isprintable() for letter in out.replace("\n", ""))


def test_codes_may_be_written_in_any_case_and_as_they_are_shown(misy: Misy) -> None:
    assert misy("explain", "e0201", "[W0901]")[1].count("wrong:") == 2


def test_without_a_code_all_are_listed(misy: Misy) -> None:
    lines = misy("explain")[1].splitlines()
    assert [line[:5] for line in lines] == list(CATALOGUE)


def test_an_unknown_code_is_wrong_usage_with_the_one_that_was_meant(misy: Misy) -> None:
    code, out, err = misy("explain", "E0599")
    assert (code, out) == (2, "")
    assert "there is no code `E0599`. Did you mean `E05" in err
    assert "`misy explain` lists all codes" in misy("explain", "nonsense")[2]


def test_machines_get_one_object(misy: Misy) -> None:
    found = json.loads(misy("explain", "E0302", "--json")[1])["codes"]
    assert [one["code"] for one in found] == ["E0302"]
    assert found[0]["files"] == {"agents.misy": "agent writer(topic: string) -> string\n"}
    assert len(json.loads(misy("explain", "--json")[1])["codes"]) == len(CATALOGUE)


def test_other_files_and_moments_are_told(misy: Misy) -> None:
    assert "agents.misy:" in misy("explain", "E0302")[1]
    assert "known only while a run computes the value" in misy("explain", "E0521")[1]
    assert "--strict` only" in misy("explain", "E0516")[1]
    assert "(saved as latin-1)" in misy("explain", "E0108")[1]
    assert "more lines" in misy("explain", "E0119")[1]
