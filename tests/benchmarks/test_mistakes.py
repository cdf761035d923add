"""Ours still says of ten mistakes what the README quotes, and the tables tell no tales."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.between import markers, write_between
from benchmarks.mistakes.mistake import HERE, Judgement, Mistake, mistakes
from benchmarks.mistakes.tables import short
from benchmarks.mistakes.tools import OURS, TOOLS
from benchmarks.mistakes.trial import Outcome, Said, When, found, outcome, shortened
from misydsl.diagnostics.plain import render_all
from misydsl.workspace.checking import check_file

ALL = mistakes()
READMES = (HERE / "README.md", HERE.parents[1] / "README.md")
JUDGED = Judgement(words=("KeyError", "During"), place="line", cure="did you mean")


def ours(mistake: Mistake) -> Outcome:
    checked = check_file(mistake.folder / OURS.program)
    assert len(checked.errors) == 1
    said = Said(render_all(checked.diagnostics), exit_code=1)
    return outcome(mistake.judged[OURS.name], said, When.BEFORE)


def test_there_are_ten() -> None:
    assert len(ALL) == 10


@pytest.mark.parametrize("mistake", ALL, ids=lambda one: one.folder.name)
def test_ours_finds_it_before_the_run_in_the_words_both_readmes_quote(mistake: Mistake) -> None:
    told = ours(mistake)
    assert told.is_known
    for readme in READMES:
        rows = readme.read_text(encoding="utf-8").splitlines()
        assert any(told.words.replace("|", "\\|") in row for row in rows), readme


@pytest.mark.parametrize("mistake", ALL, ids=lambda one: one.folder.name)
def test_every_tool_has_a_program_or_a_reason_why_not(mistake: Mistake) -> None:
    assert list(mistake.judged) == [tool.name for tool in TOOLS]
    for tool in TOOLS:
        missing = bool(mistake.judged[tool.name].missing)
        assert (mistake.folder / tool.program).exists() is not missing


def test_judged_words_are_found_line_by_line_or_not_at_all() -> None:
    assert found(JUDGED, "Traceback\nKeyError: 'a'\nDuring b") == ["KeyError: 'a'", "During b"]
    assert found(JUDGED, "KeyError: 'a'") == []


def test_words_that_changed_are_shown_and_called_unknown() -> None:
    said = Said("Traceback\nValueError: no 'a'\n\n", exit_code=1)
    assert outcome(JUDGED, said, When.DURING) == Outcome(
        When.DURING, "ValueError: no 'a'", is_known=False
    )


def test_a_run_that_ends_well_needs_no_words() -> None:
    silent = outcome(Judgement(), Said("{'a': 1}", exit_code=0), When.NEVER)
    assert silent == Outcome(When.NEVER, "", is_known=True)


def test_a_tool_that_was_to_say_something_and_ends_well_is_unknown() -> None:
    assert not outcome(JUDGED, Said("{'a': 1}", exit_code=0), When.NEVER).is_known


def test_folders_of_the_machine_are_left_out_of_the_words() -> None:
    judged = Judgement(words=("SyntaxError",))
    said = Said('SyntaxError in file "/made/up/flow.smk", line 3', exit_code=1)
    assert outcome(judged, said, When.BEFORE).words == 'SyntaxError in file "flow.smk", line 3'


def test_long_words_are_cut_and_say_so() -> None:
    assert shortened("a" * 200) == "a" * 200
    assert shortened("a" * 201) == "a" * 198 + " …"


def test_only_who_names_line_and_cure_before_the_run_is_as_good() -> None:
    mistake = Mistake(HERE, "a made-up one", {tool.name: JUDGED for tool in TOOLS})
    outcomes = {
        "ours": Outcome(When.BEFORE, "error"),
        "langgraph": Outcome(When.DURING, "KeyError"),
        "haystack": Outcome(When.BEFORE, "KeyError"),
        "hamilton": Outcome(When.BEFORE, "other words", is_known=False),
    }
    row = short([(mistake, outcomes)]).splitlines()[-1]
    others = "before the run: Haystack (=), Hamilton; at run time: LangGraph"
    assert row == f"| a made-up one | `error` | {others} |"


def test_only_what_is_between_the_markers_is_written_anew(tmp_path: Path) -> None:
    file, (begin, end) = tmp_path / "README.md", markers("mistakes")
    file.write_text(f"before\n{begin}\nold\n{end}\nafter\n", encoding="utf-8")
    write_between(file, "mistakes", "new")
    assert file.read_text(encoding="utf-8") == f"before\n{begin}\nnew\n{end}\nafter\n"


def test_a_file_without_markers_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text("only text\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"README\.md has no"):
        write_between(file, "mistakes", "new")
    assert file.read_text(encoding="utf-8") == "only text\n"
