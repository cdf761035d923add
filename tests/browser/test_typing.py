"""Checks of what a person types: colours, completion, carets under the right column, cells that stop."""

from __future__ import annotations

import pytest

from tests.browser.cells import LOAD, THREE
from tests.browser.conftest import Open, lack
from tests.browser.jupyter import has_font
from tests.browser.opened import Application

TYPED = "%%misy hecho\npipeline hecho(topic: string) {\n  step found { call find"
# Where a piece of text stands on the page: the left edge of its first letter.
EDGES = """(area, [line, word]) => {
  const walker = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
  let text = '', places = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    for (let at = 0; at < node.data.length; at++) places.push([node, at]);
    text += node.data;
  }
  const edge = at => {
    const range = document.createRange();
    range.setStart(...places[at]); range.setEnd(places[at][0], places[at][1] + 1);
    const box = range.getBoundingClientRect();
    return [box.left, box.width];
  };
  const begin = text.indexOf(line);
  return {word: edge(text.indexOf(word, begin)), caret: edge(text.indexOf('^', begin)), text};
}"""


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("return [text, texx]", "texx"),
        ('return ["ñandú áéí", texx]', "texx"),
        ('return ["日本語", texx]', "texx"),
        ('\treturn ["tab", texx]', "texx"),
    ],
    ids=["plain", "accents", "wide", "tab"],
)
def test_the_caret_stands_under_the_word_that_is_wrong(
    open_notebook: Open, line: str, word: str
) -> None:
    if "日" in line and not has_font("ja"):
        lack("no font here has wide characters, so nothing can stand under one")
    wrong = f"%%misy mal\npipeline mal(text: string) {{\n{line}\n}}"
    notebook = open_notebook(["%load_ext misydsl", wrong])
    notebook.done(0, 1)
    area = notebook.output(1)
    area.get_by_text("^").first.wait_for()
    found = area.evaluate(EDGES, ["return [", word])
    assert abs(found["word"][0] - found["caret"][0]) < 0.6 * found["caret"][1], found["text"]
    assert "Traceback" not in found["text"]
    assert "Did you mean `text`?" in found["text"]


@pytest.mark.parametrize("application", ["lab", "notebook"])
def test_cells_are_coloured_and_complete_themselves(
    open_notebook: Open, application: Application
) -> None:
    notebook = open_notebook([LOAD, THREE, TYPED], application=application)
    notebook.done(0, 1)
    cell = notebook.page.locator(".jp-Notebook .jp-Cell").nth(2)
    keyword = cell.locator(".cm-line span", has_text="pipeline").first
    keyword.wait_for()
    plain = cell.locator(".cm-line").nth(2)
    colour = "one => getComputedStyle(one).color"
    assert keyword.evaluate(colour) != plain.evaluate(colour)
    cell.locator(".cm-content").click()
    notebook.page.keyboard.press("Control+End")
    notebook.page.keyboard.press("Tab")
    # the only one that fits is written at once; of several a list is shown
    notebook.page.wait_for_function(
        "() => document.querySelector('.jp-Completer:not(.lm-mod-hidden)')?.innerText"
        ".includes('find-trends') || window.jupyterapp.shell.currentWidget.content.widgets[2]"
        ".model.sharedModel.source.includes('call find-trends')",
        timeout=15_000,
    )


def test_run_all_stops_at_a_wrong_cell(open_notebook: Open) -> None:
    wrong = "%%misy mal\npipeline mal(text: string) { return texx }"
    notebook = open_notebook([LOAD, "1 + 1", wrong, "2 + 2"])
    notebook.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells') }")
    notebook.says(2, "Did you mean")
    notebook.ready()
    assert notebook.count(2) == 3
    assert notebook.count(3) is None
    assert notebook.output(3).inner_text() == ""
