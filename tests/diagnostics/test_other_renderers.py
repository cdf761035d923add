"""Terminal, HTML and machine forms say the same as plain text, safely; the catalogue is complete."""

from __future__ import annotations

import json
import re

from misydsl.diagnostics.catalogue import TITLES, title
from misydsl.diagnostics.diagnostic import Diagnostic, Edit, Fix
from misydsl.diagnostics.html import render_html
from misydsl.diagnostics.machine import as_dict
from misydsl.diagnostics.plain import render_all, render_plain
from misydsl.diagnostics.terminal import render_all_terminal, render_terminal
from misydsl.source import Source, Span

SOURCE = Source("plan.misy", "misy 1\nstep <b>é</b>\n")
SPAN = Span(SOURCE.text.index("é"), SOURCE.text.index("é") + 1)
ERROR = Diagnostic("E0201", "I can't find `é`", SOURCE, SPAN, help="write `<e>`")
WARNING = Diagnostic("W0901", "never used", SOURCE, SPAN, severity="warning")


def without_colours(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_without_its_colours_the_terminal_form_is_the_plain_form() -> None:
    assert without_colours(render_terminal(ERROR)) == render_plain(ERROR)
    assert without_colours(render_all_terminal([ERROR, WARNING])) == render_all([ERROR, WARNING])


def test_errors_are_red_and_warnings_are_yellow() -> None:
    assert "\x1b[1;31merror[E0201]\x1b[0m" in render_terminal(ERROR)
    assert "\x1b[1;33mwarning[W0901]\x1b[0m" in render_terminal(WARNING)
    assert re.search(r"\x1b\[1;33m +\^\x1b", render_terminal(WARNING))


def test_html_escapes_everything_that_came_from_the_file() -> None:
    page = render_html([ERROR])
    assert "<b>é</b>" not in page
    assert "&lt;b&gt;é&lt;/b&gt;" in page
    assert "write `&lt;e&gt;`" in page
    assert page.startswith("<pre style=")
    assert "1 error" in page


def test_html_has_the_same_text_as_the_plain_form() -> None:
    import html

    text = html.unescape(re.sub(r"<[^>]*>", "", render_html([ERROR, WARNING])))
    assert text == render_all([ERROR, WARNING])


def test_the_machine_form_counts_lines_and_columns_from_one() -> None:
    assert as_dict(ERROR) == {
        "code": "E0201",
        "severity": "error",
        "message": "I can't find `é`",
        "file": "plan.misy",
        "line": 2,
        "column": 9,
        "end_line": 2,
        "end_column": 10,
        "help": "write `<e>`",
    }


def test_the_machine_form_has_help_and_fix_only_when_there_are_any() -> None:
    assert {"help", "fix"}.isdisjoint(as_dict(WARNING))


def test_the_machine_form_of_a_fix_is_its_edits() -> None:
    fix = Fix("remove it", (Edit(SPAN, ""), Edit(Span(0, 0), "# ")))
    found = as_dict(Diagnostic("W0901", "never used", SOURCE, SPAN, fix=fix))
    assert found["fix"]["title"] == "remove it"
    assert found["fix"]["edits"][0] == {
        "line": 2,
        "column": 9,
        "end_line": 2,
        "end_column": 10,
        "text": "",
    }
    assert found["fix"]["edits"][1]["column"] == found["fix"]["edits"][1]["end_column"] == 1
    json.dumps(found)


def test_codes_are_well_formed_and_in_order() -> None:
    assert all(re.fullmatch(r"[EW]0\d{3}", code) for code in TITLES)
    assert list(TITLES) == sorted(TITLES)
    assert len(set(TITLES.values())) == len(TITLES)


def test_titles_are_short_and_an_unknown_code_is_its_own_title() -> None:
    assert max(len(words) for words in TITLES.values()) <= 45
    assert title("E0601") == "steps wait for each other"
    assert title("E9999") == "E9999"


def test_as_a_plain_string_a_diagnostic_is_one_line_and_its_fix() -> None:
    assert str(ERROR) == "plan.misy:2:9: error[E0201]: I can't find `é`\n  = fix: write `<e>`"
    assert (ERROR.is_error, WARNING.is_error) == (True, False)
