"""Diagnostics for GitHub and for code scanners."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from misydsl.diagnostics import Diagnostic, Edit, Fix
from misydsl.diagnostics.github import render_github
from misydsl.diagnostics.sarif import as_sarif
from misydsl.source import Source, Span

BASE = Path("/proyecto")
TEXT = 'misy 1\nlet año = "x😀"  q\nlet b = 2\n'
SOURCE = Source("campaña 1.misy", TEXT, BASE / "flujos" / "campaña 1.misy")


def at(start: int, end: int, *, source: Source = SOURCE, **more: Any) -> Diagnostic:
    return Diagnostic("E0201", "I can't find `q`", source, Span(start, end), **more)


def sarif(*found: Diagnostic, **more: Any) -> dict[str, Any]:
    """The log, as another program reads it."""
    log = json.loads(json.dumps(as_sarif(found, base=BASE, version="0.1.0", **more)))
    check_structure(log)
    return dict(log)


def check_structure(log: dict[str, Any]) -> None:
    """What the published schema requires, and no member it does not know where it forbids them."""
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    for run in log["runs"]:
        assert {"tool", "results"} <= set(run)
        assert run["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}
        driver = run["tool"]["driver"]
        assert re.fullmatch(r"\d+\.\d+\.\d+.*", driver["semanticVersion"])
        rules = driver["rules"]
        assert len({rule["id"] for rule in rules}) == len(rules)
        for rule in rules:
            assert rule["defaultConfiguration"]["level"] in {"none", "note", "warning", "error"}
            assert all(
                rule[part]["text"] for part in ("shortDescription", "fullDescription", "help")
            )
        for invocation in run["invocations"]:
            assert isinstance(invocation["executionSuccessful"], bool)
        for result in run["results"]:
            check_result(result, rules)


def check_result(result: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    assert set(result) <= {"ruleId", "ruleIndex", "level", "message", "locations", "fixes"}
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["level"] in {"none", "note", "warning", "error"}
    assert result["message"]["text"]
    for location in result["locations"]:
        check_artifact(location["physicalLocation"]["artifactLocation"])
        check_region(location["physicalLocation"]["region"])
    for fix in result.get("fixes", []):
        assert fix["description"]["text"]
        assert fix["artifactChanges"]
        for change in fix["artifactChanges"]:
            check_artifact(change["artifactLocation"])
            assert change["replacements"]
            for replacement in change["replacements"]:
                check_region(replacement["deletedRegion"])
                assert isinstance(replacement["insertedContent"]["text"], str)


def check_artifact(place: dict[str, Any]) -> None:
    assert re.fullmatch(r"[A-Za-z0-9\-._~:/%!$&'()*+,;=@]+", place["uri"])
    assert place["uri"].startswith("file:///") or place["uriBaseId"] == "%SRCROOT%"


def check_region(region: dict[str, Any]) -> None:
    assert all(region[part] >= 1 for part in region)
    start = region["startLine"], region["startColumn"]
    assert start <= (region["endLine"], region["endColumn"])


def test_sarif_has_the_rule_the_place_in_code_points_and_a_relative_address() -> None:
    place = TEXT.index("  q") + 2
    log = sarif(at(place, place + 1, help="say what it is"))
    (run,) = log["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["E0201"]
    (result,) = run["results"]
    assert result["message"]["text"] == "I can't find `q`\nfix: say what it is"
    where = result["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "flujos/campa%C3%B1a%201.misy"
    assert where["region"] == {"startLine": 2, "startColumn": 17, "endLine": 2, "endColumn": 18}
    assert run["invocations"] == [{"executionSuccessful": True}]


def test_sarif_has_the_fixes() -> None:
    fix = Fix("write `r`", (Edit(Span(7, 7), "# "), Edit(Span(24, 25), "r")))
    (result,) = sarif(at(24, 25, fix=fix))["runs"][0]["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    assert [one["insertedContent"]["text"] for one in change["replacements"]] == ["# ", "r"]


def test_sarif_does_not_count_a_byte_order_mark() -> None:
    marked = Source("a.misy", "\ufeffq\nq", BASE / "a.misy")
    results = sarif(at(1, 2, source=marked), at(3, 4, source=marked))["runs"][0]["results"]
    regions = [one["locations"][0]["physicalLocation"]["region"] for one in results]
    assert [(one["startLine"], one["startColumn"]) for one in regions] == [(1, 1), (2, 1)]


def test_sarif_says_which_files_could_not_be_read() -> None:
    (run,) = sarif(unread=["b.misy cannot be read"])["runs"]
    assert run["results"] == []
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == "b.misy cannot be read"


def test_a_file_of_somewhere_else_has_its_whole_address() -> None:
    other = Source("a.misy", "q", Path("/otro sitio/a.misy"))
    (result,) = sarif(at(0, 1, source=other))["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place == {"uri": "file:///otro%20sitio/a.misy"}


def test_a_code_outside_of_the_catalogue_is_its_own_rule() -> None:
    unknown = Diagnostic("W0999", "of a plugin", SOURCE, Span(0, 1), severity="warning")
    (rule,) = as_sarif([unknown], base=BASE, version="0.1.0")["runs"][0]["tool"]["driver"]["rules"]  # type: ignore[index]
    assert rule["id"] == "W0999"
    assert rule["defaultConfiguration"] == {"level": "warning"}


def test_a_workflow_command_has_place_title_and_words() -> None:
    place = TEXT.index("  q") + 2
    assert render_github([at(place, place + 1)], base=BASE) == (
        "::error file=flujos/campaña 1.misy,line=2,endLine=2,col=17,endColumn=17,"
        "title=E0201 unknown name::I can't find `q`"
    )


def test_a_workflow_command_over_lines_has_no_columns() -> None:
    line = render_github([at(7, 30, severity="warning")], base=BASE)
    assert line.startswith("::warning file=flujos/campaña 1.misy,line=2,endLine=3,title=")


@pytest.mark.parametrize("evil", ["a\n::error::b", "a\r\n::set-output name=x::1", "100%0A::x"])
def test_no_text_of_a_file_can_write_a_command_of_its_own(evil: str) -> None:
    source = Source(f"{evil},line=9:x", TEXT)
    found = Diagnostic("E0201", evil, source, Span(0, 1), help=evil)
    line = render_github([found], base=BASE)
    assert len(line.splitlines()) == 1
    head, _, words = line[2:].partition("::")
    assert head.count(",") == 5
    assert evil.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A") in words


def test_nothing_wrong_is_no_line() -> None:
    assert render_github([], base=BASE) == ""
