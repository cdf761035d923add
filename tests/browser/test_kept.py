"""Checks of what stays: a saved notebook, its page without a network, hostile words, contrast in light and dark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbconvert import HTMLExporter

from tests.browser.cells import FAIL, HOSTILE, LOAD, THREE
from tests.browser.conftest import Open
from tests.browser.opened import Opened

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
READABLE = 4.5
# The worst contrast of any text in an element with what is behind it.
CONTRAST = """element => {
  const parsed = text => {
    const found = text.match(/[\\d.]+/g).map(Number);
    return found.length < 4 ? [...found, 1] : found;
  };
  const light = rgb => {
    const [r, g, b] = rgb.map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = one => {
    for (let at = one; at; at = at.parentElement) {
      const [r, g, b, a] = parsed(getComputedStyle(at).backgroundColor);
      if (a > 0.5) return [r, g, b];
    }
    return [255, 255, 255];
  };
  let worst = [99, ''];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    const box = parent.getBoundingClientRect();
    if (!node.data.trim() || parent.closest('svg, style, script, option') || !box.width || !box.height) continue;
    const ink = light(parsed(getComputedStyle(parent).color).slice(0, 3)), paper = light(behind(parent));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (ratio < worst[0]) worst = [ratio, node.data.trim().slice(0, 40)];
  }
  return worst;
}"""


def _ended(open_notebook: Open) -> Opened:
    notebook = open_notebook([LOAD, THREE, "run = await tres()", "run"])
    notebook.done(0, 1)
    for number in range(3):
        (notebook.path.parent / f"go-{number + 1}").touch()
    notebook.done(2, 3)
    notebook.says(2, "succeeded")
    return notebook


def _page(context: BrowserContext, folder: Path, notebook: Any) -> Any:
    """The notebook as a page of its own, opened without a network."""
    # what the page itself loads from elsewhere is switched off: what is asked for then is ours
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]  # it has no types
        require_js_url="",
        mathjax_url="",
        mermaid_js_url="",
        widget_renderer_url="data:text/javascript,",
    )
    text, _ = exporter.from_notebook_node(notebook)
    path = folder / "cuaderno.html"
    path.write_text(text, encoding="utf-8")
    page = context.new_page()
    page.goto(path.as_uri())
    return page


def test_a_saved_notebook_shows_its_report_in_a_page_without_a_network(
    open_notebook: Open, context: BrowserContext, tmp_path: Path
) -> None:
    notebook = _ended(open_notebook)
    saved = notebook.save()
    outputs = [one for cell in saved.cells for one in cell.get("outputs", ())]
    assert not any(WIDGET_VIEW in one.get("data", {}) for one in outputs)
    for has_state in (True, False):
        if has_state:
            saved.metadata["widgets"] = {STATE: {"state": {}, "version_major": 2}}
        else:
            saved.metadata.pop("widgets", None)
        page = _page(context, tmp_path, saved)
        pictures = page.locator("img[src^='data:image/svg+xml']")
        assert pictures.count() >= 1
        widths = pictures.evaluate_all("all => all.map(one => one.naturalWidth)")
        assert min(widths) > 0
        assert "succeeded" in page.locator("body").inner_text()


def test_a_saved_notebook_opened_untrusted_shows_its_report(open_notebook: Open) -> None:
    notebook = _ended(open_notebook)
    saved = notebook.save()
    for cell in saved.cells:
        cell.metadata.pop("trusted", None)
    other = notebook.path.with_name("otro.ipynb")
    nbformat.write(saved, other)  # type: ignore[no-untyped-call]  # it has no types
    page = notebook.page
    place = other.relative_to(notebook.server.folder).as_posix()
    page.goto(f"{notebook.server.url}/doc/tree/{place}?token={notebook.server.token}")
    picture = page.locator(".jp-Notebook img[src^='data:image/svg+xml']").first
    picture.wait_for(timeout=60_000)
    assert picture.evaluate("one => one.naturalWidth") > 0


def test_hostile_words_are_words_on_the_board_and_in_the_report(open_notebook: Open) -> None:
    notebook = open_notebook([LOAD, FAIL, HOSTILE, "run = await hostile(text='<i>x</i>')", "run"])
    notebook.done(0, 1, 2)
    title = notebook.page.title()
    notebook.run(3)
    notebook.says(3, "¿?")
    notebook.board(3).get_by_role("button", name="Approve").click()
    notebook.ended(3)
    notebook.done(4)
    text = notebook.output(3).inner_text() + notebook.output(4).inner_text()
    assert "<b>hostile</b>" in text
    assert "onerror" in text
    assert notebook.page.title() == title
    assert notebook.page.locator(".jp-OutputArea img[src='x'], #evil").count() == 0


@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_board_and_report_are_readable_in_light_and_dark(
    open_notebook: Open, appearance: str
) -> None:
    notebook = open_notebook([LOAD, THREE, FAIL, "run = await tres()"])
    if appearance == "dark":
        notebook.dark()
    notebook.done(0, 1, 2)
    notebook.run(3)
    notebook.says(3, "0/3")
    looks = [notebook.board(3).evaluate(CONTRAST)]
    for number in range(3):
        (notebook.path.parent / f"go-{number + 1}").touch()
    notebook.ended(3)
    notebook.says(3, "succeeded")
    looks.append(notebook.output(3).evaluate(CONTRAST))
    assert min(looks)[0] >= READABLE, json.dumps(looks)
