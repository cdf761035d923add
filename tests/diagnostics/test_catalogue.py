"""The catalogue is complete and true: what it says of a code is what the checker and a run do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import misydsl
from misydsl.diagnostics.catalogue import CATALOGUE, TITLES, title
from misydsl.diagnostics.explanation import Explanation
from misydsl.workspace.checking import Checked, check_file
from misydsl.workspace.workflows import check_workflow, write_workflow

PACKAGE = Path(misydsl.__file__).parent
CORPUS = Path(__file__).parent.parent / "corpus"
CODE = re.compile(r"[EW]0\d{3}")
# Codes whose example cannot come without another one: it is the fifty errors before it.
WITH_OTHERS = {"E0119": {"E0100"}}
ALL = list(CATALOGUE.values())


def emitted() -> set[str]:
    """Every code that stands as a text in the package, the catalogue aside."""
    return {code for path in PACKAGE.rglob("*.py") for code in codes_in(path)}


def codes_in(path: Path) -> Iterator[str]:
    if path.name.startswith("catalogue"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (node.value,) if CODE.fullmatch(node.value) else ()


def checked(one: Explanation, text: str, folder: Path, *, encoding: str = "utf-8") -> Checked:
    for name, body in one.files.items():
        (folder / name).write_text(body, encoding="utf-8")
    file = folder / f"main.{one.language}"
    file.write_bytes(text.encode(encoding))
    return check_file(file, strict=one.moment == "strict")


def test_every_code_that_is_told_is_explained_and_the_other_way_round() -> None:
    assert sorted(emitted()) == sorted(CATALOGUE)


def test_codes_are_in_order_and_each_has_its_own_title() -> None:
    codes = list(CATALOGUE)
    assert codes == sorted(codes)
    assert len(set(TITLES.values())) == len(codes)
    assert title("E0201") == "unknown name"


def test_every_code_of_a_check_has_a_case_in_the_corpus() -> None:
    shown = {path.name[:5] for path in CORPUS.iterdir() if path.is_dir()}
    told = {one.code for one in ALL if one.moment == "check"}
    assert told - shown == set()


def test_every_case_of_the_corpus_shows_a_code_that_is_explained() -> None:
    said = "".join(path.read_text(encoding="utf-8") for path in CORPUS.glob("*/expected.txt"))
    assert set(re.findall(r"^(?:error|warning)\[(\w+)\]", said, re.MULTILINE)) <= set(CATALOGUE)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.code)
def test_the_bad_example_gets_its_code_and_no_other(one: Explanation, tmp_path: Path) -> None:
    found = {
        diagnostic.code
        for diagnostic in checked(one, one.bad, tmp_path, encoding=one.encoding).diagnostics
    }
    wanted = {one.code} if one.moment in ("check", "strict") else set()
    assert found == wanted | WITH_OTHERS.get(one.code, set())


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.code)
def test_the_good_example_has_no_problem(one: Explanation, tmp_path: Path) -> None:
    assert checked(one, one.good, tmp_path).diagnostics == ()


@pytest.mark.parametrize(
    "one", [one for one in ALL if one.moment == "run"], ids=lambda one: one.code
)
def test_an_example_of_a_run_fails_when_it_is_bad_and_not_when_it_is_good(
    one: Explanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WRITER_TOKEN", raising=False)
    agents = {"writer": lambda topic: topic}
    if one.code == "E0527":  # a bound function would need no secret
        with pytest.raises(misydsl.MisyError, match="WRITER_TOKEN"):
            misydsl.load(one.bad).run()
        return
    assert misydsl.load(one.bad).run(agents=agents).status == "failed"
    assert misydsl.load(one.good).run(agents=agents).status == "succeeded"


def test_a_server_tells_of_agents_that_it_does_not_know() -> None:
    one = CATALOGUE["E0806"]
    found = check_workflow(one.bad, is_known={"writer"}.__contains__).errors
    assert [each.code for each in found] == [one.code]
    assert check_workflow(one.good, is_known={"writer"}.__contains__).diagnostics == ()


def test_writing_a_pipeline_as_json_tells_what_json_cannot_say() -> None:
    [one] = [one for one in ALL if one.moment == "write"]
    with pytest.raises(misydsl.SourceInvalid) as refused:
        write_workflow(misydsl.load(one.bad))
    assert {each.code for each in refused.value.diagnostics} == {one.code}
    assert write_workflow(misydsl.load(one.good))["id"] == "post"


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.code)
def test_a_cause_is_a_few_plain_sentences(one: Explanation) -> None:
    assert one.cause.endswith(".")
    assert 20 < len(one.cause) < 400
    assert one.title[0].islower() or one.title[0] in "`{"
    assert len(one.title) < 50
